import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planDesk } from '$features/plan';
import type { PeopleMatrix } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { peopleDesk } from './desk.svelte';
import { cellOf, changesOf, columnsOf, pendingKey, rowsOf } from './matrix';
import People from './People.view.svelte';

let backend: FakeBackend;

beforeEach(async () => {
  backend = new FakeBackend({ open: true, hosts: 15 });
  installPlatform(backend);
  await session.begin();
});

afterEach(() => {
  planDesk.reset();
  peopleDesk.reset();
  session.leave();
});

const asked = (command: string): unknown[] => backend.calls.filter((call) => call.command === command).map((call) => call.request);

async function opened(): Promise<void> {
  render(People);
  await screen.findByTestId('people-matrix');
}

const cell = (person: string, permission: string): HTMLElement => {
  const row = screen.getByTestId(`people-row-${person}`);
  const found = [...row.querySelectorAll<HTMLElement>('[role="gridcell"]')].find((one) => one.getAttribute('aria-label')?.includes(`, ${permission} `));
  if (!found) throw new Error(`no cell of ${permission}`);
  return found;
};

describe('the matrix', () => {
  const small: PeopleMatrix = { hosts: [{ host: 'h', stage: 'dev', taken_ms: 0, groups: ['compta'], permissions: [
    { name: 'wiki.main', label: 'Wiki', visitors: true, all_users: false }, { name: 'files.main', label: 'Nextcloud', visitors: false, all_users: false }], accounts: [
    { login: 'ines', fullname: 'Inès', person: 'ines', groups: ['compta'], access: [{ permission: 'files.main', why: [{ kind: 'group', name: 'compta' }, { kind: 'direct' }] }] },
    { login: 'zoe', fullname: 'Zoé', person: null, groups: [], access: [] }] }] };

  it('shows the widest reason, and what lies beneath it', () => {
    const [wiki, files] = columnsOf(small, '');
    const [ines, zoe] = rowsOf(small, [], '', (left, right) => left.localeCompare(right));
    if (!wiki || !files || !ines || !zoe) throw new Error('two of each');
    expect(cellOf(ines, files)).toMatchObject({ mark: 'group', direct: true });
    expect(cellOf(zoe, files)).toMatchObject({ mark: null, direct: false });
    expect(cellOf(zoe, wiki).mark, 'what anybody has needs no account').toBe('visitors');
    expect([ines.person, zoe.person], 'those without a card come last').toEqual(['ines', null]);
  });

  it('is searched for people and permissions alike', () => {
    const compare = (left: string, right: string): number => left.localeCompare(right);
    expect(columnsOf(small, 'nextcl').map((column) => column.permission)).toEqual(['files.main']);
    expect(rowsOf(small, [], 'nextcl', compare)).toHaveLength(2);
    expect(columnsOf(small, 'zoé')).toHaveLength(2);
    expect(rowsOf(small, [], 'zoé', compare).map((row) => row.login)).toEqual(['zoe']);
  });

  it('joins changes of one person on one host', () => {
    const change = (permission: string, give: boolean): [string, { person: string; host: string; permission: string; give: boolean }] => [pendingKey('ines', 'h', permission), { person: 'ines', host: 'h', permission, give }];
    expect(changesOf(new Map([change('a.main', true), change('b.main', true), change('c.main', false)]))).toEqual([
      { person: 'ines', on: 'h', change: { kind: 'grant', permissions: ['a.main', 'b.main'] } },
      { person: 'ines', on: 'h', change: { kind: 'revoke', permissions: ['c.main'] } },
    ]);
  });

  it('says why, and plans what is given and taken by cells', async () => {
    await opened();
    const nextcloud = cell('ines.morvane', 'nextcloud.main');
    await fireEvent.click(nextcloud);
    expect((await screen.findByTestId('person-why')).textContent).toContain('compta');
    const kanboard = cell('ines.morvane', 'kanboard.main');
    await fireEvent.click(kanboard);
    expect(peopleDesk.pending.size, 'the first click only looks').toBe(0);
    await fireEvent.click(await screen.findByTestId('person-give'));
    await fireEvent.click(cell('ines.morvane', 'vaultwarden.main'));
    await fireEvent.click(await screen.findByTestId('person-take'));
    expect(cell('ines.morvane', 'vaultwarden.main').classList.contains('take')).toBe(true);
    await fireEvent.click(screen.getByTestId('people-plan'));
    await waitFor(() => { expect(planDesk.plan).not.toBeNull(); });
    const [request] = asked('person_plan') as { changes: { person: string; change: { kind: string; permissions: string[] } }[] }[];
    expect(request?.changes.map(({ person, change }) => [person, change.kind, change.permissions])).toEqual([['ines.morvane', 'grant', ['kanboard.main']], ['ines.morvane', 'revoke', ['vaultwarden.main']]]);
    expect(peopleDesk.pending.size).toBe(0);
  });

  it('is gone through by keys', async () => {
    await opened();
    const grid = screen.getByTestId('people-matrix');
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await fireEvent.keyDown(grid, { key });
    const active = (): string | null | undefined => document.getElementById(grid.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label');
    expect(active()).toContain('nextcloud.main');
    await fireEvent.keyDown(grid, { key: ' ' });
    expect(peopleDesk.pending.size).toBe(1);
    await fireEvent.keyDown(grid, { key: ' ' });
    expect(peopleDesk.pending.size, 'and thought better of').toBe(0);
    await fireEvent.keyDown(grid, { key: 'Home' });
    expect(document.getElementById(grid.getAttribute('aria-activedescendant') ?? '')?.getAttribute('role')).toBe('rowheader');
  });

  it('changes nothing of an account that no card has', async () => {
    await opened();
    const row = screen.getByTestId('people-row-login-elise.marnevaux');
    const some = row.querySelectorAll<HTMLElement>('[role="gridcell"]')[2];
    if (!some) throw new Error('a cell');
    await fireEvent.click(some);
    await fireEvent.click(some);
    expect(peopleDesk.pending.size).toBe(0);
    await fireEvent.click(await screen.findByTestId('person-claim'));
    expect((await screen.findByTestId<HTMLInputElement>('person-name')).value).toBe('elise.marnevaux');
  });
});

describe('a person', () => {
  it('is off-boarded by one gesture, which is a plan first', async () => {
    await opened();
    await fireEvent.click(screen.getByTestId('people-row-ines.morvane').querySelector('[role="rowheader"]') as HTMLElement);
    await fireEvent.click(await screen.findByTestId('person-leave'));
    expect(screen.getByTestId('person-offboard').textContent).toContain('ynh-01.morel.lan');
    await fireEvent.click(screen.getByTestId('person-offboard-plan'));
    await waitFor(() => { expect(planDesk.plan).not.toBeNull(); });
    expect(asked('person_plan')).toEqual([{ changes: [{ person: 'ines.morvane', on: 'all', change: { kind: 'offboard', purge: false } }] }]);
    expect(asked('plan_run'), 'nothing runs before it was read').toEqual([]);
  });

  it('gets a card, and accounts with it', async () => {
    await opened();
    await fireEvent.click(screen.getByTestId('people-add'));
    await fireEvent.input(await screen.findByTestId('person-name'), { target: { value: 'Nora' } });
    await fireEvent.input(screen.getByTestId('person-fullname'), { target: { value: 'Nora Brun' } });
    expect(screen.getByTestId<HTMLButtonElement>('person-store').disabled, 'no login has a capital').toBe(true);
    await fireEvent.input(screen.getByTestId('person-name'), { target: { value: 'nora' } });
    await fireEvent.input(screen.getByTestId('person-on'), { target: { value: 'ynh-01.morel.lan' } });
    await fireEvent.click(screen.getByTestId('person-store'));
    await waitFor(() => { expect(planDesk.plan?.title.key).toBe('title.person-add'); });
    expect(asked('person_add')).toHaveLength(1);
  });

  it('comes from a list, whose mistakes are told first', async () => {
    await opened();
    await fireEvent.click(screen.getByTestId('people-import'));
    await fireEvent.input(await screen.findByTestId('person-import-text'), { target: { value: 'login;name\nx;y\n' } });
    await fireEvent.click(screen.getByTestId('person-import-look'));
    await screen.findByTestId('person-import-faults');
    expect(screen.queryByTestId('person-import-plan')).toBeNull();
    await fireEvent.input(screen.getByTestId('person-import-text'), { target: { value: 'username;firstname;lastname;mail\nnora;Nora;Brun;nora@x.fr\n' } });
    await fireEvent.click(screen.getByTestId('person-import-look'));
    expect((await screen.findByTestId('person-import-rows')).textContent).toContain('Nora Brun');
    await fireEvent.click(screen.getByTestId('person-import-plan'));
    await waitFor(() => { expect(planDesk.plan?.title.key).toBe('title.person-import'); });
  });

  it('has an account linked where hosts and cards disagree', async () => {
    await opened();
    const { people } = await backend.rpc('person_list', {});
    expect(people).toHaveLength(12);
    await backend.rpc('person_add', { name: 'basile.orcant', fullname: 'Basile Orcant', login: null, mail: null, notes: null });
    await fireEvent.click(screen.getByTestId('people-tab-drift'));
    await fireEvent.click((await screen.findAllByTestId('drift-link-basile.orcant'))[0] as HTMLElement);
    await waitFor(() => { expect(asked('person_link')).toHaveLength(1); });
  });
});
