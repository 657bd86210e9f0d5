/** Whether keys typed now are text for a field, not commands. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && target.getAttribute('type') !== 'checkbox' && target.getAttribute('type') !== 'radio';
}

/** Hears `g` then a letter, within a second. */
export class GoKeys {
  #since = 0;

  /** The letter after `g`, when this key completes the pair. */
  hear(key: string, at: number): string | null {
    const waiting = at - this.#since < 1000;
    this.#since = key === 'g' && !waiting ? at : 0;
    return waiting ? key : null;
  }
}
