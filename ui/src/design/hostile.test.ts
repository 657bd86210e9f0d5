import { render } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import HostText from './components/HostText.svelte';
import { splitHostile, visibleText } from './hostile';

describe('hostile text', () => {
  it('leaves ordinary text of any script alone', () => {
    for (const text of ['plain', 'déjà vu, œuvre', '漢字 かな', 'العربية', '🔔 bell', 'a\ttab', 'no\u00a0break']) expect(visibleText(text)).toBe(text);
  });

  it('shows every character that turns the reading direction or has no width', () => {
    const codes = [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x061c, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff, 0x00ad, 0x2028, 0x2029, 0xe0041];
    for (const code of codes) {
      const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      expect(visibleText(`a${String.fromCodePoint(code)}b`)).toBe(`a[${name}]b`);
    }
  });

  it('shows every control character but the tab', () => {
    for (let code = 0; code < 0x20; code += 1) {
      if (code === 9) continue;
      expect(splitHostile(String.fromCodePoint(code))).toEqual([{ kind: 'mark', text: `U+${code.toString(16).toUpperCase().padStart(4, '0')}` }]);
    }
    for (let code = 0x7f; code < 0xa0; code += 1) expect(splitHostile(String.fromCodePoint(code))[0]?.kind).toBe('mark');
  });

  it('shows an escape sequence as one mark', () => {
    expect(visibleText('\u001b[32mInfo:\u001b[0m ok')).toBe('[ESC[32m]Info:[ESC[0m] ok');
    expect(visibleText('\u001b]0;title\u0007')).toBe('[U+001B]]0;title[U+0007]');
  });

  it('shows lone surrogates, which no font can draw', () => {
    expect(visibleText('a\ud800b')).toBe('a[U+D800]b');
  });

  it('never makes markup', () => {
    const { container } = render(HostText, { text: '<img src=x onerror=alert(1)><b>bold</b>\u202e' });
    expect(container.querySelector('img, b')).toBeNull();
    expect(container.textContent).toBe('<img src=x onerror=alert(1)><b>bold</b>U+202E');
    expect(container.querySelector('bdi'), 'foreign text must not turn its surroundings').not.toBeNull();
  });

  it('stays fast on a long line', () => {
    const text = '\u001b['.repeat(200_000);
    const began = performance.now();
    splitHostile(text);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
