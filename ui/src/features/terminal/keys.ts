import { isKey, type KeyName } from '$design';

/** What a key does here; `page` is for the page around the terminal, `paste` for the browser, `menu` for the terminal one is in. Everything else goes to the host. */
export type KeyAct = 'new' | 'close' | 'next' | 'previous' | 'copy' | 'paste' | 'search' | 'leave' | 'menu' | 'page';

const acts = {
  newTerminal: 'new', closeTerminal: 'close', copyTerminal: 'copy', pasteTerminal: 'paste', searchTerminal: 'search', leaveTerminal: 'leave', menuTerminal: 'menu',
  paletteTerminal: 'page', lock: 'page', newWindow: 'page', zoomIn: 'page', zoomOut: 'page', zoomReset: 'page',
} as const satisfies Partial<Record<KeyName, KeyAct>>;
const names = Object.keys(acts) as (keyof typeof acts)[];

export function keyAct(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>): KeyAct | null {
  if (isKey('turnTerminal', event) && !event.shiftKey) return event.key === 'PageUp' ? 'previous' : 'next';
  if (event.key === 'Insert' && event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) return 'paste';
  if (event.key === 'ContextMenu') return 'menu';
  // Editors undo with it.
  if (event.key === '_') return null;
  const name = names.find((one) => isKey(one, event));
  return name === undefined ? null : acts[name];
}
