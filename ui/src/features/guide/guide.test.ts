import { describe, expect, it } from 'vitest';
import { chaptersIn, parseChapter } from './chapters';

describe('the guide', () => {
  it('has the same chapters in both languages', () => {
    const english = chaptersIn('en').map((chapter) => chapter.name);
    expect(english.length).toBeGreaterThanOrEqual(6);
    expect(chaptersIn('fr').map((chapter) => chapter.name)).toEqual(english);
  });

  it('gives every chapter a title of its own and sections', () => {
    for (const chapter of [...chaptersIn('en'), ...chaptersIn('fr')]) {
      expect(chapter.title).not.toBe(chapter.name);
      expect(chapter.blocks.filter((block) => block.kind === 'heading').length, chapter.name).toBeGreaterThan(1);
    }
  });

  it('takes markup for text', () => {
    expect(parseChapter('x', '# T\n\n<b onclick="x">a</b> `<i>`').blocks).toEqual([{ kind: 'paragraph', content: [{ kind: 'text', text: '<b onclick="x">' }, { kind: 'text', text: 'a' }, { kind: 'text', text: '</b>' }, { kind: 'text', text: ' ' }, { kind: 'code', text: '<i>' }] }]);
  });
});
