import type { HostRow, PlanView } from '$generated/api';
import { nearestHost } from '$ipc';
import { gravestStage } from '$design/stage';
import type { Route } from './routes';

/** What one would act on now: the lintel says it, with its stage. */
export interface Acting {
  stage: string;
  subject: { kind: 'nothing' } | { kind: 'host'; name: string } | { kind: 'hosts'; count: number } | { kind: 'plan'; count: number } | { kind: 'terminal'; name: string };
}

export function actingOn(route: Route, hosts: readonly HostRow[], selected: ReadonlySet<string>, plan: PlanView | null, terminal: { host: string; stage: string } | null = null, guest: string | null = null): Acting {
  if (plan) return { stage: gravestStage(plan.hosts.map((host) => host.stage)) ?? 'dev', subject: { kind: 'plan', count: plan.hosts.length } };
  if (route.screen === 'terminal' && terminal) return { stage: terminal.stage, subject: { kind: 'terminal', name: terminal.host } };
  const name = route.screen === 'host' ? route.host : route.screen === 'guests' ? guest : null;
  const host = name === null ? undefined : nearestHost(hosts, name);
  if (name !== null && host) return { stage: host.stage, subject: { kind: 'host', name } };
  if (route.screen === 'fleet' && selected.size > 0) {
    const chosen = hosts.filter((row) => selected.has(row.name));
    return { stage: gravestStage(chosen.map((row) => row.stage)) ?? 'dev', subject: { kind: 'hosts', count: chosen.length } };
  }
  return { stage: 'dev', subject: { kind: 'nothing' } };
}
