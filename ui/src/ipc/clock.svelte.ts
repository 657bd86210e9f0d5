/** The time, for ages and running times. One timer for the whole page, so that all ages step together. */
class Clock {
  now = $state(Date.now());

  /** Starts the steps; the function it returns stops them. */
  start(): () => void {
    const timer = setInterval(() => { this.now = Date.now(); }, 1000);
    return () => { clearInterval(timer); };
  }
}

export const clock = new Clock();
