import { planDesk } from '$features/plan';
import type { GuestChange, GuestHost } from '$generated/api';
import { HostByHost, Resource, rpc, session, toApiError } from '$ipc';
import type { ColumnName } from './rows';

/** What one has under way among the guests: it stays while one looks at another screen. */
class GuestsDesk {
  readonly list = new Resource(() => rpc('guest_list', { on: null, refresh: false, stored: true }));
  readonly reading = new HostByHost();
  filter = $state('');
  sort = $state.raw<{ column: ColumnName; descending: boolean }>({ column: 'name', descending: false });
  folded = $state.raw<ReadonlySet<string>>(new Set());
  /** The guest whose particulars are shown. */
  active = $state<string | null>(null);

  get hosts(): readonly GuestHost[] {
    return this.list.value?.hosts ?? [];
  }

  fold(host: string): void {
    this.folded = new Set(this.folded.has(host) ? [...this.folded].filter((other) => other !== host) : [...this.folded, host]);
  }

  /** Reads the guests of hosts anew, one by one, so that each appears as soon as it has answered. */
  refresh(names: readonly string[]): Promise<void> {
    const vault = session.current;
    return this.reading.begin(names, async (name) => {
      try {
        const { hosts } = await rpc('guest_list', { on: name, refresh: true, stored: false }, vault);
        if (vault === session.current) this.#put(hosts);
        return hosts.every((host) => host.error === null);
      } catch (thrown) {
        const known = this.hosts.find((host) => host.host === name);
        if (vault === session.current && known) this.#put([{ ...known, error: toApiError(thrown) }]);
        return false;
      }
    });
  }

  #put(read: readonly GuestHost[]): void {
    const names = new Set(read.map((host) => host.host));
    this.list.value = { ...this.list.value, hosts: [...this.hosts.filter((host) => !names.has(host.host)), ...read] };
  }

  /** Has the plan of a change made, and shows it. */
  plan(guests: readonly string[], change: GuestChange): Promise<void> {
    return planDesk.prepareAs((vault) => rpc('guest_plan', { guests: [...guests], change }, vault));
  }

  reset(): void {
    this.list.clear();
    this.reading.reset();
    this.filter = '';
    this.sort = { column: 'name', descending: false };
    this.folded = new Set();
    this.active = null;
  }
}

export const guestsDesk = new GuestsDesk();
