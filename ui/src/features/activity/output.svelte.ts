import type { ApiError, OutputPiece } from '$generated/api';
import { onEvent, rpc, toApiError } from '$ipc';
import { Backlog } from './backlog';
import { LineAssembler, type AssemblerState, type OutputLine } from './lines';

/** A place in the output from which it can be read again. */
interface Mark { after: number; state: AssemblerState }

/** Between two marks, in characters: the core keeps 16 MiB of a job, so that there are some seventy of them at most. */
const betweenMarks = 256 * 1024;
/** Lines read before the one that is jumped to, so that one sees where one is. */
const before = 2000;

/**
 * The output of one job, read as it grows. The page keeps a stretch of it of a bounded size; any other stretch is read again
 * from the core, from the nearest mark before it.
 */
export class JobOutputReader {
  /** The stretch that is kept. */
  lines = $state.raw<readonly OutputLine[]>([]);
  /** The number of its first line, from 0. */
  first = $state(0);
  /** How many lines there are in all, as far as it is known. */
  total = $state(0);
  /** Whether the stretch reaches to the end, so that what comes is added to it. */
  atEnd = $state(true);
  error = $state.raw<ApiError | null>(null);
  read = $state(false);
  /** Whether one looks at the end: then what is old goes; otherwise what is looked at stays. */
  following = true;
  readonly #job: string;
  #backlog = new Backlog();
  #assembler = new LineAssembler();
  #marks: Mark[] = [{ after: 0, state: this.#assembler.state() }];
  #sinceMark = 0;
  #after = 0;
  #reading = false;
  #again = false;
  #stopped = false;
  /** Counted up when everything read so far is dropped: an answer that was on its way then is no longer wanted. */
  #beginning = 0;
  /** Counted up with every jump and search: the one before is given up. */
  #journey = 0;

  constructor(job: string) {
    this.#job = job;
  }

  /** Bytes that the page keeps of it, as they are counted. */
  get bytes(): number {
    return this.#backlog.bytes;
  }

  /** Reads what there is, then what comes, until the function it returns is called. */
  begin(): () => void {
    const stop = onEvent((event) => {
      if ((event.kind === 'job_output' || event.kind === 'job_changed') && event.job === this.#job) void this.#more();
      else if (event.kind === 'stages_changed') this.#anew();
    });
    void this.#more();
    return () => {
      this.#stopped = true;
      this.#journey += 1;
      stop();
    };
  }

  /** Goes to the stretch around a line, counted from 0. Says whether the stretch has it now. */
  async toLine(number: number): Promise<boolean> {
    this.#journey += 1;
    if (this.#has(number)) return true;
    const journey = this.#journey;
    const beginning = this.#beginning;
    const from = Math.max(0, number - before);
    const mark = this.#marks.findLast((candidate) => candidate.state.made <= from) ?? this.#marks[0];
    if (!mark) return false;
    const backlog = new Backlog(from);
    const assembler = new LineAssembler(mark.state);
    let { after } = mark;
    let enough = false;
    for (let more = true; more && !enough; ) {
      const answer = await this.#ask(after);
      if (journey !== this.#journey || beginning !== this.#beginning) return false;
      for (const piece of answer.pieces) {
        const skipped = Math.max(0, from - assembler.made);
        for (const line of assembler.push([piece]).added.slice(skipped)) {
          if (!enough) backlog.append([line], line.text.length);
          enough ||= backlog.half && backlog.end > number;
        }
      }
      after = answer.pieces.at(-1)?.ordinal ?? after;
      more = answer.more && answer.pieces.length > 0;
    }
    backlog.recount();
    this.#backlog = backlog;
    this.atEnd = !enough && after >= this.#after;
    if (this.atEnd) {
      // What comes goes on from where this reading stands.
      this.#assembler = assembler;
      this.#after = after;
    }
    this.#show();
    if (this.atEnd) void this.#more();
    return this.#has(number);
  }

  /** Goes to the stretch at the end. */
  async toEnd(): Promise<void> {
    if (!this.atEnd) await this.toLine(Math.max(0, this.total - 1));
  }

  /**
   * The number of the next line after `from` that has a text in it, or of the one before it; nothing when there is none, or
   * when another search began. It looks through all that the core has, piece by piece.
   */
  async find(text: string, from: number, direction: 1 | -1): Promise<number | null> {
    this.#journey += 1;
    const journey = this.#journey;
    const wanted = text.toLocaleLowerCase();
    if (wanted === '') return null;
    const order = this.#marks.map((_, at) => at);
    const start = Math.max(0, this.#marks.findLastIndex((mark) => mark.state.made <= Math.max(from, 0)));
    const segments = direction > 0 ? [...order.slice(start), ...order.slice(0, start + 1)] : [...order.slice(0, start + 1).reverse(), ...order.slice(start).reverse()];
    let wrapped = false;
    for (const [index, segment] of segments.entries()) {
      if (index > 0) wrapped = wrapped || (direction > 0 ? segment === 0 : segment === order.length - 1);
      const numbers = await this.#matches(segment, wanted, journey);
      if (journey !== this.#journey) return null;
      const beyond = wrapped ? numbers : numbers.filter((number) => (direction > 0 ? number > from : number < from));
      const found = direction > 0 ? beyond[0] : beyond.at(-1);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** The numbers of the lines between a mark and the next that have a text in them. */
  async #matches(segment: number, wanted: string, journey: number): Promise<number[]> {
    const mark = this.#marks[segment];
    if (!mark) return [];
    const end = this.#marks[segment + 1]?.after ?? Infinity;
    const assembler = new LineAssembler(mark.state);
    const found: number[] = [];
    const look = (number: number, line: OutputLine): void => { if (line.note === null && line.text.toLocaleLowerCase().includes(wanted)) found.push(number); };
    for (let { after } = mark, more = true; more && after < end; ) {
      const answer = await this.#ask(after);
      if (journey !== this.#journey) return [];
      for (const piece of answer.pieces) {
        if (piece.ordinal > end) break;
        for (const { number, line } of assembler.open) look(number, line);
        const first = assembler.made;
        assembler.push([piece]).added.forEach((line, at) => { look(first + at, line); });
      }
      after = answer.pieces.at(-1)?.ordinal ?? Infinity;
      more = answer.more;
    }
    for (const { number, line } of assembler.open) look(number, line);
    // A line that stayed open over several pieces was looked at several times.
    return found.sort((left, right) => left - right).filter((number, at) => number !== found[at - 1]);
  }

  #has(number: number): boolean {
    return number >= this.#backlog.first && number < this.#backlog.end;
  }

  #ask(after: number): Promise<{ pieces: OutputPiece[]; more: boolean }> {
    return rpc('job_output', { job: this.#job, after });
  }

  /** Drops what was read, and reads it again if it still may be: output is sealed with the stage of its host. */
  #anew(): void {
    this.#beginning += 1;
    this.#journey += 1;
    this.#backlog = new Backlog();
    this.#assembler = new LineAssembler();
    this.#marks = [{ after: 0, state: this.#assembler.state() }];
    this.#sinceMark = 0;
    this.#after = 0;
    this.atEnd = true;
    this.total = 0;
    this.read = false;
    this.#show();
    void this.#more();
  }

  async #more(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        const beginning = this.#beginning;
        const after = this.#after;
        const { pieces, more } = await this.#ask(after);
        // A jump to the end may have read them already.
        if (beginning !== this.#beginning || after !== this.#after) {
          this.#again = true;
          continue;
        }
        const last = pieces.at(-1);
        if (last) this.#take(pieces, last.ordinal);
        if (more && last) this.#again = true;
      }
      this.error = null;
    } catch (thrown) {
      this.error = toApiError(thrown);
    }
    this.read = true;
    this.#reading = false;
  }

  #take(pieces: readonly OutputPiece[], last: number): void {
    for (const piece of pieces) {
      const { added, grown } = this.#assembler.push([piece]);
      // Somebody reads what would have to go: it stays, and what comes is read again when it is wanted.
      if (this.atEnd && !this.following && !this.#backlog.fits(added, grown)) this.atEnd = false;
      if (this.atEnd) this.#backlog.append(added, grown);
      this.#sinceMark += grown + added.length;
    }
    this.#after = last;
    if (this.#sinceMark >= betweenMarks) {
      this.#marks.push({ after: last, state: this.#assembler.state() });
      this.#sinceMark = 0;
    }
    this.#show();
  }

  #show(): void {
    this.lines = this.#backlog.lines.slice();
    this.first = this.#backlog.first;
    this.total = this.#assembler.made;
  }
}
