import { describe, expect, it } from 'vitest';
import { scrollToShow, spareRows, visibleRows } from './rows';

describe('virtual rows', () => {
  it('draws what is seen and a few more', () => {
    expect(visibleRows(0, 260, 26, 10_000, 5)).toEqual({ first: 0, end: 15 });
    expect(visibleRows(26_000, 260, 26, 10_000, 5)).toEqual({ first: 995, end: 1015 });
  });

  it('never draws more than twice what is seen', () => {
    for (const height of [26, 130, 600, 1040, 2000]) {
      for (let scrollTop = 0; scrollTop < 5000; scrollTop += 7) {
        const { first, end } = visibleRows(scrollTop, height, 26, 10_000);
        expect(end - first, `${height} at ${scrollTop}`).toBeLessThanOrEqual(2 * Math.ceil(height / 26));
      }
    }
    expect(spareRows(2000, 26)).toBe(6);
  });

  it('ends with the last row', () => {
    expect(visibleRows(260_000, 260, 26, 10_000, 5)).toEqual({ first: 9985, end: 10_000 });
  });

  it('keeps to the list when it shrank under the scroll position', () => {
    expect(visibleRows(260_000, 260, 26, 3, 5)).toEqual({ first: 0, end: 3 });
  });

  it('has nothing to draw of nothing', () => {
    expect(visibleRows(0, 260, 26, 0)).toEqual({ first: 0, end: 0 });
    expect(visibleRows(0, 260, 0, 10)).toEqual({ first: 0, end: 0 });
  });

  it('scrolls no further than needed to show a row', () => {
    expect(scrollToShow(3, 0, 260, 26)).toBe(0);
    expect(scrollToShow(10, 0, 260, 26)).toBe(26);
    expect(scrollToShow(0, 500, 260, 26)).toBe(0);
  });
});
