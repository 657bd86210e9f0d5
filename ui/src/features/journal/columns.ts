import type { TableColumn } from '$design';

/** Every column of the journal, in the order of a table that nobody changed. */
export const columnNames = ['number', 'time', 'event', 'host', 'person', 'place', 'seal', 'checked'] as const;
export type JournalColumn = (typeof columnNames)[number];

export const usualColumns: readonly JournalColumn[] = ['number', 'time', 'event', 'host', 'person', 'seal', 'checked'];

const shapes: Record<JournalColumn, Omit<TableColumn<JournalColumn>, 'name' | 'label'>> = {
  number: { width: 92, align: 'end', sortable: true },
  time: { width: 172 },
  event: { width: 240, grow: 2 },
  host: { width: 150, grow: 0.7, yields: 1 },
  person: { width: 104, yields: 2 },
  place: { width: 104, align: 'end', yields: 4 },
  seal: { width: 104, yields: 3 },
  checked: { width: 76, align: 'end' },
};

/** The columns with these names, for the table. */
export function columnsOf(names: readonly JournalColumn[], labels: Record<JournalColumn, string>): TableColumn<JournalColumn>[] {
  return names.map((name) => ({ name, label: labels[name], ...shapes[name] }));
}

/** The most rows that a table can be high: engines lay out no more than 2²⁵ pixels. */
export const mostRows = 1_000_000;

/** The numbers of the entries in the order of the rows. */
export function numbersOf(total: number, descending: boolean): number[] {
  return Array.from({ length: Math.min(total, mostRows) }, (_, at) => (descending ? total - at : at + 1));
}
