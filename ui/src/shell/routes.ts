export const hostSections = ['overview', 'apps', 'people', 'services', 'jobs', 'survey', 'changes', 'files', 'connection', 'ledger'] as const;
export type HostSection = (typeof hostSections)[number];
export const vaultSections = ['overview', 'ways', 'identities', 'copies', 'locking'] as const;
export type VaultSection = (typeof vaultSections)[number];

/** Where one can be. Not URLs: nothing of the catalog ends up in an address. */
export type Route =
  | { screen: 'fleet' }
  | { screen: 'host'; host: string; section: HostSection }
  | { screen: 'activity'; job: string | null }
  | { screen: 'runs'; run: string | null }
  | { screen: 'recipes'; recipe: string | null }
  | { screen: 'journal' }
  | { screen: 'secrets' }
  | { screen: 'stages' }
  | { screen: 'vault'; section: VaultSection }
  | { screen: 'settings' }
  | { screen: 'guide'; chapter: string | null }
  | { screen: 'design' };

export type Screen = Route['screen'];

const plain = { fleet: true, journal: true, secrets: true, stages: true, settings: true, design: true } as const;

/** The word, when it is one of these; the first of them otherwise. */
function oneOf<Word extends string>(words: readonly [Word, ...Word[]], word: string | undefined): Word {
  return words.find((known) => known === word) ?? words[0];
}

/** Reads a route such as `host/ynh-01/people`; what cannot be read leads to the fleet. */
export function parseRoute(text: string): Route {
  const [screen = '', first, second] = text.split('/').filter((part) => part !== '');
  if (screen === 'host' && first) return { screen: 'host', host: first, section: oneOf(hostSections, second) };
  if (screen === 'activity') return { screen: 'activity', job: first ?? null };
  if (screen === 'runs') return { screen: 'runs', run: first ?? null };
  if (screen === 'recipes') return { screen: 'recipes', recipe: first ?? null };
  if (screen === 'vault') return { screen: 'vault', section: oneOf(vaultSections, first) };
  if (screen === 'guide') return { screen: 'guide', chapter: first ?? null };
  if (Object.hasOwn(plain, screen)) return { screen: screen as keyof typeof plain };
  return { screen: 'fleet' };
}

export function sameRoute(left: Route, right: Route): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
