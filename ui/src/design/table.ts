/** A column of a table. Widths are in pixels; a column that grows shares what is left over. */
export interface TableColumn<Name extends string> {
  name: Name;
  label: string;
  width: number;
  grow?: number;
  align?: 'end';
  sortable?: boolean;
  /** Which columns go first when there is not room for all: those with the highest number. Without one, it stays. */
  yields?: number;
}

export interface TableSort<Name extends string> { column: Name; descending: boolean }

/** Rows that belong together, under a heading that folds them away. Without a label there is no heading. */
export interface TableGroup<Item> { key: string; label: string | null; items: readonly Item[]; folded: boolean }

export type TableLine<Item> = { kind: 'head'; group: TableGroup<Item> } | { kind: 'row'; item: Item };

/** The lines of a table, found by their number without one being made for each: a group costs, a row does not. */
export class TableLayout<Item> {
  readonly count: number;
  /** Whether there are headings that fold. */
  readonly headed: boolean;
  readonly #groups: readonly TableGroup<Item>[];
  /** Number of the first line of each group. */
  readonly #starts: number[] = [];

  constructor(groups: readonly TableGroup<Item>[]) {
    this.#groups = groups;
    this.headed = groups.some((group) => group.label !== null);
    let count = 0;
    for (const group of groups) {
      this.#starts.push(count);
      count += (group.label === null ? 0 : 1) + (group.folded ? 0 : group.items.length);
    }
    this.count = count;
  }

  at(index: number): TableLine<Item> | undefined {
    if (index < 0 || index >= this.count) return undefined;
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const group = this.#groups[low];
    if (!group) return undefined;
    const within = index - (this.#starts[low] ?? 0) - (group.label === null ? 0 : 1);
    if (within < 0) return { kind: 'head', group };
    const item = group.items[within];
    return item === undefined ? undefined : { kind: 'row', item };
  }

  /** The rows between two lines, both included, whichever comes first. */
  between(one: number, other: number): Item[] {
    const items: Item[] = [];
    for (let index = Math.min(one, other); index <= Math.max(one, other); index += 1) {
      const line = this.at(index);
      if (line?.kind === 'row') items.push(line.item);
    }
    return items;
  }
}

/** The columns for which there is room, in their order. */
export function fitColumns<Name extends string>(columns: readonly TableColumn<Name>[], room: number): TableColumn<Name>[] {
  const kept = [...columns];
  let width = kept.reduce((sum, column) => sum + column.width, 0);
  while (width > room) {
    const yielding = kept.reduce<TableColumn<Name> | null>((most, column) => ((column.yields ?? 0) > (most?.yields ?? 0) ? column : most), null);
    if (!yielding) break;
    kept.splice(kept.indexOf(yielding), 1);
    width -= yielding.width;
  }
  return kept;
}

/** The tracks of the grid that rows are laid out on. */
export function tracksOf<Name extends string>(columns: readonly TableColumn<Name>[], lead: number): string {
  const tracks = columns.map((column) => (column.grow ? `minmax(${column.width}px, ${column.grow}fr)` : `${column.width}px`));
  return [...(lead > 0 ? [`${lead}px`] : []), ...tracks].join(' ');
}
