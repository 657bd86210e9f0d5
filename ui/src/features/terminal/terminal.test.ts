import { configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { toasts } from '$design';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { terminalChoices } from './choices.svelte';
import { terminalDesk as desk } from './desk.svelte';
import type { TerminalSession } from './session.svelte';
import Terminals from './Terminals.view.svelte';

const host = 'ynh-dev.morel.lan';
const guarded = 'gate-01.morel.lan';
let backend: FakeBackend;
// Far more than it ever takes.
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 60_000 });

beforeEach(async () => {
  // jsdom has constructed sheets, but no document that takes them.
  document.adoptedStyleSheets = [];
  desk.settle([]);
  backend = new FakeBackend({ open: 1 });
  installPlatform(backend);
  session.leave();
  await session.begin();
  await Promise.all([session.hosts.load(), session.stages.load()]);
});

/** What is drawn: its rows, one after the other. */
function drawn(): string {
  return [...screen.getByTestId('terminal').querySelectorAll('.xterm-rows > div')].map((row) => row.textContent).join('\n');
}

async function reads(pattern: RegExp): Promise<void> {
  await waitFor(() => { expect(drawn()).toMatch(pattern); });
}

/** A shell on a host that wants no name typed, in front. */
async function shell(name = host): Promise<TerminalSession> {
  const one = desk.open(name);
  await waitFor(() => { expect(screen.getByTestId('terminal-pane').dataset['state']).toBe('live'); });
  await reads(/~[#$]/);
  return one;
}

function type(one: TerminalSession, text: string): void {
  one.emulator?.type(text);
}

const pasteOf = (text: string): Event => Object.assign(new Event('paste', { bubbles: true, cancelable: true }), { clipboardData: { getData: () => text } });
const textarea = (): HTMLElement => {
  const found = screen.getByTestId('terminal').querySelector<HTMLElement>('textarea');
  if (!found) throw new Error('there is no place to type');
  return found;
};

describe('a terminal', () => {
  it('is opened on a host, and shows what the host answers', async () => {
    render(Terminals);
    const one = await shell();
    type(one, 'echo bonjour | cat\r');
    await reads(/^bonjour \| cat$/m);
    type(one, 'stty size\r');
    await reads(/24 80/);
    expect(backend.calls.find((call) => call.command === 'terminal_open')?.request).toMatchObject({ host, cols: 80, rows: 24 });
    expect(screen.getByTestId(`terminal-tab-${host}`).textContent).toContain('dev');
  });

  it('brings no style element and no style attribute written as text, which the policy forbids', async () => {
    const wrong: string[] = [];
    const setAttribute = HTMLElement.prototype.setAttribute;
    HTMLElement.prototype.setAttribute = function watched(this: HTMLElement, name: string, value: string): void {
      if (name === 'style') wrong.push(value);
      setAttribute.call(this, name, value);
    };
    try {
      render(Terminals);
      const one = await shell();
      type(one, 'colours\r');
      await reads(/true colour/);
      expect(document.querySelectorAll('style')).toHaveLength(0);
      expect(document.adoptedStyleSheets).toHaveLength(3);
      expect([...screen.getByTestId('terminal').querySelectorAll<HTMLElement>('.xterm-rows span')].some((span) => span.style.color === 'rgb(208, 96, 48)')).toBe(true);
      desk.close(one);
      expect(document.adoptedStyleSheets).toHaveLength(0);
    } finally {
      HTMLElement.prototype.setAttribute = setAttribute;
    }
    expect(wrong).toEqual([]);
    expect(Object.hasOwn(document, 'createElement')).toBe(false);
  });

  it('tells a screen reader what is written where that is wanted, also when it is open already', async () => {
    const view = render(Terminals);
    const one = await shell();
    expect(screen.getByTestId('terminal').querySelector('.xterm-accessibility')).toBeNull();
    view.unmount();
    terminalChoices.chooseReader(true);
    try {
      render(Terminals);
      await waitFor(() => { expect(screen.getByTestId('terminal').querySelector('.xterm-accessibility')?.textContent).toContain('Last login'); });
      expect(one.live).toBe(true);
      expect(textarea().getAttribute('aria-label')).toBe(`Terminal on ${host}`);
    } finally {
      terminalChoices.chooseReader(false);
    }
  });

  it('gives a hostile host neither the title, nor a link, nor markup', async () => {
    const { title } = document;
    render(Terminals);
    const one = await shell();
    type(one, 'bomb\r');
    await reads(/no <b>markup<\/b>/);
    expect(document.title).toBe(title);
    expect(screen.getByTestId('terminal').querySelector('a, b')).toBeNull();
    expect(drawn()).not.toMatch(/[\u202a-\u202e]/);
    expect(backend.copied).toEqual([]);
    type(one, 'echo after\r');
    await reads(/^after$/m);
    expect(drawn(), 'nothing was typed by the terminal itself').not.toMatch(/rgb:|0"p|command not found/);
  });

  it('asks for more only when what came is drawn', async () => {
    render(Terminals);
    const one = await shell();
    const reading = (): number => backend.calls.filter((call) => call.command === 'terminal_read').length;
    type(one, 'yes\r');
    await reads(/^y\ny$/m);
    const before = reading();
    type(one, '\u0003');
    await reads(/\^C/);
    expect(reading() - before).toBeLessThan(50);
    type(one, 'echo alive\r');
    await reads(/^alive$/m);
  });

  it('says where bytes are missing', async () => {
    render(Terminals);
    const one = await shell();
    type(one, 'gap\r');
    await reads(/4,096 bytes are missing here[^]*~[#$]/);
  });

  it('says how it ended, and is opened again in its place', async () => {
    render(Terminals);
    const one = await shell();
    type(one, 'exit 3\r');
    expect((await screen.findByTestId('terminal-ended')).textContent).toContain('exit 3');
    await fireEvent.click(screen.getByTestId('terminal-again'));
    await waitFor(() => { expect(one.live).toBe(true); });
    type(one, 'kill\r');
    await waitFor(() => { expect(screen.getByTestId('terminal-ended').textContent).toContain('signal KILL'); });
    await fireEvent.click(screen.getByTestId('terminal-close'));
    expect(desk.list).toHaveLength(0);
  });

  it('says that the link was lost, and Enter reconnects', async () => {
    render(Terminals);
    const one = await shell();
    type(one, 'cut\r');
    await screen.findByTestId('terminal-error');
    await fireEvent.keyDown(textarea(), { key: 'Enter' });
    await waitFor(() => { expect(one.live).toBe(true); });
    await reads(/cut[^]*Last login/);
  });

  it('wants a name typed where the stage does, and says so when it cannot be opened', async () => {
    render(Terminals);
    desk.open(guarded);
    await fireEvent.input(await screen.findByTestId('terminal-typed'), { target: { value: guarded } });
    await fireEvent.click(screen.getByTestId('terminal-open'));
    await reads(/gate-01/);
    const trouble = session.hosts.value?.find((row) => row.trouble !== null && !row.sealed);
    if (!trouble) throw new Error('a host does not answer');
    desk.open(trouble.name);
    expect(await screen.findByTestId('terminal-reconnect')).toBeTruthy();
  });

  it('is forgotten when its vault is locked', async () => {
    render(Terminals);
    await shell();
    desk.settle([]);
    expect(desk.list).toHaveLength(0);
    await waitFor(() => { expect(screen.queryByTestId('terminal')).toBeNull(); });
    expect(document.querySelector('.xterm')).toBeNull();
  });
});

describe('pasting', () => {
  it('sends a plain word at once, and shows everything else first', async () => {
    render(Terminals);
    const one = await shell();
    type(one, 'echo ');
    await fireEvent(textarea(), pasteOf('pasted'));
    type(one, '\r');
    await reads(/^pasted$/m);
    await fireEvent(textarea(), pasteOf('echo one\necho two\u202e\n'));
    expect((await screen.findByTestId('terminal-paste-text')).textContent).toContain('echo twoU+202E');
    await reads(/[#$]\s*$/);
    expect(drawn()).not.toContain('echo one');
    await fireEvent.click(screen.getByTestId('terminal-paste-cancel'));
    await fireEvent(textarea(), pasteOf('echo yes\n'));
    await fireEvent.click(await screen.findByTestId('terminal-paste-send'));
    await reads(/^yes$/m);
    expect(drawn()).not.toContain('echo one');
  });

  it('takes no text that is dropped, and none that is enormous', async () => {
    render(Terminals);
    await shell();
    const drop = new Event('drop', { bubbles: true, cancelable: true });
    await fireEvent(textarea(), drop);
    expect(drop.defaultPrevented).toBe(true);
    const written = backend.calls.filter((call) => call.command === 'terminal_write').length;
    await fireEvent(textarea(), pasteOf('a'.repeat((1 << 20) + 1)));
    expect(screen.queryByTestId('terminal-paste')).toBeNull();
    expect(backend.calls.filter((call) => call.command === 'terminal_write')).toHaveLength(written);
  });
});

describe('the menu', () => {
  const items = (): string[] => [...screen.getByTestId('terminal-menu').querySelectorAll('button')].map((button) => `${button.disabled ? '-' : ''}${button.dataset['testid']?.replace('terminal-menu-', '') ?? ''}`);
  const at = (): string | undefined => (document.activeElement as HTMLElement | null)?.dataset['testid'];
  const byPointer = (more: MouseEventInit = {}): Promise<boolean> => fireEvent.contextMenu(textarea(), { clientX: 40, clientY: 60, button: 2, ...more });
  const key = (name: string): Promise<boolean> => fireEvent.keyDown(document.activeElement ?? document.body, { key: name });

  it('opens by the right button and by both keys, is walked by keys, and gives the focus back on Escape', async () => {
    render(Terminals);
    const one = await shell();
    const written = backend.calls.filter((call) => call.command === 'terminal_write').length;
    for (const open of [() => byPointer(), () => fireEvent.keyDown(textarea(), { key: 'F10', shiftKey: true, keyCode: 121 }), () => fireEvent.keyDown(textarea(), { key: 'ContextMenu', keyCode: 93 })]) {
      one.emulator?.focus();
      expect(await open(), 'neither the system nor the host has it').toBe(false);
      expect(items()).toEqual(['-copy', 'paste', 'all', 'search', 'clear']);
      expect(at()).toBe('terminal-menu-paste');
      await key('ArrowUp');
      expect(at()).toBe('terminal-menu-clear');
      await key('ArrowDown');
      expect(at()).toBe('terminal-menu-paste');
      await key('End');
      await key('Escape');
      expect(screen.queryByTestId('terminal-menu')).toBeNull();
      expect(document.activeElement).toBe(textarea());
    }
    expect(backend.calls.filter((call) => call.command === 'terminal_write')).toHaveLength(written);
  });

  it('copies, selects, searches and clears', async () => {
    render(Terminals);
    const one = await shell();
    type(one, 'echo needle\r');
    await reads(/^needle$/m);
    await byPointer();
    await fireEvent.click(screen.getByTestId('terminal-menu-all'));
    await byPointer();
    expect(items()[0]).toBe('copy');
    await fireEvent.click(screen.getByTestId('terminal-menu-copy'));
    expect(backend.copied[0]).toMatch(/echo needle\s+needle/);
    expect(document.activeElement).toBe(textarea());
    await byPointer();
    await fireEvent.click(screen.getByTestId('terminal-menu-search'));
    await waitFor(() => { expect(document.activeElement).toBe(screen.getByTestId('terminal-search')); });
    await fireEvent.keyDown(screen.getByTestId('terminal-search'), { key: 'Escape' });
    await byPointer();
    await fireEvent.click(screen.getByTestId('terminal-menu-clear'));
    await waitFor(() => { expect(drawn()).not.toContain('needle'); });
    await reads(/~[#$]/);
  });

  it('pastes as the keys do: a plain word at once, everything else after it was shown', async () => {
    render(Terminals);
    const one = await shell();
    toasts.clear();
    await byPointer();
    await fireEvent.click(screen.getByTestId('terminal-menu-paste'));
    expect(toasts.list.map((toast) => toast.text).join(), 'the page may not read the clipboard').toContain('Press Ctrl Shift V');
    type(one, 'exit\r');
    await screen.findByTestId('terminal-ended');
    await byPointer();
    expect(items()[1], 'nothing is pasted where nothing runs').toBe('-paste');
  });

  it('leaves the right button to a program that asked for the mouse, but with Shift', async () => {
    render(Terminals);
    const one = await shell();
    await one.emulator?.write(new TextEncoder().encode('\u001b[?1000h\u001b[?1049h'));
    expect(await byPointer()).toBe(false);
    expect(screen.queryByTestId('terminal-menu')).toBeNull();
    await byPointer({ shiftKey: true });
    expect(items().at(-1), 'what it shows is its own').toBe('-clear');
    await fireEvent.pointerDown(screen.getByTestId('terminal-tabs'));
    expect(screen.queryByTestId('terminal-menu')).toBeNull();
  });
});

describe('tabs', () => {
  const press = (key: string, held: KeyboardEventInit): Promise<boolean> => fireEvent.keyDown(textarea(), { key, ...held });
  const both = { ctrlKey: true, shiftKey: true };

  it('are opened, turned and closed by keyboard; closing a shell asks once', async () => {
    render(Terminals);
    const first = await shell();
    await press('T', both);
    await waitFor(() => { expect(desk.list).toHaveLength(2); });
    const second = desk.front;
    await waitFor(() => { expect(second?.live).toBe(true); });
    await press('PageDown', { ctrlKey: true });
    expect(desk.front).toBe(first);
    await press('PageUp', { ctrlKey: true });
    expect(desk.front).toBe(second);
    await press('W', both);
    expect(desk.list).toHaveLength(2);
    await fireEvent.click(await screen.findByTestId('terminal-close-confirm'));
    expect(desk.list).toEqual([first]);
    expect(desk.front).toBe(first);
    await waitFor(() => { expect(backend.calls.some((call) => call.command === 'terminal_close')).toBe(true); });
  });

  it('leave to the host what a shell needs, and to the page what it is left by', async () => {
    render(Terminals);
    await shell();
    const heard: string[] = [];
    const hear = (event: KeyboardEvent): void => { heard.push(`${event.shiftKey ? 'Shift ' : ''}${event.key}`); };
    window.addEventListener('keydown', hear);
    for (const [key, keyCode] of [['k', 75], ['l', 76], ['w', 87]] as const) await press(key, { ctrlKey: true, keyCode });
    await press('K', { ...both, keyCode: 75 });
    await press('L', { ...both, keyCode: 76 });
    window.removeEventListener('keydown', hear);
    expect(heard).toEqual(['Shift K', 'Shift L']);
    await press('F6', { ctrlKey: true });
    expect(document.activeElement?.getAttribute('role')).toBe('tab');
  });

  it('are copied from and searched', async () => {
    render(Terminals);
    const one = await shell();
    type(one, 'echo needle\r');
    await reads(/^needle$/m);
    await press('F', both);
    await fireEvent.input(await screen.findByTestId('terminal-search'), { target: { value: 'needle' } });
    await waitFor(() => { expect(screen.getByTestId('terminal-found').textContent).toBe('2 of 2'); });
    await fireEvent.click(screen.getByTestId('terminal-previous'));
    await waitFor(() => { expect(screen.getByTestId('terminal-found').textContent).toBe('1 of 2'); });
    await press('C', both);
    expect(backend.copied).toEqual(['needle']);
    await fireEvent.keyDown(screen.getByTestId('terminal-search'), { key: 'Escape' });
    expect(screen.queryByTestId('terminal-search')).toBeNull();
  });

  it('of another window are offered, and say when they are taken back', async () => {
    const view = render(Terminals);
    const one = await shell();
    view.unmount();
    desk.settle([]);
    one.drop();
    render(Terminals);
    const reading = (): number => backend.calls.filter((call) => call.command === 'terminal_read').length;
    const before = reading();
    await fireEvent.click(await screen.findByTestId('terminal-take-over'));
    const [taken] = desk.list;
    await waitFor(() => { expect(taken?.live).toBe(true); });
    await waitFor(() => { expect(reading()).toBeGreaterThan(before); });
    if (taken?.state.kind !== 'live') throw new Error('it is live');
    void backend.rpc('terminal_read', { terminal: taken.state.terminal, wait_ms: 10 }, session.current);
    await fireEvent.click(await screen.findByTestId('terminal-take-back'));
    await waitFor(() => { expect(taken.live).toBe(true); });
  });
});
