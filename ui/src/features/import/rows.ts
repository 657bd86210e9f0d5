import type { ImportChoice, ImportEntry, ImportHost, ImportPreview, ImportStanding } from '$generated/api';

/** The filters of a preview. */
export type Shown = 'all' | 'taken' | 'differ' | 'weak' | 'hostless';

/** What stays out unless somebody says otherwise. */
const left: readonly ImportStanding[] = ['same', 'known', 'trashed', 'discarded', 'refused'];
/** Where a person may say which of both is right. */
const asked: readonly ImportStanding[] = ['conflict', 'differs'];

export function isAsked(entry: ImportEntry): boolean {
  return asked.includes(entry.standing);
}

/** Whether a row can be taken in at all. */
export function isPossible(entry: ImportEntry): boolean {
  return entry.standing !== 'refused' && entry.standing !== 'same';
}

/** The rows that are taken in as the core would. */
export function takenAtFirst(preview: ImportPreview): Set<string> {
  return new Set(preview.rows.filter((entry) => !left.includes(entry.standing)).map((entry) => String(entry.row)));
}

export function isSeen(entry: ImportEntry, shown: Shown, taken: ReadonlySet<string>): boolean {
  switch (shown) {
    case 'all': return true;
    case 'taken': return taken.has(String(entry.row));
    case 'differ': return asked.includes(entry.standing) || entry.standing === 'changed';
    case 'weak': return entry.findings.length > 0;
    case 'hostless': return entry.hosts.length === 0;
  }
}

/** What the core is told: rows that stay out, rows that come in all the same, and which side is right. */
export function choicesOf(preview: ImportPreview, taken: ReadonlySet<string>, sides: ReadonlyMap<number, 'mine' | 'theirs'>): { row: number; choice: ImportChoice }[] {
  return preview.rows.flatMap((entry): { row: number; choice: ImportChoice }[] => {
    if (!isPossible(entry)) return [];
    if (!taken.has(String(entry.row))) return left.includes(entry.standing) ? [] : [{ row: entry.row, choice: 'skip' }];
    const side = sides.get(entry.row);
    if (isAsked(entry)) return side ? [{ row: entry.row, choice: side }] : [];
    return left.includes(entry.standing) ? [{ row: entry.row, choice: 'take' }] : [];
  });
}

/** How many of what is taken in goes to each stage. */
export function perStage(preview: ImportPreview, taken: ReadonlySet<string>): Map<string, number> {
  const stages = new Map<string, number>();
  for (const entry of preview.rows) if (taken.has(String(entry.row))) stages.set(entry.stage, (stages.get(entry.stage) ?? 0) + 1);
  return stages;
}

/** Hosts that would be added or are told apart from what is known, but those that somebody leaves out. */
export function hostsThatCount(preview: ImportPreview, without: ReadonlySet<number>): ImportHost[] {
  return preview.hosts.filter((host) => host.standing !== 'known' && !without.has(host.row));
}
