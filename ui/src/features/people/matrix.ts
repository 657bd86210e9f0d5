import type { MatrixAccount, MatrixReason, PeopleMatrix, PersonChange, PersonView } from '$generated/api';

/** A person, or an account that no card has, across the hosts. */
export interface Row {
  key: string;
  /** The name of the card; null for accounts that nobody has claimed. */
  person: string | null;
  name: string;
  login: string;
  /** Their account on each host that has one. */
  accounts: Map<string, MatrixAccount>;
}

/** A permission of a host. */
export interface Column { key: string; host: string; stage: string; permission: string; label: string; visitors: boolean; allUsers: boolean; /** The first of its host. */ first: boolean }

export type Mark = 'visitors' | 'all' | 'group' | 'direct';

export interface Cell { account: MatrixAccount | null; why: readonly MatrixReason[]; mark: Mark | null; direct: boolean }

/** What is to be changed: by person, host and permission. */
export type Pending = ReadonlyMap<string, { person: string; host: string; permission: string; give: boolean }>;

export const pendingKey = (person: string, host: string, permission: string): string => `${person}\n${host}\n${permission}`;

const matches = (sought: string, ...texts: readonly string[]): boolean => texts.some((text) => text.toLowerCase().includes(sought));

/** The permissions of all hosts. With a search that some of them match, those; else all: then it was for a person. */
export function columnsOf(matrix: PeopleMatrix, sought: string): Column[] {
  const all = matrix.hosts.flatMap((host) => host.permissions.map((permission) => ({ key: `${host.host} ${permission.name}`, host: host.host, stage: host.stage, permission: permission.name, label: permission.label, visitors: permission.visitors, allUsers: permission.all_users })));
  const found = sought === '' ? [] : all.filter((column) => matches(sought, column.permission, column.label));
  const shown = found.length > 0 ? found : all;
  return shown.map((column, at) => ({ ...column, first: shown[at - 1]?.host !== column.host }));
}

/** Everybody with a card, then accounts of no card, each by name. With a search that no permission matches, those whom it names. */
export function rowsOf(matrix: PeopleMatrix, people: readonly PersonView[], sought: string, compare: (left: string, right: string) => number): Row[] {
  const rows = new Map<string, Row>();
  for (const person of people) rows.set(`card ${person.name}`, { key: `card ${person.name}`, person: person.name, name: person.fullname, login: person.login, accounts: new Map() });
  for (const host of matrix.hosts) {
    for (const account of host.accounts) {
      const key = account.person === null ? `login ${account.login}` : `card ${account.person}`;
      const row = rows.get(key) ?? { key, person: account.person, name: account.fullname, login: account.login, accounts: new Map<string, MatrixAccount>() };
      row.accounts.set(host.host, account);
      rows.set(key, row);
    }
  }
  const all = [...rows.values()].sort((left, right) => Number(left.person === null) - Number(right.person === null) || compare(left.name, right.name) || compare(left.key, right.key));
  const found = sought === '' ? all : all.filter((row) => matches(sought, row.name, row.login, row.person ?? ''));
  const permission = sought !== '' && matrix.hosts.some((host) => host.permissions.some((one) => matches(sought, one.name, one.label)));
  return found.length === 0 && permission ? all : found;
}

const order: readonly MatrixReason['kind'][] = ['visitors', 'all_users', 'group', 'direct'];
const marks = { visitors: 'visitors', all_users: 'all', group: 'group', direct: 'direct' } as const satisfies Record<MatrixReason['kind'], Mark>;

/** Why somebody has a permission: the widest reason is shown. What anybody has needs no account. */
export function cellOf(row: Row, column: Column): Cell {
  const account = row.accounts.get(column.host) ?? null;
  const why = account?.access.find((access) => access.permission === column.permission)?.why ?? (column.visitors ? [{ kind: 'visitors' } as const] : []);
  const widest = order.find((kind) => why.some((reason) => reason.kind === kind));
  return { account, why, mark: widest === undefined ? null : marks[widest], direct: why.some((reason) => reason.kind === 'direct') };
}

/** One change for each person, host and direction. */
export function changesOf(pending: Pending): PersonChange[] {
  const changes = new Map<string, PersonChange & { permissions: string[] }>();
  for (const { person, host, permission, give } of pending.values()) {
    const key = `${person}\n${host}\n${String(give)}`;
    const known = changes.get(key);
    if (known) known.permissions.push(permission);
    else {
      const permissions = [permission];
      changes.set(key, { person, on: host, change: { kind: give ? 'grant' : 'revoke', permissions }, permissions });
    }
  }
  return [...changes.values()].map(({ person, on, change }) => ({ person, on, change }));
}
