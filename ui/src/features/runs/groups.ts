import type { RunReport, RunResult } from '$generated/api';

/** Hosts that gave the very same, with what differs from what most hosts gave. */
export interface ResultGroup { sample: RunResult; members: RunResult[]; diff: string | null; largest: boolean }

const order: Record<RunResult['status'], number> = { unreachable: 0, failed: 1, cancelled: 2, sealed: 3, skipped: 3, running: 4, changed: 5, ok: 5 };

/** The results of a run in groups of equals: what failed first, then the largest group. Hosts without an output stand together by why. */
export function groupResults(report: Pick<RunReport, 'results' | 'groups'>): ResultGroup[] {
  const byHost = new Map(report.results.map((result) => [result.host, result]));
  const equal = report.groups.flatMap((group, at): ResultGroup[] => {
    const members = group.hosts.flatMap((host) => byHost.get(host) ?? []);
    for (const host of group.hosts) byHost.delete(host);
    const [first] = members;
    return first ? [{ sample: { ...first, exit_code: group.exit_code, signal: group.signal, stdout: group.stdout, stderr: group.stderr }, members, diff: group.diff, largest: at === 0 && report.groups.length > 1 }] : [];
  });
  const others = new Map<string, ResultGroup>();
  for (const result of byHost.values()) {
    const key = JSON.stringify([result.status, result.exit_code, result.signal, result.error?.code ?? null, result.error?.values['reason'] ?? null]);
    const group = others.get(key);
    if (group) group.members.push(result);
    else others.set(key, { sample: result, members: [result], diff: null, largest: false });
  }
  return [...equal, ...others.values()].sort((left, right) => order[left.sample.status] - order[right.sample.status] || right.members.length - left.members.length);
}

export interface OutputLine { stream: 'stdout' | 'stderr'; text: string; mark?: '+' | '-' | '@' }

/** A longer line goes on in the next row: a row has one height, whatever a host writes. */
const longestLine = 4000;

function rowsOf(text: string): string[] {
  if (text === '') return [];
  return text.replace(/\r?\n$/, '').split(/\r\n|\n|\r/).flatMap((line) => Array.from({ length: Math.max(1, Math.ceil(line.length / longestLine)) }, (_, row) => line.slice(row * longestLine, (row + 1) * longestLine)));
}

/** What a command wrote, standard output first: the two were not interleaved. */
export function outputLines(result: Pick<RunResult, 'stdout' | 'stderr'>): OutputLine[] {
  return [...rowsOf(result.stdout).map((text) => ({ stream: 'stdout' as const, text })), ...rowsOf(result.stderr).map((text) => ({ stream: 'stderr' as const, text }))];
}

/** A unified diff, line by line: what is only here, what is only where most hosts are. */
export function diffLines(diff: string): OutputLine[] {
  return rowsOf(diff).map((text) => {
    const mark = /^(?:\+\+\+|---|@@)/.test(text) ? '@' : text.startsWith('+') ? '+' : text.startsWith('-') ? '-' : undefined;
    return { stream: 'stdout', text, ...(mark ? { mark } : {}) };
  });
}

/** Hosts of a run on which the same can be tried again. */
export function notDone(report: Pick<RunReport, 'results'>): number {
  return report.results.filter((result) => ['failed', 'unreachable', 'skipped', 'cancelled', 'sealed'].includes(result.status)).length;
}
