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

/** Warnings of all its hosts. */
export function warningCount(plan: PlanView): number {
  return plan.hosts.reduce((sum, host) => sum + host.warnings.length, 0);
}
