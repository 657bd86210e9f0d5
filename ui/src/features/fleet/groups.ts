import type { RunResult } from '$generated/api';

/** Hosts that gave the very same result. */
export interface ResultGroup { sample: RunResult; members: RunResult[] }

const order: Record<RunResult['status'], number> = { unreachable: 0, failed: 1, sealed: 2, cancelled: 2, running: 3, changed: 4, ok: 5 };

/** Results in groups of equals: what failed first, then the largest group. */
export function groupResults(results: readonly RunResult[]): ResultGroup[] {
  const groups = new Map<string, ResultGroup>();
  for (const result of results) {
    const key = JSON.stringify([result.status, result.exit_code, result.signal, result.stdout, result.stderr, result.error?.code ?? null]);
    const group = groups.get(key);
    if (group) group.members.push(result);
    else groups.set(key, { sample: result, members: [result] });
  }
  return [...groups.values()].sort((left, right) => order[left.sample.status] - order[right.sample.status] || right.members.length - left.members.length);
}

export interface OutputLine { stream: 'stdout' | 'stderr'; text: string }

/** A longer line goes on in the next row: a row has one height, whatever a host writes. */
const longestLine = 4000;

function linesOf(stream: OutputLine['stream'], text: string): OutputLine[] {
  if (text === '') return [];
  return text.replace(/\r?\n$/, '').split(/\r\n|\n|\r/).flatMap((line) => {
    const rows = Math.max(1, Math.ceil(line.length / longestLine));
    return Array.from({ length: rows }, (_, row) => ({ stream, text: line.slice(row * longestLine, (row + 1) * longestLine) }));
  });
}

/** What a command wrote, standard output first: the two were not interleaved. */
export function outputLines(result: RunResult): OutputLine[] {
  return [...linesOf('stdout', result.stdout), ...linesOf('stderr', result.stderr)];
}
