import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeAll, describe, expect, it } from 'vitest';
import { i18n } from '$i18n';
import { chaptersIn } from './chapters';
import Guide from './Guide.view.svelte';
import { searchGuide } from './search';

describe('the search of the guide', () => {
  it('finds every chapter by its title, in both languages', () => {
    for (const language of ['en', 'fr'] as const) {
      for (const chapter of chaptersIn(language)) expect(searchGuide(language, chapter.title).some((found) => found.chapter === chapter.name), `${language} ${chapter.title}`).toBe(true);
    }
  });

  it('wants every word, whatever its case and accents, and shows where it stands', () => {
    const found = searchGuide('fr', 'PREMIERS etape');
    expect(found.length).toBeGreaterThan(0);
    for (const place of searchGuide('en', 'recovery paper')) {
      const all = place.excerpt.map((part) => part.text).join('').toLowerCase() + place.heading.toLowerCase();
      expect(/recover|paper/.test(all)).toBe(true);
    }
    expect(searchGuide('en', 'recovery zzzzz')).toEqual([]);
    expect(searchGuide('en', ' a ')).toEqual([]);
    expect(searchGuide('en', '( [ *').length).toBe(0);
  });

  it('puts headings first', () => {
    expect(searchGuide('en', 'several windows')[0]).toMatchObject({ chapter: '23-window', heading: 'Several windows' });
  });
});

describe('the guide', () => {
  beforeAll(() => {
    i18n.choose('en');
    Element.prototype.scrollIntoView = () => undefined;
  });

  it('leads from what is found to its section, and back to where one was', async () => {
    let went: [string, string | undefined] | null = null;
    let left = false;
    const { rerender } = render(Guide, { chapter: null, onchapter: (name: string, section?: string) => { went = [name, section]; }, onback: () => { left = true; } });
    await fireEvent.input(screen.getByTestId('guide-search'), { target: { value: 'several windows' } });
    const [first] = screen.getAllByTestId('guide-result');
    if (!first) throw new Error('it is found');
    await fireEvent.click(first);
    expect(went?.[0]).toBe('23-window');
    const section = went?.[1] ?? '';
    await rerender({ chapter: '23-window', section });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(document.activeElement).toBe(screen.getByTestId(`guide-section-${section}`));
    expect(document.activeElement?.textContent).toContain('Several windows');
    await fireEvent.click(screen.getByTestId('guide-back'));
    expect(left).toBe(true);
  });
});
