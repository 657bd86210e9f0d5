import type { YnhCell, YnhReading, YnhReadResult, YnhValue } from '$generated/api';
import { ynhReadings } from '$generated/ynh-operations';
import { i18n } from '$i18n';
import { rpc } from '$ipc';

export type YnhEntry = YnhReadResult['entries'][number];

/** A reading by its name. */
export function readingOf(id: string): YnhReading {
  const reading = ynhReadings.find((one) => one.id === id);
  if (!reading) throw new Error(`no reading ${id}`);
  return reading;
}

/** What one host answers; what its survey has is not read again unless that is wanted. */
export async function readHost(host: string, reading: string, given: Readonly<Record<string, YnhValue>>, refresh: boolean): Promise<YnhReadResult> {
  const { results } = await rpc('ynh_read', { on: host, reading, given: { ...given }, refresh });
  const [result] = results;
  if (!result) throw new Error('no answer');
  if (result.error) throw result.error;
  return result;
}

export const label = (field: string): string => i18n.core({ key: `field.ynh-${field}`, values: {} });

/** A value as one text: what is several has commas between. */
export function shown(value: YnhCell | undefined, shows: string): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? i18n.t.ynhFleet.yes : i18n.t.ynhFleet.no;
  if (typeof value === 'number') return shows === 'moment' ? i18n.dateTime(value) : shows === 'bytes' ? i18n.bytes(value) : shows === 'code' ? String(value) : i18n.number(value);
  return shows === 'state' ? (i18n.t.ynhFleet.states[value] ?? value) : value;
}

const bad = new Set(['ERROR', 'failed', 'dead', 'broken', 'expired', 'other', 'nothing']);
const doubtful = new Set(['WARNING', 'pending', 'selfsigned', 'abouttoexpire', 'inactive']);

/** How a word for a state is to be seen. */
export function levelOf(value: YnhCell | undefined, shows: string): '' | 'warn' | 'bad' {
  if (shows !== 'state' || typeof value !== 'string') return '';
  return bad.has(value) ? 'bad' : doubtful.has(value) ? 'warn' : '';
}

export const textOf = (entry: YnhEntry, field: string): string => {
  const value = entry[field];
  return typeof value === 'string' ? value : '';
};

export const listOf = (entry: YnhEntry, field: string): string[] => {
  const value = entry[field];
  return Array.isArray(value) ? value : [];
};
