import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobView, OutputPiece } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import type { Command, Request, Response, VaultId } from '$platform/types';
import { Backlog, mostKept } from './backlog';
import JobOutput from './JobOutput.svelte';
import { JobOutputReader } from './output.svelte';

/** A backend with a job that wrote as many lines as one wants, made as they are asked for. */
class Wordy extends FakeBackend {
  asked = 0;
  constructor(readonly lines: number, readonly text: (line: number) => string, readonly perPiece = 4000) {
    super({ open: 1 });
  }

  override rpc<K extends Command>(command: K, request: Request<K>, vault: VaultId = null): Promise<Response<K>> {
    if (command !== 'job_output') return super.rpc(command, request, vault);
    this.asked += 1;
    const { after = 0 } = request as Request<'job_output'>;
    const pieces: OutputPiece[] = [];
    const last = Math.ceil(this.lines / this.perPiece);
    for (let ordinal = after + 1, size = 0; ordinal <= last && size < 1 << 20; ordinal += 1) {
      const from = (ordinal - 1) * this.perPiece;
      let text = '';
      for (let line = from; line < Math.min(from + this.perPiece, this.lines); line += 1) text += `${this.text(line)}\n`;
      size += text.length;
      pieces.push({ ordinal, step: 1, at_ms: ordinal, stream: 'stdout', offset: 0, text, note: null });
    }
    const more = (pieces.at(-1)?.ordinal ?? last) < last;
    return Promise.resolve({ pieces, more } as unknown as Response<K>);
  }
}

const million = 1_000_000;
const limit = 8 * 1024 * 1024;

async function open(backend: FakeBackend): Promise<void> {
  installPlatform(backend);
  session.leave();
  await session.begin();
}

async function readAll(reader: JobOutputReader, lines: number): Promise<() => void> {
  const stop = reader.begin();
  await waitFor(() => { expect(reader.total).toBe(lines); }, { timeout: 60_000 });
  return stop;
}

describe('a backlog', () => {
  const line = (text: string) => ({ at: 0, step: 1, stream: 'stdout', text, note: null });

  it('never counts more than it may, whatever comes', () => {
    const backlog = new Backlog();
    for (let at = 0; at < 40; at += 1) {
      const added = Array.from({ length: 5000 }, (_, index) => line('x'.repeat((index * 37) % 400)));
      backlog.append(added, added.reduce((sum, one) => sum + one.text.length, 0));
      expect(backlog.bytes).toBeLessThanOrEqual(mostKept);
    }
    expect(backlog.end).toBe(200_000);
    expect(backlog.first).toBe(200_000 - backlog.lines.length);
  });
});

describe('a million lines of output', () => {
  let backend: Wordy;
  let reader: JobOutputReader;
  beforeEach(async () => {
    backend = new Wordy(million, (line) => `line ${line} ok`);
    await open(backend);
    reader = new JobOutputReader('job-1');
  });

  it('leave at most 8 MiB in the page, and the last of them', async () => {
    const stop = await readAll(reader, million);
    const held = reader.lines.reduce((sum, line) => sum + 128 + line.text.length * 2, 0);
    expect(held).toBeLessThanOrEqual(limit);
    expect(reader.bytes).toBe(held);
    expect(reader.lines.at(-1)?.text).toBe(`line ${million - 1} ok`);
    expect(reader.first + reader.lines.length).toBe(million);
    stop();
  }, 90_000);

  it('can be jumped into anywhere; the rest is read again', async () => {
    const stop = await readAll(reader, million);
    for (const number of [500_000, 0, 123_456, million - 1]) {
      expect(await reader.toLine(number)).toBe(true);
      expect(reader.lines[number - reader.first]?.text).toBe(`line ${number} ok`);
      expect(reader.bytes).toBeLessThanOrEqual(limit);
    }
    expect(reader.atEnd).toBe(true);
    await reader.toLine(10);
    expect(reader.atEnd).toBe(false);
    await reader.toEnd();
    expect(reader.lines.at(-1)?.text).toBe(`line ${million - 1} ok`);
    stop();
  }, 90_000);

  it('are searched to the last, also those that the page does not have', async () => {
    const stop = await readAll(reader, million);
    expect(await reader.find('LINE 123456 ', 0, 1)).toBe(123_456);
    expect(await reader.find('line 99999 ', 900_000, -1)).toBe(99_999);
    expect(await reader.find('line 77 ', 500_000, 1)).toBe(77);
    expect(await reader.find('no such line', 500_000, 1)).toBeNull();
    stop();
  }, 90_000);

  it('put no more rows in the page than are seen, and one jumps to a line and finds one', async () => {
    const job: JobView = { id: 'job-1', run: 'run-1', host: 'ynh-01', stage: 'dev', title: { key: 'title.run', values: {} }, state: 'running', attached: true, created_ms: 0, ended_ms: null, error: null, steps: [] };
    const { container } = render(JobOutput, { job });
    await waitFor(() => { expect(screen.getByTestId('job-line-count').textContent).toContain('1,000,000'); }, { timeout: 60_000 });
    const rows = (): number => container.querySelectorAll('.line').length;
    // 600 pixels of 18 each, and twelve to spare on both sides.
    expect(rows()).toBeGreaterThan(0);
    expect(rows()).toBeLessThanOrEqual(2 * Math.ceil(600 / 18));
    await fireEvent.click(screen.getByTestId('job-find'));
    await fireEvent.input(screen.getByTestId('job-find-text'), { target: { value: 'line 4242 ' } });
    await fireEvent.submit(screen.getByTestId('job-find-bar'));
    const scrolled = (): void => { void fireEvent.scroll(screen.getByTestId('job-output')); };
    await waitFor(() => { scrolled(); expect(container.querySelector('.found')?.textContent).toContain('line 4242 ok'); }, { timeout: 20_000 });
    await fireEvent.input(screen.getByTestId('job-line'), { target: { value: '500001' } });
    await fireEvent.submit(screen.getByTestId('job-line-bar'));
    await waitFor(() => { scrolled(); expect(container.querySelector('.found')?.textContent).toContain('line 500000 ok'); }, { timeout: 20_000 });
    expect(rows()).toBeLessThanOrEqual(2 * Math.ceil(600 / 18));
  }, 120_000);
});

describe('output that is read while it comes', () => {
  it('stays where one looks: what is read does not go, what comes waits at the end', async () => {
    const backend = new Wordy(60_000, (line) => `${line} ${'x'.repeat(80)}`);
    await open(backend);
    const reader = new JobOutputReader('job-1');
    reader.following = false;
    const stop = await readAll(reader, 60_000);
    expect(reader.first).toBe(0);
    expect(reader.atEnd).toBe(false);
    expect(reader.bytes).toBeLessThanOrEqual(limit);
    await reader.toEnd();
    expect(reader.lines.at(-1)?.text.startsWith('59999 ')).toBe(true);
    stop();
  }, 60_000);

  it('of empty lines alone is bounded as well', async () => {
    await open(new Wordy(400_000, () => '', 60_000));
    const reader = new JobOutputReader('job-1');
    const stop = await readAll(reader, 400_000);
    expect(reader.bytes).toBeLessThanOrEqual(limit);
    expect(await reader.toLine(200_000)).toBe(true);
    expect(reader.bytes).toBeLessThanOrEqual(limit);
    stop();
  }, 60_000);
});
