/**
 * Where the pointer is in the page, of what a drag over the window tells. Tauri calls that physical pixels, and on Windows it is; GTK
 * and AppKit tell it in points of the window, whatever the screen, and their page does not count its zoom as pixels of the device.
 */
export class DragScale {
  readonly #inPixels: boolean;
  readonly #ask: () => Promise<number>;
  #zoom = 1;

  /** `ask` gives how large the text of the page is, in percent. */
  constructor(ask: () => Promise<number>, userAgent: string = navigator.userAgent) {
    this.#ask = ask;
    this.#inPixels = userAgent.includes('Windows');
  }

  /** Asks how large the text is now; without an answer it is as it was. */
  look(): void {
    this.#ask().then((percent) => { this.#zoom = percent / 100; }, () => undefined);
  }

  place({ x, y }: { x: number; y: number }): { x: number; y: number } {
    const scale = this.#inPixels ? window.devicePixelRatio || 1 : this.#zoom;
    return { x: x / scale, y: y / scale };
  }
}
