export const hostSections = ['overview', 'apps', 'people', 'services', 'jobs', 'survey', 'hardening', 'changes', 'files', 'tunnels', 'rescue', 'connection', 'ledger', 'operations', 'diagnosis', 'upgrades', 'dns', 'ynhlogs', 'facts', 'backups', 'processes'] as const;
export type HostSection = (typeof hostSections)[number];
export const ynhViews = ['versions', 'apps', 'upgrades', 'certificates', 'diagnosis', 'backups'] as const;
export type YnhView = (typeof ynhViews)[number];
export const vaultSections = ['overview', 'ways', 'identities', 'copies', 'parcels', 'locking'] as const;
export type VaultSection = (typeof vaultSections)[number];

/** Where one can be. Not URLs: nothing of the catalog ends up in an address. */
export type Route =
  | { screen: 'fleet' }
  | { screen: 'host'; host: string; section: HostSection }
  | { screen: 'yunohost'; view: YnhView }
  | { screen: 'activity'; job: string | null }
  | { screen: 'runs'; run: string | null }
  | { screen: 'recipes'; recipe: string | null }
  | { screen: 'guests' }
  | { screen: 'journal' }
  | { screen: 'people' }
  | { screen: 'secrets' }
  | { screen: 'certificates' }
  | { screen: 'reports' }
  | { screen: 'stages' }
  | { screen: 'terminal' }
  | { screen: 'vault'; section: VaultSection }
  | { screen: 'settings' }
  | { screen: 'guide'; chapter: string | null; section?: string }
  | { screen: 'design' };

export type Screen = Route['screen'];

const plain = { fleet: true, guests: true, journal: true, people: true, secrets: true, certificates: true, reports: true, stages: true, terminal: true, settings: true, design: true } as const;

/** The route to a screen, at its beginning. */
export function plainRoute(screen: Exclude<Screen, 'host'>): Route {
  switch (screen) {
    case 'yunohost': return { screen, view: 'versions' };
    case 'activity': return { screen, job: null };
    case 'runs': return { screen, run: null };
    case 'recipes': return { screen, recipe: null };
    case 'guide': return { screen, chapter: null };
    case 'vault': return { screen, section: 'overview' };
    default: return { screen };
  }
}

/** The chapter of the guide about where one is. */
export function chapterOf(route: Route): string {
  if (route.screen === 'host') return hostChapters[route.section] ?? '02-hosts-and-keys';
  if (route.screen === 'vault') return vaultChapters[route.section];
  return chapters[route.screen];
}

const chapters: Record<Exclude<Screen, 'host' | 'vault'>, string> = {
  fleet: '14-fleets', guests: '35-guests', yunohost: '25-yunohost-fleet', activity: '03-plans-jobs-journal', runs: '14-fleets', recipes: '14-fleets', journal: '13-journal-for-clients', people: '24-people', secrets: '22-secrets', certificates: '29-private-ca', reports: '30-reports', stages: '09-stages', terminal: '21-terminals', settings: '23-window', guide: '01-first-steps', design: '01-first-steps',
};
const hostChapters: Partial<Record<HostSection, string>> = { backups: '28-backups', apps: '26-applications', people: '04-yunohost', services: '04-yunohost', diagnosis: '25-yunohost-fleet', upgrades: '25-yunohost-fleet', dns: '25-yunohost-fleet', ynhlogs: '25-yunohost-fleet', facts: '25-yunohost-fleet', jobs: '03-plans-jobs-journal', survey: '17-surveys', changes: '17-surveys', files: '20-files', tunnels: '15-reaching-hosts', connection: '15-reaching-hosts', ledger: '16-testing-and-enrolling' };
const vaultChapters: Record<VaultSection, string> = { overview: '06-protection', ways: '08-ways-in', identities: '08-ways-in', copies: '11-copies-and-recovery', parcels: '33-parcels', locking: '23-window' };

/** The word, when it is one of these; the first of them otherwise. */
function oneOf<Word extends string>(words: readonly [Word, ...Word[]], word: string | undefined): Word {
  return words.find((known) => known === word) ?? words[0];
}

/** A host and a section of its page. A guest's name has slashes of its own: the last word is a section where it is one, and part of the name otherwise. */
function hostRoute(words: readonly string[]): Route {
  const named = words.slice(0, -1);
  const section = hostSections.find((known) => known === words.at(-1));
  if (section !== undefined && named.length > 0) return { screen: 'host', host: named.join('/'), section };
  return { screen: 'host', host: words.join('/'), section: 'overview' };
}

/** Reads a route such as `host/ynh-01/people` or `host/lxc-1/web/files`; what cannot be read leads to the fleet. */
export function parseRoute(text: string): Route {
  const [screen = '', ...words] = text.split('/').filter((part) => part !== '');
  const [first, second] = words;
  if (screen === 'host' && first) return hostRoute(words);
  if (screen === 'yunohost') return { screen: 'yunohost', view: oneOf(ynhViews, first) };
  if (screen === 'activity') return { screen: 'activity', job: first ?? null };
  if (screen === 'runs') return { screen: 'runs', run: first ?? null };
  if (screen === 'recipes') return { screen: 'recipes', recipe: first ?? null };
  if (screen === 'vault') return { screen: 'vault', section: oneOf(vaultSections, first) };
  if (screen === 'guide') return { screen: 'guide', chapter: first ?? null, ...(second === undefined ? {} : { section: second }) };
  if (Object.hasOwn(plain, screen)) return { screen: screen as keyof typeof plain };
  return { screen: 'fleet' };
}

export function sameRoute(left: Route, right: Route): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
