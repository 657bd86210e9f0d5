import type { HostRow, PlanView, YnhFleet, YnhReadResult } from '$generated/api';
import { inventSurvey } from './invention';
import { planFor, titleOf } from './plans';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import type { FakeVault } from './vault';

export type Reading = 'ynh_read' | 'ynh_fleet' | 'ynh_plan_each';

const day = 86_400_000;
type Entry = YnhReadResult['entries'][number];

const findings = [
  { category: 'ip', status: 'ERROR', summary: 'The server does not seem to be connected to the Internet at all!?', filter: ['ip', 'test=ping'], ignored: false, only: true, details: [], every: 2 },
  { category: 'services', status: 'ERROR', summary: 'Service jitsi-videobridge is failed :(', filter: ['services', 'service=jitsi-videobridge'], ignored: false, only: false, details: ["You can try to restart the service, and if it doesn't work, have a look at the service logs in the webadmin (from the command line, you can do this with yunohost service restart jitsi-videobridge and yunohost service log jitsi-videobridge)."], every: 3 },
  { category: 'systemresources', status: 'WARNING', summary: 'The system has only 402 MiB (5%) RAM available (out of 8.0 GiB). Be careful.', filter: ['systemresources', 'test=ram'], ignored: false, only: false, details: [], every: 4 },
  { category: 'mail', status: 'WARNING', summary: 'The reverse DNS is not correctly configured in IPv4.', filter: ['mail', 'test=mail_fcrdns'], ignored: true, only: false, details: [], every: 5 },
] as const;

const packages = [['openssl', '3.0.20-1~deb12u2', '3.0.22-1~deb12u2', 'misc utils and libs'], ['nginx', '1.22.1-9', '1.22.1-9+deb12u3', 'web server'], ['yunohost', '12.1.17', '12.2.1', 'yunohost']] as const;

const instances = (vault: FakeVault): HostRow[] => vault.hosts.filter((host) => host.role === 'yunohost').map((host) => vault.seen(host));
const versionOf = (host: HostRow): string => (host.summary?.version ?? '').replace('YunoHost ', '');

function fleetOf(vault: FakeVault, now: number): YnhFleet {
  const rows = instances(vault);
  const known = rows.filter((host) => !host.sealed && host.summary);
  const group = (pairs: readonly (readonly [string, string])[]): [string, string[]][] => [...new Set(pairs.map(([version]) => version))].sort().reverse().map((version) => [version, pairs.filter(([other]) => other === version).map(([, host]) => host)]);
  const versions = group(known.map((host) => [versionOf(host), host.name] as const));
  const apps = ['nextcloud', 'roundcube', 'vaultwarden', 'my_webapp'];
  return {
    hosts: rows.map((host) => ({ host: host.name, status: host.sealed ? 'sealed' : 'ok', stage: host.stage, version: host.sealed ? null : versionOf(host), taken_ms: host.sealed ? null : (host.summary?.taken_ms ?? null), error: host.sealed ? { code: 'stage-sealed', values: { name: host.stage }, host: host.name } : null })),
    views: {
      versions: [...versions.map(([version, hosts], at) => ({ what: 'yunohost', version, repo: 'stable', hosts, behind: at > 0 })), { what: 'os', version: 'Debian GNU/Linux 12 (bookworm)', repo: '', hosts: known.map((host) => host.name), behind: false }],
      apps: apps.flatMap((app, at) => group(known.map((host, place) => [`${String(30 - at)}.0.${String(place % 2 === 0 ? 4 : 6)}~ynh1`, host.name] as const)).map(([version, hosts], place) => ({ app, version, behind: place > 0, instances: hosts.map((host) => ({ host, id: app === 'my_webapp' && place > 0 ? 'my_webapp__2' : app, name: app, domain_path: `${app}.morel.example/`, upgrade: place > 0 ? 'upgradable' : 'up_to_date', new_version: place > 0 ? `${String(30 - at)}.0.6~ynh1` : null })) }))),
      upgrades: [
        { kind: 'app', name: 'nextcloud', new_version: '31.0.2~ynh1', status: 'upgradable', important: false, hosts: known.slice(0, 3).map((host) => ({ host: host.name, id: 'nextcloud', version: '30.0.4~ynh1', touches: 'cloud.morel.example/' })) },
        { kind: 'migration', name: '0036_migrate_to_trixie', new_version: null, status: '', important: false, hosts: known.slice(1, 2).map((host) => ({ host: host.name, id: '0036_migrate_to_trixie', version: '', touches: null })) },
        ...packages.map(([name, version, next, touches]) => ({ kind: 'package', name, new_version: next, status: '', important: name === 'yunohost', hosts: known.slice(0, 5).map((host) => ({ host: host.name, id: name, version, touches })) })),
      ],
      certificates: known.map((host, at) => ({ host: host.name, domain: host.name.replace('.lan', '.example'), main: true, issuer: at % 3 === 0 ? 'yunohost.org' : 'R11', issuer_kind: at % 3 === 0 ? 'selfsigned' : 'letsencrypt', days: at === 0 ? -2 : (at * 23) % 75, style: 'success', summary: at === 0 ? 'expired' : at % 3 === 0 ? 'selfsigned' : 'letsencrypt' })).sort((one, other) => one.days - other.days),
      diagnosis: findings.map(({ category, status, summary, filter, ignored, only, details, every }) => ({ category, status, summary, details: [...details], filter: [...filter], ignored, only_no_internet: only, hosts: known.filter((_, at) => at % every === 0).map((host) => ({ host: host.name, summary, made_ms: now - 3_600_000 })) })).filter((finding) => finding.hosts.length > 0),
      backups: known.map((host, at) => ({ host: host.name, archives: at === 1 ? 0 : 3, bytes: at === 1 ? 0 : 4_200_000_000 + at * 130_000_000, newest: at === 1 ? null : '20261120-040000', newest_ms: at === 1 ? null : now - (at * 2 + 1) * day, programs: at % 2 === 0 ? [{ id: 'borg', last_ms: now - day / 2, result: at === 2 ? 'exit-code' : 'success' }] : [] })),
    },
  };
}

function entriesOf(reading: string, host: HostRow, now: number): Entry[] {
  const yunohost = inventSurvey(host, now).yunohost;
  switch (reading) {
    case 'diagnosis-show': return findings.map(({ category, status, summary, filter, ignored, only }) => ({ category, status, summary, ignored, only_no_internet: only, filter: [...filter], made_ms: now - 3_600_000 }));
    case 'upgrades': return [{ kind: 'app', name: 'nextcloud', version: '30.0.4~ynh1', new_version: '31.0.2~ynh1', upgrade: 'upgradable', touches: 'cloud.morel.example/' }, ...packages.map(([name, version, next, touches]) => ({ kind: 'package', name, version, new_version: next, touches }))];
    case 'domain-list': return (yunohost?.domains ?? []).map((name, at) => ({ name, main: at === 0, issuer: at === 0 ? 'R11' : name, certificate: at === 0 ? 'letsencrypt' : 'selfsigned', days: at === 0 ? 61 : 3640 }));
    case 'domain-dns': return [{ record: '@', ttl: 3600, type: 'A', value: '203.0.113.5', note: 'Basic ipv4/ipv6 records' }, { record: '@', ttl: 3600, type: 'MX', value: '10 morel.example.', note: 'Mail' }, { record: '_dmarc', ttl: 3600, type: 'TXT', value: '"v=DMARC1; p=none"', note: 'Mail' }];
    case 'log-list': return ['20261121-040001-backup_create', '20261120-181204-app_upgrade-nextcloud', '20261119-090311-user_create-ines.morvane'].map((name, at) => ({ name, description: ['Create a backup archive', "Upgrade the 'nextcloud' app", "Add 'ines.morvane' user"][at] ?? '', made_ms: now - (at + 1) * day, state: at === 1 ? 'failed' : 'success', by: 'Non-interactive task' }));
    case 'log-show': return [{ name: '20261120-181204-app_upgrade-nextcloud', description: "Upgrade the 'nextcloud' app", made_ms: now - 2 * day, ended_ms: now - 2 * day + 90_000, state: 'failed', by: 'camille', error: 'An error occurred inside the app upgrade script', lines: ['2026-11-20 18:12:05,101: INFO - [+...................] > Stopping systemd service...', '2026-11-20 18:12:44,620: WARNING - Job for nextcloud.service failed.', '2026-11-20 18:13:34,002: ERROR - Failed to upgrade nextcloud'] }];
    case 'service-log': return [{ file: 'journalctl', lines: ['Nov 21 00:11:40 systemd[1]: Starting nginx.service...', 'Nov 21 00:11:41 systemd[1]: Started nginx.service.'] }];
    case 'settings-list': return [{ key: 'security.ssh.ssh_port', value: '22', ask: 'SSH port' }, { key: 'security.password.admin_strength', value: '1', ask: 'Admin password strength requirements' }];
    case 'firewall-list': return [{ port: '22', protocol: 'tcp', open: true, upnp: true, comment: 'Default SSH port' }, { port: '443', protocol: 'tcp', open: true, upnp: true, comment: 'HTTPS server (nginx)' }];
    case 'group-list': return (yunohost?.groups ?? []).map((group) => ({ ...group }));
    case 'permission-list': return (yunohost?.permissions ?? []).map((permission) => ({ ...permission }));
    case 'backup-list': return (yunohost?.backups ?? []).map((name) => ({ name, made_ms: now - day, bytes: 4_200_000_000 }));
    case 'regen-conf-diff': return [{ category: 'dovecot', file: '/etc/dovecot/dovecot.conf', lines: ['@@ -153,4 +153,4 @@', '-!include yunohost.d/post-ext.conf# by hand', '+!include yunohost.d/post-ext.conf'] }];
    default: return [];
  }
}

/** What is read of YunoHosts, one and many. */
export function readingRooms(): Rooms<Reading> {
  return {
    ynh_read: ({ on, reading, refresh }, vault) => {
      const now = Date.now();
      return {
        results: vault.selected(on).map((host) => {
          if (host.sealed) return { host: host.name, status: 'sealed', duration_ms: 0, taken_ms: null, entries: [], error: { code: 'stage-sealed', values: { name: host.stage }, host: host.name } };
          return { host: host.name, status: 'ok', duration_ms: 0, taken_ms: refresh ? now : (host.summary?.taken_ms ?? now), entries: entriesOf(reading, host, now), error: null };
        }),
      };
    },
    ynh_fleet: (_, vault) => {
      const fleet = fleetOf(vault, Date.now());
      if (fleet.hosts.length === 0) throw refuse('nothing-selected', { selector: 'role:yunohost' });
      return fleet;
    },
    ynh_plan_each: ({ orders }, vault) => {
      const id = vault.fresh('plan');
      const made = orders.map(({ host, operation, given }) => ({ action: { kind: 'ynh', operation, given } as const, host: vault.host(host) }));
      const plans = made.map(({ action, host }) => planFor(action, [host]));
      const title = { key: 'title.ynh-each', values: { count: String(orders.length) } };
      const plan: PlanView = { id, title, confirm: [...new Set(plans.flatMap((one) => one.hosts).filter((host) => vault.stage(host.stage).policy.typed_confirmation).map((host) => host.stage))], hosts: plans.flatMap((one) => one.hosts), refused: plans.flatMap((one) => one.refused) };
      const [first] = made;
      if (!first) throw refuse('invalid-request', { what: titleOf({ kind: 'run', command: '', root: false }).key });
      vault.plans.set(id, { plan, action: first.action });
      return plan;
    },
  };
}
