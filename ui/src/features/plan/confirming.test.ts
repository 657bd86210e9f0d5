import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Confirmed from './Confirmed.svelte';
import { Confirming } from './confirming.svelte';

const wantsName = { code: 'confirmation-needed', values: { names: 'gate-01, prod' } };
const refused = { code: 'stage-frozen', values: { stage: 'prod' } };

beforeEach(() => { installPlatform(new FakeBackend({ open: true })); });

describe('what a stage may want a name for', () => {
  it('is tried, asks, and is tried again with what was typed', async () => {
    const given: (string | null)[] = [];
    const confirming = new Confirming();
    const work = (typed: string | null): Promise<void> => {
      given.push(typed);
      return typed === null ? Promise.reject(wantsName) : Promise.resolve();
    };
    expect(await confirming.act(work)).toBe(false);
    expect([confirming.asked, confirming.error, confirming.busy, confirming.ready]).toEqual([['gate-01', 'prod'], null, false, false]);
    confirming.typed = 'Prod';
    expect(await confirming.act(work)).toBe(false);
    expect(given).toEqual([null]);
    confirming.typed = 'prod';
    expect(await confirming.act(work)).toBe(true);
    expect(given).toEqual([null, 'prod']);
  });

  it('says why it was not done, and forgets it for something else', async () => {
    const confirming = new Confirming();
    expect(await confirming.act(() => Promise.reject(refused))).toBe(false);
    expect([confirming.error?.code, confirming.asked]).toEqual(['stage-frozen', []]);
    confirming.typed = 'prod';
    confirming.forget();
    expect([confirming.error, confirming.typed]).toEqual([null, '']);
  });
});

describe('the question before something is done at once', () => {
  it('puts the cursor where the name is typed, and closes once it is done', async () => {
    const work = vi.fn((typed: string | null) => (typed === null ? Promise.reject(wantsName) : Promise.resolve()));
    const onclose = vi.fn();
    render(Confirmed, { title: 'Clean', text: 'It goes.', label: 'Clean', stage: 'prod', testid: 'clean', work, onclose });
    await fireEvent.click(screen.getByTestId('clean-confirm'));
    const field = await waitFor(() => screen.getByTestId<HTMLInputElement>('clean-typed'));
    await waitFor(() => { expect(document.activeElement).toBe(field); });
    expect(screen.getByTestId<HTMLButtonElement>('clean-confirm').disabled).toBe(true);
    await fireEvent.input(field, { target: { value: 'prod' } });
    await fireEvent.click(screen.getByTestId('clean-confirm'));
    await waitFor(() => { expect(onclose).toHaveBeenCalledOnce(); });
    expect(work.mock.calls).toEqual([[null], ['prod']]);
  });
});
