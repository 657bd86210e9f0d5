import type { FoundBy, SecretAbout, SecretRow, TrashedSecret } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { fakeSecretValue, secretOf } from './secrets';
import type { FakeVault } from './vault';

export type Besiding = 'secret_about' | 'secret_edit' | 'secret_part' | 'secret_revert' | 'secret_attach' | 'secret_file_save' | 'secret_file_remove' | 'trash_list' | 'trash_restore' | 'trash_empty';

/** What a pretend vault keeps beside the values of its secrets. */
interface Kept {
  about: Omit<SecretAbout, 'secret'>;
  hidden: Map<string, string>;
}

const month = 30 * 24 * 3600 * 1000;
const details = new WeakMap<FakeVault, Map<string, Kept>>();
const trash = new WeakMap<FakeVault, { row: SecretRow; trashed: TrashedSecret }[]>();

function keptOf(vault: FakeVault, id: string): Kept {
  const all = details.get(vault) ?? new Map<string, Kept>();
  details.set(vault, all);
  const kept: Kept = all.get(id) ?? { about: { title: '', path: [], user: '', urls: [], tags: [], has_notes: false, has_totp: false, has_passphrase: false, fields: [], attachments: [], past: [], expires_ms: null, origin: null }, hidden: new Map() };
  all.set(id, kept);
  return kept;
}

const aboutOf = (vault: FakeVault, secret: SecretRow): SecretAbout => ({ secret, ...keptOf(vault, secret.id).about });
const trashOf = (vault: FakeVault): { row: SecretRow; trashed: TrashedSecret }[] => trash.get(vault) ?? [];

/** What a pretend secret is found by beside its name. */
export function textsBeside(vault: FakeVault, id: string): [FoundBy, string][] {
  const { title, user, urls, tags, path, fields } = keptOf(vault, id).about;
  const texts: [FoundBy, string][] = [['title', title], ['account', user], ...urls.map((url): [FoundBy, string] => ['address', url]), ...tags.map((tag): [FoundBy, string] => ['tag', tag]), ...path.map((group): [FoundBy, string] => ['group', group]), ...fields.map((field): [FoundBy, string] => ['field', `${field.name} ${field.value ?? ''}`.trim()])];
  return texts.filter(([, text]) => text !== '');
}

/** Puts a pretend secret into the trash. */
export function discard(vault: FakeVault, row: SecretRow): void {
  const at_ms = Date.now();
  trash.set(vault, [{ row, trashed: { id: row.id, name: row.name, kind: row.kind, stage: row.stage, at_ms, until_ms: at_ms + month } }, ...trashOf(vault)]);
}

/** What stands beside secrets, their files, and the trash. */
export function besideRooms(): Rooms<Besiding> {
  return {
    secret_about: ({ name }, vault) => aboutOf(vault, secretOf(vault, name)),
    secret_edit: (edit, vault) => {
      const secret = secretOf(vault, edit.name);
      const { about, hidden } = keptOf(vault, secret.id);
      const { title, path, user, urls, tags, notes, totp, expires_ms, fields } = edit;
      Object.assign(about, Object.fromEntries(Object.entries({ title, path, user, urls, tags }).filter(([, value]) => value !== null && value !== undefined)));
      if (expires_ms !== null && expires_ms !== undefined) about.expires_ms = expires_ms === 0 ? null : expires_ms;
      if (notes !== null && notes !== undefined) { about.has_notes = notes !== ''; hidden.set('notes', notes); }
      if (totp !== null && totp !== undefined) { about.has_totp = totp !== ''; hidden.set('totp', totp); }
      for (const field of fields) {
        about.fields = about.fields.filter((other) => other.name !== field.name);
        if (field.value !== '') about.fields.push({ name: field.name, value: field.hidden ? null : field.value });
        hidden.set(`field ${field.name}`, field.value);
      }
      vault.write({ key: 'journal.secret-edited', values: { name: edit.name } }, null);
      return aboutOf(vault, secret);
    },
    secret_part: ({ name, part }, vault) => {
      const secret = secretOf(vault, name);
      const { hidden } = keptOf(vault, secret.id);
      const value = part.is === 'value' ? fakeSecretValue(vault, secret) : hidden.get(part.is === 'field' ? `field ${part.name}` : part.is === 'past' ? `past ${part.at}` : part.is);
      if (value === undefined || value === '') throw refuse('secret-not-found', { name });
      vault.write({ key: 'journal.secret-revealed', values: { name } }, null);
      return { name, kind: secret.kind, value };
    },
    secret_revert: ({ name, past }, vault) => {
      const secret = secretOf(vault, name);
      const { about, hidden } = keptOf(vault, secret.id);
      const value = hidden.get(`past ${past}`);
      if (value === undefined) throw refuse('secret-not-found', { name });
      hidden.set(`past ${about.past.length}`, fakeSecretValue(vault, secret));
      about.past = [...about.past, Date.now()];
      vault.values.set(secret.id, value);
      vault.write({ key: 'journal.secret-set', values: { name } }, null);
      return secret;
    },
    secret_attach: ({ name, path }, vault) => {
      const secret = secretOf(vault, name);
      const { about } = keptOf(vault, secret.id);
      const file = path.split('/').pop() ?? path;
      about.attachments = [...about.attachments.filter((other) => other.name !== file), { name: file, size: 48_213 }];
      vault.write({ key: 'journal.secret-attached', values: { name, file } }, null);
      return aboutOf(vault, secret);
    },
    secret_file_save: ({ name, file }, vault) => {
      const secret = secretOf(vault, name);
      vault.write({ key: 'journal.secret-attachment-read', values: { name: secret.name, file } }, null);
      return {};
    },
    secret_file_remove: ({ name, file }, vault) => {
      const secret = secretOf(vault, name);
      const { about } = keptOf(vault, secret.id);
      about.attachments = about.attachments.filter((other) => other.name !== file);
      return aboutOf(vault, secret);
    },
    trash_list: (_, vault) => ({ secrets: trashOf(vault).map(({ trashed }) => trashed) }),
    trash_restore: ({ name, to }, vault) => {
      const found = trashOf(vault).find(({ trashed }) => trashed.id === name || trashed.name === name);
      if (!found) throw refuse('secret-not-found', { name });
      const row = { ...found.row, name: to ?? found.row.name };
      if (vault.secrets.some((other) => other.name === row.name)) throw refuse('secret-exists', { name: row.name });
      trash.set(vault, trashOf(vault).filter((other) => other !== found));
      vault.secrets = [...vault.secrets, row];
      vault.write({ key: 'journal.secret-restored', values: { name: row.name } }, null);
      vault.ring({ kind: 'secrets_changed' });
      return row;
    },
    trash_empty: ({ name }, vault) => {
      const gone = trashOf(vault).filter(({ trashed }) => name === null || name === undefined || trashed.id === name || trashed.name === name);
      trash.set(vault, trashOf(vault).filter((other) => !gone.includes(other)));
      vault.write({ key: 'journal.trash-emptied', values: { count: String(gone.length) } }, null);
      return { secrets: gone.length };
    },
  };
}

/** Notes an earlier value of a pretend secret. */
export function remember(vault: FakeVault, secret: SecretRow): void {
  const { about, hidden } = keptOf(vault, secret.id);
  hidden.set(`past ${about.past.length}`, fakeSecretValue(vault, secret));
  about.past = [...about.past, Date.now()];
}
