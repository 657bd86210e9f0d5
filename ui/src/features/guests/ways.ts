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

/** A port as it is typed; null for what is none. */
export function portOf(text: string): number | null {
  const typed = text.trim();
  return /^\d{1,5}$/.test(typed) && Number(typed) >= 1 && Number(typed) <= 65_535 ? Number(typed) : null;
}

/** Whether a text is a name that the world's resolvers could know. */
export function isDomain(text: string): boolean {
  return text.length <= 253 && /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/.test(text);
}
