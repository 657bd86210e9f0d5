import type { HardeningSeverity } from '$generated/api';
import { many } from './plural.en';

/** The words of what could be safer. */
export const hardening = {
  section: 'Hardening', title: (n: number) => `Hardening of ${many(n, 'host', 'hosts')}`,
  text: 'From the last survey; nothing is asked of any host. What is not known is never taken for well.',
  severities: { high: 'High', medium: 'Medium', low: 'Low' } satisfies Record<HardeningSeverity, string>,
  toDo: 'To do', unknown: 'Not known', ok: 'Well', plan: (n: number) => (n === 1 ? 'Make the plan' : `Make the plan, ${many(n, 'host', 'hosts')}`), refresh: 'Survey again', notRead: 'Nothing is known of:', nothing: 'Every check is well.', show: 'Show what is well', hide: 'Hide what is well',
};
