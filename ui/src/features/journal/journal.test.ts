import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { refuse } from '$platform/fake/refuse';
import { installPlatform } from '$platform/index';
import { journalDesk as desk } from './desk.svelte';
import Journal from './Journal.view.svelte';
import { JournalPages } from './pages.svelte';
import { plainWords } from './search.svelte';

let backend: FakeBackend;
const grid = (): HTMLElement => screen.getByTestId('journal-table');
const numbers = (): number[] => [...grid().querySelectorAll<HTMLElement>('[data-testid^="journal-entry-"]')].map((row) => Number(row.dataset['testid']?.split('-').at(-1)));
const read = (): number => backend.calls.filter((call) => call.command === 'journal_list').length;
const pressed = (key: string): Promise<boolean> => fireEvent.keyDown(grid(), { key });
const filter = (text: string): Promise<boolean> => fireEvent.input(screen.getByTestId('journal-filter'), { target: { value: text } });
const row = (sequence: number): string => screen.getByTestId(`journal-entry-${sequence}`).textContent;

/** A journal of so many entries, as one opens it. */
async function open(entries: number): Promise<void> {
  const vault = backend.opened();
  for (let at = vault.journal.length; at < entries; at += 1) vault.journal.push({ sequence: at + 1, at_ms: 1_700_000_000_000 + at * 1000, person: at % 2 === 0 ? 'camille' : 'mael', event: { key: 'journal.step-done', values: { step: String(at + 1), exit: 'exit 0' } }, items: [], host: `host-${at % 50}`, mac: (at + 1).toString(16).padStart(64, '0'), chain: 'chain-1', number: at + 1 });
  render(Journal);
  await waitFor(() => { expect(numbers().length).toBeGreaterThan(0); });
}

beforeEach(async () => {
  installPlatform(backend = new FakeBackend({ open: true }));
  desk.reset();
  session.leave();
  await session.begin();
});

describe('the table of the journal', () => {
  it('draws few of a hundred thousand entries, and reads those that are looked at', async () => {
    await open(100_000);
    expect(grid().getAttribute('aria-rowcount')).toBe('100001');
    expect(numbers()[0]).toBe(100_000);
    const before = read();
    await pressed('End');
    await fireEvent.scroll(grid());
    await waitFor(() => { expect(row(1)).toContain('Vault created'); });
    expect(numbers().length).toBeLessThanOrEqual(2 * Math.ceil(600 / 26));
    expect(read() - before).toBeLessThanOrEqual(2);
  });

  it('is turned round by its number, from the headings too', async () => {
    await open(1000);
    await pressed('ArrowUp');
    await pressed('Enter');
    await waitFor(() => { expect(numbers()[0]).toBe(1); });
    await waitFor(() => { expect(row(1)).toContain('Vault created'); });
  });

  it('shows an entry in full on Enter, and gives the focus back on Escape', async () => {
    await open(300);
    grid().focus();
    await pressed('ArrowDown');
    await pressed('Enter');
    const panel = await screen.findByTestId('journal-panel');
    expect(panel.textContent).toContain((299).toString(16).padStart(64, '0'));
    await fireEvent.click(screen.getByTestId('journal-panel-copy'));
    expect(backend.copied[0]).toMatch(/^299\t2023-11-14T22:18:18\.000Z\tcamille\thost-48\tStep 299/);
    await fireEvent.click(screen.getByTestId('journal-panel-host'));
    await waitFor(() => { expect(numbers().slice(0, 2)).toEqual([299, 249]); });
    screen.getByTestId('journal-panel-close').focus();
    await fireEvent.keyDown(screen.getByTestId('journal-panel-close'), { key: 'Escape' });
    expect(screen.queryByTestId('journal-panel')).toBeNull();
    expect(document.activeElement).toBe(grid());
  });

  it('has the columns that one chooses', async () => {
    await open(60);
    const headings = (): (string | null)[] => [...grid().querySelectorAll('[role="columnheader"]')].map((heading) => heading.textContent.trim());
    expect(headings()).not.toContain('In its chain');
    await fireEvent.click(screen.getByTestId('journal-columns'));
    await fireEvent.click(screen.getByTestId('journal-columns-place'));
    await fireEvent.click(screen.getByTestId('journal-columns-time'));
    expect(headings()).toEqual(['No.', 'What happened', 'Host', 'By', 'Seal', 'Checked', 'In its chain']);
    await fireEvent.click(screen.getByTestId('journal-columns-reset'));
    expect(headings()).toContain('Time');
  });

  it('marks what was verified, what came after it, and where it is broken', async () => {
    await open(60);
    await fireEvent.click(screen.getByTestId('journal-verify'));
    await waitFor(() => { expect(screen.getByTestId('journal-state').dataset['intact']).toBe('true'); });
    expect(screen.getByTestId('journal-entry-60').querySelector('[role="img"]')).not.toBeNull();
    backend.opened().write({ key: 'journal.vault-locked', values: {} }, null);
    await waitFor(() => { expect(row(61)).toContain('new'); });
    session.verified = { report: { intact: false, entries: 60, broken_at: 59, head: '', chains: [] }, at: 0 };
    await waitFor(() => { expect([...grid().querySelectorAll('.broken')].map((one) => one.textContent)).toEqual(['59']); });
  });

  it('says why it cannot be read, and is tried again', async () => {
    await open(300);
    const answer = backend.rpc.bind(backend);
    backend.rpc = () => Promise.reject(refuse('vault-damaged') as unknown as Error);
    await pressed('End');
    await fireEvent.scroll(grid());
    const again = await screen.findByTestId('journal-again');
    expect(row(1)).toContain('Reading');
    backend.rpc = answer;
    await fireEvent.click(again);
    await waitFor(() => { expect(row(1)).toContain('Vault created'); });
    await waitFor(() => { expect(screen.queryByTestId('journal-again')).toBeNull(); });
  });
});

describe('a search in the journal', () => {
  it('looks through all of it, and at what is added while one looks', async () => {
    await open(5000);
    await filter('MAEL  host-7');
    await waitFor(() => { expect(screen.getByTestId('journal-found').textContent).toBe('99 found'); });
    expect(numbers()[0]).toBe(4958);
    const vault = backend.opened();
    vault.journal.push({ sequence: 5001, at_ms: 0, person: 'mael', event: { key: 'journal.vault-locked', values: {} }, items: [], host: 'host-7', mac: '0', chain: 'chain-1', number: 5001 });
    vault.ring({ kind: 'journal_changed' });
    await waitFor(() => { expect(numbers()[0]).toBe(5001); });
    expect(screen.getByTestId('journal-found').textContent).toBe('100 found');
    await filter('nothing has these words');
    await fireEvent.click(await screen.findByTestId('journal-filter-clear'));
    await waitFor(() => { expect(numbers()[0]).toBe(5001); });
  });

  it('is stopped, and goes on from there', async () => {
    await open(5000);
    const answer = backend.rpc.bind(backend);
    let go: (() => void) | null = null;
    backend.rpc = (async (...asked: Parameters<typeof answer>) => {
      if (asked[0] === 'journal_list') await new Promise<void>((resolve) => { go = resolve; });
      return answer(...asked);
    }) as typeof backend.rpc;
    await filter('exit');
    const step = async (): Promise<void> => {
      await waitFor(() => { expect(go).not.toBeNull(); });
      const now = go;
      go = null;
      now?.();
    };
    await step();
    await waitFor(() => { expect(screen.getByTestId('journal-found').textContent).toContain('1,000 of 5,000'); });
    await fireEvent.click(screen.getByTestId('journal-search-stop'));
    await step();
    backend.rpc = answer;
    await fireEvent.click(screen.getByTestId('journal-search-on'));
    await waitFor(() => { expect(screen.getByTestId('journal-found').textContent).toMatch(/^4,9\d\d found$/); });
  });

  it('makes no difference between capitals, accents and spaces', () => {
    expect(plainWords('  Vérifié\tÉTAPE ')).toEqual(['verifie', 'etape']);
  });
});

describe('the pages of the journal', () => {
  it('are few, however far one scrolls', async () => {
    const asked: (number | null)[] = [];
    backend.rpc = (async (_: string, { before, limit }: { before: number | null; limit: number }) => {
      asked.push(before);
      const last = Math.min(before === null ? 1_000_000 : before - 1, 1_000_000);
      return { entries: Array.from({ length: limit }, (__, at) => ({ sequence: last - at })).filter((entry) => entry.sequence > 0), total: 1_000_000 };
    }) as unknown as typeof backend.rpc;
    const pages = new JournalPages();
    await pages.refresh();
    expect([pages.total, pages.entry(1_000_000)?.sequence, pages.entry(1)]).toEqual([1_000_000, 1_000_000, null]);
    for (let sequence = 1; sequence < 40_000; sequence += 200) await pages.want(sequence);
    expect(pages.entry(39_900)?.sequence).toBe(39_900);
    expect([pages.entry(1), pages.entry(1_000_000)]).toEqual([null, null]);
    const before = asked.length;
    await Promise.all([5, 100_005, 200_005, 300_005, 400_005, 500_005].map((sequence) => pages.want(sequence)));
    expect(asked.length - before, 'what was passed by is not read').toBe(4);
    expect([pages.entry(500_005)?.sequence, pages.entry(100_005)]).toEqual([500_005, null]);
  });
});
