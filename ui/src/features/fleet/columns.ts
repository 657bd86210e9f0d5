import type { TableColumn } from '$design';

/** Every column of the fleet, in the order of a table that nobody changed. */
export const columnNames = ['host', 'address', 'stage', 'role', 'version', 'updates', 'certificate', 'attention', 'services', 'people', 'disk', 'load', 'uptime', 'tags', 'facts'] as const;
export type ColumnName = (typeof columnNames)[number];

/** Those that are there by default; which of them go first where there is not room for all, the table decides by `yields`. */
export const usualColumns: readonly ColumnName[] = ['host', 'stage', 'role', 'version', 'updates', 'certificate', 'attention', 'disk', 'load', 'facts'];

const shapes: Record<ColumnName, Omit<TableColumn<ColumnName>, 'name' | 'label'>> = {
  host: { width: 190, grow: 1.4, sortable: true },
  address: { width: 132, sortable: true, yields: 8 },
  stage: { width: 122, sortable: true },
  role: { width: 76, sortable: true, yields: 7 },
  version: { width: 88, sortable: true, yields: 3 },
  updates: { width: 182, sortable: true, yields: 1 },
  certificate: { width: 58, align: 'end', sortable: true, yields: 4 },
  attention: { width: 160, grow: 1.6 },
  services: { width: 84, align: 'end', sortable: true, yields: 5 },
  people: { width: 84, align: 'end', sortable: true, yields: 6 },
  disk: { width: 100, align: 'end', sortable: true, yields: 2 },
  load: { width: 64, align: 'end', sortable: true, yields: 9 },
  uptime: { width: 72, align: 'end', sortable: true, yields: 8 },
  tags: { width: 140, grow: 0.6, yields: 6 },
  facts: { width: 72, align: 'end', sortable: true },
};

export function isColumn(word: string): word is ColumnName {
  return (columnNames as readonly string[]).includes(word);
}

/** The columns with these names, for the table. */
export function columnsOf(names: readonly ColumnName[], labels: Record<ColumnName, string>): TableColumn<ColumnName>[] {
  return names.map((name) => ({ name, label: labels[name], ...shapes[name] }));
}

/** Columns whose highest value is what one looks for. */
export const highestFirst: ReadonlySet<ColumnName> = new Set<ColumnName>(['updates', 'disk', 'load', 'services']);
