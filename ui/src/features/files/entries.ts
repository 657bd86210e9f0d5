import type { FileKind, FolderEntry } from '$generated/api';

export type SortColumn = 'name' | 'size' | 'modified' | 'mode' | 'owner';
export interface Sort { column: SortColumn; descending: boolean }

/** What an entry is when one goes into it: a link is what it leads to. */
export function kindOf(entry: FolderEntry): FileKind {
  return entry.kind === 'link' ? (entry.leads ?? 'link') : entry.kind;
}

export function isFolder(entry: FolderEntry): boolean {
  return kindOf(entry) === 'dir';
}

/** Whether it can be copied: a link is followed, so it must lead somewhere. */
export function isCopied(entry: FolderEntry): boolean {
  const kind = kindOf(entry);
  return entry.usable && (kind === 'file' || kind === 'dir');
}

export function isHidden(entry: FolderEntry): boolean {
  return entry.name.startsWith('.');
}

/** The path of something in a folder. */
export function inside(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`;
}

export function lastPart(path: string): string {
  return path.split('/').filter((part) => part !== '').at(-1) ?? '/';
}

/** A path as one types it: from `~`, from the folder one is in, or whole. */
export function typedPath(text: string, folder: string): string {
  if (text.startsWith('/') || text.startsWith('~')) return text;
  return inside(folder, text);
}

/** The folders above a path and itself, the root first. */
export function crumbs(path: string): { name: string; path: string }[] {
  const parts = path.split('/').filter((part) => part !== '');
  return [{ name: '/', path: '/' }, ...parts.map((name, at) => ({ name, path: `/${parts.slice(0, at + 1).join('/')}` }))];
}

/** Of a long path the root and its end; what is between leads to the last folder that is left out. */
export function shortCrumbs(path: string, most: number): { name: string; path: string }[] {
  const all = crumbs(path);
  const [root] = all;
  const end = all.slice(1 - most + 1);
  const hidden = all[all.length - end.length - 1];
  return root === undefined || hidden === undefined || all.length <= most ? all : [root, { name: '…', path: hidden.path }, ...end];
}

/** Permission bits as `ls -l` writes them. */
export function modeWords(entry: FolderEntry): string {
  const { mode } = entry;
  const kind = { file: '-', dir: 'd', link: 'l', other: '?' }[entry.kind];
  if (mode === null) return '';
  const triple = (shift: number, special: number, marks: string): string => {
    const may = (bit: number): boolean => ((mode >> shift) & bit) !== 0;
    const last = (mode & special) !== 0 ? (may(1) ? marks.charAt(0) : marks.charAt(1)) : may(1) ? 'x' : '-';
    return `${may(4) ? 'r' : '-'}${may(2) ? 'w' : '-'}${last}`;
  };
  return `${kind}${triple(6, 0o4000, 'sS')}${triple(3, 0o2000, 'sS')}${triple(0, 0o1000, 'tT')}`;
}

/** The entries in the order in which they are shown: folders first, whatever the column. */
export function sorted(entries: readonly FolderEntry[], sort: Sort, compare: (left: string, right: string) => number): FolderEntry[] {
  const by: Record<SortColumn, (left: FolderEntry, right: FolderEntry) => number> = {
    name: (left, right) => compare(left.name, right.name),
    size: (left, right) => (left.size ?? -1) - (right.size ?? -1),
    modified: (left, right) => (left.modified_s ?? 0) - (right.modified_s ?? 0),
    mode: (left, right) => (left.mode ?? 0) - (right.mode ?? 0),
    owner: (left, right) => compare(`${left.owner ?? ''}:${left.group ?? ''}`, `${right.owner ?? ''}:${right.group ?? ''}`),
  };
  const folders = new Map(entries.map((entry) => [entry, isFolder(entry) ? 0 : 1]));
  const sign = sort.descending ? -1 : 1;
  return [...entries].sort((left, right) => (folders.get(left) ?? 0) - (folders.get(right) ?? 0) || sign * by[sort.column](left, right) || compare(left.name, right.name) || (left.name < right.name ? -1 : 1));
}

/** The entry that typed letters lead to, from one on: the next that begins with them, round the end. */
export function typedAhead(entries: readonly FolderEntry[], letters: string, from: number): number | null {
  const wanted = letters.toLowerCase();
  // A longer word may stay where it is; a single letter goes on to the next.
  const first = letters.length > 1 ? from : from + 1;
  for (let step = 0; step < entries.length; step++) {
    const at = (first + step) % entries.length;
    if (entries[at]?.name.toLowerCase().startsWith(wanted)) return at;
  }
  return null;
}

/** Whether this can be the name of something: no folder in it, and neither of the two dots. */
export function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0') && new TextEncoder().encode(name).length <= 255;
}
