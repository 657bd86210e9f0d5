import type { ApiError } from '$generated/api';

/** What a rejected call carries, whatever it was: a fault of the page itself becomes `internal`. */
export function toApiError(thrown: unknown): ApiError {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string') {
    const values = 'values' in thrown && typeof thrown.values === 'object' && thrown.values !== null ? thrown.values : {};
    return { ...(thrown as ApiError), values: values as ApiError['values'] };
  }
  return { code: 'internal', values: { what: thrown instanceof Error ? thrown.message : String(thrown) } };
}

/** Whether the host did not answer at all, as against answering with a refusal. */
export function isUnreachable(error: ApiError): boolean {
  return error.code === 'host-unreachable' || error.code === 'timed-out' || error.code === 'link-lost';
}
