import { platform } from '$platform/index';

/** The shell is told at most this often that somebody is there, in milliseconds. */
const breath = 15_000;
const signs = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

/** Tells the shell while somebody uses the page, until the function it returns is called. */
export function watchPresence(target: EventTarget): () => void {
  let told = -Infinity;
  const stir = (event: Event): void => {
    if (event.timeStamp - told < breath) return;
    told = event.timeStamp;
    // Nothing is lost but time until the lock: the next sign tells it again.
    platform().stir().catch(() => { told = -Infinity; });
  };
  for (const sign of signs) target.addEventListener(sign, stir, { capture: true, passive: true });
  return () => { for (const sign of signs) target.removeEventListener(sign, stir, { capture: true }); };
}
