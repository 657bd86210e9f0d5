import type { ImportEntry, ImportFinding, ImportPreview, ImportRules, ImportStanding } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';

export type Importing = 'import_formats' | 'import_columns' | 'import_read' | 'import_preview' | 'import_apply' | 'import_forget' | 'secret_export';

const titles = ['root', 'admin Nextcloud', 'Dolibarr base', 'PVE root@pam', 'SSH key, laptop 2022', 'Gitea deploy token', 'Box Internet', 'backup passphrase', 'LDAP bind', 'SMTP relay'];
const standings: ImportStanding[] = ['new', 'new', 'new', 'differs', 'conflict', 'new', 'same', 'changed', 'discarded', 'new'];

function entry(row: number, hosts: readonly string[], rules: ImportRules): ImportEntry {
  const at = row % titles.length;
  const path = [at < 6 ? 'Production' : 'Divers'];
  const standing = standings[at] ?? 'new';
  const findings: ImportFinding[] = at === 1 ? [{ key: 'weak', value: 31 }] : at === 2 ? [{ key: 'reused', value: 3 }] : at === 8 ? [{ key: 'old', value: 6 }] : [];
  const title = row < titles.length ? (titles[at] ?? '') : `${titles[at] ?? ''} ${row}`;
  const stage = rules.stage_of.find((rule) => rule.group === path[0])?.stage ?? (at < 6 ? 'prod' : rules.stage ?? 'dev');
  const name = [...(rules.under === null ? [] : [rules.under]), ...path, title.replaceAll(/[^A-Za-z0-9@._]+/g, '-')].join('/');
  return { row, path, title, user: at === 4 ? null : 'root', kind: at === 4 ? 'private-key' : 'password', name, hosts: at === 6 ? [] : hosts.slice(at % 3, (at % 3) + 1), opens: at < 2, stage, standing, why: null, fields: standing === 'conflict' ? ['value'] : [], findings };
}

/** Files of other programs in the pretend world: `locked` wants a password, `columns` says nothing of its columns, a number in the name is how many entries there are. */
export function importingRooms(): Rooms<Importing> {
  const waiting = new Map<string, string>();
  const preview = (id: string, path: string, rules: ImportRules, hosts: readonly string[]): ImportPreview => {
    const count = Number(/\d{2,}/.exec(path)?.[0] ?? titles.length);
    return {
      id, name: path.split('/').at(-1) ?? path, format: 'kdbx', rows: Array.from({ length: count }, (_, row) => entry(row, hosts, rules)), host_keys: 3, host_keys_left: 2, refused: [{ what: 'Test 123', why: 'no-value' }], notices: [], vanished: [], groups: ['Divers', 'Production'], signer: path.includes('parcel') ? { name: 'Inès Morvane', fingerprint: 'SHA256:f3Lm8oXy5rMd0wUo2tZc7qIf4vKe9hGb6pXj1uLaRyV', known: false, made_ms: Date.now() - 3_600_000, readers: ['Camille Hautval'], newer_ms: path.includes('older') ? Date.now() : null } : null,
      hosts: [{ row: 0, title: 'gate', name: 'gate', address: '203.0.113.9', port: 2222, user: 'op', jump: [], stage: 'dev', standing: 'new', why: null, credential: null, notes: [] }],
    };
  };
  return {
    import_formats: () => ({ read: ['bitwarden', 'kdbx', 'csv', 'env'], written: ['kdbx', 'bitwarden', 'age', 'env', 'csv', 'ssh-config'], columns: ['skip', 'title', 'user', 'password', 'url', 'notes', 'field'] }),
    import_columns: () => ({ headers: ['Nom', 'Code'], suggested: { columns: ['title', 'field'], header: true } }),
    import_read: ({ path, password, mapping, from, rules }, vault) => {
      if (path.includes('parcel') && from === null) throw refuse('parcel-signer-unknown', { path, name: 'Inès Morvane', fingerprint: 'SHA256:f3Lm8oXy5rMd0wUo2tZc7qIf4vKe9hGb6pXj1uLaRyV' });
      if (path.includes('columns') && mapping === null) throw refuse('import-needs-mapping', { path });
      if (path.includes('locked') && password === null) throw refuse('import-needs-password', { path });
      const id = vault.fresh('import');
      waiting.set(id, path);
      return preview(id, path, rules, vault.hosts.map((host) => host.name));
    },
    import_preview: ({ id, rules }, vault) => {
      const path = waiting.get(id);
      if (path === undefined) throw refuse('import-not-found');
      return preview(id, path, rules, vault.hosts.map((host) => host.name));
    },
    import_apply: ({ id, rules, rows }, vault) => {
      const path = waiting.get(id);
      if (path === undefined) throw refuse('import-not-found');
      waiting.delete(id);
      const read = preview(id, path, rules, []);
      const choice = new Map(rows.map((row) => [row.row, row.choice]));
      const added = read.rows.filter((row) => (row.standing === 'new' || row.standing === 'differs' ? choice.get(row.row) !== 'skip' : choice.get(row.row) === 'take'));
      const sealed = added.find((row) => vault.isSealed(row.stage));
      if (sealed) throw refuse('stage-sealed', { name: sealed.stage });
      vault.secrets = [...vault.secrets, ...added.map((row) => ({ id: vault.fresh('secret'), name: row.name, kind: row.kind, stage: row.stage, used_by: [], held: [], changed_ms: Date.now() }))];
      vault.write({ key: 'journal.secrets-imported', values: { file: read.name, format: read.format, added: String(added.length), changed: '1', hosts: '1' } }, null);
      vault.ring({ kind: 'secrets_changed' });
      return { added: added.length, changed: 1, same: 1, kept: 0, conflicts: read.rows.filter((row) => row.standing === 'conflict' && !choice.has(row.row)).length, left: 1, refused: 0, hosts_added: 1, hosts_changed: 0, unbound: [] };
    },
    import_forget: ({ id }) => {
      waiting.delete(id);
      return {};
    },
    secret_export: ({ path, format, stage }, vault) => {
      const meant = vault.secrets.filter((secret) => stage === null || secret.stage === stage);
      const sealed = meant.find((secret) => vault.isSealed(secret.stage));
      if (sealed) throw refuse('stage-sealed', { name: sealed.stage });
      vault.write({ key: 'journal.secrets-exported', values: { count: String(meant.length), hosts: '0', path, format } }, null);
      return { path, format, secrets: meant.length, hosts: 0, left: [] };
    },
  };
}
