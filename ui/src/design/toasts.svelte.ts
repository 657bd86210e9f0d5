/** A way back from what was just done. */
export interface ToastAct { label: string; run: () => void }
/** A short word about something that ended; it goes by itself, so it never carries the only copy of an error. */
export interface Toast { id: number; kind: 'ok' | 'warn' | 'bad'; text: string; act: ToastAct | null }

/** How long one is there, in milliseconds: to be read, or to be pressed. */
const shortly = 5000;
const longer = 12_000;

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 1;
  /** Somebody is at them: none goes meanwhile. */
  #held = false;
  #due: number[] = [];

  show(text: string, kind: Toast['kind'] = 'ok', act: ToastAct | null = null): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-3), { id, kind, text, act }];
    setTimeout(() => { this.#end(id); }, kind === 'ok' && act === null ? shortly : longer);
  }

  /** Takes all of them away: what they name may belong to a vault that is locked now. */
  clear(): void {
    this.list = [];
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** Does what a toast offers, once; the last one that offers something, when none is named. Whether there was one. */
  act(id?: number): boolean {
    const toast = this.list.findLast((one) => one.act !== null && (id === undefined || one.id === id));
    if (!toast) return false;
    this.dismiss(toast.id);
    toast.act?.run();
    return true;
  }

  /** Keeps them while somebody points at them or is in them by keyboard. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) return;
    for (const id of this.#due) this.dismiss(id);
    this.#due = [];
  }

  #end(id: number): void {
    if (this.#held) this.#due = [...this.#due, id];
    else this.dismiss(id);
  }
}

export const toasts = new Toasts();
