import type { SecretPart } from '$generated/api';
import { rpc } from '$ipc';

/** How long a value is shown, in seconds: long enough to type it elsewhere. */
export const shownFor = 20;

/**
 * The value of one secret, or another piece of it, while it is shown. It is forgotten when its time is over, when the window loses the focus, and
 * when `hide` is called; an answer that comes later than that is dropped.
 */
export class Revealed {
  value = $state.raw<string | null>(null);
  /** When it is hidden again, in milliseconds since 1970. */
  until = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  async show(name: string, part?: SecretPart): Promise<void> {
    const asked = ++this.#asked;
    const { value } = part === undefined ? await rpc('secret_reveal', { name }) : await rpc('secret_part', { name, part });
    if (asked !== this.#asked) return;
    this.value = value;
    this.until = Date.now() + shownFor * 1000;
    this.#timer = setTimeout(() => { this.hide(); }, shownFor * 1000);
  }

  hide(): void {
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.value = null;
    this.until = 0;
  }
}
