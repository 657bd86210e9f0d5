import type { PassphraseGenerate, SecretGenerate, SecretRow } from '$generated/api';
import type { Rooms } from './rooms';
import { discard, remember } from './beside';
import { refuse } from './refuse';
import type { FakeVault } from './vault';

export type Guarding = 'secret_list' | 'secret_set' | 'secret_reveal' | 'secret_generate' | 'passphrase_generate' | 'secret_rename' | 'secret_remove' | 'view_list' | 'view_keep';

/** A pretend secret whose stage is open. */
export function secretOf(vault: FakeVault, name: string): SecretRow {
  const secret = vault.secrets.find((candidate) => candidate.name === name);
  if (!secret) throw refuse('secret-not-found', { name });
  if (vault.isSealed(secret.stage)) throw refuse('stage-sealed', { name: secret.stage });
  return secret;
}

/** What a pretend secret holds: what was put in, else something of its kind. */
export function fakeSecretValue(vault: FakeVault, secret: SecretRow): string {
  return vault.values.get(secret.id) ?? (secret.kind === 'private-key' ? '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\nQyNTUxOQAAACDpretendedPretendedPretendedPretendedAAAAQ==\n-----END OPENSSH PRIVATE KEY-----\n' : 'Pretended-7-Copper-Lantern');
}

const sets = { lower: 'abcdefghijkmnpqrstuvwxyz', upper: 'ABCDEFGHJKLMNPQRSTUVWXYZ', digits: '23456789', symbols: '!#%+,-./:=?@^_~' };

function makePassword(order: SecretGenerate): { value: string; bits: number } {
  const alphabet = (['lower', 'upper', 'digits', 'symbols'] as const).filter((set) => order[set]).map((set) => sets[set]).join('');
  if (alphabet === '' || order.length < 8 || order.length > 256) throw refuse('invalid-request', { what: 'password' });
  return { value: Array.from({ length: order.length }, (_, at) => alphabet[(at * 31 + 17) % alphabet.length]).join(''), bits: order.length * Math.log2(alphabet.length) };
}

const listed = { english: ['copper', 'lantern', 'velvet', 'orbit'], french: ['cuivre', 'lanterne', 'velours', 'orbite'] };

function makePassphrase({ words, list, separator, capitals, digit }: PassphraseGenerate): { value: string; bits: number } {
  if (words < 4 || words > 24 || separator.length > 1 || (separator === '' && !capitals)) throw refuse('invalid-request', { what: 'passphrase' });
  const drawn = Array.from({ length: words }, (_, at) => listed[list][(at * 3) % 4] ?? '').map((word) => (capitals ? word[0]?.toUpperCase() + word.slice(1) : word));
  return { value: drawn.map((word, at) => (digit && at === 1 ? `${word}4` : word)).join(separator), bits: words * 11 + (digit ? Math.log2(10 * words) : 0) };
}

/** Secrets, and the views that are kept beside them. */
export function guardingRooms(): Rooms<Guarding> {
  return {
    secret_list: (_, vault) => ({ secrets: vault.secrets }),
    secret_set: ({ name, value, stage }, vault) => {
      const before = vault.secrets.find((secret) => secret.name === name);
      if (before) remember(vault, before);
      const row: SecretRow = { id: before?.id ?? vault.fresh('secret'), name, kind: value.startsWith('-----BEGIN') ? 'private-key' : 'password', stage: stage ?? before?.stage ?? 'dev', used_by: before?.used_by ?? [], held: [], changed_ms: Date.now() };
      vault.secrets = [...vault.secrets.filter((secret) => secret.name !== name), row];
      vault.values.set(row.id, value);
      vault.write({ key: 'journal.secret-set', values: { name } }, null);
      vault.ring({ kind: 'secrets_changed' });
      return row;
    },
    secret_reveal: ({ name }, vault) => {
      const secret = secretOf(vault, name);
      vault.write({ key: 'journal.secret-revealed', values: { name } }, null);
      return { name, kind: secret.kind, value: fakeSecretValue(vault, secret) };
    },
    secret_generate: (order) => makePassword(order),
    passphrase_generate: (order) => makePassphrase(order),
    secret_rename: ({ name, to }, vault) => {
      const secret = secretOf(vault, name);
      if (to !== name && vault.secrets.some((other) => other.name === to)) throw refuse('secret-exists', { name: to });
      const renamed = { ...secret, name: to };
      vault.secrets = vault.secrets.map((other) => (other === secret ? renamed : other));
      vault.write({ key: 'journal.secret-renamed', values: { name, to } }, null);
      vault.ring({ kind: 'secrets_changed' });
      return renamed;
    },
    secret_remove: ({ name }, vault) => {
      const secret = secretOf(vault, name);
      if (secret.used_by.length > 0) throw refuse('secret-in-use', { name, hosts: secret.used_by.join(', ') });
      vault.secrets = vault.secrets.filter((candidate) => candidate !== secret);
      discard(vault, secret);
      vault.write({ key: 'journal.secret-removed', values: { name } }, null);
      vault.ring({ kind: 'secrets_changed' });
      return {};
    },
    view_list: (_, vault) => ({ views: vault.views }),
    view_keep: ({ views }, vault) => {
      vault.views = views;
      return { views };
    },
  };
}
