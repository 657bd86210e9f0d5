import type { HostRow } from '$generated/api';

const most = 8;

/** The hosts that are meant when one types the word for a terminal, or its beginning, and parts of a name. */
export function terminalTargets(hosts: readonly HostRow[], query: string, word: string): HostRow[] {
  const [first = '', ...parts] = query.toLocaleLowerCase().split(/\s+/).filter((part) => part !== '');
  if (first.length < 2 || !word.toLocaleLowerCase().startsWith(first)) return [];
  const found: HostRow[] = [];
  for (const host of hosts) {
    if (host.sealed || !parts.every((part) => host.name.toLocaleLowerCase().includes(part))) continue;
    found.push(host);
    if (found.length === most) break;
  }
  return found;
}
