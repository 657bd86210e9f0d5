import type { Event, RpcSchema } from '$generated/api';

export type Command = keyof RpcSchema;
export type Request<K extends Command> = RpcSchema[K][0];
export type Response<K extends Command> = RpcSchema[K][1];

/** What a path is wanted for; each has its own dialog. */
export type PathPurpose = 'open_vault' | 'new_vault' | 'open_file' | 'save_file';

/** Everything the page can ask of the outside. There is no other way out of it. */
export interface Platform {
  /** Rejects with an `ApiError`. */
  rpc<K extends Command>(command: K, request: Request<K>): Promise<Response<K>>;
  /** Calls `handler` for each event, until the function it returns is called. */
  onEvent(handler: (event: Event) => void): () => void;
  /** Asks the person for a path; null when they changed their mind. */
  choosePath(purpose: PathPurpose, suggested?: string): Promise<string | null>;
  copyText(text: string): Promise<void>;
}
