import { best, haystack, wordsOf } from './palette-rank';

export type PaletteGroup = 'recent' | 'here' | 'actions' | 'hosts' | 'secrets' | 'screens';

/** What the palette can reach. */
export interface PaletteItem { id: string; group: PaletteGroup; label: string; context: string; stage?: string; trouble?: boolean; sealed?: boolean; run: () => void }

const groups = ['recent', 'here', 'actions', 'hosts', 'secrets', 'screens'] as const satisfies PaletteGroup[];
const mostOfAGroup = 8;

/** Items in which every word of `query` is found, in groups; the best of each first, and no more than a few. */
export function matchPalette(items: readonly PaletteItem[], query: string): PaletteItem[] {
  const words = wordsOf(query);
  return groups.flatMap((group) => best(items.filter((item) => item.group === group), (item) => haystack(item.label), words, mostOfAGroup));
}

/** Where the group of an item stands among the groups. */
export function paletteOrder(item: PaletteItem): number {
  return groups.indexOf(item.group);
}
