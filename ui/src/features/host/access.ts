import type { Access, HostAccess, HostEdit, HostRow, SecretRow } from '$generated/api';

/** A way to a host, as it is typed. */
export interface WayDraft { address: string; port: string; user: string; jump: string; identity: string }

/** How a host is reached, as it is typed. The first way is the host's own. */
export interface AccessDraft { name: string; stage: string; tags: string; ways: WayDraft[]; password: string; oneTime: string; sudo: string; legacy: string; why: string; until: string }

export type AccessProblem = 'nameInvalid' | 'nameTaken' | 'portInvalid' | 'addressMissing' | 'legacyMissing' | 'dayInvalid';

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');
const wayOf = (way: Omit<Access, 'port'> & { port: number | null }): WayDraft => ({ address: way.address, port: String(way.port ?? 22), user: way.user ?? '', jump: way.jump ?? '', identity: way.identity ?? '' });

export const emptyWay: Readonly<WayDraft> = { address: '', port: '22', user: '', jump: '', identity: '' };

export function portOf(text: string): number | null {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

/** The last moment of a day in universal time, in milliseconds since 1970; null for what is no day. */
export function endOf(day: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day.trim())) return null;
  const at = Date.parse(`${day.trim()}T23:59:59Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day.trim() ? null : at;
}

export function draftOf(host: HostRow): AccessDraft {
  return {
    name: host.name, stage: host.stage, tags: host.tags.join(' '), ways: [wayOf(host), ...host.others.map(wayOf)], password: host.password ?? '', oneTime: host.one_time ?? '', sudo: host.sudo_secret ?? host.sudo,
    legacy: host.legacy?.algorithms.join(' ') ?? '', why: host.legacy?.why ?? '', until: host.legacy ? new Date(host.legacy.until_ms).toISOString().slice(0, 10) : '',
  };
}

/** What stands in the way of keeping it. */
export function accessProblems(draft: AccessDraft, host: HostRow, hosts: readonly HostRow[], now: number): Set<AccessProblem> {
  const problems = new Set<AccessProblem>();
  // A guest is entered through its host: its name, address and login are not for this form.
  if (host.guest !== null) return problems;
  const name = draft.name.trim();
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) problems.add('nameInvalid');
  if (name !== host.name && hosts.some((other) => other.name === name)) problems.add('nameTaken');
  if (draft.ways.some((way) => way.address.trim() === '') || draft.ways[0]?.user.trim() === '') problems.add('addressMissing');
  if (draft.ways.some((way) => portOf(way.port) === null)) problems.add('portInvalid');
  const legacy = words(draft.legacy).join(' ');
  if (legacy !== '') {
    const end = endOf(draft.until);
    if (draft.why.trim() === '' || draft.until.trim() === '') problems.add('legacyMissing');
    else if (end === null || (end <= now && draft.until !== draftOf(host).until)) problems.add('dayInvalid');
  }
  return problems;
}

function accessOf(way: WayDraft): Access {
  return { address: way.address.trim(), port: portOf(way.port), user: way.user.trim() || null, jump: way.jump || null, identity: way.identity || null };
}

/** What was changed, and nothing else: what is absent stays. */
export function changeOf(host: HostRow, draft: AccessDraft): HostEdit {
  const before = draftOf(host);
  const changed = <Value>(differs: boolean, value: Value): Value | null => (differs ? value : null);
  const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
  const [first = emptyWay, ...others] = draft.ways;
  const [firstBefore = emptyWay, ...othersBefore] = before.ways;
  const legacyChanged = !same([words(draft.legacy), draft.why, draft.until], [words(before.legacy), before.why, before.until]);
  const change: HostAccess = {
    address: changed(first.address.trim() !== firstBefore.address, first.address.trim()), port: changed(first.port.trim() !== firstBefore.port, portOf(first.port)), user: changed(first.user.trim() !== firstBefore.user, first.user.trim()), jump: changed(first.jump !== firstBefore.jump, first.jump), identity: changed(first.identity !== firstBefore.identity, first.identity),
    others: changed(!same(others, othersBefore), others.map(accessOf)), stage: changed(draft.stage !== before.stage, draft.stage), tags: changed(!same(words(draft.tags), host.tags), words(draft.tags)),
    password: changed(draft.password !== before.password, draft.password), one_time: changed(draft.oneTime !== before.oneTime, draft.oneTime), sudo: changed(draft.sudo !== before.sudo, draft.sudo),
    legacy: changed(legacyChanged, { algorithms: words(draft.legacy), why: draft.why.trim(), until_ms: endOf(draft.until) ?? 0 }),
  };
  return { host: host.name, name: changed(draft.name.trim() !== host.name, draft.name.trim()), change };
}

export interface Option { value: string; label: string }

/** What can be logged in with, with what the host has now even where it is no secret of the catalog. */
export function identityOptions(secrets: readonly SecretRow[], current: string, empty: string, agent: string): Option[] {
  const named = secrets.map((secret) => ({ value: secret.name, label: secret.name }));
  const known = new Set(['', 'agent', ...named.map((option) => option.value)]);
  return [{ value: '', label: empty }, ...named, { value: 'agent', label: agent }, ...(known.has(current) ? [] : [{ value: current, label: current }])];
}
