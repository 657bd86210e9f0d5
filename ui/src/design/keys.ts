/** Where a key is heard: everywhere, or on one screen. */
export type KeyArea = 'everywhere' | 'goTo' | 'lists' | 'fleet' | 'files' | 'output' | 'terminal';

interface Key {
  area: KeyArea;
  /** Values of `KeyboardEvent.key` in lower case, any of them. */
  keys: readonly string[];
  ctrl?: true;
  /** Held; false: not held. Left out where the character says it: `?` needs Shift on one keyboard and not on another. */
  shift?: boolean;
  alt?: true;
  /** Heard while one types in a field, too. */
  typing?: true;
  /** Heard while a dialog is open, too. */
  overDialogs?: true;
  /** How it is shown, when not as its first key. */
  shown?: readonly string[];
}

/** A screen that `g` and a letter lead to. */
export const destinations = { fleet: 'f', guests: 'i', yunohost: 'y', activity: 'a', runs: 'u', recipes: 'e', terminal: 'x', journal: 'j', people: 'p', secrets: 's', certificates: 'c', reports: 'r', stages: 't', vault: 'v', guide: 'g', settings: ',', notices: 'n' } as const;
export type Destination = keyof typeof destinations;

/** Every key there is, once: what hears keys asks here, and the sheet of shortcuts shows it. */
export const keyTable = {
  palette: { area: 'everywhere', keys: ['k'], ctrl: true, typing: true },
  sheet: { area: 'everywhere', keys: ['?'] },
  help: { area: 'everywhere', keys: ['f1'], typing: true },
  goBack: { area: 'everywhere', keys: ['arrowleft'], alt: true, shown: ['Alt', '←'] },
  leave: { area: 'everywhere', keys: ['escape'], shown: ['Esc'] },
  switchVault: { area: 'everywhere', keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], alt: true, shown: ['Alt', '1', '…', '9'] },
  undo: { area: 'everywhere', keys: ['z'], ctrl: true, shift: false },
  lockAll: { area: 'everywhere', keys: ['l'], ctrl: true, shift: false, typing: true, overDialogs: true },
  lock: { area: 'everywhere', keys: ['l'], ctrl: true, shift: true, typing: true, overDialogs: true },
  newWindow: { area: 'everywhere', keys: ['n'], ctrl: true, shift: true, typing: true, overDialogs: true },
  zoomIn: { area: 'everywhere', keys: ['+', '='], ctrl: true, typing: true, overDialogs: true },
  zoomOut: { area: 'everywhere', keys: ['-', '_'], ctrl: true, typing: true, overDialogs: true },
  zoomReset: { area: 'everywhere', keys: ['0'], ctrl: true, typing: true, overDialogs: true },
  move: { area: 'lists', keys: ['arrowup', 'arrowdown'], shown: ['↑', '↓'] },
  open: { area: 'lists', keys: ['enter'], shown: ['Enter'] },
  filter: { area: 'fleet', keys: ['/'] },
  select: { area: 'fleet', keys: [' '], shown: ['␣'] },
  selectAll: { area: 'fleet', keys: ['a'], ctrl: true },
  refresh: { area: 'fleet', keys: ['r'] },
  savedView: { area: 'fleet', keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], ctrl: true, shown: ['Ctrl', '1', '…', '9'] },
  otherPane: { area: 'files', keys: ['tab'], shift: false, shown: ['Tab'] },
  upFolder: { area: 'files', keys: ['backspace'], shown: ['⌫'] },
  choose: { area: 'files', keys: [' ', 'insert'], shown: ['␣'] },
  chooseAll: { area: 'files', keys: ['a'], ctrl: true },
  typePath: { area: 'files', keys: ['/'] },
  copyFile: { area: 'files', keys: ['f5'] },
  makeFolder: { area: 'files', keys: ['f7'] },
  renameFile: { area: 'files', keys: ['f2'] },
  removeFile: { area: 'files', keys: ['delete', 'f8'], shown: ['Del'] },
  showHidden: { area: 'files', keys: ['h'], ctrl: true },
  readFolder: { area: 'files', keys: ['r'], ctrl: true },
  findOutput: { area: 'output', keys: ['f'], ctrl: true, shift: false, typing: true },
  newTerminal: { area: 'terminal', keys: ['t'], ctrl: true, shift: true },
  closeTerminal: { area: 'terminal', keys: ['w'], ctrl: true, shift: true },
  turnTerminal: { area: 'terminal', keys: ['pageup', 'pagedown'], ctrl: true, shown: ['Ctrl', 'PgUp', 'PgDn'] },
  copyTerminal: { area: 'terminal', keys: ['c'], ctrl: true, shift: true },
  pasteTerminal: { area: 'terminal', keys: ['v'], ctrl: true, shift: true },
  searchTerminal: { area: 'terminal', keys: ['f'], ctrl: true, shift: true },
  menuTerminal: { area: 'terminal', keys: ['f10'], shift: true, shown: ['Shift', 'F10'] },
  leaveTerminal: { area: 'terminal', keys: ['f6'], ctrl: true, shown: ['Ctrl', 'F6'] },
  paletteTerminal: { area: 'terminal', keys: ['k'], ctrl: true, shift: true },
  reconnectTerminal: { area: 'terminal', keys: ['enter'], shown: ['Enter'] },
} as const satisfies Record<string, Key>;

export type KeyName = keyof typeof keyTable;

type Pressed = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

/** Whether keys typed now are text for a field, not commands. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && target.getAttribute('type') !== 'checkbox' && target.getAttribute('type') !== 'radio';
}

/** Whether this is the key of that name, wherever it was pressed. */
export function isKey(name: KeyName, event: Pressed): boolean {
  const key: Key = keyTable[name];
  const alike = key.keys.includes(event.key.toLowerCase());
  const command = event.ctrlKey || event.metaKey;
  return alike && command === (key.ctrl ?? false) && event.altKey === (key.alt ?? false) && (key.shift === undefined || event.shiftKey === key.shift);
}

/** The key everywhere that this is, if it is heard where it was pressed. */
export function keyEverywhere(event: KeyboardEvent, dialogOpen: boolean): KeyName | null {
  const typing = isTyping(event.target);
  const names = Object.keys(keyTable) as KeyName[];
  return names.find((name) => {
    const key: Key = keyTable[name];
    return key.area === 'everywhere' && isKey(name, event) && (!typing || key.typing === true) && (!dialogOpen || key.overDialogs === true);
  }) ?? null;
}

/** How a key is shown: its caps, one after another. */
export function keyCaps(name: KeyName): readonly string[] {
  const key: Key = keyTable[name];
  if (key.shown) return key.shown;
  const [first = ''] = key.keys;
  return [...(key.ctrl ? ['Ctrl'] : []), ...(key.alt ? ['Alt'] : []), ...(key.shift ? ['Shift'] : []), first.length === 1 && key.ctrl ? first.toUpperCase() : first.replace(/^f(\d)/, 'F$1')];
}

/** How the keys that lead to a screen are shown. */
export function destinationCaps(destination: Destination): string {
  return `g ${destinations[destination]}`;
}

/** Hears `g` then a letter, within a second. */
export class GoKeys {
  #since = 0;

  /** The screen that this key leads to, when it completes the pair. */
  hear(key: string, at: number): Destination | null {
    const waiting = at - this.#since < 1000;
    this.#since = key === 'g' && !waiting ? at : 0;
    const found = waiting ? Object.entries(destinations).find(([, letter]) => letter === key) : undefined;
    return found ? (found[0] as Destination) : null;
  }
}
