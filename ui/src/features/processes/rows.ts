import type { TableGroup } from '$design';
import type { Process, ProcessChange, ProcessKeeper, ProcessKeeperThere, ProcessOf, ProcessState } from '$generated/api';

export type ColumnName = 'name' | 'state' | 'boot' | 'memory' | 'restarts' | 'description';

/** What is looked for among the processes of a host. */
export interface Wanted { text: string; keeper: ProcessKeeper | ''; state: ProcessState | '' }

const keeperNames: Record<ProcessKeeper, string> = { systemd: 'systemd', openrc: 'OpenRC', pm2: 'pm2' };

/** A keeper as people write it, with whose it is. */
export function keeperName(keeper: ProcessKeeper, owner: string | null): string {
  return owner === null ? keeperNames[keeper] : `${keeperNames[keeper]} (${owner})`;
}

/** What tells a process apart on its host. */
export function keyOf(process: Process): string {
  return `${process.keeper}/${process.owner ?? ''}/${process.name}`;
}

/** The process, as the backend is asked for it: never another one of the same name. */
export function processOf(host: string, process: Process): ProcessOf {
  return { host, name: process.name, keeper: process.keeper, ...(process.owner === null ? {} : { owner: process.owner }) };
}

/** What can be asked of a process: what nobody can set is not offered, what would do nothing is not ready. */
export function changesFor(process: Process): { change: ProcessChange; ready: boolean }[] {
  const up = process.state === 'running' || process.state === 'starting';
  return [
    { change: 'start', ready: !up && !process.masked },
    { change: 'stop', ready: process.state !== 'stopped' && process.state !== 'stopping' },
    { change: 'restart', ready: process.state !== 'stopped' && !process.masked },
    ...(process.at_boot === false ? [{ change: 'enable', ready: !process.masked } as const] : []),
    // A list of pm2 that nothing brings back still has it.
    ...(process.at_boot === true || process.saved === true ? [{ change: 'disable', ready: true } as const] : []),
  ];
}

/** Every word must be found in what a process is called and is. */
function matches(process: Process, words: readonly string[]): boolean {
  const text = [process.name, process.description, process.says, process.owner ?? '', ...process.aliases, process.pid === null ? '' : String(process.pid)].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

const gravest: Record<ProcessState, number> = { failed: 0, starting: 1, stopping: 2, running: 3, stopped: 4 };

function sortKey(process: Process, column: ColumnName): string | number | null {
  switch (column) {
    case 'name': return process.name;
    case 'state': return gravest[process.state];
    case 'boot': return process.at_boot === null ? null : Number(!process.at_boot);
    case 'memory': return process.memory_bytes;
    case 'restarts': return process.restarts;
    case 'description': return process.description;
  }
}

/** The processes of a host under their keepers; what is not known comes last either way. A keeper that keeps nothing wanted goes. */
export function groupsOf(keepers: readonly ProcessKeeperThere[], processes: readonly Process[], wanted: Wanted, sort: { column: ColumnName; descending: boolean }, folded: ReadonlySet<string>, compare: (left: string, right: string) => number): TableGroup<Process>[] {
  const words = wanted.text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const sign = sort.descending ? -1 : 1;
  const inOrder = (left: Process, right: Process): number => {
    const [one, other] = [sortKey(left, sort.column), sortKey(right, sort.column)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || compare(left.name, right.name);
    const order = typeof one === 'number' && typeof other === 'number' ? one - other : compare(String(one), String(other));
    return sign * order || compare(left.name, right.name);
  };
  return keepers
    .map(({ keeper, owner, version }) => {
      const key = `${keeper}/${owner ?? ''}`;
      const items = processes.filter((process) => process.keeper === keeper && process.owner === owner && (wanted.keeper === '' || wanted.keeper === keeper) && (wanted.state === '' || wanted.state === process.state) && matches(process, words)).sort(inOrder);
      return { key, label: `${keeperName(keeper, owner)}${version === '' ? '' : ` ${version}`}`, items, folded: words.length === 0 && folded.has(key) };
    })
    .filter((group) => group.items.length > 0);
}
