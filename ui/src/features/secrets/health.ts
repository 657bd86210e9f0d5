import type { SecretFault, SecretFinding, SecretHealth } from '$generated/api';

/** Everything that is wrong with one secret, or with one host. */
export interface Troubled {
  name: string;
  host: boolean;
  stage: string;
  findings: SecretFinding[];
}

/** Findings by secret, in the order in which the worst of each stands. */
export function troubled(health: SecretHealth): Troubled[] {
  const all = new Map<string, Troubled>();
  for (const finding of health.findings) {
    const name = finding.secret ?? finding.host ?? '';
    const key = `${finding.secret === null ? 'host' : 'secret'} ${name}`;
    const before = all.get(key);
    if (before) before.findings.push(finding);
    else all.set(key, { name, host: finding.secret === null, stage: finding.stage, findings: [finding] });
  }
  return [...all.values()];
}

export const countOf = (health: SecretHealth, fault: SecretFault): number => health.findings.filter((finding) => finding.fault === fault).length;

/** How many groups of the same secrets there are. */
export const groupsOf = (health: SecretHealth): number => new Set(health.findings.flatMap((finding) => (finding.group === null ? [] : [finding.group]))).size;
