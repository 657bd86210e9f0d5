import type { SecretInput } from '$generated/api';
import { platform } from '$platform/index';
import type { Command, PathPurpose, Request, Response } from '$platform/types';
import { toApiError } from './errors';

/** Calls the backend; rejects with an `ApiError`. */
export async function rpc<K extends Command>(command: K, request: Request<K>): Promise<Response<K>> {
  try {
    return await platform().rpc(command, request);
  } catch (thrown) {
    throw toApiError(thrown);
  }
}

/** Says that this text is a secret, on its way out of the page. */
export function secretInput(text: string): SecretInput {
  return text as SecretInput;
}

export async function choosePath(purpose: PathPurpose, suggested?: string): Promise<string | null> {
  try {
    return await platform().choosePath(purpose, suggested);
  } catch (thrown) {
    throw toApiError(thrown);
  }
}

export async function copyText(text: string): Promise<void> {
  try {
    await platform().copyText(text);
  } catch (thrown) {
    throw toApiError(thrown);
  }
}
