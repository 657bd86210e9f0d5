export const textSizes = [12, 13, 15, 18, 22] as const;
export type TextSize = (typeof textSizes)[number];

/** How terminals are on this machine. Kept outside the vault: it says nothing about a host. */
class TerminalChoices {
  size = $state<TextSize>(textSizes.find((size) => String(size) === localStorage.getItem('beffroi.terminal.size')) ?? 13);
  /** Whether what is written is told to a screen reader as well; drawing is slower with it. */
  reader = $state(localStorage.getItem('beffroi.terminal.reader') === 'yes');

  chooseSize(size: TextSize): void {
    this.size = size;
    localStorage.setItem('beffroi.terminal.size', String(size));
  }

  chooseReader(reader: boolean): void {
    this.reader = reader;
    localStorage.setItem('beffroi.terminal.reader', reader ? 'yes' : 'no');
  }
}

export const terminalChoices = new TerminalChoices();
