/** A short word about something that ended; it goes by itself, so it never carries the only copy of an error. */
export interface Toast { id: number; kind: 'ok' | 'warn' | 'bad'; text: string }

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  show(text: string, kind: Toast['kind'] = 'ok'): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-3), { id, kind, text }];
    setTimeout(() => { this.dismiss(id); }, kind === 'ok' ? 5000 : 12000);
  }

  /** Takes all of them away: what they name may belong to a vault that is locked now. */
  clear(): void {
    this.list = [];
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
