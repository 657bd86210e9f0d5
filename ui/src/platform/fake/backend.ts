import type { Event, JournalReport, KnownVault, VaultInfo } from '$generated/api';
import type { Announcement, Command, Desk, Dragged, PathPurpose, Platform, Request, Response, VaultId } from '../types';
import { fakePassphrase, fakeRecovery, keepingRooms, prove, type Keeping } from './keeping';
import { handingRooms, type Handing } from './parcels';
import { reachingRooms, type Reaching } from './access';
import { applyingRooms, type Applying } from './apps';
import { filingRooms, type Filing } from './files';
import { refuse } from './refuse';
import { besideRooms, type Besiding } from './beside';
import { savingRooms, type Saving } from './backups';
import { tendingRooms, type Tending } from './health';
import { vouchingRooms, type Vouching } from './certificates';
import { reportingRooms, type Reporting } from './reports';
import { craftingRooms, type Crafting } from './guest-specs';
import { lodgingRooms, type Lodging } from './guests';
import { knowingRooms, type Knowing } from './people';
import { guardingRooms, type Guarding } from './secrets';
import { rotatingRooms, type Rotating } from './rotation';
import { workRooms, type Rooms, type Work } from './rooms';
import { runningRooms, type Running } from './runs';
import { shapingRooms, type Shaping } from './templates';
import { talkingRooms, type Talking } from './terminal';
import { leadingRooms, type Leading } from './tunnels';
import { FakeVault } from './vault';
import { hardeningRooms, type Hardening } from './hardening';
import { importingRooms, type Importing } from './import';
import { processRooms, type Minding } from './processes';
import { readingRooms, type Reading } from './ynh';

export { fakePassphrase, fakeRecovery };

export interface FakeOptions {
  /** Vaults that are open already. */
  open: boolean | number;
  hosts: number;
  vaults: boolean;
  delay: number;
  lines: number;
  /** Seconds for which production is unsealed. */
  unsealed: number;
  /** Entries of the journal, at least. */
  entries: number;
}

type Doors = Exclude<Command, Keeping | Work | Running | Reaching | Guarding | Rotating | Besiding | Tending | Talking | Filing | Applying | Leading | Saving | Vouching | Reporting | Reading | Knowing | Hardening | Importing | Lodging | Crafting | Handing | Shaping | Minding>;
type DoorHandlers = { [K in Doors]: (request: Request<K>, vault: VaultId) => Response<K> | Promise<Response<K>> };

/** A backend that lives in the page: it remembers, it refuses, it takes its time. For tests, the design screen and previews. */
export class FakeBackend implements Platform {
  readonly copied: string[] = [];
  /** Tunnels whose web administration was opened. */
  readonly browsed: string[] = [];
  readonly calls: { command: Command; request: unknown; vault: VaultId }[] = [];
  /** How often the page said that somebody is there. */
  stirred = 0;
  /** What was told through the system. */
  readonly announced: Announcement[] = [];
  windows = 1;
  zoom = 100;
  lockedItself: number | null = null;
  readonly #options: FakeOptions;
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #dragged = new Set<(dragged: Dragged) => void>();
  readonly #rooms: Rooms<Keeping | Work | Running | Reaching | Guarding | Rotating | Besiding | Tending | Talking | Filing | Applying | Leading | Saving | Vouching | Reporting | Reading | Knowing | Hardening | Lodging | Crafting | Handing | Shaping | Minding>;
  #known: KnownVault[];
  #open: FakeVault[] = [];
  #idleLock = 600;

  constructor(options: Partial<FakeOptions> = {}) {
    this.#options = { open: false, hosts: 15, vaults: true, delay: 0, lines: 0, unsealed: 761, entries: 0, ...options };
    this.#rooms = { ...applyingRooms(), ...readingRooms(), ...vouchingRooms(), ...reportingRooms(), ...savingRooms(), ...keepingRooms(this.#options.delay), ...workRooms(this.#options.delay), ...runningRooms(this.#options.delay), ...reachingRooms(), ...guardingRooms(), ...rotatingRooms(), ...besideRooms(), ...tendingRooms(), ...knowingRooms(), ...hardeningRooms(), ...importingRooms(), ...lodgingRooms(), ...craftingRooms(), ...processRooms(), ...handingRooms(), ...shapingRooms(), ...talkingRooms(), ...leadingRooms(), ...filingRooms(this.#options.delay) };
    const now = Date.now();
    this.#known = this.#options.vaults
      ? [
          { path: '/home/camille/Vaults/cabinet.beffroi', name: 'cabinet', open: null, present: true, opened_ms: now - 16 * 3_600_000 },
          { path: '/home/camille/Vaults/morel-handover.beffroi', name: 'morel-handover', open: null, present: true, opened_ms: now - 12 * 86_400_000 },
          { path: '/media/camille/OSTREL-USB/ostrel.beffroi', name: 'ostrel', open: null, present: false, opened_ms: now - 33 * 86_400_000 },
        ]
      : [];
    const open = Number(this.#options.open);
    if (open > 1) this.#enter('/home/camille/Vaults/morel-handover.beffroi', 'Morel hand-over', Math.min(4, this.#options.hosts), 0, false);
    if (open > 0) this.#enter('/home/camille/Vaults/cabinet.beffroi', 'Cabinet', this.#options.hosts, this.#options.unsealed);
  }

  async rpc<K extends Command>(command: K, request: Request<K>, vault: VaultId = null): Promise<Response<K>> {
    this.calls.push({ command, request, vault });
    if (this.#options.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.#options.delay));
    // A copy, as from a process of its own.
    return structuredClone(await this.#answer(command, request, vault));
  }

  #answer<K extends Command>(command: K, request: Request<K>, vault: VaultId): Response<K> | Promise<Response<K>> {
    if (Object.hasOwn(this.#doors, command)) {
      const door = (this.#doors as unknown as Record<K, (request: Request<K>, vault: VaultId) => Response<K>>)[command];
      return door(request, vault);
    }
    const room = (this.#rooms as unknown as Record<K, (request: Request<K>, vault: FakeVault) => Response<K>>)[command];
    return room(request, this.#meant(vault));
  }

  #meant(id: VaultId): FakeVault {
    const [first, ...others] = this.#open;
    if (id === null && first && others.length === 0) return first;
    if (id === null && first) throw refuse('several-vaults', { names: this.#open.map((vault) => vault.name).join(', ') });
    const vault = this.#open.find((candidate) => candidate.id === id);
    if (!vault) throw refuse('vault-locked');
    return vault;
  }

  /** An open vault, for tests that prepare it. */
  opened(name = 'Cabinet'): FakeVault {
    const vault = this.#open.find((candidate) => candidate.name === name);
    if (!vault) throw refuse('vault-locked');
    return vault;
  }

  onEvent(handler: (event: Event) => void): () => void {
    this.#listeners.add(handler);
    return () => this.#listeners.delete(handler);
  }

  choosePath(purpose: PathPurpose, suggested?: string): Promise<string | null> {
    if (purpose === 'open_vault') return Promise.resolve('/home/camille/Vaults/lab.beffroi');
    if (purpose === 'open_folder') return Promise.resolve('/media/camille/COPIES');
    return Promise.resolve(`/home/camille/${suggested?.split('/').at(-1) ?? 'file.txt'}`);
  }

  onDragged(handler: (dragged: Dragged) => void): () => void {
    this.#dragged.add(handler);
    return () => this.#dragged.delete(handler);
  }

  /** Drags files over the window, as from a file manager; whether anybody heard of it. */
  drag(dragged: Dragged): boolean {
    for (const handler of this.#dragged) handler(dragged);
    return this.#dragged.size > 0;
  }

  copyText(text: string): Promise<void> {
    this.copied.push(text);
    return Promise.resolve();
  }

  async copySecret(name: string, vault: VaultId): Promise<number> {
    const { value } = await this.rpc('secret_reveal', { name }, vault);
    this.copied.push(value);
    return 15;
  }

  openWebAdmin(tunnel: string): Promise<void> {
    this.browsed.push(tunnel);
    return Promise.resolve();
  }

  stir(): Promise<void> {
    this.stirred += 1;
    return Promise.resolve();
  }

  desk(): Promise<Desk> {
    return Promise.resolve({ idle_lock_s: this.#idleLock, watched: ['sleep', 'session'], locked_itself_ms: this.lockedItself, zoom_percent: this.zoom, version: '0.1.0' });
  }

  setIdleLock(seconds: number): Promise<void> {
    this.#idleLock = seconds;
    return Promise.resolve();
  }

  setZoom(percent: number): Promise<void> {
    this.zoom = percent;
    return Promise.resolve();
  }

  openWindow(): Promise<void> {
    if (this.windows >= 4) return Promise.reject(refuse('invalid-request', { what: 'window' }));
    this.windows += 1;
    return Promise.resolve();
  }

  announce(what: Announcement): Promise<boolean> {
    this.announced.push(what);
    return Promise.resolve(true);
  }

  #emit(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  #enter(path: string, name: string, hosts: number, unsealed: number, guarded = true): VaultInfo {
    const id = `0193f0a0-5b1e-7c11-9a52-3f1d0c9be0${String(this.#open.length + 1).padStart(2, '0')}`;
    const vault = new FakeVault({ id, path, name, hosts, guarded: guarded && hosts > 0, unsealed, lines: this.#options.lines, entries: this.#options.entries }, (event) => { this.#emit(event); });
    this.#open = [vault, ...this.#open];
    this.#known = [{ path, name: name.toLowerCase(), open: id, present: true, opened_ms: Date.now() }, ...this.#known.filter((known) => known.path !== path)];
    this.#emit({ kind: 'vault_changed' });
    return vault.info();
  }

  readonly #doors: DoorHandlers = {
    vault_list: () => ({ vaults: this.#known }),
    vault_create: ({ path, name }) => {
      const full = path.endsWith('.beffroi') ? path : `${path}.beffroi`;
      if (this.#known.some((vault) => vault.path === full)) throw refuse('vault-exists', { path: full });
      return { vault: this.#enter(full, name ?? full.split('/').at(-1)?.replace('.beffroi', '') ?? 'vault', 0, 0), recovery_words: fakeRecovery };
    },
    vault_unlock: ({ path, with: authority }) => {
      prove(authority);
      const known = this.#known.find((vault) => vault.path === path);
      if (known && !known.present) throw refuse('vault-not-found', { path });
      return this.#enter(path, path.endsWith('cabinet.beffroi') ? 'Cabinet' : (known?.name ?? 'lab'), this.#options.hosts, 0);
    },
    vault_lock: (_, id) => {
      const meant = id === null ? [...this.#open] : [this.#meant(id)];
      this.#open = this.#open.filter((vault) => !meant.includes(vault));
      this.#known = this.#known.map((vault) => (meant.some((one) => one.id === vault.open) ? { ...vault, open: null } : vault));
      this.#emit({ kind: 'vault_changed' });
      return {};
    },
    vault_restore: ({ source, destination, authority, rehearse }) => {
      prove(authority);
      if (!source.endsWith('.beffroi') && !source.includes('COPIES')) throw refuse('vault-not-found', { path: source });
      const report = this.#open[0]?.report() ?? { intact: true, checks: [{ what: { key: 'verify.header', values: {} }, held: true, why: null }] };
      return { path: rehearse ? null : destination, name: 'Cabinet', hosts: 15, secrets: 5, journal_entries: 31, last_entry_ms: Date.now() - 23 * 86_400_000, missing: 4, report };
    },
    journal_check: ({ path, signer }): JournalReport => {
      const chains = this.#open[0]?.chains() ?? [];
      const broken = path.includes('broken') || (signer !== null && !chains.some((chain) => chain.signer === signer));
      return { intact: !broken, entries: 31, broken_at: broken ? 17 : null, head: '5be0cd19', chains };
    },
  };
}
