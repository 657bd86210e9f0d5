import type { HardeningCheck, HardeningFix, HostHardening, WireMessage } from '$generated/api';

/** A check, and the hosts of which it says the same. */
export interface CheckGroup { key: string; check: HardeningCheck; hosts: { host: string; check: HardeningCheck }[] }

const verdicts = ['to_do', 'unknown', 'ok'] as const;
const severities = ['high', 'medium', 'low'] as const;

/** The checks over all hosts, the same on several once: what is to be done first, the graver before the lighter. */
export function grouped({ results }: HostHardening): CheckGroup[] {
  const groups = new Map<string, CheckGroup>();
  for (const { host, checks } of results) {
    for (const check of checks) {
      const key = `${String(verdicts.indexOf(check.verdict))}${String(severities.indexOf(check.severity))} ${check.verdict} ${check.id}`;
      const group = groups.get(key) ?? { key, check, hosts: [] };
      group.hosts.push({ host, check });
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** Hosts of a group of which the same is so. */
function alike<T>(group: CheckGroup, of: (check: HardeningCheck) => T | null): { what: T; hosts: string[] }[] {
  const found = new Map<string, { what: T; hosts: string[] }>();
  for (const { host, check } of group.hosts) {
    const what = of(check);
    if (what === null) continue;
    const key = JSON.stringify(what);
    const same = found.get(key) ?? { what, hosts: [] };
    same.hosts.push(host);
    found.set(key, same);
  }
  return [...found.values()];
}

/** What was found, with the hosts where it was the same. */
export const foundIn = (group: CheckGroup): { what: WireMessage; hosts: string[] }[] => alike(group, (check) => check.found);

/** What mends a group, with the hosts on which it is the same. */
export const fixesOf = (group: CheckGroup): { what: HardeningFix; hosts: string[] }[] => alike(group, (check) => check.fix);
