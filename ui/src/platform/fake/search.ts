import type { Found, HostRow, SecretRow } from '$generated/api';

/** Hosts, then secrets, of which every word is in the name. */
export function findIn(hosts: readonly HostRow[], secrets: readonly SecretRow[], text: string): Found[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const named = (kind: string, rows: readonly { name: string; stage: string }[]): Found[] => rows.filter((row) => words.every((word) => row.name.includes(word))).map(({ name, stage }) => ({ kind, name, stage }));
  return words.length === 0 ? [] : [...named('host', hosts), ...named('secret', secrets)];
}
