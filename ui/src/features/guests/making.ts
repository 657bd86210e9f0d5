import { toasts } from '$design';
import { planDesk } from '$features/plan';
import type { PlanView } from '$generated/api';
import { i18n } from '$i18n';
import { rpc, session } from '$ipc';

/** Shows the plan that was made, or says that there is nothing to do. What was sent for it is dropped when it is not run. */
export function showMade(host: string, made: { plan: PlanView | null; sent: string | null }): void {
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
