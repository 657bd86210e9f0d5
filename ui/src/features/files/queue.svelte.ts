import { SvelteMap } from 'svelte/reactivity';
import type { ApiError, CopiedFile, CopyFile } from '$generated/api';
import { onEvent, rpc, session, toApiError } from '$ipc';
import { rateOf, secondsLeft, withSample, type Sample } from './copy-rate';

export type Way = 'put' | 'get';
export type CopyState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** What is to be copied, and how. */
export interface CopyOrder {
  way: Way;
  host: string;
  stage: string;
  /** What it is called on its side. */
  label: string;
  local: string;
  remote: string;
  typed: string | null;
  root: boolean;
  resume: boolean;
  whole: boolean;
  times: boolean;
}

export interface Progress { done: number; total: number; files_done: number; files: number; current: string }

export interface Copy {
  id: string;
  vault: string | null;
  order: CopyOrder;
  state: CopyState;
  cancelling: boolean;
  progress: Progress | null;
  samples: readonly Sample[];
  error: ApiError | null;
  copied: CopiedFile | null;
}

/** Copies that go at once, whatever hosts they are of; those of one host go one after the other. */
const atOnce = 2;

/** What is copied, was copied and waits for its turn. It stays while one looks at other screens. */
export class CopyQueue {
  readonly #copies = new SvelteMap<string, Copy>();
  /** In the order in which they were asked for. */
  readonly all = $derived([...this.#copies.values()]);
  readonly mine = $derived(this.all.filter((copy) => copy.vault === session.current));
  readonly running = $derived(this.mine.filter((copy) => copy.state === 'running'));
  readonly waiting = $derived(this.mine.filter((copy) => copy.state === 'waiting'));
  readonly failed = $derived(this.mine.filter((copy) => copy.state === 'failed'));
  readonly ended = $derived(this.mine.filter((copy) => copy.state !== 'running' && copy.state !== 'waiting'));
  /** Of all that is to be done, in percent; null where nothing is known yet. */
  readonly percent = $derived.by(() => {
    const known = this.running.flatMap((copy) => (copy.progress && copy.progress.total > 0 ? [copy.progress] : []));
    const total = known.reduce((sum, progress) => sum + progress.total, 0);
    return total > 0 ? Math.floor((100 * known.reduce((sum, progress) => sum + progress.done, 0)) / total) : null;
  });
  /** Who wants to know that something arrived: the panes. */
  #arrived: readonly ((copy: Copy) => void)[] = [];
  #stop: (() => void) | null = null;

  add(orders: readonly CopyOrder[]): void {
    this.#listen();
    for (const order of orders) {
      const id = crypto.randomUUID();
      this.#copies.set(id, { id, vault: session.current, order, state: 'waiting', cancelling: false, progress: null, samples: [], error: null, copied: null });
    }
    this.#next();
  }

  /** Calls `handler` for each copy that ended well, until the function it returns is called. */
  onArrived(handler: (copy: Copy) => void): () => void {
    this.#arrived = [...this.#arrived, handler];
    return () => { this.#arrived = this.#arrived.filter((other) => other !== handler); };
  }

  async cancel(id: string): Promise<void> {
    const copy = this.#copies.get(id);
    if (copy?.state === 'waiting') {
      this.#set(id, { state: 'cancelled' });
    } else if (copy?.state === 'running' && !copy.cancelling) {
      this.#set(id, { cancelling: true });
      try {
        await rpc('copy_cancel', { name: id }, copy.vault);
      } catch {
        // It ended meanwhile, or goes on; the copy itself says which.
        this.#set(id, { cancelling: false });
      }
    }
  }

  cancelAll(): void {
    for (const copy of [...this.waiting, ...this.running]) void this.cancel(copy.id);
  }

  /** Once more, from where it came to. */
  retry(id: string, typed?: string): void {
    const copy = this.#copies.get(id);
    if (!copy || copy.state === 'running' || copy.state === 'waiting' || copy.state === 'done') return;
    this.#set(id, { state: 'waiting', cancelling: false, progress: null, samples: [], error: null, order: { ...copy.order, resume: true, typed: typed ?? copy.order.typed } });
    this.#next();
  }

  retryFailed(): void {
    for (const copy of this.failed) this.retry(copy.id);
  }

  remove(id: string): void {
    const copy = this.#copies.get(id);
    if (copy && copy.state !== 'running') this.#copies.delete(id);
  }

  clearEnded(): void {
    for (const copy of this.ended) this.#copies.delete(copy.id);
  }

  /** Forgets the copies of vaults that are open no more. */
  settle(open: readonly string[]): void {
    for (const copy of this.all) if (copy.vault === null || !open.includes(copy.vault)) this.#copies.delete(copy.id);
    if (this.#copies.size > 0) return;
    this.#stop?.();
    this.#stop = null;
  }

  rate(copy: Copy): number | null {
    return copy.state === 'running' ? rateOf(copy.samples) : null;
  }

  left(copy: Copy): number | null {
    const rate = this.rate(copy);
    return copy.progress ? secondsLeft(copy.progress.done, copy.progress.total, rate) : null;
  }

  #set(id: string, change: Partial<Copy>): void {
    const copy = this.#copies.get(id);
    if (copy) this.#copies.set(id, { ...copy, ...change });
  }

  #next(): void {
    const copies = [...this.#copies.values()];
    const running = copies.filter((copy) => copy.state === 'running');
    const busy = running.map((copy) => `${copy.vault} ${copy.order.host}`);
    let places = atOnce - running.length;
    for (const copy of copies) {
      const host = `${copy.vault} ${copy.order.host}`;
      if (places <= 0) return;
      if (copy.state !== 'waiting' || busy.includes(host)) continue;
      busy.push(host);
      places -= 1;
      void this.#run(copy);
    }
  }

  async #run(copy: Copy): Promise<void> {
    const { id, vault } = copy;
    const { way, host, local, remote, typed, root, resume, whole, times } = copy.order;
    this.#set(id, { state: 'running' });
    const request: CopyFile = { host, local, remote, typed: way === 'put' ? typed : null, root, resume, whole, times, name: id };
    try {
      const copied = await rpc(way, request, vault);
      this.#set(id, { state: 'done', copied, cancelling: false });
      const done = this.#copies.get(id);
      if (done) for (const handler of this.#arrived) handler(done);
    } catch (thrown) {
      const error = toApiError(thrown);
      this.#set(id, error.code === 'copy-cancelled' ? { state: 'cancelled', cancelling: false } : { state: 'failed', error, cancelling: false });
    }
    this.#next();
  }

  #listen(): void {
    this.#stop ??= onEvent((event) => {
      if (event.kind !== 'copy') return;
      const copy = this.#copies.get(event.name);
      if (copy?.state !== 'running') return;
      const { done, total, files_done, files, current } = event;
      this.#set(copy.id, { progress: { done, total, files_done, files, current }, samples: withSample(copy.samples, { at: performance.now(), done }) });
    });
  }
}

export const copyQueue = new CopyQueue();
