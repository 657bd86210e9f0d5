/** How far a copy is, at a moment in milliseconds. */
export interface Sample { at: number; done: number }

/** A rate is measured over this long, in milliseconds: long enough to be calm, short enough to follow the link. */
const span = 8000;
/** Nothing is said of a rate before this long. */
const least = 500;

/** The samples that still count, with the newest one. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const kept = samples.filter((one) => sample.at - one.at <= span);
  return [...(kept.length > 0 ? kept : samples.slice(-1)), sample];
}

/** Bytes in a second; null while it is too early to say, or when nothing moves. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < least || last.done <= first.done) return null;
  return ((last.done - first.done) * 1000) / (last.at - first.at);
}

/** Seconds until the end at this rate; null where the end is not known. */
export function secondsLeft(done: number, total: number, rate: number | null): number | null {
  return rate === null || total <= done ? null : Math.ceil((total - done) / rate);
}
