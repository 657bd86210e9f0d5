import type { TableSort } from '$design';
import type { JournalColumn } from './columns';

const newestFirst: TableSort<JournalColumn> = { column: 'number', descending: true };

/** How one looks at the journal: it stays while one looks at another screen. */
class JournalDesk {
  filter = $state('');
  sort = $state.raw<TableSort<JournalColumn>>(newestFirst);
  /** The columns that the person chose; null while they chose none. */
  columns = $state.raw<readonly JournalColumn[] | null>(null);
  /** The number of the entry that is shown in full. */
  active = $state<number | null>(null);

  reset(): void {
    this.filter = '';
    this.sort = newestFirst;
    this.columns = null;
    this.active = null;
  }
}

export const journalDesk = new JournalDesk();
