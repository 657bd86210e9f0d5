import type { ApiError } from '$generated/api';

/** Whether something may be done with what was typed: nothing is asked, or one of the names stands there exactly. */
export function isTyped(names: readonly string[], typed: string): boolean {
  return names.length === 0 || names.includes(typed);
}

/** The names of which one must be typed, when this is what an answer asks for. */
export function namesAsked(error: ApiError): string[] | null {
  return error.code === 'confirmation-needed' ? (error.values['names'] ?? '').split(', ') : null;
}
