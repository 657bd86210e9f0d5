import type { RunPace } from '$generated/api';

/** How a run goes through its hosts, as it is typed. What is empty is as usual. */
export interface PaceDraft { parallel: string; canary: string; waves: string; budget: string }
export type PaceProblem = keyof PaceDraft;

export const usualPace: Readonly<PaceDraft> = { parallel: '', canary: '', waves: '', budget: '' };

const mostParallel = 256;
const part = /^(?:[1-9]\d{0,5}|(?:[1-9]\d?|100)%)$/;

function countOf(text: string): number | null {
  return /^[1-9]\d{0,5}$/.test(text.trim()) ? Number(text) : null;
}

export function paceProblems(draft: PaceDraft): Set<PaceProblem> {
  const problems = new Set<PaceProblem>();
  if (draft.parallel.trim() !== '' && (countOf(draft.parallel) ?? Infinity) > mostParallel) problems.add('parallel');
  if (draft.canary.trim() !== '' && countOf(draft.canary) === null) problems.add('canary');
  if (draft.waves.trim() !== '' && !draft.waves.split(',').every((wave) => part.test(wave.trim()))) problems.add('waves');
  if (draft.budget.trim() !== '' && draft.budget.trim() !== '0' && !part.test(draft.budget.trim())) problems.add('budget');
  return problems;
}

export function paceOf(draft: PaceDraft): RunPace {
  return { parallel: countOf(draft.parallel), canary: countOf(draft.canary), waves: draft.waves.replace(/\s+/g, '') || null, budget: draft.budget.trim() || null };
}

/** What is kept of a pace, for the fields. */
export function draftOfPace(pace: RunPace): PaceDraft {
  return { parallel: pace.parallel === null ? '' : String(pace.parallel), canary: pace.canary === null ? '' : String(pace.canary), waves: pace.waves ?? '', budget: pace.budget ?? '' };
}
