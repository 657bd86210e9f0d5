import { many } from './plural.en';

/** The words of merging another copy of the vault. */
export const merging = {
  open: 'Merge a copy…', title: 'Merge another copy', text: 'A copy of this vault that somebody worked on apart: what only one side changed is taken, what both changed is asked. Nothing is written before you say so.',
  nothing: 'The other copy has nothing new.', taken: (n: number) => `From the other copy: ${many(n, 'thing', 'things')}`, entries: (n: number) => `New here: ${many(n, 'entry', 'entries')} of its journal.`, otherWays: 'The other copy has other ways in. Those are not merged.',
  effects: { added: 'added', changed: 'changed', removed: 'removed' }, whats: { host: 'host', secret: 'secret', document: 'document', stage: 'stage', policy: 'policy', recipe: 'recipe', identity: 'identity' } as Record<string, string>,
  conflicts: (n: number) => `Changed in both: ${n}`, mine: 'Here', theirs: 'There', allMine: 'Keep all of here', allTheirs: 'Take all of there', hidden: 'a value that is not shown', absent: 'not there', removedHere: 'removed here', removedThere: 'removed there', sealed: 'Its stage is sealed: how they differ is not seen.',
  undecided: (n: number) => `To be decided: ${n}. What one side removed and the other uses is decided one by one.`,
  keep: (what: string, name: string) => `What is kept of ${what} ${name}`, earlier: 'A value that is not kept becomes an earlier one.', renamed: (from: string, to: string) => `“${from}” is there twice: the later one is now “${to}”.`,
  merge: 'Merge', merged: (n: number) => `Merged: ${many(n, 'thing', 'things')} taken over`, more: (n: number) => `and ${many(n, 'more', 'more')}`,
};
