import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Recipes from './Recipes.view.svelte';

let backend: FakeBackend;
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const planButton = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('recipe-plan');

describe('a recipe', () => {
  const onstarted = vi.fn();
  const onrecipe = vi.fn();

  beforeEach(async () => {
    document.body.replaceChildren();
    onstarted.mockReset();
    onrecipe.mockReset();
    Element.prototype.scrollIntoView = () => undefined;
    installPlatform(backend = new FakeBackend({ open: true }));
    session.leave();
    await session.begin();
    render(Recipes, { recipe: null, on: 'ynh-dev.morel.lan', onrecipe, onstarted });
    await screen.findByTestId('recipe-panel');
  });

  it('is planned once its parameters are right, and run only as it was planned', async () => {
    expect(planButton().disabled, 'a parameter is missing').toBe(true);
    await type('recipe-value-site', 'morel.example');
    await type('recipe-value-days', '91');
    expect(planButton().disabled, 'more than the most').toBe(true);
    await type('recipe-value-days', '30');
    await fireEvent.click(planButton());
    expect((await screen.findByTestId('recipe-planned')).textContent).toContain("'morel.example'");
    await type('recipe-value-days', '31');
    expect(screen.queryByTestId('recipe-run'), 'another value needs another plan').toBeNull();
    await fireEvent.click(planButton());
    await fireEvent.click(await screen.findByTestId('recipe-run'));
    await waitFor(() => { expect(onstarted).toHaveBeenCalledOnce(); });
    expect(backend.calls.find((call) => call.command === 'recipe_start')?.request).toMatchObject({ on: 'ynh-dev.morel.lan', values: { site: 'morel.example', days: '31' }, typed: null, pace: { canary: 1, waves: '25%', budget: '10%' } });
  });

  it('asks for a name where the stage of a host wants one typed', async () => {
    await type('recipe-value-site', 'morel.example');
    await type('recipe-on', 'ynh-02.morel.lan');
    await fireEvent.click(planButton());
    await fireEvent.click(await screen.findByTestId('recipe-run'));
    await screen.findByTestId('recipe-typed');
    expect(screen.getByTestId<HTMLButtonElement>('recipe-run').disabled).toBe(true);
    await type('recipe-typed', 'prod');
    await fireEvent.click(screen.getByTestId('recipe-run'));
    await waitFor(() => { expect(onstarted).toHaveBeenCalledOnce(); });
  });

  it('is shown as soon as it is stored, not when the list of them was read anew', async () => {
    await fireEvent.click(screen.getByTestId('recipe-edit'));
    await fireEvent.input(screen.getByTestId('recipe-text'), { target: { value: `${screen.getByTestId<HTMLTextAreaElement>('recipe-text').value}\n` } });
    const rpc = backend.rpc.bind(backend);
    vi.spyOn(backend, 'rpc').mockImplementation((command, request, vault) => (command === 'recipe_list' ? new Promise(() => undefined) : rpc(command, request, vault)));
    await fireEvent.click(screen.getByTestId('recipe-store'));
    await waitFor(() => { expect(onrecipe).toHaveBeenCalledOnce(); });
  });

  it('that is not understood is not stored, and the text stays', async () => {
    await fireEvent.click(screen.getByTestId('recipe-add'));
    await type('recipe-text', 'nonsense');
    await fireEvent.click(screen.getByTestId('recipe-store'));
    await screen.findByTestId('recipe-text-error');
    expect(screen.getByTestId<HTMLTextAreaElement>('recipe-text').value).toBe('nonsense');
  });
});
