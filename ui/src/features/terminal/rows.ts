import type { Terminal } from '@xterm/xterm';

interface Cell { isInverse: () => number }
interface Rows {
  _themeService: { colors: { foreground: unknown; background: unknown } };
  _addStyle: (element: HTMLElement, style: string) => void;
  _applyMinimumContrast: (element: HTMLElement, ground: unknown, ink: unknown, cell: Cell, ...overrides: unknown[]) => boolean;
  createRow: (...row: unknown[]) => HTMLElement[];
}

/** Characters that turn the reading direction of what is around them. */
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Mends how xterm makes the rows of what is drawn. It has no way in for that, so this reaches for a part of its inside; it says so
 * when a new version has it no more.
 *
 * - Colours outside the palette come as a `style` attribute written as text, which the content security policy of the page forbids:
 *   they are set as properties instead, which it allows.
 * - Reversed text is held against the wrong ink when contrast is looked after, and becomes grey.
 * - Characters that turn the reading direction would move what stands beside them: they are not drawn.
 */
export function mendRows(terminal: Terminal): void {
  const inside = terminal as unknown as { _core: { _renderService: { _renderer: { value: { _rowFactory: Rows } } } } };
  const rows = inside._core._renderService._renderer.value._rowFactory;
  if ([rows._addStyle, rows._applyMinimumContrast, rows.createRow].some((part) => typeof part !== 'function')) throw new Error('xterm draws rows in another way now');
  const [contrast, create] = [rows._applyMinimumContrast.bind(rows), rows.createRow.bind(rows)];
  rows._addStyle = (element, style) => {
    const [name = '', value = ''] = style.split(':');
    element.style.setProperty(name, value);
  };
  rows._applyMinimumContrast = (element, ground, ink, cell, ...overrides) => {
    const { foreground, background } = rows._themeService.colors;
    return contrast(element, ground, ink === foreground && cell.isInverse() ? background : ink, cell, ...overrides);
  };
  rows.createRow = (...row) => {
    const elements = create(...row);
    for (const element of elements) {
      const text = element.textContent;
      if (text.search(turning) >= 0) element.textContent = text.replace(turning, '');
    }
    return elements;
  };
}
