const key = 'beffroi.first-steps';
const states = ['open', 'later', 'closed'] as const;
/** Whether the first steps are shown, put off, or over; `unknown` on a machine that was never asked. */
export type FirstState = (typeof states)[number] | 'unknown';

/** Whether the first steps are shown on this machine. What was done of them is read from the vault. */
class FirstSteps {
  state = $state<FirstState>(states.find((known) => known === localStorage.getItem(key)) ?? 'unknown');

  /** A vault is made: from here on they are shown, unless they were closed before. */
  begin(): void {
    if (this.state === 'unknown') this.show();
  }

  show(): void {
    this.#keep('open');
  }

  later(): void {
    this.#keep('later');
  }

  close(): void {
    this.#keep('closed');
  }

  #keep(state: (typeof states)[number]): void {
    this.state = state;
    localStorage.setItem(key, state);
  }
}

export const firstSteps = new FirstSteps();

/** The tour of the window, when one asked for it. */
class TourAsked {
  on = $state(false);
}

export const tour = new TourAsked();
