import type { Rotation, RotationHost, RotationStep, SecretRow, SecretWhere } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';
import { secretOf } from './secrets';
import type { FakeVault } from './vault';

export type Rotating = 'secret_where' | 'rotation_plan' | 'secret_rotate';

const rotations = new WeakMap<FakeVault, Map<string, Rotation>>();

function rotationsOf(vault: FakeVault): Map<string, Rotation> {
  const all = rotations.get(vault) ?? new Map<string, Rotation>();
  rotations.set(vault, all);
  return all;
}

function begun(vault: FakeVault, secret: SecretRow, keep_old: boolean): Rotation {
  const kind = secret.kind === 'private-key' ? 'key' : 'password';
  const hosts = secret.used_by.map((name): RotationHost => {
    const { stage, user } = vault.host(name);
    const say = (key: string) => ({ key, values: { users: user, host: name } });
    const steps = [say(kind === 'key' ? 'rotation.do-authorize' : 'rotation.do-password'), say('rotation.do-prove'), say('rotation.do-switch'), ...(kind === 'key' && !keep_old ? [say('rotation.do-retire')] : [])];
    return { host: name, stage, accounts: [user], step: 'waiting', unproven: false, steps, error: null };
  });
  if (hosts.length === 0) throw refuse('rotation-nowhere', { name: secret.name });
  return { name: secret.name, next: `${secret.name}.next`, kind, back: false, keep_old, began_ms: Date.now(), over: false, lost: false, hosts };
}

/** Where pretend secrets live, and how they get new values there: what cannot be reached waits. */
export function rotatingRooms(): Rooms<Rotating> {
  return {
    secret_where: ({ name, check }, vault): SecretWhere => {
      const secret = secretOf(vault, name);
      const places = secret.used_by.map((host) => {
        const refused = secret.held.find((login) => login.host === host);
        const error = vault.host(host).trouble ?? null;
        const state = error ? 'unknown' as const : refused ? 'refused' as const : 'opens' as const;
        return { host, stage: vault.host(host).stage, user: vault.host(host).user, used: 'login' as const, next: false, taken_ms: refused ? null : secret.changed_ms, refused_ms: refused?.at_ms ?? null, earlier_ms: null, check: check ? { state, earlier_keys: null, error } : null };
      });
      return { name, kind: secret.kind, stage: secret.stage, changed_ms: secret.changed_ms, places, accounts: [], rotation: rotationsOf(vault).get(secret.id) ?? null };
    },
    rotation_plan: ({ name, keep_old }, vault) => ({ rotation: rotationsOf(vault).get(secretOf(vault, name).id) ?? begun(vault, secretOf(vault, name), keep_old), confirm: [] }),
    secret_rotate: ({ name, way, keep_old, typed }, vault) => {
      const secret = secretOf(vault, name);
      const all = rotationsOf(vault);
      const before = all.get(secret.id);
      if (way === 'begin' && before) throw refuse('rotation-goes-on', { name });
      if (way !== 'begin' && !before) throw refuse('rotation-none', { name });
      allowAtOnce(secret.used_by.map((host) => vault.host(host)), typed, vault);
      const rotation = before ?? begun(vault, secret, keep_old);
      const back = rotation.back || way === 'back';
      const trouble = (host: RotationHost) => vault.host(host.host).trouble ?? null;
      const over = !rotation.hosts.some(trouble) || back;
      const step: RotationStep = over ? 'done' : 'switched';
      const hosts = rotation.hosts.map((host): RotationHost => (trouble(host) && !back ? { ...host, step: 'waiting', error: trouble(host) } : { ...host, step, error: null }));
      const now = { ...rotation, back, over, hosts };
      if (over) all.delete(secret.id);
      else all.set(secret.id, now);
      for (const host of hosts) vault.ring({ kind: 'rotation_progress', secret: secret.id, host: host.host, step: host.step });
      vault.write({ key: over ? (back ? 'journal.secret-rotation-undone' : 'journal.secret-rotated') : 'journal.secret-rotation-begun', values: { name, count: String(hosts.length) } }, null);
      if (over && !back) vault.secrets = vault.secrets.map((other) => (other.id === secret.id ? { ...other, changed_ms: Date.now() } : other));
      vault.ring({ kind: 'secrets_changed' });
      return now;
    },
  };
}
