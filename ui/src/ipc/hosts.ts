import type { HostRow } from '$generated/api';

/** The host of that name; for a guest that was not entered yet, the nearest of the hosts that it is in. */
export function nearestHost(hosts: readonly HostRow[], name: string): HostRow | undefined {
  for (let known = name; known !== ''; known = known.slice(0, Math.max(0, known.lastIndexOf('/')))) {
    const host = hosts.find((row) => row.name === known);
    if (host) return host;
  }
  return undefined;
}
