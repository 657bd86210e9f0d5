import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { planDesk } from '$features/plan';
import type { YnhOperation, YunohostSurvey } from '$generated/api';
import { ynhOperations } from '$generated/ynh-operations';
import { hasCoreSentence } from '../../i18n/core';
import { categoryOf, choicesOf, draftOf, isReady, requestOf } from './form';
import Operations from './Operations.svelte';

const host = { version: '12', users: [{ username: 'alice' }], groups: [], permissions: [], apps: null, domains: ['a.test'], services: [{ name: 'nginx' }], backups: [], failures: [] } as unknown as YunohostSurvey;
const one = (id: string): YnhOperation => ynhOperations.find((operation) => operation.id === id) ?? expect.fail(id);

describe('the operations of YunoHost', () => {
  it('have their words in both languages', () => {
    for (const operation of ynhOperations) {
      const keys = [`about.ynh-${operation.id}`, `category.ynh-${categoryOf(operation)}`, ...operation.params.flatMap((param) => [`param.ynh-${param.name}`, `kind.ynh-${param.kind}`])];
      for (const key of keys) for (const language of ['en', 'fr'] as const) expect(hasCoreSentence(language, key), key).toBe(true);
    }
  });

  it('are asked for with what was written, and nothing for what was left empty', () => {
    const edit = one('user-edit');
    const draft = draftOf(edit, { username: 'alice' });
    expect(isReady(edit, draft), 'an edit wants something to change').toBe(false);
    draft.texts['add-mailalias'] = ' a@a.test \n\nb@a.test';
    draft.texts['password'] = 'canary';
    expect(isReady(edit, draft)).toBe(true);
    expect(requestOf(edit, draft)).toEqual({ kind: 'ynh', operation: 'user-edit', given: { username: { text: 'alice' }, password: { secret: 'canary' }, 'add-mailalias': { list: ['a@a.test', 'b@a.test'] } } });
  });

  it('let one choose from what the host has, but not for what is to be made', () => {
    const param = (operation: YnhOperation, name: string) => operation.params.find((each) => each.name === name) ?? expect.fail(name);
    const remove = one('user-remove');
    expect(choicesOf(param(remove, 'username'), host)).toEqual(['alice']);
    const add = one('user-add');
    expect(choicesOf(param(add, 'username'), host)).toBeNull();
    expect(choicesOf(param(one('domain-add'), 'domain'), host)).toBeNull();
    expect(choicesOf(param(add, 'domain'), host)).toEqual(['a.test']);
    expect(choicesOf(param(one('service-restart'), 'service'), { ...host, services: null }), 'what was not read is written').toBeNull();
  });

  it('are found by their words, filled in, and go to the plan', async () => {
    const prepare = vi.spyOn(planDesk, 'prepare').mockResolvedValue();
    render(Operations, { host: 'ynh', yunohost: host });
    await fireEvent.input(screen.getByTestId('ynh-search'), { target: { value: 'service restart' } });
    expect(screen.queryByTestId('ynh-do-user-add')).toBeNull();
    await fireEvent.click(screen.getByTestId('ynh-do-service-restart'));
    expect((screen.getByTestId('ynh-plan') as HTMLButtonElement).disabled).toBe(true);
    await fireEvent.change(screen.getByTestId('ynh-service'), { target: { value: 'nginx' } });
    await fireEvent.click(screen.getByTestId('ynh-plan'));
    expect(prepare).toHaveBeenCalledWith(['ynh'], { kind: 'ynh', operation: 'service-restart', given: { service: { text: 'nginx' } } }, null);
  });

  it.each([['pve/cloud', {}], ['cloud', { guest: 'pve/cloud' }]])('begin after a snapshot of the guest that %s is, where one is wanted', async (name, snapshot) => {
    const prepare = vi.spyOn(planDesk, 'prepare').mockResolvedValue();
    render(Operations, { host: name, yunohost: host });
    await fireEvent.input(screen.getByTestId('ynh-search'), { target: { value: 'tools upgrade' } });
    await fireEvent.click(screen.getByTestId('ynh-do-tools-upgrade'));
    await fireEvent.click(screen.getByTestId('snapshot-first'));
    const named = screen.queryByTestId('snapshot-of');
    if (named) await fireEvent.input(named, { target: { value: ' pve/cloud ' } });
    await fireEvent.change(screen.getByTestId('ynh-target'), { target: { value: 'system' } });
    await fireEvent.click(screen.getByTestId('ynh-plan'));
    expect(prepare).toHaveBeenLastCalledWith([name], { kind: 'ynh', operation: 'tools-upgrade', given: { target: { text: 'system' } } }, snapshot);
  });
});
