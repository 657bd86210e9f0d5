/** Rows [first, end) that a window of `height` pixels shows, with a few more on both sides. */
export interface RowRange { first: number; end: number }

/** Rows to draw beyond what is seen: at most 6 on each side, and never more than are seen. */
export function spareRows(height: number, rowHeight: number): number {
  return Math.min(6, Math.max(0, Math.floor((Math.floor(height / rowHeight) - 1) / 2)));
}

/** As many rows as are ever drawn at once. */
export function mostRows(height: number, rowHeight: number): number {
  return rowHeight <= 0 ? 0 : Math.ceil(height / rowHeight) + 1 + 2 * spareRows(height, rowHeight);
}

export function visibleRows(scrollTop: number, height: number, rowHeight: number, count: number, spare = spareRows(height, rowHeight)): RowRange {
  if (count <= 0 || rowHeight <= 0) return { first: 0, end: 0 };
  const top = Math.max(0, Math.min(scrollTop, count * rowHeight - height));
  const first = Math.max(0, Math.floor(top / rowHeight) - spare);
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + spare);
  return { first, end: Math.max(first, end) };
}

/** Where to scroll so that row `index` is seen in full; the same place when it is already. */
export function scrollToShow(index: number, scrollTop: number, height: number, rowHeight: number): number {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return scrollTop;
}
