import type { HostRow, HostSummary, HostSurvey, SecretRow, WireMessage, YunohostApp, YunohostService, YunohostSurvey, YunohostUser } from '$generated/api';
import { inventFacts } from './facts';

/** Invented, but in the proportions of a real fleet. Same arguments, same data. */
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const gigabyte = 1_000_000_000;

interface Sketch { name: string; address: string; stage: string; role: 'yunohost' | 'linux'; version: string; disk: number; age: number; people?: number; upgrades?: number; tags: string[]; trouble?: HostRow['trouble']; attention?: WireMessage[] }

const attention = {
  services: (count: number, names: string): WireMessage => ({ key: 'attention.services', values: { count: String(count), names } }),
  upgrades: (count: number): WireMessage => ({ key: 'attention.upgrades', values: { count: String(count) } }),
  disk: (percent: number): WireMessage => ({ key: 'attention.disk', values: { percent: String(percent) } }),
};

const sketches: Sketch[] = [
  { name: 'ynh-01.morel.lan', address: '10.20.0.11', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.17', disk: 71, age: 2 * minute, people: 14, upgrades: 3, tags: ['morel', 'web'], attention: [attention.services(1, 'jitsi-videobridge'), attention.upgrades(3)] },
  { name: 'ynh-02.morel.lan', address: '10.20.0.12', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.17', disk: 58, age: 2 * minute, people: 14, upgrades: 0, tags: ['morel'] },
  { name: 'ynh-03.morel.lan', address: '10.20.0.13', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.15', disk: 96, age: 3 * minute, people: 9, upgrades: 5, tags: ['morel'], attention: [attention.disk(96), attention.upgrades(5)] },
  { name: 'ynh-staging.morel.lan', address: '10.20.0.21', stage: 'staging', role: 'yunohost', version: 'YunoHost 12.1.17', disk: 38, age: 4 * minute, people: 4, upgrades: 1, tags: ['morel'], attention: [attention.upgrades(1)] },
  { name: 'ynh-dev.morel.lan', address: '10.20.0.31', stage: 'dev', role: 'yunohost', version: 'YunoHost 12.2.0', disk: 22, age: 4 * minute, people: 2, upgrades: 0, tags: ['morel', 'lab'] },
  { name: 'backup-01.morel.lan', address: '10.20.0.41', stage: 'prod', role: 'linux', version: 'Debian GNU/Linux 12 (bookworm)', disk: 88, age: 2 * minute, tags: ['morel', 'backup'], attention: [attention.disk(88)] },
  { name: 'gate-01.morel.lan', address: '203.0.113.7', stage: 'prod', role: 'linux', version: 'Debian GNU/Linux 12 (bookworm)', disk: 19, age: 2 * minute, tags: ['morel', 'gate'] },
  { name: 'ynh-01.brindelle.lan', address: '192.168.1.10', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.16', disk: 61, age: 9 * minute, people: 31, upgrades: 2, tags: ['brindelle'], attention: [attention.upgrades(2)] },
  { name: 'ynh-magasin.brindelle.lan', address: '192.168.1.12', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.16', disk: 73, age: 3 * day, people: 6, upgrades: 2, tags: ['brindelle'], trouble: { code: 'host-unreachable', values: { address: '192.168.1.12:22', reason: 'no route to host' }, host: 'ynh-magasin.brindelle.lan' } },
  { name: 'ynh-staging.brindelle.lan', address: '192.168.1.20', stage: 'staging', role: 'yunohost', version: 'YunoHost 12.1.17', disk: 29, age: 9 * minute, people: 3, upgrades: 0, tags: ['brindelle'] },
  { name: 'mairie-01.orvain.lan', address: '172.16.4.10', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.12', disk: 77, age: 11 * minute, people: 48, upgrades: 6, tags: ['orvain'], attention: [attention.services(2, 'fail2ban, postfix'), attention.upgrades(6)] },
  { name: 'ecole-01.orvain.lan', address: '172.16.4.20', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.17', disk: 36, age: 11 * minute, people: 212, upgrades: 0, tags: ['orvain'] },
  { name: 'mediatheque.orvain.lan', address: '172.16.4.30', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.17', disk: 57, age: 2 * day, people: 7, upgrades: 0, tags: ['orvain'], trouble: { code: 'host-key-changed', values: { address: '172.16.4.30:22', algorithm: 'ssh-ed25519', fingerprint: 'SHA256:7dGk0oYzvQm3vZ5t1bJm0cXq2yq8b1o3nKQ5rWcLfQ8', pinned: 'SHA256:pX4vJq0tY2m8bH1fZk3sNw7cRa5uLeD9gToVi6yE9sQ' }, host: 'mediatheque.orvain.lan' } },
  { name: 'bench-01.ostrel.lan', address: '198.51.100.21', stage: 'dev', role: 'linux', version: 'Debian GNU/Linux 13 (trixie)', disk: 12, age: 6 * minute, tags: ['ostrel', 'lab'] },
  { name: 'forge.ostrel.lan', address: '198.51.100.5', stage: 'prod', role: 'yunohost', version: 'YunoHost 12.1.17', disk: 59, age: 6 * minute, people: 11, upgrades: 1, tags: ['ostrel'], attention: [attention.upgrades(1)] },
];

/** What the columns that are there by choice show. */
function inventMore(sketch: Sketch, index: number, now: number): Pick<HostSummary, 'packages' | 'security' | 'load' | 'uptime_s' | 'failed_services' | 'certificate_ms'> {
  const packages = (index * 7) % 19;
  return {
    packages, security: Math.min(packages, (index * 3) % 5), load: ((index * 13) % 40) / 16, uptime_s: (3 + (index * 17) % 200) * 86_400,
    failed_services: sketch.attention?.some((message) => message.key === 'attention.services') ? 1 : 0, certificate_ms: sketch.role === 'yunohost' ? now + (6 + (index * 23) % 75) * day : null,
  };
}

function rowOf(sketch: Sketch, index: number, now: number): HostRow {
  return {
    id: `0193f0a0-0000-7000-8000-${String(index).padStart(12, '0')}`, name: sketch.name, stage: sketch.stage, address: sketch.address, port: 22, user: 'root', identity: `${sketch.tags[0] ?? 'lab'}/ssh`, tags: sketch.tags, jump: null, guest: null, others: [], password: null, one_time: null, sudo: 'never', sudo_secret: null, legacy: null,
    pins: ['SHA256:pX4vJq0tY2m8bH1fZk3sNw7cRa5uLeD9gToVi6yE9sQ'], role: sketch.role,
    summary: { taken_ms: now - sketch.age, took_ms: 640 + (index * 37) % 900, version: sketch.version, disk_percent: sketch.disk, apps: sketch.role === 'yunohost' ? 11 : null, upgrades: sketch.upgrades ?? null, people: sketch.people ?? null, ...inventMore(sketch, index, now), attention: sketch.attention ?? [] },
    trouble: sketch.trouble ?? null, sealed: false,
  };
}

/** `count` hosts: the named ones first, then as many more as asked for. */
export function inventHosts(count: number, now: number): HostRow[] {
  return Array.from({ length: count }, (_, index) => {
    const sketch = sketches[index % sketches.length];
    if (!sketch) throw new Error('no sketch');
    if (index < sketches.length) return rowOf(sketch, index, now);
    const [label = '', ...rest] = sketch.name.split('.');
    return rowOf({ ...sketch, name: `${label}-${String(Math.floor(index / sketches.length)).padStart(3, '0')}.${rest.join('.')}`, address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` }, index, now);
  });
}

export function inventSecrets(hosts: readonly HostRow[], now: number): SecretRow[] {
  const names = [...new Set(hosts.flatMap((host) => (host.identity ? [host.identity] : [])))];
  const keys = names.map((name, index) => ({ id: `key-${index}`, name, kind: 'private-key', stage: 'dev', used_by: hosts.filter((host) => host.identity === name).map((host) => host.name), held: [], changed_ms: now - (index + 3) * 11 * day }));
  return [...keys, { id: 'password-1', name: 'lab/console', kind: 'password', stage: 'dev', used_by: [], held: [], changed_ms: now - 5 * day }];
}

const users: YunohostUser[] = [
  { username: 'camille.hautval', fullname: 'Camille Hautval', mail: 'camille.hautval@morel.example', mailbox_quota: '0', groups: ['admins'] },
  { username: 'ines.morvane', fullname: 'Inès Morvane', mail: 'ines.morvane@morel.example', mailbox_quota: '2G', groups: ['compta'] },
  { username: 'agathe.solmier', fullname: 'Agathe Solmier', mail: 'agathe.solmier@morel.example', mailbox_quota: '5G', groups: ['direction'] },
  { username: 'theo.lescarpe', fullname: 'Théo Lescarpe', mail: 'theo.lescarpe@morel.example', mailbox_quota: '500M', groups: ['atelier'] },
  { username: 'mael.trevidic', fullname: 'Maël Trévidic', mail: 'mael.trevidic@morel.example', mailbox_quota: '0', groups: ['admins', 'atelier'] },
  { username: 'noe.brisac', fullname: 'Noé Brisac\u202egnp.exe', mail: 'noe.brisac@morel.example', mailbox_quota: '500M', groups: [] },
];

const apps: YunohostApp[] = ([
  ['nextcloud', 'Nextcloud', '30.0.4~ynh1', 'cloud.morel.example', '31.0.2~ynh1'], ['roundcube', 'Roundcube', '1.6.9~ynh2', 'mail.morel.example', '1.6.11~ynh1'], ['vaultwarden', 'Vaultwarden', '1.33.2~ynh1', 'coffre.morel.example', '1.34.3~ynh1'],
  ['dolibarr', 'Dolibarr', '21.0.1~ynh1', 'gestion.morel.example', null], ['dokuwiki', 'DokuWiki', '2025.05~ynh1', 'wiki.morel.example', null], ['wordpress', 'WordPress', '6.8.2~ynh1', 'morel.example', null],
  ['jitsi', 'Jitsi Meet', '2.0.1047~ynh1', 'visio.morel.example', null], ['privatebin', 'PrivateBin', '1.7.6~ynh1', 'note.morel.example', null], ['grafana', 'Grafana', '11.5.1~ynh1', 'suivi.morel.example', null], ['my_webapp', 'Devis', '1.0~ynh12', 'devis.morel.example', null], ['kanboard', 'Kanboard', '1.2.46~ynh1', 'taches.morel.example', null],
] as const).map(([id, name, version, domain, next]) => ({ id, name, version, domain_path: `${domain}/`, upgrade: next ? 'upgradable' : 'up_to_date', new_version: next }));

const services: YunohostService[] = ['dnsmasq', 'dovecot', 'fail2ban', 'jitsi-videobridge', 'mysql', 'nginx', 'opendkim', 'php8.2-fpm', 'postfix', 'postgresql', 'redis-server', 'rspamd', 'slapd', 'ssh', 'yunohost-api', 'yunohost-firewall'].map((name) => ({
  name, status: name === 'jitsi-videobridge' ? 'failed' : 'running', start_on_boot: 'enabled', last_state_change: '2026-10-11 04:12:31', description: { nginx: 'Serves or provides access to all the websites hosted on your server', slapd: 'Stores users, domains and related info', postfix: 'Used to send and receive emails', ssh: 'Allows you to connect remotely to your server via a terminal' }[name] ?? '', configuration: name === 'nginx' ? 'valid' : 'unknown',
}));

function inventYunohost(version: string): YunohostSurvey {
  return {
    version, users: [...users], groups: [{ name: 'admins', members: ['camille.hautval', 'mael.trevidic'] }, { name: 'compta', members: ['ines.morvane'] }],
    permissions: apps.map((app) => ({ name: `${app.id}.main`, label: app.name, allowed: app.id === 'wordpress' || app.id === 'jitsi' ? ['visitors'] : app.id === 'grafana' ? ['admins'] : ['all_users'], users: users.map((user) => user.username) })),
    apps: [...apps], domains: ['morel.example', 'cloud.morel.example', 'mail.morel.example', 'wiki.morel.example'], services: [...services], backups: ['20261120-040000', '20261119-040000'], failures: [],
  };
}

export function inventSurvey(host: HostRow, now: number): HostSurvey {
  const { summary } = host;
  const disk = summary?.disk_percent ?? 30;
  const system: HostSurvey['system'] = { hostname: host.name.split('.')[0] ?? host.name, os: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-37-amd64', architecture: 'x86_64', uptime_s: 41 * 86_400, load: [0.42, 0.38, 0.35], cpus: 4, memory_total: 8.2 * gigabyte, memory_available: 4.4 * gigabyte, disk_total: 59 * gigabyte, disk_used: 59 * gigabyte * disk / 100, clock_skew_s: 0 };
  return {
    taken_ms: summary?.taken_ms ?? now, took_ms: summary?.took_ms ?? 812,
    system, facts: inventFacts(host, system, now),
    yunohost: host.role === 'yunohost' ? inventYunohost((summary?.version ?? '').replace('YunoHost ', '')) : null,
  };
}
