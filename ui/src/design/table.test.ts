import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { fitColumns, TableLayout, type TableColumn } from './table';
import TableBench from './components/TableBench.test.svelte';

const letters = (count: number): string[] => Array.from({ length: count }, (_, at) => `row ${at}`);

describe('the lines of a table', () => {
  const layout = new TableLayout([
    { key: 'a', label: 'A', items: ['1', '2'], folded: false },
    { key: 'b', label: 'B', items: ['3', '4', '5'], folded: true },
    { key: 'c', label: 'C', items: ['6'], folded: false },
  ]);

  it('are headings and rows, and what is folded is not among them', () => {
    expect(layout.count).toBe(6);
    expect(Array.from({ length: 6 }, (_, at) => layout.at(at)).map((line) => (line?.kind === 'head' ? line.group.key : line?.item))).toEqual(['a', '1', '2', 'b', 'c', '6']);
    expect([layout.at(-1), layout.at(6)]).toEqual([undefined, undefined]);
    expect(layout.between(5, 1)).toEqual(['1', '2', '6']);
  });

  it('need no heading', () => {
    const plain = new TableLayout([{ key: '', label: null, items: letters(3), folded: false }]);
    expect([plain.count, plain.headed, plain.at(2)]).toEqual([3, false, { kind: 'row', item: 'row 2' }]);
    expect(new TableLayout([]).at(0)).toBeUndefined();
  });
});

describe('columns', () => {
  const columns: TableColumn<string>[] = [{ name: 'name', label: 'Name', width: 100 }, { name: 'first', label: 'First', width: 100, yields: 2 }, { name: 'last', label: 'Last', width: 100, yields: 1 }];

  it('go in their turn where there is not room for all', () => {
    expect(fitColumns(columns, 300)).toHaveLength(3);
    expect(fitColumns(columns, 299).map((column) => column.name)).toEqual(['name', 'last']);
    expect(fitColumns(columns, 10).map((column) => column.name)).toEqual(['name']);
  });
});

describe('a table', () => {
  const open = (count: number, folded = false, every = true) => {
    const opened: string[] = [];
    const selections: string[][] = [];
    render(TableBench, { groups: [{ key: 'g', label: folded ? 'Group' : null, items: letters(count), folded: false }], onopen: (item) => opened.push(item), onselection: (keys) => selections.push(keys), every });
    return { grid: screen.getByTestId('bench'), opened, last: () => selections.at(-1) ?? [] };
  };
  const pressed = (grid: HTMLElement, key: string, more: object = {}): Promise<boolean> => fireEvent.keyDown(grid, { key, ...more });
  const current = (grid: HTMLElement): string | null => document.getElementById(grid.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-rowindex') ?? null;

  it('draws no more than twice what is seen of ten thousand rows, and says how many there are', () => {
    const { grid } = open(10_000);
    expect(grid.getAttribute('aria-rowcount')).toBe('10001');
    expect(grid.querySelectorAll('[aria-selected]').length).toBeLessThanOrEqual(2 * Math.ceil(600 / 26));
    expect(grid.querySelectorAll('[aria-selected]').length).toBeGreaterThan(20);
  });

  it('is walked by keys, and says where one is', async () => {
    const { grid, opened } = open(100);
    expect(current(grid)).toBe('2');
    await pressed(grid, 'ArrowDown');
    await pressed(grid, 'ArrowDown');
    expect(current(grid)).toBe('4');
    await pressed(grid, 'Enter');
    expect(opened).toEqual(['row 2']);
    await pressed(grid, 'Home');
    await pressed(grid, 'PageDown');
    expect(Number(current(grid))).toBeGreaterThan(15);
  });

  it('is ticked by Space, by a range that grows and shrinks, and all at once', async () => {
    const { grid, last } = open(100);
    await pressed(grid, ' ');
    expect(last()).toEqual(['row 0']);
    await pressed(grid, 'ArrowDown');
    await pressed(grid, 'ArrowDown');
    await pressed(grid, 'ArrowDown', { shiftKey: true });
    await pressed(grid, 'ArrowDown', { shiftKey: true });
    expect(last()).toEqual(['row 0', 'row 2', 'row 3', 'row 4']);
    await pressed(grid, 'ArrowUp', { shiftKey: true });
    expect(last(), 'what the range ticked and left again is ticked no more').toEqual(['row 0', 'row 2', 'row 3']);
    await pressed(grid, 'a', { ctrlKey: true });
    expect(last()).toHaveLength(100);
    await pressed(grid, 'Escape');
    expect(last()).toEqual([]);
  });

  it('is sorted from the keyboard: the headings are the line above the first', async () => {
    const { grid } = open(3);
    await pressed(grid, 'ArrowUp');
    expect(document.getElementById(grid.getAttribute('aria-activedescendant') ?? '')?.getAttribute('role')).toBe('columnheader');
    await pressed(grid, 'ArrowRight');
    await pressed(grid, 'Enter');
    expect(screen.getByTestId('bench-sort-length').getAttribute('aria-sort')).toBe('ascending');
    await pressed(grid, ' ');
    expect(screen.getByTestId('bench-sort-length').getAttribute('aria-sort')).toBe('descending');
    expect(screen.getByTestId('bench-sort-name').getAttribute('aria-sort')).toBe('none');
  });

  it('folds groups by keys, and is a tree then', async () => {
    const { grid } = open(5, true);
    expect(grid.getAttribute('role')).toBe('treegrid');
    await pressed(grid, 'ArrowLeft');
    expect(screen.getByTestId('bench-group-g').getAttribute('aria-expanded')).toBe('false');
    expect(grid.querySelectorAll('[aria-selected]')).toHaveLength(0);
    await pressed(grid, 'ArrowRight');
    expect(grid.querySelectorAll('[aria-selected]')).toHaveLength(5);
  });

  it('fills its rows anew, and makes them once: also when there were none between', async () => {
    const groups = (items: string[]) => [{ key: 'g', label: null, items, folded: false }];
    const props = { onopen: () => undefined, onselection: () => undefined };
    const { rerender } = render(TableBench, { groups: groups(letters(40)), ...props });
    const grid = screen.getByTestId('bench');
    const drawn = (): HTMLElement[] => [...grid.querySelectorAll<HTMLElement>('[aria-selected]')];
    const before = new Set(drawn());
    await rerender({ groups: groups([]), ...props });
    expect(drawn()).toEqual([]);
    expect([...before].every((row) => row.getAttribute('aria-hidden') === 'true'), 'what is kept is nothing to be read').toBe(true);
    await rerender({ groups: groups(letters(40).reverse()), ...props });
    expect(drawn()).toHaveLength(before.size);
    expect(drawn().every((row) => before.has(row) && row.getAttribute('aria-hidden') === null)).toBe(true);
    expect(drawn()[0]?.textContent).toContain('row 39');
  });

  it('tells more of a cell when one points at it', async () => {
    const { grid } = open(3);
    const cell = grid.querySelectorAll<HTMLElement>('[aria-rowindex="3"] .cell')[1];
    expect(cell?.title).toBe('');
    await fireEvent.pointerOver(cell as HTMLElement);
    expect(cell?.title).toBe('row 1: length');
  });

  it('has a tick above the ticks, whether or not one says what can be ticked', async () => {
    const { last } = open(3, false, false);
    await fireEvent.click(screen.getByTestId('bench-all'));
    expect(last()).toEqual(letters(3));
    await fireEvent.click(screen.getByTestId('bench-all'));
    expect(last()).toEqual([]);
  });
});
