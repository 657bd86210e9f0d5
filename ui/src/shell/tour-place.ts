/** Where a callout stands, and the frame around what it is about. */
export interface Placed { left: number; top: number }

export interface Box { left: number; top: number; width: number; height: number }

/** Beside a box, where there is room: under it, above it, to its right, to its left; else in the middle of what is seen. */
export function placeBeside(box: Box, card: { width: number; height: number }, page: { width: number; height: number }, gap = 12): Placed {
  const keepX = (left: number): number => Math.max(gap, Math.min(left, page.width - card.width - gap));
  const keepY = (top: number): number => Math.max(gap, Math.min(top, page.height - card.height - gap));
  const under = box.top + box.height + gap;
  if (under + card.height + gap <= page.height) return { left: keepX(box.left), top: under };
  const above = box.top - gap - card.height;
  if (above >= gap) return { left: keepX(box.left), top: above };
  const right = box.left + box.width + gap;
  if (right + card.width + gap <= page.width) return { left: right, top: keepY(box.top) };
  const left = box.left - gap - card.width;
  if (left >= gap) return { left, top: keepY(box.top) };
  return { left: keepX((page.width - card.width) / 2), top: keepY((page.height - card.height) / 2) };
}
