import type { FleetApp, FleetCertificate, FleetFinding, FleetVersion, InstanceBackups, PendingUpgrade, YnhFleet } from '$generated/api';
import type { TableColumn } from '$design';
import { i18n } from '$i18n';

export const ynhViews = ['versions', 'apps', 'upgrades', 'certificates', 'diagnosis', 'backups'] as const;
export type YnhView = (typeof ynhViews)[number];

/** What a line was made of. */
export type LineOf =
  | { view: 'versions'; of: FleetVersion }
  | { view: 'apps'; of: FleetApp }
  | { view: 'upgrades'; of: PendingUpgrade }
  | { view: 'certificates'; of: FleetCertificate }
  | { view: 'diagnosis'; of: FleetFinding }
  | { view: 'backups'; of: InstanceBackups };

export interface FleetLine {
  key: string;
  /** What stands in each column. All of it may come from a host. */
  cells: Record<string, string>;
  /** What a column is sorted by, where that is not its text. */
  order: Record<string, number>;
  hosts: readonly string[];
  level: '' | 'warn' | 'bad';
  /** The column that the level is shown in. */
  marked: string;
  /** The group that it stands in. */
  group: string;
  from: LineOf;
}

type Column = TableColumn<string>;

const soonDays = 15;
const oldBackup = 7 * 86_400_000;

const column = (name: string, label: string, width: number, more: Partial<Column> = {}): Column => ({ name, label, width, sortable: true, ...more });

/** The columns of a view. */
export function columnsOf(view: YnhView): Column[] {
  const t = i18n.t.ynhFleet;
  const label = (name: string): string => i18n.core({ key: `field.ynh-${name}`, values: {} });
  const hosts = column('hosts', t.hosts, 180, { grow: 2 });
  switch (view) {
    case 'versions': return [column('what', label('what'), 150), column('version', label('version'), 230), column('repo', label('repo'), 90, { yields: 2 }), column('state', t.state, 110), hosts];
    case 'apps': return [column('app', label('app'), 170), column('version', label('version'), 170), column('state', t.state, 110), column('hosts', t.where, 220, { grow: 2 })];
    case 'upgrades': return [column('name', label('name'), 200), column('kind', label('kind'), 100), column('new_version', label('new_version'), 180), column('state', t.state, 130, { yields: 1 }), column('touches', label('touches'), 180, { grow: 1, yields: 2 }), hosts];
    case 'certificates': return [column('domain', label('domain'), 220, { grow: 1 }), column('hosts', t.host, 170), column('issuer', label('issuer'), 170, { grow: 1 }), column('kind', label('kind'), 110, { yields: 1 }), column('state', label('certificate'), 130), column('days', label('days'), 110, { align: 'end' })];
    case 'diagnosis': return [column('summary', label('summary'), 320, { grow: 3 }), column('status', label('status'), 90), column('category', label('category'), 130, { yields: 1 }), hosts];
    case 'backups': return [column('hosts', t.host, 190), column('age', t.lastBackup, 120), column('newest', t.newest, 220, { grow: 1 }), column('archives', t.archives, 90, { align: 'end' }), column('bytes', label('bytes'), 100, { align: 'end', yields: 2 }), column('programs', t.programs, 220, { grow: 1, yields: 1 })];
  }
}

/** The lines of a view. */
export function linesOf(view: YnhView, fleet: YnhFleet, now: number): FleetLine[] {
  const { views } = fleet;
  switch (view) {
    case 'versions': return views.versions.map(versionLine);
    case 'apps': return views.apps.map(appLine);
    case 'upgrades': return views.upgrades.map(upgradeLine);
    case 'certificates': return views.certificates.map(certificateLine);
    case 'diagnosis': return views.diagnosis.map(findingLine);
    case 'backups': return views.backups.map((backups) => backupLine(backups, now));
  }
}

const names = (hosts: readonly string[]): string => hosts.join(', ');
const unique = (texts: readonly (string | null)[]): string => [...new Set(texts.filter((text): text is string => text !== null && text !== ''))].join(', ');
const plain = { order: {}, level: '', marked: '', group: '' } as const;

function versionLine(of: FleetVersion): FleetLine {
  const t = i18n.t.ynhFleet;
  const what = of.what === 'os' ? t.system : of.what;
  return { ...plain, key: `${of.what} ${of.version} ${of.repo}`, cells: { what, version: of.version, repo: of.repo, state: of.behind ? t.behind : '', hosts: names(of.hosts) }, order: { hosts: of.hosts.length }, hosts: of.hosts, level: of.behind ? 'warn' : '', marked: 'state', from: { view: 'versions', of } };
}

function appLine(of: FleetApp): FleetLine {
  const t = i18n.t.ynhFleet;
  const where = of.instances.map((at) => (at.id === of.app ? at.host : `${at.host} (${at.id})`));
  const upgradable = of.instances.some((at) => at.upgrade === 'upgradable');
  const state = of.behind || upgradable ? t.behind : unique(of.instances.map((at) => (at.upgrade === 'up_to_date' ? null : at.upgrade)));
  return { ...plain, key: `${of.app} ${of.version}`, cells: { app: of.app, version: of.version, state, hosts: names(where) }, order: { hosts: where.length }, hosts: [...new Set(of.instances.map((at) => at.host))], level: state === '' ? '' : 'warn', marked: 'state', from: { view: 'apps', of } };
}

function upgradeLine(of: PendingUpgrade): FleetLine {
  const t = i18n.t.ynhFleet;
  const state = of.important ? t.important : of.status === 'upgradable' ? '' : of.status;
  return { ...plain, key: `${of.kind} ${of.name} ${of.new_version ?? ''} ${of.status}`, cells: { name: of.name, kind: t.kinds[of.kind] ?? of.kind, new_version: of.new_version ?? '', state, touches: unique(of.hosts.map((at) => at.touches)), hosts: names(of.hosts.map((at) => at.host)) }, order: { hosts: of.hosts.length }, hosts: [...new Set(of.hosts.map((at) => at.host))], level: of.important ? 'bad' : state === '' ? '' : 'warn', marked: 'state', group: of.kind, from: { view: 'upgrades', of } };
}

function certificateLine(of: FleetCertificate): FleetLine {
  const level = of.days === null ? '' : of.days < 0 ? 'bad' : of.days < soonDays ? 'warn' : '';
  return { ...plain, key: `${of.host} ${of.domain}`, cells: { domain: of.domain, hosts: of.host, issuer: of.issuer, kind: i18n.t.ynhFleet.issuers[of.issuer_kind] ?? of.issuer_kind, state: of.summary, days: of.days === null ? '' : i18n.number(of.days) }, order: { days: of.days ?? Infinity }, hosts: [of.host], level, marked: 'days', from: { view: 'certificates', of } };
}

function findingLine(of: FleetFinding): FleetLine {
  const group = of.ignored ? 'ignored' : of.only_no_internet ? 'isolated' : 'trouble';
  const level = group !== 'trouble' ? '' : of.status === 'ERROR' ? 'bad' : 'warn';
  return { ...plain, key: `${of.filter.join(' ')} ${of.status} ${String(of.ignored)}`, cells: { summary: of.summary, status: i18n.t.ynhFleet.statuses[of.status] ?? of.status, category: of.category, hosts: names(of.hosts.map((at) => at.host)) }, order: { status: of.status === 'ERROR' ? 0 : 1, hosts: of.hosts.length }, hosts: of.hosts.map((at) => at.host), level, marked: 'status', group, from: { view: 'diagnosis', of } };
}

function backupLine(of: InstanceBackups, now: number): FleetLine {
  const t = i18n.t.ynhFleet;
  const runs = of.programs.filter((program) => program.result === 'success').map((program) => program.last_ms);
  const last = Math.max(0, of.newest_ms ?? 0, ...runs.map((at) => at ?? 0));
  const programs = of.programs.map((program) => `${program.id}${i18n.t.colon}${program.last_ms === null ? t.notKnown : `${i18n.age(now - program.last_ms)}${program.result === 'success' || program.result === '' ? '' : `, ${program.result}`}`}`);
  const failed = of.programs.some((program) => program.result !== '' && program.result !== 'success');
  const level = last === 0 || failed ? 'bad' : now - last > oldBackup ? 'warn' : '';
  return { ...plain, key: of.host, cells: { hosts: of.host, age: last === 0 ? t.never : i18n.t.ynhFleet.ago(i18n.age(now - last)), newest: of.newest ?? '', archives: of.archives === null ? '' : i18n.number(of.archives), bytes: of.archives ? i18n.bytes(of.bytes) : '', programs: programs.join('; ') }, order: { age: -last, archives: of.archives ?? -1, bytes: of.bytes }, hosts: [of.host], level, marked: 'age', from: { view: 'backups', of } };
}

/** The lines in which every word of the filter stands. */
export function filtered(lines: readonly FleetLine[], filter: string): FleetLine[] {
  const words = filter.trim().toLocaleLowerCase(i18n.language).split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [...lines];
  return lines.filter((line) => {
    const text = Object.values(line.cells).join(' ').toLocaleLowerCase(i18n.language);
    return words.every((word) => text.includes(word));
  });
}

export function sorted(lines: readonly FleetLine[], name: string, descending: boolean): FleetLine[] {
  const sign = descending ? -1 : 1;
  return [...lines].sort((left, right) => {
    const [one, other] = [left.order[name], right.order[name]];
    return sign * (one !== undefined && other !== undefined ? one - other : i18n.compare(left.cells[name] ?? '', right.cells[name] ?? ''));
  });
}

/** How many lines of a view want attention. */
export function wanting(view: YnhView, fleet: YnhFleet, now: number): { count: number; level: 'warn' | 'bad' | undefined } {
  const lines = linesOf(view, fleet, now);
  const bad = lines.filter((line) => line.level === 'bad').length;
  const warn = lines.filter((line) => line.level === 'warn').length;
  if (view === 'upgrades') return { count: lines.length, level: bad > 0 ? 'bad' : undefined };
  return { count: bad + warn, level: bad > 0 ? 'bad' : warn > 0 ? 'warn' : undefined };
}
