import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { i18n } from '$i18n';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { dayBegins, dayEnds } from './period';
import Reports from './Reports.view.svelte';

let backend: FakeBackend;
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const asked = (command: string): unknown => backend.calls.findLast((call) => call.command === command)?.request;
const choose = (id: string): Promise<boolean> => fireEvent.click(screen.getByTestId(id).querySelector('input') ?? screen.getByTestId(id));

describe('reports', () => {
  beforeEach(async () => {
    document.body.replaceChildren();
    installPlatform(backend = new FakeBackend({ open: true }));
    session.leave();
    await session.begin();
    render(Reports);
  });

  it('shows what was done in a period, its last day included, and says when that was before', async () => {
    await type('report-since', '2026-11-01');
    await type('report-until', '2026-11-30');
    await fireEvent.click(screen.getByTestId('report-preview'));
    await screen.findByTestId('report-section-overview');
    expect(asked('report_make')).toMatchObject({ kind: 'interventions', on: 'all', since_ms: new Date(2026, 10, 1).getTime(), until_ms: new Date(2026, 11, 1).getTime(), handed: [] });
    expect(screen.queryByTestId('report-stale')).toBeNull();
    await type('report-on', 'tag:acme');
    await screen.findByTestId('report-stale');
    await type('report-until', '2026-10-01');
    await waitFor(() => { expect(screen.getByTestId<HTMLButtonElement>('report-preview').disabled).toBe(true); });
    expect(screen.getByTestId<HTMLButtonElement>('report-save').disabled).toBe(true);
  });

  it('shows a part of a long table, and an empty one as such', async () => {
    await choose('report-state');
    await fireEvent.click(screen.getByTestId('report-preview'));
    const section = await screen.findByTestId('report-section-overview');
    expect(section.querySelectorAll('tbody tr')).toHaveLength(100);
    expect(section.textContent).toContain(i18n.t.reports.more(i18n.number(15 * 40 - 100)));
    expect(section.textContent).toContain(i18n.t.reports.none);
    expect(asked('report_make')).toMatchObject({ kind: 'state', since_ms: null, until_ms: null });
  });

  it('writes a file where the system says, of what is chosen, signed when that is wanted', async () => {
    backend.choosePath = () => Promise.resolve('/home/me/dossier.pdf');
    await choose('report-dossier');
    await fireEvent.click(screen.getByTestId('report-sign'));
    await fireEvent.click(screen.getByTestId('report-save'));
    await waitFor(() => { expect(asked('report_write')).toMatchObject({ format: 'pdf', path: '/home/me/dossier.pdf', force: true, sign: true, table: null, report: { kind: 'dossier' } }); });
    await choose('report-csv');
    await fireEvent.click(screen.getByTestId('report-save'));
    await waitFor(() => { expect(asked('report_write')).toMatchObject({ format: 'csv', force: false }); });
  });

  it('lists the files that are handed over with a dossier, and takes them off again', async () => {
    backend.choosePath = () => Promise.resolve('/home/me/keys.kdbx');
    await choose('report-dossier');
    await fireEvent.click(screen.getByTestId('report-hand'));
    const remove = await screen.findByTestId('report-unhand-keys.kdbx');
    await fireEvent.click(screen.getByTestId('report-preview'));
    await screen.findByTestId('report-view');
    expect(asked('report_make')).toMatchObject({ kind: 'dossier', handed: ['/home/me/keys.kdbx'] });
    await fireEvent.click(remove);
    await waitFor(() => { expect(screen.queryByTestId('report-unhand-keys.kdbx')).toBeNull(); });
  });

  it('says why there is none', async () => {
    await type('report-on', 'nothing');
    await fireEvent.click(screen.getByTestId('report-preview'));
    await screen.findByTestId('report-error');
    expect(screen.queryByTestId('report-view')).toBeNull();
  });

  it('counts days by the clocks here', () => {
    expect(dayBegins('2026-03-29')).toBe(new Date(2026, 2, 29).getTime());
    expect(dayEnds('2026-03-29')).toBe(new Date(2026, 2, 30).getTime());
    expect([dayBegins(''), dayBegins('yesterday'), dayEnds('2026-99-99')]).toEqual([null, null, null]);
  });
});
