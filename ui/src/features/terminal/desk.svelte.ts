import { SvelteMap } from 'svelte/reactivity';
import type { TerminalRow } from '$generated/api';
import { nearestHost, rpc, session } from '$ipc';
import { TerminalSession } from './session.svelte';

/** The terminals that are open: they stay while one looks at another screen, until their vault is locked. */
class TerminalDesk {
  #all = $state.raw<readonly TerminalSession[]>([]);
  /** Which is in front, for each vault. */
  readonly #fronts = new SvelteMap<string | null, number>();
  /** Terminals of the vault that is shown, which are not here. */
  elsewhere = $state.raw<readonly TerminalRow[]>([]);
  /** Those of the vault that is shown. */
  readonly list = $derived(this.#all.filter((one) => one.vault === session.current));
  readonly front = $derived(this.list.find((one) => one.id === this.#fronts.get(session.current)) ?? this.list[0] ?? null);

  /** Opens a terminal on a host, in front; or the console of a guest, which its host opens. */
  open(host: string, root = false, console = false): TerminalSession {
    const stage = nearestHost(session.hosts.value ?? [], host)?.stage ?? 'dev';
    const opened = this.#add(new TerminalSession(session.current, host, stage, root, console));
    this.bring(opened);
    return opened;
  }

  bring(one: TerminalSession): void {
    this.#fronts.set(one.vault, one.id);
  }

  /** Brings the one `step` places further in front. */
  turn(step: number): void {
    const at = this.list.findIndex((one) => one.id === this.front?.id);
    const next = this.list[(at + step + this.list.length) % this.list.length];
    if (next) this.bring(next);
  }

  /** Closes a terminal; its neighbour comes in front. */
  close(one: TerminalSession): void {
    const at = this.list.findIndex((other) => other.id === one.id);
    const neighbour = this.list[at + 1] ?? this.list[at - 1];
    if (one.id === this.front?.id && neighbour) this.bring(neighbour);
    this.#remove(one);
    one.close();
  }

  /** Asks what the core has open for this vault beside what is here: in another window, or before the page was loaded anew. */
  async look(): Promise<void> {
    const vault = session.current;
    try {
      const { terminals } = await rpc('terminal_list', {}, vault);
      const here = new Set(this.#all.flatMap(({ state }) => (state.kind === 'live' || state.kind === 'taken' ? [state.terminal] : [])));
      if (session.current === vault) this.elsewhere = terminals.filter((row) => !row.ended && !here.has(row.terminal));
    } catch {
      // It is an offer: without an answer, nothing is offered.
      this.elsewhere = [];
    }
  }

  /** Takes over what is open elsewhere. */
  takeOver(): void {
    for (const row of this.elsewhere) this.#add(new TerminalSession(session.current, row.host, row.stage, row.root)).adopt(row);
    this.elsewhere = [];
  }

  /** Forgets the terminals of vaults that are open no more. */
  settle(open: readonly string[]): void {
    this.elsewhere = [];
    for (const one of this.#all.filter((other) => other.vault === null || !open.includes(other.vault))) {
      this.#remove(one);
      one.drop();
    }
  }

  #add(one: TerminalSession): TerminalSession {
    one.onlocked = () => {
      this.#remove(one);
      one.drop();
    };
    this.#all = [...this.#all, one];
    return one;
  }

  #remove(one: TerminalSession): void {
    this.#all = this.#all.filter((other) => other !== one);
  }
}

export const terminalDesk = new TerminalDesk();
