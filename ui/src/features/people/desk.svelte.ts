import type { Pending } from './matrix';

export type PeopleTab = 'matrix' | 'people' | 'drift';

/** What one has under way among people; other screens may begin it. */
class PeopleDesk {
  tab = $state<PeopleTab>('matrix');
  adding = $state(false);
  importing = $state(false);
  /** The person whose card is shown. */
  active = $state<string | null>(null);
  filter = $state('');
  /** Which hosts are looked at. */
  on = $state('all');
  pending = $state.raw<Pending>(new Map());

  /** Gives or takes a permission, or thinks better of it. */
  toggle(key: string, change: { person: string; host: string; permission: string; give: boolean }): void {
    const others = [...this.pending].filter(([known]) => known !== key);
    this.pending = new Map(this.pending.has(key) ? others : [...others, [key, change]]);
  }

  reset(): void {
    this.tab = 'matrix';
    this.adding = false;
    this.importing = false;
    this.active = null;
    this.filter = '';
    this.on = 'all';
    this.pending = new Map();
  }
}

export const peopleDesk = new PeopleDesk();
