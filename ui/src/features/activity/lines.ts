import type { OutputPiece, WireMessage } from '$generated/api';

/** A line of output as it is shown; a note is a line of its own. */
export interface OutputLine { at: number; step: number; stream: string; text: string; note: WireMessage | null }

/** A longer line goes on in the next one: a row has one height, whatever a host writes. */
const longestLine = 4000;

/** Where an assembler stood between two pieces: it goes on from there as if it had read everything before. */
export interface AssemblerState { open: readonly { key: string; number: number; line: OutputLine }[]; afterReturn: readonly string[]; made: number }

/**
 * Makes lines of pieces, which end anywhere. Each stream of each step has its own open line, so that two streams
 * that take turns do not cut each other. A lone carriage return begins a new line: nothing is ever painted over.
 * It keeps no line but those that are open: what it made is handed out once.
 */
export class LineAssembler {
  readonly #open = new Map<string, { number: number; line: OutputLine }>();
  readonly #afterReturn: Set<string>;
  #made: number;
  #fresh: OutputLine[] = [];
  #grown = 0;

  constructor(from: AssemblerState = { open: [], afterReturn: [], made: 0 }) {
    this.#made = from.made;
    this.#afterReturn = new Set(from.afterReturn);
    for (const { key, number, line } of from.open) this.#open.set(key, { number, line: { ...line } });
  }

  /** How many lines it made since the first piece, those before its state included. */
  get made(): number {
    return this.#made;
  }

  /** The lines that are begun and not ended, with their numbers from 0. */
  get open(): readonly { number: number; line: OutputLine }[] {
    return [...this.#open.values()];
  }

  /** Where it stands now. */
  state(): AssemblerState {
    return { open: [...this.#open].map(([key, { number, line }]) => ({ key, number, line: { ...line } })), afterReturn: [...this.#afterReturn], made: this.#made };
  }

  /** The lines that these pieces began, and how many characters they added, to lines from before included. */
  push(pieces: readonly OutputPiece[]): { added: OutputLine[]; grown: number } {
    this.#fresh = [];
    this.#grown = 0;
    for (const piece of pieces) {
      if (piece.stream === 'note') this.#add({ at: piece.at_ms, step: piece.step, stream: 'note', text: piece.text, note: piece.note });
      else this.#text(piece);
    }
    const added = this.#fresh;
    this.#fresh = [];
    return { added, grown: this.#grown };
  }

  #text(piece: OutputPiece): void {
    const stream = `${piece.step} ${piece.stream}`;
    let rest = piece.text;
    if (this.#afterReturn.delete(stream) && rest.startsWith('\n')) rest = rest.slice(1);
    if (rest.endsWith('\r')) this.#afterReturn.add(stream);
    const parts = rest.split(/\r\n|\n|\r/);
    parts.forEach((part, index) => {
      this.#append(stream, piece, part);
      if (index < parts.length - 1) this.#end(stream, piece);
    });
  }

  #append(stream: string, piece: OutputPiece, text: string): void {
    for (let from = 0; from < text.length; ) {
      const line = this.#line(stream, piece);
      const room = longestLine - line.text.length;
      const part = text.slice(from, from + room);
      line.text += part;
      this.#grown += part.length;
      from += room;
      if (line.text.length >= longestLine) this.#open.delete(stream);
    }
  }

  #end(stream: string, piece: OutputPiece): void {
    this.#line(stream, piece);
    this.#open.delete(stream);
  }

  #line(stream: string, piece: OutputPiece): OutputLine {
    const open = this.#open.get(stream);
    if (open) return open.line;
    const line: OutputLine = { at: piece.at_ms, step: piece.step, stream: piece.stream === 'stderr' ? 'stderr' : 'stdout', text: '', note: null };
    this.#open.set(stream, { number: this.#made, line });
    this.#add(line);
    return line;
  }

  #add(line: OutputLine): void {
    this.#fresh.push(line);
    this.#made += 1;
  }
}
