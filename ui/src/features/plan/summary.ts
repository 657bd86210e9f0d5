import type { HostPlanView, PlanView, StepView } from '$generated/api';

export function stepCount(plan: PlanView): number {
  return plan.hosts.reduce((sum, host) => sum + host.steps.length, 0);
}

export function changingSteps(host: HostPlanView): number {
  return host.steps.filter((step) => step.changes).length;
}

function count(plan: PlanView, matters: (step: StepView) => boolean): number {
  return plan.hosts.reduce((sum, host) => sum + host.steps.filter(matters).length, 0);
}

export function stepsWithoutReturn(plan: PlanView): number {
  return count(plan, (step) => step.undo.kind === 'not');
}

/** Names of the secrets that the commands are given. */
export function secretNames(plan: PlanView): string[] {
  const names = plan.hosts.flatMap((host) => host.steps).flatMap((step) => step.command).flatMap((part) => (part.kind === 'secret' ? [part.name] : []));
  return [...new Set(names)];
}

/** What must be typed before this plan may run: the host's name, or the vault's when there are several. Only production asks. */
export function confirmationWord(plan: PlanView, vaultName: string): string | null {
  if (!plan.hosts.some((host) => host.stage === 'prod')) return null;
  const [only, ...others] = plan.hosts;
  return only && others.length === 0 ? only.host : vaultName;
}
