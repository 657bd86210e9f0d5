/** The arms a stage is drawn with; a stage of one's own has neutral ones. */
export type Arms = 'dev' | 'staging' | 'prod' | 'other';

export function stageArms(stage: string): Arms {
  return stage === 'dev' || stage === 'staging' || stage === 'prod' ? stage : 'other';
}

const severity: Record<Arms, number> = { dev: 0, staging: 1, other: 2, prod: 3 };

/** Of several stages, the one in which a mistake costs most. */
export function gravestStage(stages: Iterable<string>): string | null {
  let gravest: string | null = null;
  for (const stage of stages) {
    if (gravest === null || severity[stageArms(stage)] > severity[stageArms(gravest)]) gravest = stage;
  }
  return gravest;
}
