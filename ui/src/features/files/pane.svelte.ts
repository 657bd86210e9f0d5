import { SvelteSet } from 'svelte/reactivity';
import type { Folder, FolderEntry } from '$generated/api';
import { i18n } from '$i18n';
import { Resource, rpc } from '$ipc';
import { isFolder, isHidden, sorted, type Sort, type SortColumn } from './entries';

export type Side = 'local' | 'host';

/** One of the two panes: the folder it shows, in which order, and what of it is chosen. */
export class Pane {
  readonly side: Side;
  readonly #host: string;
  /** The folder that is wanted; empty is home. */
  path = $state('');
  root = $state(false);
  hidden = $state(false);
  sort = $state.raw<Sort>({ column: 'name', descending: false });
  readonly chosen = new SvelteSet<string>();
  /** The line that keys act on; line 0 leads up where there is something above. */
  at = $state(0);
  readonly #folder = new Resource<Folder>(() => this.#read());
  readonly folder = $derived(this.#folder.value);
  readonly error = $derived(this.#folder.error);
  readonly loading = $derived(this.#folder.loading);
  readonly entries = $derived.by(() => sorted((this.folder?.entries ?? []).filter((entry) => this.hidden || !isHidden(entry)), this.sort, (left, right) => i18n.compare(left, right)));
  readonly hiddenCount = $derived((this.folder?.entries.length ?? 0) - this.entries.length);
  readonly hasUp = $derived((this.folder?.parent ?? null) !== null);
  /** Entries and the line that leads up. */
  readonly lines = $derived(this.entries.length + (this.hasUp ? 1 : 0));
  readonly current = $derived(Math.max(0, Math.min(this.at, this.lines - 1)));
  /** Where the account is; what is in it is shown once it was read. */
  readonly real = $derived(this.folder?.path ?? this.path);

  constructor(side: Side, host: string, path = '') {
    this.side = side;
    this.#host = host;
    this.path = path;
  }

  #read(): Promise<Folder> {
    return this.side === 'local' ? rpc('local_files', { path: this.path === '' ? null : this.path }) : rpc('host_files', { host: this.#host, path: this.path, root: this.root });
  }

  /** The entry on a line; null for the one that leads up. */
  entry(line: number): FolderEntry | null {
    return this.entries[line - (this.hasUp ? 1 : 0)] ?? null;
  }

  lineOf(name: string): number | null {
    const found = this.entries.findIndex((entry) => entry.name === name);
    return found < 0 ? null : found + (this.hasUp ? 1 : 0);
  }

  /** What is acted on: what is chosen, else the line one is on. */
  readonly subjects = $derived.by(() => {
    const chosen = this.chosen.size === 0 ? [] : this.entries.filter((entry) => this.chosen.has(entry.name));
    const current = this.entry(this.current);
    return chosen.length > 0 ? chosen : current ? [current] : [];
  });

  /** Reads the folder again; what is chosen and is still there stays so. */
  async load(): Promise<void> {
    await this.#folder.load();
    const there = this.folder?.entries.filter((entry) => this.chosen.has(entry.name)) ?? [];
    this.chosen.clear();
    for (const entry of there) this.chosen.add(entry.name);
  }

  /** Goes to a folder, and to what is called `name` in it. Where it cannot be read, one stays. */
  async go(path: string, name?: string): Promise<boolean> {
    const before = this.path;
    this.path = path;
    await this.#folder.load();
    if (this.error && this.folder) {
      this.path = before;
      return false;
    }
    this.chosen.clear();
    this.at = (name === undefined ? null : this.lineOf(name)) ?? 0;
    return this.error === null;
  }

  async up(): Promise<void> {
    const { folder } = this;
    if (folder?.parent) await this.go(folder.parent, folder.path.split('/').at(-1));
  }

  async setRoot(root: boolean): Promise<void> {
    this.root = root;
    await this.load();
  }

  sortBy(column: SortColumn): void {
    const { sort } = this;
    this.sort = { column, descending: sort.column === column ? !sort.descending : column === 'size' || column === 'modified' };
  }

  /** Chooses all, or nothing when all is chosen. */
  toggleAll(): void {
    const all = this.entries.every((entry) => this.chosen.has(entry.name));
    this.chosen.clear();
    if (!all) for (const entry of this.entries) this.chosen.add(entry.name);
  }

  toggle(entry: FolderEntry): void {
    if (!this.chosen.delete(entry.name)) this.chosen.add(entry.name);
  }

  /** Chooses the lines between two. */
  range(from: number, to: number): void {
    for (let line = Math.min(from, to); line <= Math.max(from, to); line++) {
      const entry = this.entry(line);
      if (entry) this.chosen.add(entry.name);
    }
  }

  get chosenBytes(): number {
    return this.subjects.reduce((sum, entry) => sum + (isFolder(entry) ? 0 : (entry.size ?? 0)), 0);
  }
}
