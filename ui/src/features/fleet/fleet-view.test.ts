import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rpc, session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { fleetDesk } from './desk.svelte';
import Fleet from './Fleet.view.svelte';
import { fleetViews } from './views.svelte';

let backend: FakeBackend;
let opened: string[];

async function open(hosts: number): Promise<HTMLElement> {
  backend = new FakeBackend({ open: true, hosts });
  installPlatform(backend);
  await session.begin();
  await waitFor(() => { expect(session.hosts.value).not.toBeNull(); });
  render(Fleet, { onopenhost: (name) => opened.push(name), onopenguide: () => undefined, onaddsecret: () => undefined });
  return screen.findByTestId('fleet-table');
}

beforeEach(() => { opened = []; });

afterEach(() => {
  fleetDesk.reset();
  session.leave();
});

const rows = (): string[] => [...document.querySelectorAll('[data-testid^="host-row-"]')].map((row) => row.getAttribute('data-testid')?.replace('host-row-', '') ?? '');

async function type(text: string): Promise<HTMLInputElement> {
  const field = screen.getByTestId<HTMLInputElement>('fleet-filter');
  field.focus();
  await fireEvent.input(field, { target: { value: text } });
  return field;
}

describe('the fleet', () => {
  it('holds ten thousand hosts in few rows, however they are looked for', async () => {
    const table = await open(10_000);
    const most = 2 * Math.ceil(600 / 26);
    expect(table.getAttribute('aria-rowcount')).toBe('10001');
    expect(rows().length).toBeLessThanOrEqual(most);
    await type('tag:orvain and not role:linux');
    expect(rows().length).toBeLessThanOrEqual(most);
    expect(Number(table.getAttribute('aria-rowcount'))).toBeLessThan(2500);
    fleetDesk.groupBy('tag');
    await waitFor(() => { expect(table.getAttribute('role')).toBe('treegrid'); });
    expect(rows().length).toBeLessThanOrEqual(most);
  });

  it('is asked by a selector, shows where one is wrong, and keeps its rows meanwhile', async () => {
    await open(15);
    await type('tag:morel and stage:dev');
    expect(rows()).toEqual(['ynh-dev.morel.lan']);
    await type('tag:morel and stage:dev or color:red');
    const error = screen.getByTestId('fleet-filter-error');
    expect(error.textContent).toContain('at character 28');
    expect(error.textContent).toContain('color:red');
    expect(rows(), 'what was understood last').toEqual(['ynh-dev.morel.lan']);
    await type('not (gone)');
    expect(screen.getByTestId('fleet-filter-error').textContent).toContain('gone');
    await type('morel 12.1.17');
    expect(screen.queryByTestId('fleet-filter-error')).toBeNull();
    expect(rows(), 'what is read of a sealed host is not looked through').toEqual(['ynh-01.morel.lan', 'ynh-02.morel.lan']);
  });

  it('completes tags from the keyboard, and keeps what one selects apart from what one sees', async () => {
    await open(15);
    const field = await type('tag:m');
    expect(rows(), 'a beginning looks for all that begin so').toHaveLength(7);
    expect(field.getAttribute('aria-expanded')).toBe('true');
    await fireEvent.keyDown(field, { key: 'ArrowDown' });
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect(field.value).toBe('tag:morel');
    expect(field.getAttribute('aria-expanded')).toBe('false');
    await fireEvent.keyDown(field, { key: 'ArrowDown' });
    const table = screen.getByTestId('fleet-table');
    expect(document.activeElement).toBe(table);
    await fireEvent.keyDown(table, { key: 'a', ctrlKey: true });
    expect(fleetDesk.selected.size).toBe(7);
    await fireEvent.keyDown(table, { key: 'Enter' });
    expect(opened).toEqual(['backup-01.morel.lan']);
  });

  it('keeps views in the vault and brings them back by Ctrl and a digit', async () => {
    await open(15);
    await type('tag:orvain');
    await fireEvent.click(screen.getByTestId('fleet-views'));
    await fireEvent.input(screen.getByTestId('fleet-view-name'), { target: { value: 'Orvain' } });
    await fireEvent.submit(screen.getByTestId('fleet-view-name').closest('form') as HTMLFormElement);
    await waitFor(() => { expect(fleetViews.list).toHaveLength(1); });
    expect(backend.opened().views.map((view) => [view.name, view.filter])).toEqual([['Orvain', 'tag:orvain']]);
    expect(JSON.stringify(Object.entries(localStorage)), 'no client is named outside the vault').not.toMatch(/orvain/i);
    await type('');
    expect(rows()).toHaveLength(15);
    await fireEvent.keyDown(window, { key: '1', ctrlKey: true });
    expect(rows()).toHaveLength(3);
    await fireEvent.click(screen.getByTestId('fleet-views'));
    await fireEvent.click(screen.getByTestId('fleet-view-remove-Orvain'));
    await waitFor(() => { expect(backend.opened().views).toEqual([]); });
  });

  it('shows the columns that one chooses, in one’s order', async () => {
    await open(15);
    const headings = (): (string | undefined)[] => screen.getAllByRole('columnheader').slice(1).map((heading) => heading.textContent?.trim());
    await fireEvent.click(screen.getByTestId('fleet-columns'));
    await fireEvent.click(screen.getByTestId('fleet-columns-uptime'));
    await fireEvent.click(screen.getByTestId('fleet-columns-role'));
    expect(headings().at(-1)).toBe('Up for');
    expect(headings()).not.toContain('Role');
    await fireEvent.click(screen.getByTestId('fleet-columns-earlier-uptime'));
    expect(headings().slice(-2)).toEqual(['Up for', 'Facts']);
    expect(document.activeElement).toBe(screen.getByTestId('fleet-columns-earlier-uptime'));
    await fireEvent.keyDown(screen.getByTestId('fleet-columns-uptime'), { key: 'Escape' });
    expect(document.activeElement).toBe(screen.getByTestId('fleet-columns'));
    await fireEvent.click(screen.getByTestId('fleet-columns'));
    await fireEvent.click(screen.getByTestId('fleet-columns-reset'));
    expect(headings()).toContain('Role');
  });

  it('keeps a view beside those that another window kept meanwhile', async () => {
    await open(3);
    await rpc('view_keep', { views: [{ ...fleetDesk.view('theirs'), filter: 'tag:web' }] });
    expect(fleetViews.list).toEqual([]);
    await fleetViews.keep(fleetDesk.view('mine'));
    expect(fleetViews.list.map((view) => view.name)).toEqual(['theirs', 'mine']);
    await fleetViews.remove('mine');
    expect(fleetViews.list.map((view) => view.filter)).toEqual(['tag:web']);
  });
});
