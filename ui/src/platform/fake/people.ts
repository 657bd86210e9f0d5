import type { DriftView, MatrixAccount, MatrixHost, MatrixReason, PersonView, PlanView, WireMessage } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import type { FakeVault } from './vault';

export type Knowing = 'person_list' | 'person_show' | 'person_add' | 'person_edit' | 'person_remove' | 'person_link' | 'person_unlink' | 'person_accept' | 'person_matrix' | 'person_drift' | 'person_plan' | 'person_import' | 'person_export' | 'person_report' | 'person_report_check';

const names = ['Camille Hautval', 'Maël Trévidic', 'Agathe Solmier', 'Renaud Bastelin', 'Inès Morvane', 'Jeanne Quilfen', 'Aymeric Dolbois', 'Théo Lescarpe', 'Léonie Vautrel', 'Noé Brisac\u202egnp.exe', 'Ondine Flamerie', 'Gaspard Rohel', 'Élise Marnevaux', 'Basile Orcant', 'Sacha Perrigaud'];
const apps: readonly (readonly [string, string, readonly string[]])[] = [
  ['mail.main', 'Email', ['all_users']], ['ssh.main', 'SSH', ['admins']], ['nextcloud.main', 'Nextcloud', ['compta', 'direction', 'admins', 'atelier']], ['roundcube.main', 'Webmail', ['all_users']],
  ['dolibarr.main', 'Dolibarr', ['compta', 'direction']], ['wiki.main', 'Wiki', ['all_users', 'visitors']], ['vaultwarden.main', 'Vaultwarden', ['direction']], ['kanboard.main', 'Kanboard', ['atelier']],
];
const groupOf = ['admins', 'admins', 'direction', 'direction', 'compta', 'compta', 'compta', 'atelier', 'atelier', 'atelier', 'atelier', 'atelier', 'atelier', '', ''];
const plain = (name: string): string => name.split('\u202e')[0]?.normalize('NFD').replace(/[^a-zA-Z ]/g, '').toLowerCase().replace(/ /g, '.') ?? '';

/** What a pretend vault knows of people: made once for each. */
interface Known { people: PersonView[]; hosts: MatrixHost[] }
const known = new WeakMap<FakeVault, Known>();

function why(login: string, group: string, allowed: readonly string[]): MatrixReason[] {
  return allowed.flatMap((name): MatrixReason[] => {
    if (name === 'visitors') return [{ kind: 'visitors' }];
    if (name === 'all_users') return [{ kind: 'all_users' }];
    if (name === login) return [{ kind: 'direct' }];
    return name === group ? [{ kind: 'group', name }] : [];
  });
}

function invent(vault: FakeVault): Known {
  const now = Date.now();
  const hosts = vault.hosts.filter((host) => host.role === 'yunohost' && !host.trouble).slice(0, 3).map((host, at): MatrixHost => {
    const offered = apps.slice(0, 8 - at * 2);
    const accounts = names.slice(0, names.length - at * 2).map((fullname, place): MatrixAccount => {
      const [login, group] = [plain(fullname), groupOf[place] ?? ''];
      const access = offered.map(([permission, , allowed]) => ({ permission, why: why(login, group, permission === 'vaultwarden.main' && login === 'ines.morvane' ? [...allowed, login] : allowed) }));
      return { login, fullname, person: place < 12 ? login : null, groups: group === '' ? [] : [group], access: access.filter((one) => one.why.length > 0) };
    });
    return { host: host.name, stage: host.stage, taken_ms: host.summary?.taken_ms ?? now, permissions: offered.map(([name, label, allowed]) => ({ name, label, visitors: allowed.includes('visitors'), all_users: allowed.includes('all_users') })), accounts, groups: ['admins', 'atelier', 'compta', 'direction'] };
  });
  const people = names.slice(0, 12).map((fullname): PersonView => ({ name: plain(fullname), login: plain(fullname), fullname, mail: '', notes: '', created_ms: now - 40 * 86_400_000, left_ms: null, accounts: [], sealed: 0 }));
  return { people, hosts };
}

function of(vault: FakeVault): Known {
  const found = known.get(vault) ?? invent(vault);
  known.set(vault, found);
  return found;
}

/** With the accounts that hosts have now. */
function viewOf(vault: FakeVault, card: PersonView): PersonView {
  const accounts = of(vault).hosts.flatMap((host) => host.accounts.filter((account) => account.person === card.name || (account.person === null && account.login === card.login)).map((account) => ({
    host: host.host, stage: host.stage, login: account.login, standing: account.person === card.name ? 'linked' : 'not-linked', secret: account.person === card.name ? `people/${card.name}/${host.host}` : null,
    seen: { fullname: account.fullname, mail: `${account.login}@morel.example`, groups: account.groups, permissions: account.access.filter((access) => access.why.some((reason) => reason.kind === 'direct')).map((access) => access.permission), taken_ms: host.taken_ms },
  })));
  return { ...card, accounts };
}

function card(vault: FakeVault, name: string): PersonView {
  const found = of(vault).people.find((one) => one.name === name);
  if (!found) throw refuse('person-not-found', { name });
  return found;
}

function told(vault: FakeVault, key: string, values: Record<string, string>): void {
  vault.write({ key, values }, null);
  vault.ring({ kind: 'people_changed' });
}

function claim(vault: FakeVault, name: string, on: string, login: string, person: string | null): void {
  for (const host of of(vault).hosts) {
    if (!on.split(' or ').includes(host.host) && on !== 'all') continue;
    host.accounts = host.accounts.map((account) => (account.login === login || account.person === name ? { ...account, person } : account));
  }
}

const say = (key: string, values: Record<string, string> = {}): WireMessage => ({ key, values });

function planOf(vault: FakeVault, title: WireMessage, hosts: readonly string[], command: string): PlanView {
  const plan: PlanView = {
    id: vault.fresh('plan'), title, confirm: [], refused: [],
    hosts: hosts.map((host) => ({ host, stage: vault.host(host).stage, warnings: [], steps: [
      { number: 1, changes: true, what: title, command: [{ kind: 'text', text: `yunohost ${command}` }], check: say('check.exit-and-errors'), undo: { kind: 'nothing' } },
      { number: 2, changes: false, what: say('step.read-back'), command: [{ kind: 'text', text: 'yunohost user list' }], check: say('check.exit-and-errors'), undo: { kind: 'nothing' } },
    ] })),
  };
  return plan;
}

/** Cards of people, and what they can use. */
export function knowingRooms(): Rooms<Knowing> {
  return {
    person_list: (_, vault) => ({ people: of(vault).people.map((one) => viewOf(vault, one)) }),
    person_show: ({ name }, vault) => viewOf(vault, card(vault, name)),
    person_add: (request, vault) => {
      if (of(vault).people.some((one) => one.name === request.name)) throw refuse('person-exists', { name: request.name });
      const made: PersonView = { name: request.name, login: request.login ?? request.name, fullname: request.fullname ?? '', mail: request.mail ?? '', notes: request.notes ?? '', created_ms: Date.now(), left_ms: null, accounts: [], sealed: 0 };
      of(vault).people.push(made);
      told(vault, 'journal.person-added', { name: made.name });
      return viewOf(vault, made);
    },
    person_edit: (request, vault) => {
      const before = card(vault, request.name);
      Object.assign(before, { fullname: request.fullname ?? before.fullname, login: request.login ?? before.login, mail: request.mail ?? before.mail, notes: request.notes ?? before.notes });
      told(vault, 'journal.person-changed', { name: request.name });
      return viewOf(vault, before);
    },
    person_remove: ({ name }, vault) => {
      card(vault, name);
      of(vault).people = of(vault).people.filter((one) => one.name !== name);
      claim(vault, name, 'all', '', null);
      told(vault, 'journal.person-removed', { name });
      return {};
    },
    person_link: ({ name, on, login }, vault) => {
      const found = card(vault, name);
      claim(vault, '', on, login ?? found.login, name);
      told(vault, 'journal.person-linked', { name, count: '1' });
      return viewOf(vault, found);
    },
    person_unlink: ({ name, on, login }, vault) => {
      const found = card(vault, name);
      claim(vault, login ? '' : name, on, login ?? '', null);
      told(vault, 'journal.person-unlinked', { name, count: '1' });
      return viewOf(vault, found);
    },
    person_accept: ({ name }, vault) => {
      card(vault, name);
      return {};
    },
    person_matrix: (_, vault) => ({ hosts: of(vault).hosts }),
    person_drift: (_, vault) => ({ drift: of(vault).hosts.flatMap((host) => host.accounts.filter((account) => account.person === null).map((account): DriftView => {
      const same = of(vault).people.find((one) => one.login === account.login);
      return { host: host.host, kind: same ? 'not-linked' : 'account-unknown', login: account.login, person: same?.name ?? null, what: '' };
    })) }),
    person_plan: ({ changes }, vault) => {
      const [first] = changes;
      if (!first) throw refuse('invalid-request', { what: 'changes' });
      const hosts = [...new Set(changes.flatMap((change) => (change.on === 'all' ? of(vault).hosts.map((host) => host.host) : change.on.split(' or '))))];
      const fullname = card(vault, first.person).fullname;
      const title = changes.length === 1 ? say(`title.person-${first.change.kind.replace('_', '-')}`, { person: fullname, what: '' }) : say('title.people', { count: String(changes.length) });
      const plan = planOf(vault, title, hosts, `user ${first.change.kind} ${first.person}`);
      vault.plans.set(plan.id, { plan, action: { kind: 'run', command: '', root: true } });
      return plan;
    },
    person_import: ({ text, on }, vault) => {
      const [heading = '', ...lines] = String(text).split('\n').filter((line) => line.trim() !== '');
      if (!heading.startsWith('username')) return { rows: [], faults: [{ line: 1, column: heading.split(';')[0] ?? '', what: 'unknown-column' }], plan: null };
      const hosts = on === 'role:yunohost' || on === 'all' ? of(vault).hosts.map((host) => host.host) : on.split(' or ');
      const rows = lines.map((line, at) => {
        const [login = '', first = '', last = ''] = line.split(';');
        return { line: at + 2, login, fullname: `${first} ${last}`.trim(), effects: hosts.map((host) => ({ host, effect: 'made', columns: [] })) };
      });
      const plan = planOf(vault, say('title.person-import', { count: String(rows.length) }), hosts, 'user create');
      vault.plans.set(plan.id, { plan, action: { kind: 'run', command: '', root: true } });
      return { rows, faults: [], plan };
    },
    person_export: ({ path }) => ({ text: 'host;login;person\r\n', path: path ?? null }),
    person_report: ({ name, path }, vault) => ({ report: { person: name, fullname: card(vault, name).fullname, planned_ms: 0, made_ms: Date.now(), purge: false, accounts: [], not_linked: [], shared: [], sealed: 0, remains: [], journal_entry: 1, journal_head: '', text_en: '', text_fr: '' }, signer: 'SHA256:pretended', file: '{}', path: path ?? null }),
    person_report_check: () => { throw refuse('statement-broken', { path: '' }); },
  };
}
