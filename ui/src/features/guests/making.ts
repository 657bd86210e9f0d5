import { toasts } from '$design';
import { planDesk } from '$features/plan';
import type { PlanView } from '$generated/api';
import { i18n } from '$i18n';
import { rpc, session } from '$ipc';

/** A plan that was made, with what was sent to its host for it. */
export interface Made { plan: PlanView | null; sent: string | null }

/** Has a plan made, with the name that was typed where one was asked for. */
export type Make = (typed: string | null) => Promise<Made>;

/** Shows the plan that was made, or says that there is nothing to do. What was sent for it is dropped when it is not run. */
export function showMade(host: string, made: Made): void {
  const { plan, sent } = made;
  if (plan === null) {
    toasts.show(i18n.t.guests.asAsked);
    return;
  }
  const vault = session.current;
  // Where it is not dropped now, the host's ledger still has it.
  const drop = sent === null ? null : (): void => { rpc('ynh_sent_drop', { on: host, path: sent }, vault).catch(() => undefined); };
  void planDesk.prepareAs(() => Promise.resolve(plan), vault, drop);
}

/** What a way to get an image is given, besides what it asks for. */
export function asGiven(typed: string | null): { typed?: string } {
  return typed === null ? {} : { typed };
}
