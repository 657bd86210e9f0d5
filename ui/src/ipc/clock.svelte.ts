/** The time, for ages and running times. One timer for the whole page, so that all ages step together. */
class Clock {
  now = $state(Date.now());

  /** Starts the steps; the function it returns stops them. */
  start(): () => void {
    const timer = setInterval(() => { this.look(); }, 1000);
    return () => { clearInterval(timer); };
  }

  /** Looks at the time between two steps: a time left that was just read must not be shown a second too long. */
  look(): number {
    this.now = Date.now();
    return this.now;
  }
}

export const clock = new Clock();
