import { describe, expect, it } from 'vitest';
import type { RunGroup, RunResult } from '$generated/api';
import { diffLines, groupResults, notDone, outputLines } from './groups';
import { paceOf, paceProblems, usualPace } from './pace';

const result = (host: string, more: Partial<RunResult> = {}): RunResult => ({ host, status: 'ok', exit_code: 0, signal: null, duration_ms: 10, stdout: 'up\n', stderr: '', cut: false, error: null, ...more });
const group = (hosts: string[], more: Partial<RunGroup> = {}): RunGroup => ({ hosts, exit_code: 0, signal: null, stdout: 'up\n', stderr: '', diff: null, ...more });

describe('results', () => {
  it('are in groups of equals, what failed first, each with what differs', () => {
    const report = { results: [result('a'), result('b'), result('c', { status: 'failed', exit_code: 1 }), result('d', { stdout: 'down\n' })], groups: [group(['a', 'b']), group(['c'], { exit_code: 1 }), group(['d'], { stdout: 'down\n', diff: '-up\n+down\n' })] };
    const groups = groupResults(report);
    expect(groups.map((one) => one.members.map((member) => member.host))).toEqual([['c'], ['a', 'b'], ['d']]);
    expect(groups.map((one) => [one.largest, one.diff])).toEqual([[false, null], [true, null], [false, '-up\n+down\n']]);
  });

  it('without an output stand together by why', () => {
    const dead = (host: string, reason: string): RunResult => result(host, { status: 'unreachable', exit_code: null, error: { code: 'host-unreachable', values: { reason } } });
    const report = { results: [dead('a', 'no route'), dead('b', 'no route'), dead('c', 'refused'), result('d', { status: 'skipped', exit_code: null })], groups: [] };
    expect(groupResults(report).map((one) => one.members.length)).toEqual([2, 1, 1]);
    expect(notDone(report)).toBe(4);
  });
});

describe('a diff', () => {
  it('marks what is more and what is less, not its heading', () => {
    expect(diffLines('--- a\n+++ b\n@@ -1 +1 @@\n-up\n+down\n same\n').map((line) => line.mark)).toEqual(['@', '@', '@', '-', '+', undefined]);
    expect(outputLines({ stdout: 'x'.repeat(9000), stderr: '' }).map((line) => line.text.length)).toEqual([4000, 4000, 1000]);
  });
});

describe('a pace', () => {
  it('is told when it is wrong', () => {
    expect(paceProblems(usualPace).size).toBe(0);
    expect([...paceProblems({ parallel: '257', canary: '0', waves: '1,10%,', budget: '101%' })]).toEqual(['parallel', 'canary', 'waves', 'budget']);
    expect(paceOf({ parallel: '8', canary: '1', waves: '1, 10%,50%', budget: '10%' })).toEqual({ parallel: 8, canary: 1, waves: '1,10%,50%', budget: '10%' });
    expect(paceOf(usualPace)).toEqual({ parallel: null, canary: null, waves: null, budget: null });
  });
});
