import type { HealthFinding, HealthGrade } from '$generated/api';

const rank: Record<HealthGrade, number> = { bad: 0, fair: 1, good: 2 };

/** Findings with the worst first; of one grade, in the order they came. */
export function worstFirst(findings: readonly HealthFinding[]): HealthFinding[] {
  return [...findings].sort((left, right) => rank[left.grade] - rank[right.grade]);
}

/** After so long without a copy, the age is worth a colour, in milliseconds. */
export const oldCopy = 7 * 86_400_000;

/** Idle times to choose from, in seconds, with the one that is set among them. */
export function idleTimes(own: number): number[] {
  return [...new Set([60, 120, 300, 600, 900, 1800, 3600, own])].filter((seconds) => seconds > 0).sort((left, right) => left - right);
}
