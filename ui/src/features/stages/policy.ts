import type { StagePolicy } from '$generated/api';

/** A policy as a form has it: times as local text. */
export interface PolicyDraft { typed: boolean; refuse: boolean; unsealed: string; frozen: boolean; from: string; until: string; why: string }
export type PolicyProblem = 'order' | 'time' | 'why';

const day = 86_400_000;

/** A moment as one types it, in local time: `2026-11-21 10:30`. The systems’ own date fields differ too much. */
export function toField(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function fromField(text: string): number | null {
  const parts = /^(\d{4})-(\d{1,2})-(\d{1,2})[ T]+(\d{1,2}):(\d{2})$/.exec(text.trim())?.slice(1).map(Number);
  if (!parts) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts;
  const date = new Date(year, month - 1, day, hour, minute);
  // The 31st of a month of 30 days would be taken for the 1st of the next.
  const same = date.getMonth() === month - 1 && date.getDate() === day && hour < 24 && minute < 60;
  return same && date.getTime() >= 0 ? date.getTime() : null;
}

export function draftOf(policy: StagePolicy, now: number): PolicyDraft {
  const { freeze } = policy;
  return {
    typed: policy.typed_confirmation, refuse: policy.refuse_warnings, unsealed: String(policy.unsealed_s), frozen: freeze !== null,
    from: toField(freeze?.from_ms ?? now), until: toField(freeze?.until_ms ?? now + day), why: freeze?.why ?? '',
  };
}

export function policyProblem(draft: PolicyDraft): PolicyProblem | null {
  if (!draft.frozen) return null;
  const from = fromField(draft.from);
  const until = fromField(draft.until);
  if (from === null || until === null) return 'time';
  if (until <= from) return 'order';
  return draft.why.trim() === '' ? 'why' : null;
}

export function policyOf(draft: PolicyDraft): StagePolicy {
  return {
    typed_confirmation: draft.typed, refuse_warnings: draft.refuse, unsealed_s: Number(draft.unsealed),
    freeze: draft.frozen ? { from_ms: fromField(draft.from) ?? 0, until_ms: fromField(draft.until) ?? 0, why: draft.why.trim() } : null,
  };
}

export function isStageName(name: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(name);
}

/** Whether a freeze holds now. */
export function isFrozen(policy: StagePolicy, now: number): boolean {
  return policy.freeze !== null && policy.freeze.from_ms <= now && now < policy.freeze.until_ms;
}
