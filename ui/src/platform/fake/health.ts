import type { SecretFault, SecretFinding, SecretRow } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { secretOf } from './secrets';

export type Tending = 'secret_health' | 'secret_scan' | 'scan_cancel' | 'scan_hook' | 'secret_code' | 'key_generate' | 'secret_public';

const day = 24 * 3600 * 1000;

/** What is wrong with pretend secrets: told by their place in the list, the same every time. */
function findings(open: readonly SecretRow[], leaked: boolean): SecretFinding[] {
  const of = (secret: SecretRow, fault: SecretFault, values: Record<string, string>, key: string = fault.replace('_', '-')): SecretFinding => ({ fault, secret: secret.name, host: null, stage: secret.stage, bits: fault === 'weak' ? Number(values['bits']) : null, group: fault === 'reused' ? 0 : null, what: { key: `secret-health.${key}`, values } });
  const passwords = open.filter((secret) => secret.kind !== 'private-key');
  const [first, second, third] = passwords;
  const key = open.find((secret) => secret.kind === 'private-key');
  return [
    ...(leaked && first ? [of(first, 'leaked', { count: '9659365' })] : []),
    ...(first ? [of(first, 'weak', { bits: '19' })] : []),
    ...(second && third ? [of(second, 'reused', { with: third.name }), of(third, 'reused', { with: second.name })] : []),
    ...(key ? [of(key, 'weak_key', { key: 'RSA 2048' })] : []),
    ...open.filter((secret) => Date.now() - secret.changed_ms > 730 * day).map((secret) => of(secret, 'old', { days: String(Math.floor((Date.now() - secret.changed_ms) / day)) })),
  ];
}

/** How secrets are, where they should not be, and what is made of them. */
export function tendingRooms(): Rooms<Tending> {
  return {
    secret_health: ({ leaked }, vault) => {
      if (leaked?.includes('ntlm')) throw refuse('leaked-ntlm', { path: leaked });
      const open = vault.secrets.filter((secret) => !vault.isSealed(secret.stage));
      const sealed: Record<string, number> = {};
      for (const secret of vault.secrets.filter((one) => vault.isSealed(one.stage))) sealed[secret.stage] = (sealed[secret.stage] ?? 0) + 1;
      return { at_ms: Date.now(), checked: open.length, sealed, hosts_unknown: 2, keys_unknown: 0, leaked: leaked === null ? null : leaked.includes('gz') ? 'reading' : 'order', leaked_unknown: leaked === '/media/camille/COPIES' ? 2 : 0, old_days: 730, findings: findings(open, leaked !== null) };
    },
    secret_scan: ({ rules_only }) => ({ findings: [{ rule: 'password', path: 'deploy/.env', line: 3, column: 13, masked: 'DB_PASSWORD=••••••••', length: 14, known: null, commit: null, fingerprint: 'a1b2c3d4e5f60718' }], untold: 0, accepted: 0, files: 214, bytes: 1_204_551, binary: 12, large: 0, unreadable: 0, others: 1, stopped: false, values: rules_only ? null : 12 }),
    scan_cancel: () => ({}),
    scan_hook: ({ path }) => ({ path: `${path}/.git/hooks/pre-commit`, changed: true }),
    secret_code: ({ name }, vault) => {
      secretOf(vault, name);
      vault.write({ key: 'journal.secret-revealed', values: { name } }, null);
      return { name, code: '287082', until_ms: (Math.floor(Date.now() / 30_000) + 1) * 30_000, period_s: 30 };
    },
    key_generate: ({ name, stage, key, comment }, vault) => {
      if (vault.secrets.some((secret) => secret.name === name)) throw refuse('secret-exists', { name });
      vault.secrets = [...vault.secrets, { id: vault.fresh('secret'), name, kind: 'private-key', stage: stage ?? 'dev', used_by: [], held: [], changed_ms: Date.now() }];
      vault.ring({ kind: 'secrets_changed' });
      const kind = { ed25519: 'ssh-ed25519', 'ecdsa-p256': 'ecdsa-sha2-nistp256', 'rsa-3072': 'ssh-rsa', 'rsa-4096': 'ssh-rsa' }[key];
      return { name, line: `${kind} AAAAPretended ${comment ?? name}`, fingerprint: 'SHA256:pretended' };
    },
    secret_public: ({ name }, vault) => {
      if (secretOf(vault, name).kind !== 'private-key') throw refuse('secret-no-key', { name });
      return { name, line: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPretended ${name}`, fingerprint: 'SHA256:pretended' };
    },
  };
}
