import type { Found } from '$generated/api';
import { i18n } from '$i18n';

/** The most that one search finds. */
export const mostFound = 500;

/** A secret that was found, and how near it is, from 0. */
export interface Hit { at: number; found: Found }

/** By what a secret was found; nothing for its name. */
export function foundBy({ by, text }: Found): string {
  if (by === 'name') return '';
  // The text of a field begins with its name.
  return by === 'field' ? text : `${i18n.t.secretPanel.foundBy[by]} ${text}`;
}

/** What was found, by name. */
export const hitsOf = (found: readonly Found[]): ReadonlyMap<string, Hit> => new Map(found.map((one, at) => [one.name, { at, found: one }]));
