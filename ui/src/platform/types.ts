import type { Event } from '$generated/api';
import type { RpcSchema } from '$generated/commands';

export type Command = keyof RpcSchema;
export type Request<K extends Command> = RpcSchema[K][0];
export type Response<K extends Command> = RpcSchema[K][1];

/** Identifier of an open vault; null when a command concerns none. */
export type VaultId = string | null;

/** What a path is wanted for; each has its own dialog. */
export type PathPurpose = 'open_vault' | 'new_vault' | 'open_folder' | 'open_file' | 'save_file';

/** When the desk locks by itself. */
export interface Desk {
  /** Seconds without anybody there after which every vault is locked. */
  idle_lock_s: number;
  /** What else locks, as far as this system tells of it: `sleep`, `session`, `screensaver`. */
  watched: string[];
  /** When a vault was last locked by itself; null when none was since one was opened. */
  locked_itself_ms: number | null;
  /** How large the text is, in percent. */
  zoom_percent: number;
  version: string;
}

/** Files that are dragged over this window from outside it, and where: in pixels of the page, from its upper left corner. */
export type Dragged = { kind: 'over'; x: number; y: number } | { kind: 'dropped'; x: number; y: number; paths: string[] } | { kind: 'left' };

/** Something to tell through the system. The same tag is told once, by however many windows. */
export interface Announcement { tag: string; title: string; body: string; urgent: boolean }

/** Everything the page can ask of the outside. There is no other way out of it. */
export interface Platform {
  /** Rejects with an `ApiError`. */
  rpc<K extends Command>(command: K, request: Request<K>, vault: VaultId): Promise<Response<K>>;
  /** Calls `handler` for each event, until the function it returns is called. */
  onEvent(handler: (event: Event) => void): () => void;
  /** Asks the person for a path; null when they changed their mind. */
  choosePath(purpose: PathPurpose, suggested?: string): Promise<string | null>;
  /** Calls `handler` for files that are dragged over this window from outside it, until the function it returns is called. */
  onDragged(handler: (dragged: Dragged) => void): () => void;
  copyText(text: string): Promise<void>;
  /** Puts a secret on the clipboard without the page seeing it; gives after how many seconds it is taken off again. */
  copySecret(name: string, vault: VaultId): Promise<number>;
  /** Opens the web administration that a tunnel leads to, in the system's browser. */
  openWebAdmin(tunnel: string, vault: VaultId): Promise<void>;
  /** Says that the person is there: the time until the idle lock begins anew. */
  stir(): Promise<void>;
  desk(): Promise<Desk>;
  setIdleLock(seconds: number): Promise<void>;
  /** Sets how large the text of every window is, in percent from 50 to 200, and keeps it. */
  setZoom(percent: number): Promise<void>;
  /** Opens one more window; rejects when all that there can be are open. */
  openWindow(): Promise<void>;
  /** Tells something through the system, unless a window of ours has the focus; whether it was shown. */
  announce(what: Announcement): Promise<boolean>;
}
