import { cleanup } from '@testing-library/svelte';
import { afterEach, vi } from 'vitest';

afterEach(() => { cleanup(); });

// What jsdom lacks and the page needs.
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement): void {
  this.open = true;
};
window.matchMedia = (query: string): MediaQueryList => ({ matches: false, media: query, onchange: null, addEventListener: vi.fn(), removeEventListener: vi.fn(), addListener: vi.fn(), removeListener: vi.fn(), dispatchEvent: () => false });
window.ResizeObserver = class implements ResizeObserver {
  observe(): void { /* sizes do not change here */ }
  unobserve(): void { /* nothing is observed */ }
  disconnect(): void { /* nothing is observed */ }
};
localStorage.setItem('beffroi.language', 'en');
