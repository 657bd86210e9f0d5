import { desk, setZoom } from '$ipc';

/** The sizes of the text that the keys step through, in percent. */
export const zoomSteps = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200] as const;

/** How large the text is. The shell keeps it on this machine, and every window follows. */
class Zoom {
  percent = $state(100);

  /** Asks how large it is: another window may have changed it. */
  async read(): Promise<void> {
    this.percent = (await desk()).zoom_percent;
  }

  async choose(percent: number): Promise<void> {
    await setZoom(percent);
    this.percent = percent;
  }

  /** One size up or down, from wherever it is. */
  async step(direction: 1 | -1): Promise<void> {
    await this.read();
    const next = direction > 0 ? zoomSteps.find((size) => size > this.percent) : zoomSteps.findLast((size) => size < this.percent);
    if (next !== undefined) await this.choose(next);
  }
}

export const zoom = new Zoom();
