import type { SecretInput } from '$generated/api';
import { platform } from '$platform/index';
import type { Announcement, Command, Desk, Dragged, PathPurpose, Request, Response, VaultId } from '$platform/types';
import { toApiError } from './errors';
import { meantBy } from './meant';

async function ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (thrown) {
    throw toApiError(thrown);
  }
}

/** Calls the backend about the vault that is shown, or about `vault`; rejects with an `ApiError`. */
export function rpc<K extends Command>(command: K, request: Request<K>, vault: VaultId = meantBy(command)): Promise<Response<K>> {
  return ask(() => platform().rpc(command, request, vault));
}

/** Says that this text is a secret, on its way out of the page. */
export function secretInput(text: string): SecretInput {
  return text as SecretInput;
}

export function choosePath(purpose: PathPurpose, suggested?: string): Promise<string | null> {
  return ask(() => platform().choosePath(purpose, suggested));
}

/** Calls `handler` for files that are dragged over this window from outside it, until the function it returns is called. */
export function onDragged(handler: (dragged: Dragged) => void): () => void {
  return platform().onDragged(handler);
}

export function copyText(text: string): Promise<void> {
  return ask(() => platform().copyText(text));
}

/** Puts a secret on the clipboard; gives after how many seconds it is taken off again. */
export function copySecret(name: string): Promise<number> {
  return ask(() => platform().copySecret(name, meantBy('secret_reveal')));
}

/** Opens the web administration that a tunnel leads to, in the system's browser. */
export function openWebAdmin(tunnel: string): Promise<void> {
  return ask(() => platform().openWebAdmin(tunnel, meantBy('tunnel_list')));
}

export function desk(): Promise<Desk> {
  return ask(() => platform().desk());
}

export function setIdleLock(seconds: number): Promise<void> {
  return ask(() => platform().setIdleLock(seconds));
}

export function setZoom(percent: number): Promise<void> {
  return ask(() => platform().setZoom(percent));
}

export function openWindow(): Promise<void> {
  return ask(() => platform().openWindow());
}

/** Tells something through the system; whether it was shown. */
export function announce(what: Announcement): Promise<boolean> {
  return ask(() => platform().announce(what));
}
