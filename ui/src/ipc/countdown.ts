import type { StageInfo } from '$generated/api';

/** A protected stage that is unsealed, and when it seals itself. */
export interface Unsealed { stage: string; until: number; whole: number }

/** The unsealed protected stages of a reading made at `read`, the one that seals next first. */
export function unsealedOf(stages: readonly StageInfo[], read: number): Unsealed[] {
  return stages
    .flatMap((stage) => (stage.protected && stage.open && stage.seconds_left !== null ? [{ stage: stage.name, until: read + stage.seconds_left * 1000, whole: Math.max(stage.policy.unsealed_s, stage.seconds_left) * 1000 }] : []))
    .sort((left, right) => left.until - right.until);
}

/** What is left until `until`, as `mm:ss` or `h:mm:ss`; never below zero. */
export function timeLeft(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return seconds >= 3600 ? `${Math.floor(seconds / 3600)}:${rest}` : rest;
}

const warnAt = 120_000;

/** What of a countdown is worth saying aloud: that two minutes are left, and that it is sealed. Nothing in between. */
export function spokenOf(before: readonly Unsealed[], after: readonly Unsealed[], then: number, now: number): { stage: string; what: 'soon' | 'sealed' }[] {
  const soon = after.filter((one) => one.until - now <= warnAt && one.until > now && before.some((other) => other.stage === one.stage && other.until - then > warnAt));
  const sealed = before.filter((one) => !after.some((other) => other.stage === one.stage));
  return [...sealed.map((one) => ({ stage: one.stage, what: 'sealed' as const })), ...soon.map((one) => ({ stage: one.stage, what: 'soon' as const }))];
}
