import type { SecretPart } from '$generated/api';
import { rpc } from '$ipc';

/** How long a value is shown, in seconds: long enough to type it elsewhere. */
export const shownFor = 20;

/** Calls `work` whenever the window is left or hidden, until the function it returns is called. */
export function whenLeft(work: () => void): () => void {
  const hidden = (): void => { if (document.hidden) work(); };
  window.addEventListener('blur', work);
  document.addEventListener('visibilitychange', hidden);
  return () => {
    window.removeEventListener('blur', work);
    document.removeEventListener('visibilitychange', hidden);
  };
}

/**
 * The value of one secret, or another piece of it, while it is shown. It is forgotten when its time is over, when the window is left or hidden, and
 * when `hide` is called; an answer that comes later than that is dropped.
 */
export class Revealed {
  value = $state.raw<string | null>(null);
  /** When it is hidden again, in milliseconds since 1970. */
  until = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  #stay: (() => void) | undefined;

  async show(name: string, part?: SecretPart): Promise<void> {
    this.hide();
    const asked = this.#asked;
    this.#stay = whenLeft(() => { this.hide(); });
    const { value } = part === undefined ? await rpc('secret_reveal', { name }) : await rpc('secret_part', { name, part });
    if (asked !== this.#asked) return;
    this.value = value;
    this.until = Date.now() + shownFor * 1000;
    this.#timer = setTimeout(() => { this.hide(); }, shownFor * 1000);
  }

  hide(): void {
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.#stay?.();
    this.#stay = undefined;
    this.value = null;
    this.until = 0;
  }
}
