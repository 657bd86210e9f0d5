import type { HostRow, KnownHostsImported } from '$generated/api';
import { refuse } from './refuse';
import { testOf } from './remote';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';

export type Reaching = 'credential_allow' | 'host_edit' | 'host_distrust' | 'host_revoke' | 'known_hosts_import' | 'known_hosts_export' | 'host_enrol' | 'host_diff' | 'host_ledger' | 'host_clean' | 'host_detach' | 'job_retry';

/** How hosts are reached, believed and left. */
export function reachingRooms(): Rooms<Reaching> {
  return {
    credential_allow: ({ name }, vault) => {
      const held = vault.secrets.find((secret) => secret.name === name)?.held.length ?? 0;
      vault.secrets = vault.secrets.map((secret) => (secret.name === name ? { ...secret, held: [] } : secret));
      vault.ring({ kind: 'secrets_changed' });
      return { refusals: held };
    },
    host_edit: ({ host, name, change }, vault) => {
      const before = vault.host(host);
      if (change.jump === host) throw refuse('jump-loop', { name: host });
      const either = (next: string | null, until: string | null): string | null => (next === null ? until : next || null);
      const row: HostRow = {
        ...before, name: name ?? before.name, address: change.address ?? before.address, port: change.port ?? before.port, user: change.user ?? before.user, jump: either(change.jump, before.jump), others: change.others ?? before.others, stage: change.stage ?? before.stage, tags: change.tags ?? before.tags, identity: either(change.identity, before.identity), password: either(change.password, before.password), one_time: either(change.one_time, before.one_time),
        ...(change.sudo === null ? {} : change.sudo === 'never' || change.sudo === 'without-password' ? { sudo: change.sudo, sudo_secret: null } : { sudo: 'password', sudo_secret: change.sudo }), legacy: change.legacy === null ? before.legacy : change.legacy.algorithms.length > 0 ? change.legacy : null,
      };
      vault.hosts = vault.hosts.map((one) => (one.name === host ? row : one));
      vault.ring({ kind: 'hosts_changed' });
      return row;
    },
    host_distrust: ({ host, fingerprint }, vault) => {
      const row = { ...vault.host(host), pins: vault.host(host).pins.filter((pin) => pin !== fingerprint) };
      vault.set(row);
      return row;
    },
    host_revoke: ({ host, fingerprint }, vault) => {
      const row = { ...vault.host(host), pins: vault.host(host).pins.filter((pin) => pin !== fingerprint) };
      vault.revoked.set(host, [...(vault.revoked.get(host) ?? []), fingerprint]);
      vault.set(row);
      return row;
    },
    known_hosts_import: ({ dry_run }, vault): KnownHostsImported => {
      const [first] = vault.hosts;
      return { hosts: first ? [{ host: first.name, trusted: dry_run ? ['SHA256:mN3kLq9cYt7bW2hRz5xVf8sDa1uJe4pGo6iTy0vKbEw'] : [], authorities: [], revoked: [], error: null }] : [], unused: 12, not_understood: [{ line: 7, reason: 'no key type <script>' }] };
    },
    known_hosts_export: ({ destination }, vault) => ({ path: destination, lines: vault.hosts.length, unseen: [] }),
    host_enrol: ({ host, plan, typed, keep_password }, vault) => {
      const row = vault.host(host);
      const test = testOf(row, false);
      const steps = (['make', 'authorize', 'prove', 'switch', ...(keep_password ? [] : ['forget'])] as const).map((step) => ({ key: `enrol.${step}`, values: { host, user: row.user, secret: `${host}/ssh` } }));
      if (!plan) allowAtOnce([row], typed, vault);
      if (!plan && !test.passed) throw refuse('enrol-failed', {}, host);
      return { test, steps, fingerprint: plan ? null : 'SHA256:zE7uBq0tK4oJa9gLf2dHs5mYe8pTc1xRw6uVn3bQkQ8', host: row };
    },
    host_diff: ({ host, with: other, noise }, vault) => {
      const now = Date.now();
      return {
        before: { host: other ?? host, taken_ms: now - 86_400_000 }, after: { host, taken_ms: vault.host(host).summary?.taken_ms ?? now },
        differences: [
          { area: 'authorized_keys', severity: 'security', path: ['key', 'root', 'SHA256:k8Qz3nVb6uRw1xTc9pYe5mHs2dLf7gJa4oKi0tUqBzE'], before: null, after: 'ssh-ed25519 camille@\u202eretsambuc' },
          { area: 'listeners', severity: 'security', path: ['tcp', '0.0.0.0', '8080'], before: null, after: 'python3' },
          { area: 'packages', severity: 'change', path: ['openssl'], before: '3.0.15-1', after: '3.0.16-1' },
          ...(noise ? [{ area: 'memory' as const, severity: 'noise', path: ['available'], before: '4.4 GB', after: '3.9 GB' }] : []),
        ],
      };
    },
    host_ledger: ({ ask }) => ({
      entries: [
        { kind: 'job-folder', what: '0193f0a0.1', ours: true, state: ask ? 'ended' : null, bytes: ask ? 48_213 : null, started_s: ask ? Math.round(Date.now() / 1000) - 90_000 : null },
        { kind: 'authorized-key', what: 'SHA256:k8Qz3nVb6uRw1xTc9pYe5mHs2dLf7gJa4oKi0tUqBzE', ours: true, state: null, bytes: null, started_s: null },
      ],
      leftovers: ask ? 1 : null,
    }),
    host_clean: ({ host, typed }, vault) => {
      allowAtOnce([vault.host(host)], typed, vault);
      return { folders: ['0193f0a0.1'], leftovers: 1, key_removed: false };
    },
    host_detach: ({ host, typed }, vault) => {
      allowAtOnce([vault.host(host)], typed, vault);
      return { folders: ['0193f0a0.1'], leftovers: 0, key_removed: true };
    },
    job_retry: ({ job, typed }, vault) => {
      const { view } = vault.job(job);
      allowAtOnce([vault.host(view.host)], typed, vault);
      view.state = 'running';
      view.error = null;
      view.ended_ms = null;
      for (const step of view.steps) if (step.state === 'failed' || step.state === 'skipped') step.state = 'pending';
      vault.ring({ kind: 'job_changed', job });
      return view;
    },
  };
}
