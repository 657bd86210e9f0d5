import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import * as design from '$design';
import { appearance } from '$features/settings';
import DesignScreen from './DesignScreen.svelte';

const sources = Object.values(import.meta.glob<string>('./*.svelte', { query: '?raw', import: 'default', eager: true })).join('\n');

describe('the design screen', () => {
  it('has every component there is', () => {
    const components = Object.keys(design).filter((name) => /^[A-Z][a-z]/.test(name) && !['GoKeys', 'TableLayout', 'ToastStack', 'Icon'].includes(name));
    for (const name of components) expect(sources, name).toContain(`<${name}`);
  });

  it('is drawn in whole, with each theme, and a dialog of each kind', async () => {
    render(DesignScreen);
    for (const theme of ['dark', 'hc', 'light'] as const) {
      await fireEvent.click(screen.getByTestId(`design-theme-${theme}`).querySelector('input') ?? document.body);
      expect(appearance.theme).toBe(theme);
    }
    for (const kind of ['narrow', 'normal', 'wide', 'held', 'huge']) {
      await fireEvent.click(screen.getByTestId(`design-dialog-${kind}`));
      const dialog = screen.getByTestId('design-dialog');
      await fireEvent(dialog, new Event('cancel', { cancelable: true }));
      if (kind === 'held') {
        expect(screen.queryByTestId('design-dialog')).not.toBeNull();
        await fireEvent.input(dialog.querySelector('input') ?? document.body, { target: { value: 'x' } });
        await fireEvent(dialog, new Event('cancel', { cancelable: true }));
      }
      expect(screen.queryByTestId('design-dialog')).toBeNull();
    }
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByTestId('design-table-huge').querySelectorAll('[aria-rowindex]').length).toBeLessThan(80);
  });
});
