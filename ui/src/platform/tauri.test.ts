import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DragScale } from './drag-scale';
import { tauriPlatform } from './tauri';
import type { Dragged } from './types';

/** What the core of Tauri calls back with, by event. */
type Called = (event: { event: string; id: number; payload: unknown }) => void;
const heard: Dragged[] = [];
let listening: Map<string, { called: Called; target: unknown }>;
let zoom = 100;
let stop: () => void;

/** What Tauri puts into the page before it begins, as far as it is used here. */
function installInternals(): void {
  const called: Called[] = [];
  const internals = {
    metadata: { currentWindow: { label: 'main' }, currentWebview: { windowLabel: 'main', label: 'main' } },
    transformCallback: (callback: Called) => called.push(callback) - 1,
    invoke: (command: string, request: { event: string; handler: number; target: unknown }) => {
      if (command === 'desk') return Promise.resolve({ zoom_percent: zoom });
      const callback = called[request.handler];
      if (command === 'plugin:event|listen' && callback) listening.set(request.event, { called: callback, target: request.target });
      if (command === 'plugin:event|unlisten') listening.delete(request.event);
      return Promise.resolve(1);
    },
  };
  vi.stubGlobal('__TAURI_INTERNALS__', internals);
  vi.stubGlobal('__TAURI_EVENT_PLUGIN_INTERNALS__', { unregisterListener: () => undefined });
}

beforeEach(async () => {
  heard.length = 0;
  listening = new Map();
  zoom = 100;
  installInternals();
  stop = tauriPlatform.onDragged((dragged) => { heard.push(dragged); });
  await vi.waitFor(() => { expect(listening.size).toBe(4); });
});

afterEach(() => { vi.unstubAllGlobals(); });

/** An event as Tauri sends it: enter and drop with paths, over without, leave with nothing. */
function tells(what: 'enter' | 'over' | 'drop', x: number, y: number, paths?: string[]): void {
  const event = `tauri://drag-${what}`;
  listening.get(event)?.called({ event, id: 1, payload: { ...(paths ? { paths } : {}), position: { x, y } } });
}

describe('what is dragged over the window', () => {
  it('is told with its place, and its paths when it is dropped', () => {
    tells('enter', 10, 20, ['/home/camille/a']);
    tells('over', 300, 40);
    tells('drop', 301, 41, ['/home/camille/a', 'https://example.org/', '/home/camille/b c']);
    expect(heard).toEqual([
      { kind: 'over', x: 10, y: 20 }, { kind: 'over', x: 300, y: 40 },
      { kind: 'dropped', x: 301, y: 41, paths: ['/home/camille/a', '/home/camille/b c'] },
    ]);
    listening.get('tauri://drag-leave')?.called({ event: 'tauri://drag-leave', id: 1, payload: null });
    expect(heard.at(-1)).toEqual({ kind: 'left' });
    expect([...listening.values()].map((one) => one.target)).toEqual(Array.from({ length: 4 }, () => ({ kind: 'Webview', label: 'main' })));
  });

  it('is where it is seen, however large the text is, though another window made it so', async () => {
    zoom = 200;
    tells('enter', 10, 20, ['/a']);
    await vi.waitFor(() => {
      tells('drop', 300, 40, ['/a']);
      expect(heard.at(-1)).toEqual({ kind: 'dropped', x: 150, y: 20, paths: ['/a'] });
    });
  });

  it('is in pixels of the screen on Windows alone', () => {
    vi.stubGlobal('devicePixelRatio', 2);
    const place = (userAgent: string): { x: number; y: number } => new DragScale(() => Promise.resolve(100), userAgent).place({ x: 300, y: 40 });
    expect(place('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Edg/140.0')).toEqual({ x: 150, y: 20 });
    expect(place('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15')).toEqual({ x: 300, y: 40 });
  });

  it('is heard of no more once nobody listens', async () => {
    stop();
    await vi.waitFor(() => { expect(listening.size).toBe(0); });
  });
});
