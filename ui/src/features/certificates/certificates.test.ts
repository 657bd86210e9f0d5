import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { planDesk } from '$features/plan';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Certificates from './Certificates.view.svelte';
import { linesOf, stateOf } from './state';

let backend: FakeBackend;
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const asked = (command: string): unknown => backend.calls.findLast((call) => call.command === command)?.request;

describe('private authorities', () => {
  beforeEach(async () => {
    document.body.replaceChildren();
    Element.prototype.scrollIntoView = () => undefined;
    planDesk.reset();
    installPlatform(backend = new FakeBackend({ open: true }));
    session.leave();
    await session.begin();
    render(Certificates);
    await screen.findByTestId('ca-authority-Réseau Morel');
  });

  it('shows what is due first, and renews it without touching its host', async () => {
    expect(screen.getByTestId('ca-cloud.morel.lan').dataset['state']).toBe('due');
    expect(screen.getByTestId('ca-*.morel.example').dataset['state']).toBe('notThere');
    await fireEvent.click(screen.getByTestId('ca-renew-due'));
    await waitFor(() => { expect(screen.getByTestId('ca-cloud.morel.lan').dataset['state']).toBe('notThere'); });
    expect(screen.queryByTestId('ca-renew-due')).toBeNull();
    expect(backend.calls.some((call) => call.command === 'ca_push' || call.command === 'plan_run')).toBe(false);
  });

  it('brings a certificate to its host by a plan, and puts the one of before back', async () => {
    await fireEvent.click(screen.getByTestId('ca-cloud.morel.lan'));
    await fireEvent.click(await screen.findByTestId('ca-push'));
    await waitFor(() => { expect(planDesk.plan).not.toBeNull(); });
    expect(asked('ca_push')).toMatchObject({ back: false });
    expect(JSON.stringify(planDesk.plan)).not.toContain('PRIVATE');
    planDesk.cancel();
    await fireEvent.click(screen.getByTestId('ca-back'));
    await waitFor(() => { expect(asked('ca_push')).toMatchObject({ back: true }); });
  });

  it('has no host to bring a certificate to that is for none', async () => {
    await fireEvent.click(screen.getByTestId('ca-*.morel.example'));
    expect((await screen.findByTestId<HTMLButtonElement>('ca-push')).disabled).toBe(true);
    expect(screen.getByTestId<HTMLButtonElement>('ca-back').disabled).toBe(true);
  });

  it('makes an authority that is kept to its domains', async () => {
    await fireEvent.click(screen.getByTestId('ca-make'));
    expect(screen.getByTestId<HTMLButtonElement>('ca-make-do').disabled).toBe(true);
    await type('ca-make-name', 'Chez nous');
    await type('ca-make-permitted', 'lan.example\nhome');
    await fireEvent.click(screen.getByTestId('ca-make-do'));
    await screen.findByTestId('ca-authority-Chez nous');
    expect(asked('ca_init')).toEqual({ name: 'Chez nous', stage: 'ca', permitted: ['lan.example', 'home'] });
  });

  it('says why a certificate cannot be issued, and keeps what was typed', async () => {
    await fireEvent.click(screen.getByTestId('ca-issue'));
    await type('ca-issue-names', 'bank.test');
    await fireEvent.click(screen.getByTestId('ca-issue-do'));
    expect((await screen.findByTestId('ca-issue-error')).textContent).toContain('bank.test');
    await type('ca-issue-names', 'nas.morel.lan, www.morel.lan');
    await fireEvent.click(screen.getByTestId('ca-issue-do'));
    await screen.findByTestId('ca-nas.morel.lan');
    expect(screen.getByTestId('ca-panel').textContent).toContain('www.morel.lan');
  });

  it('writes the trust kit where one says, and nothing when one changes one’s mind', async () => {
    const path = vi.spyOn(backend, 'choosePath').mockResolvedValueOnce(null).mockResolvedValueOnce('/home/camille/kit');
    await fireEvent.click(screen.getByTestId('ca-kit-Réseau Morel'));
    await waitFor(() => { expect(path).toHaveBeenCalledOnce(); });
    expect(asked('ca_kit')).toBeUndefined();
    await fireEvent.click(screen.getByTestId('ca-kit-Réseau Morel'));
    await waitFor(() => { expect(asked('ca_kit')).toMatchObject({ path: '/home/camille/kit' }); });
  });

  it('revokes after it asked', async () => {
    await fireEvent.click(screen.getByTestId('ca-cloud.morel.lan'));
    await fireEvent.click(await screen.findByTestId('ca-revoke'));
    await fireEvent.click(await screen.findByTestId('ca-revoke-confirm'));
    await waitFor(() => { expect(screen.getByTestId('ca-cloud.morel.lan').dataset['state']).toBe('revoked'); });
    for (const button of ['ca-renew', 'ca-push', 'ca-revoke']) expect(screen.getByTestId<HTMLButtonElement>(button).disabled).toBe(true);
  });
});

it('reads one name a line, and what matters most of a certificate', () => {
  expect(linesOf(' a.test,\nb.test\n\n c.test;')).toEqual(['a.test', 'b.test', 'c.test']);
  const one = { revoked: false, days_left: 5, due: true, is_there: true } as Parameters<typeof stateOf>[0];
  expect([stateOf(one), stateOf({ ...one, revoked: true }), stateOf({ ...one, days_left: -1 }), stateOf({ ...one, due: false })]).toEqual(['due', 'revoked', 'ended', 'there']);
});
