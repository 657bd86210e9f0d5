import { ynh } from '$features/plan';
import type { YnhOrder } from '$generated/api';
import type { FleetLine, YnhView } from './lines';

/** Something that can be done with the lines that are ticked. */
export type FleetAction = 'upgrade' | 'renew' | 'ignore' | 'unignore' | 'diagnose' | 'update' | 'backup';

/** What each view offers. */
export const actionsOf: Record<YnhView, readonly FleetAction[]> = {
  versions: ['update', 'diagnose'],
  apps: ['update', 'upgrade'],
  upgrades: ['update', 'upgrade'],
  certificates: ['renew'],
  diagnosis: ['diagnose', 'unignore', 'ignore'],
  backups: ['backup'],
};

/** What it comes to, host by host; nothing where it cannot be done with any of the lines. */
export function ordersOf(action: FleetAction, lines: readonly FleetLine[]): YnhOrder[] {
  const hosts = [...new Set(lines.flatMap((line) => line.hosts))].sort();
  switch (action) {
    case 'diagnose': return hosts.map((host) => order(host, 'diagnosis-run', {}));
    case 'update': return hosts.map((host) => order(host, 'tools-update', {}));
    case 'backup': return hosts.map((host) => order(host, 'backup-create', {}));
    case 'ignore':
    case 'unignore': {
      const wanted = lines.flatMap((line) => (line.from.view === 'diagnosis' && line.from.of.ignored === (action === 'unignore') ? [line.from.of] : []));
      return wanted.flatMap((finding) => finding.hosts.map((at) => order(at.host, `diagnosis-${action}`, { filter: finding.filter })));
    }
    case 'renew': {
      const domains = gathered(lines.flatMap((line) => (line.from.view === 'certificates' && line.from.of.issuer_kind === 'letsencrypt' ? [[line.from.of.host, line.from.of.domain] as const] : [])));
      return domains.map(([host, list]) => order(host, 'domain-cert-renew', { domains: list }));
    }
    case 'upgrade': return upgrades(lines);
  }
}

function order(host: string, operation: string, given: Parameters<typeof ynh>[1]): YnhOrder {
  const request = ynh(operation, given);
  return { host, operation, given: request.kind === 'ynh' ? request.given : {} };
}

/** What belongs to each host, in the order of the hosts. */
function gathered(pairs: readonly (readonly [string, string])[]): [string, string[]][] {
  const found = new Map<string, string[]>();
  for (const [host, name] of pairs) found.set(host, [...(found.get(host) ?? []), name]);
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Packages are upgraded all at once, as YunoHost does. */
function upgrades(lines: readonly FleetLine[]): YnhOrder[] {
  const apps: [string, string][] = [];
  const migrations: [string, string][] = [];
  const systems = new Set<string>();
  for (const { from } of lines) {
    if (from.view === 'apps') for (const at of from.of.instances) if (at.upgrade === 'upgradable') apps.push([at.host, at.id]);
    if (from.view !== 'upgrades') continue;
    for (const at of from.of.hosts) {
      if (from.of.kind === 'package') systems.add(at.host);
      else if (from.of.kind === 'migration') migrations.push([at.host, at.id]);
      else if (from.of.status === 'upgradable') apps.push([at.host, at.id]);
    }
  }
  return [
    ...gathered(apps).map(([host, ids]) => order(host, 'app-upgrade', { apps: ids })),
    ...[...systems].sort().map((host) => order(host, 'tools-upgrade', { target: 'system' })),
    ...gathered(migrations).map(([host, ids]) => order(host, 'tools-migrations-run', { targets: ids })),
  ];
}
