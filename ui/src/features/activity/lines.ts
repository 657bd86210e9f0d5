import type { OutputPiece, WireMessage } from '$generated/api';

/** A line of output as it is shown; a note is a line of its own. */
export interface OutputLine { at: number; step: number; stream: string; text: string; note: WireMessage | null }

/** A longer line goes on in the next one: a row has one height, whatever a host writes. */
const longestLine = 4000;

/**
 * Makes lines of pieces, which end anywhere. Each stream of each step has its own open line, so that two streams
 * that take turns do not cut each other. A lone carriage return begins a new line: nothing is ever painted over.
 */
export class LineAssembler {
  readonly lines: OutputLine[] = [];
  readonly #open = new Map<string, OutputLine>();
  readonly #afterReturn = new Set<string>();

  push(pieces: readonly OutputPiece[]): void {
    for (const piece of pieces) {
      if (piece.stream === 'note') this.lines.push({ at: piece.at_ms, step: piece.step, stream: 'note', text: piece.text, note: piece.note });
      else this.#text(piece);
    }
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
      line.text += text.slice(from, from + room);
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
    if (open) return open;
    const line: OutputLine = { at: piece.at_ms, step: piece.step, stream: piece.stream, text: '', note: null };
    this.lines.push(line);
    this.#open.set(stream, line);
    return line;
  }
}
