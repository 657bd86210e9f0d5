import type { YnhCatalogApp, YnhChoice, YnhManifest, YnhPanel, YnhQuestion } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';
import type { FakeVault } from './vault';

export type Applying = 'ynh_catalog' | 'ynh_manifest' | 'ynh_form_check' | 'ynh_panels' | 'ynh_package_send' | 'ynh_catalog_send' | 'ynh_sent_drop';

const none: YnhQuestion = { id: '', kind: 'string', ask: {}, help: {}, default: null, value: null, optional: false, readonly: false, secret: false, choices: [], pattern: null, pattern_error: {}, min: null, max: null, step: null, yes: null, no: null, example: null, visible: null };
const choices = (...values: string[]): YnhChoice[] => values.map((value) => ({ value, label: value }));

const listed: YnhCatalogApp[] = [
  { id: 'dokuwiki', name: 'DokuWiki', description: { en: 'Lightweight, simple to use and highly versatile wiki', fr: 'Un wiki léger, simple à utiliser et très polyvalent' }, version: '2025.05.14~ynh1', category: 'publishing', level: 8, state: 'working', antifeatures: [], maintained: true, yunohost: '>= 12.0.9' },
  { id: 'hextris', name: 'Hextris', description: { en: 'Fast paced puzzle game', fr: 'Un casse-tête au rythme soutenu' }, version: '2023.06.09~ynh2', category: 'games', level: 8, state: 'working', antifeatures: [], maintained: false, yunohost: '>= 11.2' },
  { id: 'nextcloud', name: 'Nextcloud', description: { en: 'Online storage, file sharing platform and various other applications', fr: 'Stockage en ligne, partage de fichiers et bien d’autres applications' }, version: '33.0.4~ynh1', category: 'synchronization', level: 8, state: 'working', antifeatures: [], maintained: true, yunohost: '>= 12.0.9' },
  { id: 'oldchat', name: 'Old\u202eChat', description: { en: 'A chat <b>nobody</b> cares for', fr: 'Une messagerie dont personne ne s’occupe' }, version: '0.3~ynh1', category: 'communication', level: 1, state: 'notworking', antifeatures: ['deprecated-software'], maintained: false, yunohost: '>= 11.0' },
];

const questions: YnhQuestion[] = [
  { ...none, id: 'domain', kind: 'domain', ask: { en: 'Choose the domain where this app should be installed', fr: 'Choisissez le domaine sur lequel installer cette application' }, default: 'morel.example', choices: choices('morel.example', 'atelier.example') },
  { ...none, id: 'path', kind: 'path', ask: { en: 'Choose the URL path', fr: 'Choisissez le chemin' }, default: '/wiki' },
  { ...none, id: 'init_main_permission', kind: 'group', ask: { en: 'Who should have access to this app?', fr: 'Qui doit avoir accès à cette application\u202f?' }, default: 'visitors', choices: choices('admins', 'all_users', 'visitors') },
  { ...none, id: 'password', kind: 'password', ask: { en: 'Choose an administration password', fr: 'Choisissez un mot de passe d’administration' }, secret: true },
  { ...none, id: 'count', kind: 'number', ask: { en: 'Pages to make', fr: 'Pages à créer' }, default: '3', min: 1, max: 9 },
  { ...none, id: 'with_mail', kind: 'boolean', ask: { en: 'Tell somebody by mail', fr: 'Prévenir quelqu’un par courriel' }, default: '0' },
  { ...none, id: 'mail', kind: 'email', ask: { en: 'Whom to tell', fr: 'Qui prévenir' }, visible: 'with_mail' },
];

const panels: YnhPanel[] = [
  { id: 'main', name: { en: 'Settings', fr: 'Réglages' }, help: {}, sections: [
    { id: 'general', name: { en: 'General', fr: 'Général' }, help: {}, visible: null, actions: false, fields: [
      { ...none, id: 'greeting', ask: { en: 'Greeting', fr: 'Accueil' }, value: 'hello' },
      { ...none, id: 'colour', kind: 'select', ask: { en: 'Colour', fr: 'Couleur' }, value: 'red', choices: choices('red', 'green') },
      { ...none, id: 'enabled', kind: 'boolean', ask: { en: 'Enabled', fr: 'Actif' }, value: '1' },
      { ...none, id: 'note', kind: 'text', ask: { en: 'Note', fr: 'Note' }, optional: true, visible: 'enabled' },
      { ...none, id: 'secret', kind: 'password', ask: { en: 'Secret', fr: 'Secret' }, optional: true, secret: true },
    ] },
  ] },
  { id: 'actions', name: { en: 'Actions', fr: 'Actions' }, help: {}, sections: [
    { id: 'page', name: { en: 'Page', fr: 'Page' }, help: {}, visible: null, actions: true, fields: [
      { ...none, id: 'who', ask: { en: 'Whom to greet', fr: 'Qui saluer' }, value: 'world' },
      { ...none, id: 'greet', kind: 'button', ask: { en: 'Greet', fr: 'Saluer' } },
    ] },
  ] },
];

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

function manifestOf(app: YnhCatalogApp): YnhManifest {
  return {
    id: app.id, name: app.name, description: app.description, version: app.version, multi_instance: true, installed: false, vouched_for: app.state === 'working', questions,
    requirements: [{ name: 'required_yunohost_version', passed: true, message: '' }], before_install: [{ en: 'Its first page is public.', fr: 'Sa première page est publique.' }], before_upgrade: [], level: app.level, state: app.state, antifeatures: app.antifeatures,
  };
}

/** Whether a condition of the pretend packages holds: they have names alone. */
function holds(condition: string | null, answers: Readonly<Record<string, string>>, fields: readonly YnhQuestion[]): boolean {
  if (condition === null) return true;
  const known = answers[condition] ?? fields.find((field) => field.id === condition)?.value ?? '';
  return known !== '' && known !== '0' && known !== 'no';
}

/** Applications of pretend hosts: one catalog, one form, one panel for all. */
export function applyingRooms(): Rooms<Applying> {
  const reached = (vault: FakeVault, name: string): void => {
    const host = vault.host(name);
    if (host.sealed) throw refuse('stage-sealed', { stage: host.stage }, name);
    if (host.trouble) throw host.trouble;
  };
  return {
    ynh_catalog: ({ host, search, category }, vault) => {
      if (host) reached(vault, host);
      const words = plain(search ?? '').split(/\s+/).filter((word) => word !== '');
      const apps = listed.filter((app) => (!category || app.category === category) && words.every((word) => plain(`${app.name} ${app.id} ${Object.values(app.description).join(' ')}`).includes(word)));
      const titles: Record<string, [string, string]> = { publishing: ['Publishing', 'Publication'], games: ['Games', 'Jeux'], synchronization: ['Synchronization', 'Synchronisation'], communication: ['Communication', 'Communication'] };
      const categories = Object.entries(titles).map(([id, [en, fr]]) => ({ id, title: { en, fr }, description: {}, apps: listed.filter((app) => app.category === id).length }));
      return { apps, total: listed.length, categories, read_ms: Date.now(), changed_s: Math.round(Date.now() / 1000) - 3 * 86_400, sources: [{ id: 'default', url: null }] };
    },
    ynh_manifest: ({ host, source }, vault) => {
      if (host) reached(vault, host);
      const app = listed.find((one) => source.includes(one.id));
      if (!app) throw refuse('ynh-not-possible', { about: source, reason: 'app-not-in-catalog' }, host ?? undefined);
      return manifestOf(app);
    },
    ynh_form_check: ({ fields, answers, secrets, panel }) => {
      const hidden = fields.filter((field) => !holds(field.visible, answers, fields)).map((field) => field.id);
      const wrong = fields.filter((field) => !hidden.includes(field.id) && field.kind !== 'button').flatMap((field) => {
        const answer = answers[field.id] ?? '';
        const given = answer !== '' || (secrets ?? []).includes(field.id);
        if (!given) return panel || field.optional || field.default !== null ? [] : [{ field: field.id, why: 'missing' }];
        if (field.kind === 'number' && (!/^\d+$/.test(answer) || Number(answer) < (field.min ?? 0) || Number(answer) > (field.max ?? Infinity))) return [{ field: field.id, why: 'range' }];
        return field.kind === 'email' && !answer.includes('@') ? [{ field: field.id, why: 'form' }] : [];
      });
      return { hidden, wrong };
    },
    ynh_panels: ({ host, of }, vault) => {
      reached(vault, host);
      if (of !== 'settings' && 'app' in of && of.app === 'hextris') throw refuse('ynh-not-possible', { about: of.app, reason: 'config-panel-missing' }, host);
      return { panels };
    },
    ynh_package_send: ({ on, path, typed }, vault) => {
      if (path.includes('COPIES')) throw refuse('app-package-invalid', { path, why: 'manifest.toml' });
      allowAtOnce([vault.host(on)], typed ?? null, vault);
      return { path: `/var/lib/beffroi/sent/1/dokuwiki_ynh`, hosts: [on], id: 'dokuwiki', version: '2025.05.14~ynh1' };
    },
    ynh_catalog_send: ({ on, typed }, vault) => {
      allowAtOnce([vault.host(on)], typed ?? null, vault);
      return { path: '/var/lib/beffroi/sent/2/catalog.json', hosts: [on], sha256: 'ab'.repeat(32), apps: listed.length };
    },
    ynh_sent_drop: () => ({}),
  };
}
