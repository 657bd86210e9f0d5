import type { HostPlanView, PlanView, StepView, WireMessage } from '$generated/api';

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

/** What a package wants to be read first: it stands with the warnings, and speaks against nothing. */
export const isNote = (warning: WireMessage): boolean => warning.key.startsWith('note.');

/** What speaks against the plan on one host. */
export function warningsOf(host: HostPlanView): number {
  return host.warnings.filter((warning) => !isNote(warning)).length;
}

/** Warnings of all its hosts. */
export function warningCount(plan: PlanView): number {
  return plan.hosts.reduce((sum, host) => sum + warningsOf(host), 0);
}
