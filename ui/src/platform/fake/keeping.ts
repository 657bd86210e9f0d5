import type { Authority, IdentityInfo, SlotInfo } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { ownFingerprint, type FakeVault } from './vault';

export type Keeping = 'vault_info' | 'vault_verify' | 'vault_health' | 'vault_copy' | 'parcel_merge' | 'vault_passwd' | 'vault_rekey' | 'slot_list' | 'slot_add' | 'slot_remove' | 'identity_list' | 'identity_create' | 'identity_export' | 'identity_import'
  | 'stage_list' | 'stage_add' | 'stage_protect' | 'stage_unseal' | 'stage_seal' | 'stage_passwd' | 'stage_rekey' | 'stage_policy';

/** What opens the pretend vaults. */
export const fakePassphrase = 'five words nobody would guess';
export const fakeRecovery = 'abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act action actor actress actual';
const generated = 'copper-lantern-drift-velvet-ninth-harbour';

/** Whether this opens a pretend vault. */
export function prove(authority: Authority): void {
  if (authority.passphrase !== null && (authority.passphrase as string) !== fakePassphrase) throw refuse('vault-wrong-passphrase');
  if (authority.recovery_words !== null && (authority.recovery_words as string) !== fakeRecovery) throw refuse('vault-wrong-recovery-words');
}

async function takeTime(vault: FakeVault, work: string, delay: number): Promise<void> {
  const total = 40;
  for (let done = 0; done <= total && delay > 0; done += 1) {
    vault.ring({ kind: 'progress', work, done, total });
    await new Promise((resolve) => setTimeout(resolve, delay / 4));
  }
}

function unsealWith(vault: FakeVault, name: string, secret: string): ReturnType<FakeVault['stage']> {
  const stage = vault.stage(name);
  if (stage.secret !== secret) throw refuse('vault-wrong-passphrase');
  return stage;
}

/** How a vault itself is kept: ways in, stages, identities, copies. */
export function keepingRooms(delay: number): Rooms<Keeping> {
  return {
    vault_info: (_, vault) => vault.info(),
    vault_verify: async (_, vault) => {
      await takeTime(vault, 'verify', delay);
      return vault.report();
    },
    vault_health: (_, vault) => ({
      findings: [
        { grade: 'good', what: { key: 'health.kdf', values: { memory: '256', passes: '4', could: '256', could_passes: '4' } }, remedy: null },
        ...vault.stages.filter((stage) => stage.secret === null && stage.name !== 'dev').map((stage) => ({ grade: 'fair' as const, what: { key: 'health.stage-unprotected', values: { stage: stage.name } }, remedy: { key: 'health.stage-unprotected.remedy', values: {} } })),
        vault.warnings.length > 0
          ? { grade: 'bad', what: { key: 'health.copy-old', values: { days: '23' } }, remedy: { key: 'health.copy-old.remedy', values: {} } }
          : { grade: 'good', what: { key: 'health.copy', values: { days: '0' } }, remedy: null },
        { grade: 'good', what: { key: 'health.memory', values: {} }, remedy: null },
      ],
    }),
    vault_copy: async ({ destination }, vault) => {
      await takeTime(vault, 'copy', delay);
      vault.lastCopy = Date.now();
      vault.warnings = [];
      vault.ring({ kind: 'vault_changed' });
      return { path: `${destination}/${vault.name}-2026-11-21-1100.beffroi`, at_ms: Date.now(), bytes: 4_812_800, journal_entries: vault.journal.length, report: vault.report() };
    },
    parcel_merge: async ({ other, keep, resolved, rehearse }, vault) => {
      if (other === vault.path) throw refuse('merge-itself', { path: other });
      await takeTime(vault, 'merge', delay);
      const kept = resolved.find((choice) => choice.key === 'secret:acme/console')?.keep ?? keep ?? null;
      return {
        other, merged: rehearse !== true && kept !== null, entries: 12, surveys: 0, jobs: 0, runs: 0, other_ways: false, renames: [],
        taken: [{ what: 'host', name: 'web-9', effect: 'added' }],
        conflicts: [{ key: 'secret:acme/console', what: 'secret', name: 'acme/console', fields: [{ field: 'value', mine: null, theirs: null, hidden: true }], removed_here: false, removed_there: false, kept }],
      };
    },
    vault_passwd: ({ authority }) => {
      prove(authority);
      return {};
    },
    vault_rekey: async ({ authority }, vault) => {
      prove(authority);
      await takeTime(vault, 'rekey', delay);
      const dropped = vault.slots.filter((slot) => slot.kind === 'passphrase-keyring');
      vault.slots = vault.slots.filter((slot) => slot.kind !== 'passphrase-keyring');
      vault.ring({ kind: 'vault_changed' });
      return { vault: vault.info(), recovery_words: fakeRecovery, dropped };
    },
    slot_list: (_, vault) => ({ slots: vault.slots }),
    slot_add: ({ authority, kind, label }, vault) => {
      prove(authority);
      const stretched = kind.startsWith('passphrase');
      const slot: SlotInfo = { id: vault.fresh('slot'), kind, label, added_ms: Date.now(), memory_kib: stretched ? 262_144 : null, passes: stretched ? 4 : null, lanes: stretched ? 4 : null, weakest: kind === 'keyring' };
      if (kind === 'keyring') vault.slots = vault.slots.map((other) => ({ ...other, weakest: false }));
      vault.slots = [...vault.slots, slot];
      vault.ring({ kind: 'vault_changed' });
      return { slot, recovery_words: kind === 'recovery' ? fakeRecovery : null };
    },
    slot_remove: ({ authority, slot }, vault) => {
      prove(authority);
      vault.slots = vault.slots.filter((other) => other.id !== slot);
      vault.ring({ kind: 'vault_changed' });
      return {};
    },
    identity_list: (_, vault) => ({ identities: vault.identities }),
    identity_create: ({ name }, vault) => {
      const identity: IdentityInfo = { id: vault.fresh('identity'), name, fingerprint: ownFingerprint, own: true, created_ms: Date.now(), card: `beffroi-identity:1:${name}:MCowBQYDK2VwAyEAq7n0pXk5cVf2hT8sYzR1uWj4mLd6gBo3eKi9QxAaPvE`, recipient: 'age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt' };
      vault.identities = [...vault.identities, identity];
      return identity;
    },
    identity_export: (_, vault) => {
      const own = vault.identities.find((identity) => identity.own);
      if (!own) throw refuse('invalid-request');
      return own;
    },
    identity_import: ({ path }, vault) => {
      const identity: IdentityInfo = { id: vault.fresh('identity'), name: 'Inès Morvane', fingerprint: 'SHA256:f3Lm8oXy5rMd0wUo2tZc7qIf4vKe9hGb6pXj1uLaRyV', own: false, created_ms: Date.now(), card: `beffroi-identity:1:Inès Morvane:${path.length}`, recipient: 'age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt' };
      vault.identities = [...vault.identities, identity];
      return identity;
    },
    stage_list: (_, vault) => ({ stages: vault.stageInfos() }),
    stage_add: ({ stage: name }, vault) => {
      if (vault.stages.some((stage) => stage.name === name)) throw refuse('invalid-name', { name });
      vault.stages = [...vault.stages, { name, secret: null, until: null, policy: { typed_confirmation: false, refuse_warnings: false, unsealed_s: 3600, freeze: null } }];
      vault.ring({ kind: 'stages_changed' });
      return vault.stageInfo(name);
    },
    stage_protect: ({ stage: name, secret }, vault) => {
      const stage = vault.stage(name);
      stage.secret = (secret as string | null) ?? generated;
      stage.until = Date.now() + stage.policy.unsealed_s * 1000;
      vault.ring({ kind: 'stages_changed' });
      return { stage: vault.stageInfo(name), secret: secret === null ? generated : null };
    },
    stage_unseal: ({ stage: name, secret, for_s }, vault) => {
      const stage = unsealWith(vault, name, secret);
      stage.until = Date.now() + (for_s ?? stage.policy.unsealed_s) * 1000;
      vault.write({ key: 'journal.stage-unsealed', values: { stage: name } }, null);
      vault.ring({ kind: 'stages_changed' });
      return vault.stageInfo(name);
    },
    stage_seal: ({ stage: name }, vault) => {
      vault.stage(name).until = null;
      vault.ring({ kind: 'stages_changed' });
      return vault.stageInfo(name);
    },
    stage_passwd: ({ stage: name, secret, new: next }, vault) => {
      const stage = unsealWith(vault, name, secret);
      stage.secret = (next as string | null) ?? generated;
      return { stage: vault.stageInfo(name), secret: next === null ? generated : null };
    },
    stage_rekey: async ({ stage: name, secret }, vault) => {
      unsealWith(vault, name, secret);
      await takeTime(vault, 'stage-rekey', delay);
      return vault.stageInfo(name);
    },
    stage_policy: ({ stage: name, policy }, vault) => {
      vault.stage(name).policy = policy;
      vault.ring({ kind: 'stages_changed' });
      return vault.stageInfo(name);
    },
  };
}
