/** What the palette can reach. */
export interface PaletteItem { id: string; group: 'actions' | 'hosts' | 'secrets' | 'screens'; label: string; context: string; stage?: string; trouble?: boolean; sealed?: boolean; run: () => void }

const groups = ['actions', 'hosts', 'secrets', 'screens'] as const;
const mostOfAGroup = 8;

/** Items of which every word of `query` is in the label, in groups; labels that begin with it first. */
export function matchPalette(items: readonly PaletteItem[], query: string): PaletteItem[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter((word) => word !== '');
  const matching = items
    .map((item) => ({ item, label: item.label.toLocaleLowerCase() }))
    .filter(({ label }) => words.every((word) => label.includes(word)))
    .sort((left, right) => Number(right.label.startsWith(words[0] ?? '')) - Number(left.label.startsWith(words[0] ?? '')))
    .map(({ item }) => item);
  return groups.flatMap((group) => matching.filter((item) => item.group === group).slice(0, mostOfAGroup));
}

/** Where the group of an item stands among the groups. */
export function paletteOrder(item: PaletteItem): number {
  return groups.indexOf(item.group);
}
