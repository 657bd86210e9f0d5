/** A run of text as it may be shown: plain, or a mark that stands for characters nobody would see. */
export type Run = { kind: 'plain'; text: string } | { kind: 'mark'; text: string };

// Escape sequences are shown whole; then whatever has no shape, moves the cursor, or turns the reading direction.
const hidden =
  /\u001b\[[0-9;:<=>?]*[ -/]*[@-~]|[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff]|[\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** Whether there is anything in it that cannot be shown as it is. */
export function isHostile(text: string): boolean {
  return text.search(hidden) >= 0;
}

function nameOf(match: string): string {
  if (match.length > 1 && match.startsWith('\u001b')) return `ESC${match.slice(1)}`;
  return `U+${(match.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Splits text of unknown origin into what is safe to show as it is and marks for the rest. Tabs stay. */
export function splitHostile(text: string): Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (const match of text.matchAll(hidden)) {
    if (match.index > from) runs.push({ kind: 'plain', text: text.slice(from, match.index) });
    runs.push({ kind: 'mark', text: nameOf(match[0]) });
    from = match.index + match[0].length;
  }
  if (from < text.length) runs.push({ kind: 'plain', text: text.slice(from) });
  return runs;
}

/** The same as plain text, for names of elements and titles. */
export function visibleText(text: string): string {
  return splitHostile(text).map((run) => (run.kind === 'plain' ? run.text : `[${run.text}]`)).join('');
}
