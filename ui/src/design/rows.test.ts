import { describe, expect, it } from 'vitest';
import { scrollToShow, visibleRows } from './rows';

describe('virtual rows', () => {
  it('draws what is seen and a few more', () => {
    expect(visibleRows(0, 260, 26, 10_000, 5)).toEqual({ first: 0, end: 15 });
    expect(visibleRows(26_000, 260, 26, 10_000, 5)).toEqual({ first: 995, end: 1015 });
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
