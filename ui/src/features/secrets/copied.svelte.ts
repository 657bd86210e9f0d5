import { copySecret } from '$ipc';

/** The secret that was put on the clipboard last, until it is taken off again. */
class CopiedSecret {
  name = $state<string | null>(null);
  until = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Gives after how many seconds it is taken off. */
  async copy(name: string): Promise<number> {
    const seconds = await copySecret(name);
    clearTimeout(this.#timer);
    this.name = name;
    this.until = Date.now() + seconds * 1000;
    this.#timer = setTimeout(() => { this.forget(); }, seconds * 1000);
    return seconds;
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.name = null;
    this.until = 0;
  }
}

export const copiedSecret = new CopiedSecret();
