import { fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet, tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import Dialog from './components/Dialog.svelte';

const snippet = (html: string) => createRawSnippet(() => ({ render: () => html }));

function open(body: string, footer: string): { unmount: () => void; pressed: () => number } {
  let times = 0;
  const { unmount } = render(Dialog, { title: 'Remove?', closeLabel: 'Close', onclose: () => undefined, children: snippet(body), footer: snippet(footer) });
  screen.getByTestId('do').addEventListener('click', () => { times += 1; });
  return { unmount, pressed: () => times };
}

describe('a dialog', () => {
  it('never begins on the button that does it', async () => {
    const dialog = open('<p>It goes.</p>', '<div><button>Keep</button><button data-testid="do">Remove</button></div>');
    await tick();
    expect(document.activeElement).not.toBe(screen.getByTestId('do'));
    dialog.unmount();
  });

  it('is not answered by the second half of the double-click that opened it, nor by a key held down', async () => {
    const dialog = open('<p>It goes.</p>', '<div><button data-testid="do">Remove</button></div>');
    await fireEvent.click(screen.getByTestId('do'), { detail: 2 });
    expect(dialog.pressed()).toBe(0);
    const held = await fireEvent.keyDown(screen.getByTestId('do'), { key: 'Enter', repeat: true });
    expect(held).toBe(false);
    await fireEvent.click(screen.getByTestId('do'), { detail: 1 });
    expect(dialog.pressed()).toBe(1);
    dialog.unmount();
  });

  it('gives the focus back to where it was, or to the content when that is gone', async () => {
    const main = document.body.appendChild(document.createElement('main'));
    main.tabIndex = -1;
    const opener = main.appendChild(document.createElement('button'));
    for (const gone of [false, true]) {
      opener.focus();
      const dialog = open('<input />', '<div><button data-testid="do">Remove</button></div>');
      await tick();
      expect(document.activeElement?.tagName).toBe('INPUT');
      if (gone) opener.remove();
      dialog.unmount();
      expect(document.activeElement).toBe(gone ? main : opener);
    }
    main.remove();
  });
});
