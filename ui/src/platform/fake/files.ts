import type { FileKind, Folder, FolderEntry } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';
import type { FakeVault } from './vault';

export type Filing = 'host_files' | 'host_folder_make' | 'host_file_rename' | 'host_file_remove' | 'host_file_remove_cancel' | 'local_files' | 'local_folder_make' | 'local_file_rename';

const most = 10_000;
const now = Math.floor(Date.now() / 1000);

interface Node { entry: FolderEntry; below: Map<string, Node> | null }

function node(name: string, kind: FileKind, more: Partial<FolderEntry> = {}): Node {
  const isFolder = kind === 'dir';
  const entry: FolderEntry = { name, usable: true, kind, target: null, leads: null, size: isFolder ? 4096 : 1200, modified_s: now - 86_400 * 3, mode: isFolder ? 0o755 : 0o644, owner: 'root', group: 'root', ...more };
  return { entry, below: isFolder ? new Map() : null };
}

/** Folders and files that one can look at, copy and tidy. */
class Tree {
  readonly home: string;
  readonly #top = node('', 'dir');

  constructor(home: string, paths: Record<string, Node[]>) {
    this.home = home;
    for (const [path, nodes] of Object.entries({ [home]: [], ...paths })) {
      const folder = this.folder(path, true);
      for (const one of nodes) folder.set(one.entry.name, one);
    }
  }

  real(path: string): string {
    if (path === '' || path === '~') return this.home;
    const whole = path.startsWith('~/') ? `${this.home}/${path.slice(2)}` : path.startsWith('/') ? path : `${this.home}/${path}`;
    const parts: string[] = [];
    for (const part of whole.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    return `/${parts.join('/')}`;
  }

  folder(path: string, make = false): Map<string, Node> {
    let at = this.#top;
    for (const part of this.real(path).split('/').filter((part) => part !== '')) {
      let next = at.below?.get(part);
      if (!next && make) at.below?.set(part, (next = node(part, 'dir')));
      if (!next) throw refuse('remote-file', { path, reason: 'no such file or folder' });
      if (!next.below) throw refuse('remote-file', { path, reason: 'is no folder' });
      at = next;
    }
    return at.below ?? new Map();
  }

  /** The folder in which something lies, and its name. */
  place(path: string): { folder: Map<string, Node>; name: string; whole: string } {
    const whole = this.real(path);
    const at = whole.lastIndexOf('/');
    return { folder: this.folder(whole.slice(0, at) || '/'), name: whole.slice(at + 1), whole };
  }

  list(path: string): Folder {
    const real = this.real(path);
    const entries = [...this.folder(real).values()].map((one) => one.entry).sort((left, right) => (left.name < right.name ? -1 : 1));
    return { path: real, parent: real === '/' ? null : real.slice(0, real.lastIndexOf('/')) || '/', home: this.home, entries: entries.slice(0, most), more: entries.length > most };
  }

  make(path: string): void {
    const { folder, name, whole } = this.place(path);
    if (folder.has(name)) throw refuse('file-exists', { path: whole });
    folder.set(name, node(name, 'dir', { modified_s: Math.floor(Date.now() / 1000) }));
  }

  rename(from: string, to: string): void {
    const [old, next] = [this.place(from), this.place(to)];
    const found = old.folder.get(old.name);
    if (!found) throw refuse('remote-file', { path: from, reason: 'no such file or folder' });
    if (next.folder.has(next.name)) throw refuse('file-exists', { path: next.whole });
    old.folder.delete(old.name);
    next.folder.set(next.name, { ...found, entry: { ...found.entry, name: next.name } });
  }

  remove(path: string, recursive: boolean): void {
    const { folder, name, whole } = this.place(path);
    if (whole === this.home || /^\/[^/]*$/.test(whole) || /^\/home\/[^/]+$/.test(whole)) throw refuse('path-protected', { path: whole });
    const found = folder.get(name);
    if (!found) throw refuse('remote-file', { path: whole, reason: 'no such file or folder' });
    if (found.below && found.below.size > 0 && !recursive) throw refuse('folder-not-empty', { path: whole });
    folder.delete(name);
  }

  /** Puts a copy of something into a folder. */
  arrive(folder: string, found: Node): void {
    this.folder(folder).set(found.entry.name, { entry: { ...found.entry, owner: 'root', group: 'root' }, below: found.below && new Map(found.below) });
  }

  find(path: string): Node | undefined {
    const { folder, name } = this.place(path);
    return folder.get(name);
  }
}

const file = (name: string, size: number, age: number, more: Partial<FolderEntry> = {}): Node => node(name, 'file', { size, modified_s: now - age, ...more });
const hour = 3600;
const day = 24 * hour;

function inventLocal(): Tree {
  const own = { owner: null, group: null };
  return new Tree('/home/camille', {
    '/home/camille': [file('budget 2026.ods', 48_213, 2 * day, own), file('note-passation.md', 9_120, 5 * hour, own), file('.bashrc', 3_526, 400 * day, own), node('lien-mort', 'link', { ...own, target: '/media/absent', size: 13 })],
    '/home/camille/Documents': [],
    '/home/camille/Site': [file('index.html', 14_200, 3 * hour, own), file('style.css', 5_731, 9 * day, own), file('logo.svg', 2_048, 60 * day, own)],
    '/home/camille/Site/images': [file('façade.webp', 812_000, 40 * day, own)],
  });
}

function inventHost(): Tree {
  const hostile = [file('rapport\u202efdp.exe', 66_000, day), file('a\nb\u001b[2J', 12, day), file('<img src=x onerror=alert(1)>', 90, day), file('caf\\xe9', 10, day, { usable: false })];
  const huge = Array.from({ length: 12_000 }, (_, at) => file(`session-${String(at).padStart(5, '0')}`, 40 + (at % 900), at * 60));
  return new Tree('/root', {
    '/root': [file('.bashrc', 571, 300 * day), node('www', 'link', { target: '/var/www', leads: 'dir', size: 8 })],
    '/var/www': [],
    '/var/www/site': [file('index.html', 13_990, 9 * hour, { owner: 'www-data', group: 'www-data' }), file('contact.php', 7_400, 80 * day, { owner: 'www-data', group: 'www-data' })],
    '/var/www/site/images': [file('façade.webp', 812_000, 40 * day)],
    '/var/log': [file('syslog', 4_812_331, 60, { mode: 0o640, group: 'adm' }), file('auth.log', 221_004, 120, { mode: 0o640, group: 'adm' }), node('systemd.sock', 'other', { size: 0 })],
    '/var/lib/sessions': huge,
    '/tmp/hostile': hostile,
    '/etc': [file('hostname', 16, 300 * day), file('fstab', 812, 290 * day)],
    '/srv': [],
    '/home/admin': [],
  });
}

const stopped = new WeakMap<FakeVault, Set<string>>();

/** Removals that are to stop, by their names. */
function stops(vault: FakeVault): Set<string> {
  const known = stopped.get(vault) ?? new Set<string>();
  stopped.set(vault, known);
  return known;
}

const trees = new WeakMap<FakeVault, Map<string, Tree>>();

/** The tree of a host, or of this machine under the empty name. */
function treeOf(vault: FakeVault, host: string): Tree {
  const known = trees.get(vault) ?? new Map<string, Tree>();
  trees.set(vault, known);
  const tree = known.get(host) ?? (host === '' ? inventLocal() : inventHost());
  known.set(host, tree);
  return tree;
}

/** What a copy that ended leaves behind. */
export function arrived(vault: FakeVault, way: 'put' | 'get', host: string, local: string, remote: string): void {
  const [source, target] = way === 'put' ? [treeOf(vault, ''), treeOf(vault, host)] : [treeOf(vault, host), treeOf(vault, '')];
  const [from, to] = way === 'put' ? [local, remote] : [remote, local];
  try {
    const found = source.find(from);
    if (found) target.arrive(to, found);
  } catch {
    // A path that is not among the pretend ones.
  }
}

/** What one looks at and tidies in pretend folders. */
export function filingRooms(delay: number): Rooms<Filing> {
  const reached = (vault: FakeVault, name: string): Tree => {
    const host = vault.host(name);
    if (host.sealed) throw refuse('stage-sealed', { name: host.stage }, name);
    if (host.trouble) throw host.trouble;
    return treeOf(vault, name);
  };
  const changed = (vault: FakeVault, name: string, typed: string | null): Tree => {
    allowAtOnce([vault.host(name)], typed, vault);
    return reached(vault, name);
  };
  return {
    host_files: ({ host, path, root }, vault) => {
      const tree = reached(vault, host);
      if (!root && tree.real(path).startsWith('/root/secret')) throw refuse('remote-file', { path, reason: 'permission denied' }, host);
      return tree.list(path);
    },
    host_folder_make: ({ host, path, typed }, vault) => {
      changed(vault, host, typed).make(path);
      vault.write({ key: 'journal.folder-made', values: { path } }, host);
      return {};
    },
    host_file_rename: ({ host, from, to, typed }, vault) => {
      changed(vault, host, typed).rename(from, to);
      vault.write({ key: 'journal.file-renamed', values: { from, to } }, host);
      return {};
    },
    host_file_remove: async ({ host, paths, recursive, typed, name }, vault) => {
      const tree = changed(vault, host, typed);
      const ends = stops(vault);
      let removed = 0;
      for (const path of paths) {
        // Each takes a while where the pretend world does.
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, 4 * delay));
        if (name !== null && ends.delete(name)) return { removed, cancelled: true };
        tree.remove(path, recursive);
        vault.write({ key: 'journal.file-removed', values: { path } }, host);
        removed += 1;
      }
      return { removed, cancelled: false };
    },
    host_file_remove_cancel: ({ name }, vault) => {
      stops(vault).add(name);
      return {};
    },
    local_files: ({ path }, vault) => treeOf(vault, '').list(path ?? ''),
    local_folder_make: ({ path }, vault) => {
      treeOf(vault, '').make(path);
      return {};
    },
    local_file_rename: ({ from, to }, vault) => {
      treeOf(vault, '').rename(from, to);
      return {};
    },
  };
}
