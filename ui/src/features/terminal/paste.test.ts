import { describe, expect, it } from 'vitest';
import { fromBase64, latin1, toBase64, utf8 } from './bytes';
import { keyAct } from './keys';
import { dangersOf, pasted, shownOf } from './paste';
import { terminalTargets } from './targets';
import { inventHosts } from '$platform/fake/invention';

describe('a text that is pasted', () => {
  it('is asked about when it could do more than it seems to', () => {
    expect(dangersOf('ls -l')).toEqual([]);
    expect(dangersOf('déjà vu 漢字 🔔\ta tab')).toEqual([]);
    expect(dangersOf('ls\n')).toEqual(['lines']);
    expect(dangersOf('ls\rrm')).toEqual(['lines']);
    expect(dangersOf('echo \u001b[201~')).toEqual(['controls']);
    for (const hidden of ['\u0003', '\u202e', '\u2066', '\u200b', '\u009b', '\u2028']) expect(dangersOf(`a${hidden}b`)).toEqual(['controls']);
    expect(dangersOf('é'.repeat(1024))).toEqual([]);
    expect(dangersOf('é'.repeat(1025))).toEqual(['long']);
    expect(dangersOf(`${'a'.repeat(3000)}\n\u0000`)).toEqual(['lines', 'controls', 'long']);
  });

  it('has the line ends of a keyboard', () => {
    expect(pasted('a\r\nb\nc\rd', false)).toBe('a\rb\rc\rd');
  });

  it('cannot say that the paste is over', () => {
    const end = '\u001b[201~';
    for (const text of [`a${end}rm`, `a\u009b201~rm`, `a\u001b[20${end}1~rm`, `a\u001b[2${end}0${end}1~rm`, `${end}${end}`]) {
      const sent = pasted(text, true);
      expect(sent.startsWith('\u001b[200~')).toBe(true);
      expect(sent.endsWith(end)).toBe(true);
      expect(sent.slice(6, -end.length)).not.toContain('201~');
    }
  });

  it('is shown line by line, and what is not shown is counted', () => {
    expect(shownOf('a\nb\r\n\rc')).toEqual({ lines: ['a\n', 'b\r\n', '\r', 'c'], more: 0 });
    expect(shownOf('x\n'.repeat(1000))).toMatchObject({ more: 1200 });
    expect(shownOf('y'.repeat(30_000)).more).toBe(10_000);
  });
});

describe('bytes', () => {
  it('go there and back', () => {
    const all = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
    expect(fromBase64(toBase64(all))).toEqual(all);
    expect(toBase64(utf8('é'))).toBe('w6k=');
    expect([...latin1('\u001b[M\u00ff')]).toEqual([27, 91, 77, 255]);
    expect(fromBase64('')).toHaveLength(0);
  });
});

describe('keys', () => {
  const press = (key: string, held: Partial<KeyboardEvent> = {}): ReturnType<typeof keyAct> => keyAct({ key, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, ...held });
  const [ctrl, both] = [{ ctrlKey: true }, { ctrlKey: true, shiftKey: true }];

  it('are the host’s, but for a few', () => {
    for (const key of ['a', 'g', '?', '/', 'Enter', 'Tab', 'Escape', 'F6', 'F10', 'PageUp']) expect(press(key)).toBeNull();
    for (const key of ['a', 'c', 'k', 'l', 'r', 't', 'v', 'w', 'z']) expect(press(key, ctrl)).toBeNull();
    expect(press('ArrowLeft', { altKey: true })).toBeNull();
    expect(press('1', { altKey: true })).toBeNull();
    expect(press('T', { ...both, altKey: true })).toBeNull();
    expect(press('_', both)).toBeNull();
    expect(press('F1')).toBeNull();
  });

  it('are the page’s with Ctrl and Shift', () => {
    expect(['T', 'W', 'C', 'V', 'F', 'K', 'L', 'N'].map((key) => press(key, both))).toEqual(['new', 'close', 'copy', 'paste', 'search', 'page', 'page', 'page']);
    expect(['-', '=', '0'].map((key) => press(key, ctrl))).toEqual(['page', 'page', 'page']);
    expect(press('PageUp', ctrl)).toBe('previous');
    expect(press('PageDown', ctrl)).toBe('next');
    expect(press('F6', ctrl)).toBe('leave');
    expect(press('Insert', { shiftKey: true })).toBe('paste');
  });
});

describe('the palette', () => {
  it('finds hosts after the word for a terminal', () => {
    const hosts = inventHosts(15, 0);
    expect(terminalTargets(hosts, 'ynh', 'Terminal')).toEqual([]);
    expect(terminalTargets(hosts, 't', 'Terminal')).toEqual([]);
    expect(terminalTargets(hosts, 'term ynh-01 morel', 'Terminal').map((host) => host.name)).toEqual(['ynh-01.morel.lan']);
    expect(terminalTargets(hosts, 'terminal', 'Terminal')).toHaveLength(8);
  });
});
