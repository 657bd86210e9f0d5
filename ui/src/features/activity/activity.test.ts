import { describe, expect, it } from 'vitest';
import type { JobView, OutputPiece } from '$generated/api';
import { LineAssembler } from './lines';
import { elapsed, groupRuns, isUnderWay, stepNow } from './runs';

function piece(ordinal: number, text: string, stream = 'stdout', step = 1): OutputPiece {
  return { ordinal, step, at_ms: ordinal * 100, stream, offset: 0, text, note: null };
}

function texts(...pieces: OutputPiece[]): string[] {
  const assembler = new LineAssembler();
  return pieces.flatMap((one) => assembler.push([one]).added).map((line) => `${line.stream}:${line.text}`);
}

describe('output', () => {
  it('joins pieces that end in the middle of a line', () => {
    expect(texts(piece(1, 'one\ntw'), piece(2, 'o\n'), piece(3, 'three'))).toEqual(['stdout:one', 'stdout:two', 'stdout:three']);
  });

  it('keeps streams that take turns in the middle of lines apart', () => {
    expect(texts(piece(1, 'out be'), piece(2, 'err\n', 'stderr'), piece(3, 'gins\n'))).toEqual(['stdout:out begins', 'stderr:err']);
    expect(texts(piece(1, 'step one'), piece(2, 'step two', 'stdout', 2))).toEqual(['stdout:step one', 'stdout:step two']);
  });

  it('keeps empty lines', () => {
    expect(texts(piece(1, 'a\n\nb\n'))).toEqual(['stdout:a', 'stdout:', 'stdout:b']);
  });

  it('paints nothing over: a lone carriage return begins a new line', () => {
    expect(texts(piece(1, '10 %\r50 %\r100 %\n'))).toEqual(['stdout:10 %', 'stdout:50 %', 'stdout:100 %']);
    expect(texts(piece(1, 'dos\r'), piece(2, '\nline\r\n'))).toEqual(['stdout:dos', 'stdout:line']);
  });

  it('gives a note its own line', () => {
    const assembler = new LineAssembler();
    const { added } = assembler.push([piece(1, 'be'), { ...piece(2, '', 'note'), note: { key: 'note.link-lost', values: {} } }, piece(3, 'fore\n')]);
    expect(added.map((line) => line.note?.key ?? line.text)).toEqual(['before', 'note.link-lost']);
  });

  it('cuts a line without end into rows, losing nothing', () => {
    const assembler = new LineAssembler();
    const { added } = assembler.push([piece(1, 'x'.repeat(10_000)), piece(2, 'y\n')]);
    expect(added.map((line) => line.text.length)).toEqual([4000, 4000, 2001]);
  });

  it('goes on from where it stood, in the middle of lines', () => {
    const whole = new LineAssembler();
    whole.push([piece(1, 'one\ntw'), piece(2, 'er', 'stderr'), piece(3, 'x\r')]);
    const again = new LineAssembler(whole.state());
    expect(again.push([piece(4, '\no\n'), piece(5, 'r\n', 'stderr')]).added.map((line) => line.text)).toEqual(['o']);
    expect(again.made).toBe(4);
  });
});

function job(id: string, run: string, state: string, more: Partial<JobView> = {}): JobView {
  return { id, run, host: id, stage: 'dev', title: { key: 'title.run', values: {} }, state, attached: false, created_ms: 1000, ended_ms: null, error: null, steps: [], ...more };
}

describe('runs', () => {
  it('gather the jobs of a plan', () => {
    const runs = groupRuns([job('b', 'r2', 'running'), job('a', 'r2', 'changed'), job('c', 'r1', 'failed')]);
    expect(runs.map((run) => [run.id, run.state, run.jobs.map((member) => member.id)])).toEqual([['r2', 'running', ['a', 'b']], ['r1', 'failed', ['c']]]);
    expect(runs.map(isUnderWay)).toEqual([true, false]);
  });

  it.each([
    [['changed', 'failed'], 'partial'], [['done', 'changed'], 'done'], [['failed', 'cancelled'], 'failed'], [['cancelled', 'cancelled'], 'cancelled'], [['queued', 'queued'], 'queued'], [['queued', 'changed'], 'running'],
  ])('of %j is %s', (states, expected) => {
    expect(groupRuns(states.map((state, index) => job(String(index), 'r', state)))[0]?.state).toBe(expected);
  });

  it('are counted by hosts: several of one plan may be on the same', () => {
    const on = (host: string, state: JobView['state'], id: string): JobView => job(id, 'r', state, { host });
    const [run] = groupRuns([on('one', 'changed', 'a'), on('one', 'done', 'b'), on('two', 'changed', 'c'), on('two', 'running', 'd'), on('three', 'failed', 'e'), on('three', 'done', 'f')]);
    expect([run?.hosts, run?.finished, run?.succeeded]).toEqual([3, 2, 1]);
  });

  it('say how long and how far', () => {
    const steps: JobView['steps'] = [{ number: 1, what: { key: '', values: {} }, command: [], state: 'done', exit_code: 0, signal: null, started_ms: 2000, ended_ms: 3000 }, { number: 2, what: { key: '', values: {} }, command: [], state: 'running', exit_code: null, signal: null, started_ms: 3000, ended_ms: null }];
    expect(elapsed(job('a', 'r', 'running', { steps }), 12_000)).toBe(10_000);
    expect(elapsed(job('a', 'r', 'queued'), 500)).toBe(0);
    expect(stepNow(job('a', 'r', 'running', { steps }))).toBe(2);
  });
});
