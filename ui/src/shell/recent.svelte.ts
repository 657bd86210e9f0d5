const most = 8;

/** What was last used from the palette, in each vault. In memory only: it says what one works on, and goes with the page. */
class Recent {
  #ids = $state.raw<ReadonlyMap<string, readonly string[]>>(new Map());

  of(vault: string | null): readonly string[] {
    return vault === null ? [] : (this.#ids.get(vault) ?? []);
  }

  use(vault: string | null, id: string): void {
    if (vault === null) return;
    this.#ids = new Map([...this.#ids, [vault, [id, ...this.of(vault).filter((other) => other !== id)].slice(0, most)]]);
  }

  /** Forgets what was used in vaults that are open no more. */
  settle(open: readonly string[]): void {
    this.#ids = new Map([...this.#ids].filter(([vault]) => open.includes(vault)));
  }
}

export const recent = new Recent();
