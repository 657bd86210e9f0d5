import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const css = readFileSync(join(here, 'tokens.css'), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');

function declarations(selector: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, selectors = '', body = ''] of css.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    if (!selectors.split(',').some((one) => one.trim() === selector)) continue;
    for (const [, name = '', value = ''] of body.matchAll(/(--[a-z0-9-]+)\s*:\s*([^;]+)/g)) found[name] = value.trim();
  }
  return found;
}

function colour(theme: Record<string, string>, name: string): [number, number, number] {
  let value = theme[name] ?? '';
  for (let depth = 0; value.startsWith('var(') && depth < 5; depth += 1) value = theme[value.slice(4, -1)] ?? '';
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(value)?.[1];
  if (!digits) throw new Error(`${name} is no colour: ${value}`);
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)) as [number, number, number];
}

function luminance(rgb: [number, number, number]): number {
  const [red, green, blue] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: [number, number, number], right: [number, number, number]): number {
  const [light, dark] = [luminance(left), luminance(right)].sort((one, other) => other - one) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const base = declarations(':root');
const themes = { light: { ...base, ...declarations('[data-theme="light"]') }, dark: { ...base, ...declarations('[data-theme="dark"]') }, hc: { ...base, ...declarations('[data-theme="hc"]') } };
const surfaces = ['--bg-frame', '--bg-view', '--bg-head', '--bg-raised', '--bg-sunken', '--bg-hover', '--bg-selected', '--bg-input'];
const texts: [string, string[]][] = [
  ['--ink-1', surfaces], ['--ink-2', surfaces], ['--ink-3', surfaces], ['--accent-ink', surfaces], ['--ok-ink', ['--bg-view', '--bg-head', '--bg-raised', '--bg-sunken', '--bg-selected', '--ok-soft']],
  ['--warn-ink', [...surfaces, '--warn-soft']], ['--bad-ink', [...surfaces, '--bad-soft']], ['--ink-1', ['--warn-soft', '--bad-soft', '--ok-soft', '--bg-chip']], ['--ink-2', ['--warn-soft', '--bad-soft', '--bg-chip']], ['--on-primary', ['--primary', '--primary-hover']], ['--on-accent', ['--accent']],
  ...['dev', 'stg', 'prd', 'own'].flatMap((stage): [string, string[]][] => [[`--on-${stage}`, [`--${stage}-solid`]], [`--${stage}-ink`, [`--${stage}-soft`, '--bg-raised']]]),
];
const marks: [string, string[]][] = [['--line-control', ['--bg-view', '--bg-raised', '--bg-input']], ['--focus', surfaces], ['--warn-mark', ['--bg-view', '--bar-track']], ['--bad-mark', ['--bg-view', '--bar-track']], ['--bar-fill', ['--bar-track']], ['--dev-edge', ['--bg-view']], ['--stg-edge', ['--bg-view']], ['--prd-edge', ['--bg-view']], ['--own-edge', ['--bg-view']]];

/** Of the sixteen, black is a ground rather than an ink where the terminal is dark: the terminal lifts what is written in it (minimumContrastRatio). */
const grounds: Record<string, string[]> = { light: [], dark: ['--ansi-0'], hc: ['--ansi-0'] };
const sixteen = Array.from({ length: 16 }, (_, at) => `--ansi-${at}`);

function failures(theme: Record<string, string>, pairs: [string, string[]][], least: number): string[] {
  return pairs.flatMap(([ink, grounds]) => grounds.flatMap((ground) => {
    const ratio = contrast(colour(theme, ink), colour(theme, ground));
    return ratio < least ? [`${ink} on ${ground}: ${ratio.toFixed(2)}`] : [];
  }));
}

describe.each(Object.entries(themes))('the %s theme', (name, theme) => {
  it('has text that can be read', () => { expect(failures(theme, texts, 4.5)).toEqual([]); });
  it('has a terminal that can be read in every colour, and under what is marked in it', () => {
    const dark = grounds[name] ?? [];
    const inks = sixteen.filter((colour) => !dark.includes(colour)).map((colour): [string, string[]] => [colour, ['--term-ground']]);
    expect(failures(theme, [...inks, ['--term-ink', ['--term-ground', '--term-selection', '--term-found', '--term-found-now', ...dark]], ['--term-cursor', ['--term-ground']]], name === 'hc' ? 7 : 4.5)).toEqual([]);
  });
  it('has marks that can be seen', () => { expect(failures(theme, marks, 3)).toEqual([]); });
});

describe('styles', () => {
  const files = readdirSync(join(here, '..'), { recursive: true, encoding: 'utf8' }).filter((path) => /\.(?:svelte|css)$/.test(path) && !path.endsWith('tokens.css'));

  it('take colours, durations and layers from the tokens', () => {
    const literal = /#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(|z-index:\s*\d{2,}|transition:[^;]*\d+m?s/i;
    const offenders = files.flatMap((path) => {
      const source = readFileSync(join(here, '..', path), 'utf8');
      const style = path.endsWith('.css') ? source : (/<style>([\s\S]*)<\/style>/.exec(source)?.[1] ?? '');
      return style.split('\n').filter((line) => literal.test(line.replace(/mask:[^;]*/g, ''))).map((line) => `${path}: ${line.trim()}`);
    });
    expect(offenders).toEqual([]);
  });

  it('never sit in a style attribute, which the content security policy forbids', () => {
    const offenders = files.filter((path) => path.endsWith('.svelte') && /\sstyle=/.test(readFileSync(join(here, '..', path), 'utf8')));
    expect(offenders).toEqual([]);
  });
});
