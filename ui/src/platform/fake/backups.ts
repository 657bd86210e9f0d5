import type { ActionRequest, Backup, BackupFate, HostArchive, HostBackups, PlanView } from '$generated/api';
import { planFor, titleOf } from './plans';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';
import type { FakeVault } from './vault';

export type Saving = 'backup_list' | 'backup_show' | 'backup_pull' | 'backup_create' | 'backup_verify' | 'backup_push' | 'backup_restore_plan' | 'backup_prune' | 'backup_schedule' | 'backup_collect' | 'backup_rehearse';

interface Kept { kept: Backup[]; times: Map<string, HostBackups['schedule']>; there: Map<string, HostArchive[]> }

const day = 86_400;
const now = (): number => Math.round(Date.now() / 1000);
const holds = (...apps: string[]): HostArchive['holds'] => ({ description: '', yunohost: '12.1.25', apps: apps.map((id) => ({ id, name: id, version: '1.0~ynh1', bytes: 40_000_000 })), system: [] });

/** Backups of the hosts of a vault. */
export function savingRooms(): Rooms<Saving> {
  const vaults = new WeakMap<FakeVault, Kept>();
  const of = (vault: FakeVault): Kept => {
    const known = vaults.get(vault) ?? { kept: [], times: new Map(), there: new Map() };
    vaults.set(vault, known);
    return known;
  };
  const thereOn = (vault: FakeVault, host: string): HostArchive[] => {
    const known = of(vault).there.get(host) ?? [
      { name: 'beffroi-20261121-030012', bytes: 812_000_000, made_s: now() - day, holds: holds('nextcloud', 'roundcube'), kept: null },
      { name: 'before-the-move', bytes: 64_300_000, made_s: now() - 9 * day, holds: holds('dokuwiki'), kept: null },
    ];
    of(vault).there.set(host, known);
    return known;
  };
  const bring = (vault: FakeVault, host: string, name: string, to: string, streamed: boolean): Backup => {
    const archive = thereOn(vault, host).find((one) => one.name === name);
    if (!archive && !streamed) throw refuse('ynh-not-possible', { reason: name }, host);
    const id = vault.fresh('backup');
    const backup: Backup = { id, host, name, stage: vault.host(host).stage, folder: `${to}/${id}`, here: true, bytes: archive?.bytes ?? 12_000_000, sha256: '4ee9ff3c'.repeat(8), made_s: archive?.made_s ?? now(), stored_ms: Date.now(), streamed, verified_ms: null, good: true, lacks: [], holds: archive?.holds ?? holds('dokuwiki') };
    of(vault).kept.unshift(backup);
    if (archive) archive.kept = id;
    return backup;
  };
  const find = (vault: FakeVault, archive: string): Backup => {
    const found = of(vault).kept.find((one) => one.id === archive || one.name === archive);
    if (!found) throw refuse('backup-not-found', { name: archive });
    return found;
  };
  return {
    backup_list: ({ on }, vault) => ({
      hosts: on === null || on === undefined ? [] : [{ host: on, archives: vault.host(on).trouble ? [] : thereOn(vault, on).map((one) => ({ ...one })), free: 31_774_879_744, schedule: of(vault).times.get(on) ?? null, error: vault.host(on).trouble }],
      kept: of(vault).kept.map((one) => ({ ...one })),
      sealed: 0,
    }),
    backup_show: ({ archive }, vault) => find(vault, archive),
    backup_pull: ({ host, name, to }, vault) => ({ backup: bring(vault, host, name, to, false), resumed: 0, lacks: [], duration_ms: 1200 }),
    backup_create: ({ host, name, to, typed }, vault) => {
      allowAtOnce([vault.host(host)], typed ?? null, vault);
      return { backup: bring(vault, host, name ?? '20261122-004200', to, true), resumed: 0, lacks: [], duration_ms: 2400 };
    },
    backup_verify: ({ what }, vault) => {
      const backup = find(vault, what);
      backup.verified_ms = Date.now();
      const { folder, id, host, name, bytes } = backup;
      return { backups: [{ folder, id, host, name, bytes, known: true, error: null }] };
    },
    backup_push: ({ archive }, vault) => ({ name: find(vault, archive).name, sent: true }),
    backup_restore_plan: ({ archive, on }, vault) => {
      const { name } = find(vault, archive);
      throw refuse('ynh-not-possible', { reason: name }, on);
    },
    backup_prune: ({ keep, host, there, apply }, vault) => {
      if (there === true) {
        const name = host ?? '';
        const archives = [...thereOn(vault, name)].sort((one, other) => other.made_s - one.made_s);
        const fates: BackupFate[] = archives.map((one, at) => ({ id: null, host: name, name: one.name, made_s: one.made_s, bytes: one.bytes, why: at === 0 ? ['last', 'last-good'] : at < (keep.last ?? 0) ? ['last'] : [], away: false }));
        const going = fates.filter((fate) => fate.why.length === 0);
        if (going.length === 0) return { backups: fates, plan: null };
        const action: ActionRequest = { kind: 'run_steps', steps: going.map((fate) => ({ title: fate.name, command: `yunohost backup delete ${fate.name}` })), root: true };
        const plan: PlanView = { id: vault.fresh('plan'), title: titleOf(action), confirm: [], ...planFor(action, [vault.host(name)]) };
        vault.plans.set(plan.id, { plan, action });
        return { backups: fates, plan };
      }
      const mine = of(vault).kept.filter((one) => host === null || host === undefined || one.host === host);
      const fates: BackupFate[] = mine.map((one, at) => ({ id: one.id, host: one.host, name: one.name, made_s: one.made_s, bytes: one.bytes, why: at === 0 ? ['last', 'last-good'] : at < (keep.last ?? 0) ? ['last'] : [], away: false }));
      if (apply) of(vault).kept = of(vault).kept.filter((one) => fates.find((fate) => fate.id === one.id)?.why.length !== 0);
      return { backups: fates, plan: null };
    },
    backup_schedule: ({ host, calendar, apps, system, keep, typed }, vault) => {
      allowAtOnce([vault.host(host)], typed ?? null, vault);
      of(vault).times.set(host, calendar === null || calendar === undefined ? null : { calendar, active: true, next_s: now() + day / 2, last_began_s: null, last_ended_s: null, last_good: false, last_name: null, lacks: [], keep, apps: apps ?? null, system: system ?? null });
      return {};
    },
    backup_collect: ({ on, to }, vault) => ({ results: thereOn(vault, on).filter((one) => one.kept === null).map((one) => ({ host: on, name: one.name, backup: bring(vault, on, one.name, to, false), error: null })) }),
    backup_rehearse: ({ archive }, vault) => ({ backup: find(vault, archive), at_ms: Date.now(), good: true, checks: [{ what: { key: 'rehearse.chunks', values: {} }, held: true, why: null }, { what: { key: 'rehearse.listing', values: {} }, held: true, why: null }], entries: 33, bytes: 40_000_000, odd: [] }),
  };
}
