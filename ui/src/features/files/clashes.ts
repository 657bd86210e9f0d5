import type { FolderEntry } from '$generated/api';
import { isFolder } from './entries';

/** What becomes of something whose name is taken where it is to go. */
export type Answer = 'skip' | 'replace' | 'resume';

/** Something whose name is taken where it is to go. */
export interface Clash { from: FolderEntry; there: FolderEntry; possible: Answer[] }

/** Which of the entries have their names taken. A file does not take the place of a folder, nor the other way round. */
export function clashesOf(entries: readonly FolderEntry[], there: readonly FolderEntry[]): Clash[] {
  const taken = new Map(there.map((entry) => [entry.name, entry]));
  return entries.flatMap((from) => {
    const found = taken.get(from.name);
    if (!found) return [];
    const alike = isFolder(from) === isFolder(found);
    return [{ from, there: found, possible: alike ? ['skip', 'replace', 'resume'] : ['skip'] } satisfies Clash];
  });
}

/** What is answered for one: its own answer, else that for all, as far as it is possible. */
export function answerFor(clash: Clash, own: ReadonlyMap<string, Answer>, all: Answer): Answer {
  const answer = own.get(clash.from.name) ?? all;
  return clash.possible.includes(answer) ? answer : 'skip';
}
