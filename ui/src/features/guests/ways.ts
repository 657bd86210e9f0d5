import { visibleText } from '$design';
import type { ExposedWay, ExposureHop } from '$generated/api';

/** The hop that is to blame, where one is. */
export function brokenOf(way: ExposedWay): { at: number; hop: ExposureHop } | null {
  const hop = way.culprit === null ? undefined : way.hops[way.culprit];
  return hop && way.culprit !== null ? { at: way.culprit, hop } : null;
}

/** What a way is called among the others: the name that it is for, the port of the host, and what leads on. */
export function wayLabel(way: ExposedWay): string {
  return visibleText(`${way.name ?? '*'}:${String(way.port)} (${way.by})`);
}
