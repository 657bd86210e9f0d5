import type { ApiError, HardeningCheck, HardeningFix } from '$generated/api';
import type { Rooms } from './rooms';

export type Hardening = 'host_hardening';

function check(id: string, severity: HardeningCheck['severity'], verdict: HardeningCheck['verdict'], what: string, fix: HardeningFix | null = null): HardeningCheck {
  const found = verdict === 'ok' ? null : verdict === 'unknown' ? { key: 'hardening.unknown-not-readable', values: {} } : { key: `hardening.${id}.found`, values: { what } };
  return { id, severity, verdict, title: { key: `hardening.${id}`, values: {} }, found, why: { key: `hardening.${id}.why`, values: {} }, remedy: verdict === 'ok' ? null : { key: `hardening.${id}.remedy`, values: {} }, fix };
}

const keysOnly: HardeningFix = { kind: 'ynh', operation: 'settings-set', given: { setting: { text: 'security.ssh.ssh_password_authentication' }, value: { text: 'no' } } };

/** What could be safer about the pretend hosts: more about a YunoHost, and something that it wrote itself. */
export function hardeningRooms(): Rooms<Hardening> {
  return {
    host_hardening: ({ on }, vault) => ({
      results: on.split(' or ').map((name) => {
        const host = vault.seen(vault.host(name));
        const error: ApiError | null = host.sealed ? { code: 'stage-sealed', values: { name: host.stage }, host: name } : host.summary ? null : { code: 'not-surveyed', values: { name }, host: name };
        const yunohost = host.role === 'yunohost';
        const checks = [
          check('ssh-passwords', 'high', yunohost ? 'to_do' : 'ok', 'passwordauthentication yes', keysOnly),
          check('ssh-unknown-keys', 'medium', 'to_do', 'root: SHA256:k8Qz3nVb6uRw1xTc9pYe5mHs2dLf7gJa4oKi0tUqBzE camille@\u202eretsambuc'),
          check('clock', 'medium', 'to_do', '412 s', { kind: 'set_clock' }),
          check('firewall', 'high', 'unknown', ''),
          check('root-accounts', 'high', 'ok', ''), check('restart', 'medium', 'ok', ''),
        ];
        return { host: name, status: host.sealed ? 'sealed' : error ? 'failed' : 'ok', duration_ms: 0, stage: host.stage, taken_ms: error ? null : (host.summary?.taken_ms ?? null), checks: error ? [] : checks, error };
      }),
    }),
  };
}
