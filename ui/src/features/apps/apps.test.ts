import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { planDesk } from '$features/plan';
import type { YunohostApp, YunohostSurvey } from '$generated/api';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Applications from './Applications.svelte';
import Panels from './Panels.svelte';

const app = (id: string, more: Partial<YunohostApp> = {}): YunohostApp => ({ id, name: id, version: '1.0~ynh1', description: null, domain_path: `a.test/${id}`, upgrade: 'up_to_date', new_version: null, ...more }) as YunohostApp;
const survey = (apps: YunohostApp[]): YunohostSurvey => ({ version: '12', users: [], groups: [], permissions: [], apps, domains: ['a.test'], services: [], backups: [], failures: [] }) as unknown as YunohostSurvey;

describe('applications', () => {
  let backend: FakeBackend;
  let host: string;
  let stage: string;
  beforeEach(() => {
    backend = new FakeBackend({ open: true });
    installPlatform(backend);
    at('dev');
  });
  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
  });
  /** A YunoHost of that stage, which is open. */
  function at(wanted: 'dev' | 'prod'): void {
    const found = backend.opened().hosts.find((one) => one.role === 'yunohost' && !one.sealed && !one.trouble && one.stage === wanted) ?? expect.fail('a host');
    ({ name: host, stage } = found);
  }
  const planned = () => vi.spyOn(planDesk, 'prepare').mockResolvedValue();

  it('are told apart by instance, and those that wait are upgraded together or alone', async () => {
    const prepare = planned();
    render(Applications, { host, stage, yunohost: survey([app('wiki'), app('wiki__2', { upgrade: 'upgradable', new_version: '1.1~ynh1' }), app('shop', { upgrade: 'upgradable', new_version: '2' }), app('lost', { upgrade: 'url_required' })]) });
    expect(screen.getByTestId('app-wiki__2').textContent).toContain('wiki__2');
    expect(screen.getByTestId('app-lost').textContent).toContain('not in the catalog');
    expect(screen.queryByTestId('app-upgrade-wiki')).toBeNull();
    await fireEvent.click(screen.getByTestId('apps-upgrade-all'));
    expect(prepare).toHaveBeenLastCalledWith([host], { kind: 'ynh', operation: 'app-upgrade', given: { apps: { list: ['shop', 'wiki__2'] }, 'continue-on-failure': { switch: true } } });
    await fireEvent.click(screen.getByTestId('app-upgrade-shop'));
    expect(prepare).toHaveBeenLastCalledWith([host], { kind: 'ynh', operation: 'app-upgrade', given: { apps: { list: ['shop'] } } });
  });

  it('are found in the catalog, asked for by a form, and go to the plan with the password as a secret', async () => {
    const prepare = planned();
    render(Applications, { host, stage, yunohost: survey([]) });
    await fireEvent.click(screen.getByTestId('apps-catalog'));
    await screen.findByTestId('catalog-dokuwiki');
    await fireEvent.input(screen.getByTestId('catalog-search'), { target: { value: 'leger wiki' } });
    await waitFor(() => { expect(screen.queryByTestId('catalog-nextcloud')).toBeNull(); });
    await fireEvent.click(screen.getByTestId('catalog-install-dokuwiki'));
    const password = (await screen.findByTestId('app-answer-password')) as HTMLInputElement;
    expect(password.type).toBe('password');
    expect(screen.getByTestId('app-install').textContent).toContain('Its first page is public.');
    const plan = screen.getByTestId('app-install-plan') as HTMLButtonElement;
    await waitFor(() => { expect(plan.disabled).toBe(true); });
    expect(screen.queryByTestId('app-answer-mail'), 'asked only where somebody is to be told').toBeNull();
    await fireEvent.click(screen.getByTestId('app-answer-with_mail'));
    await fireEvent.input(await screen.findByTestId('app-answer-mail'), { target: { value: 'nobody' } });
    await fireEvent.input(password, { target: { value: 'Canary-Passw0rd-1' } });
    await fireEvent.input(screen.getByTestId('app-answer-count'), { target: { value: '12' } });
    await waitFor(() => { expect(screen.getByTestId('app-install').textContent).toContain('too small or too large'); });
    expect(plan.disabled).toBe(true);
    await fireEvent.input(screen.getByTestId('app-answer-count'), { target: { value: '4' } });
    await fireEvent.click(screen.getByTestId('app-answer-with_mail'));
    await waitFor(() => { expect(plan.disabled).toBe(false); });
    await fireEvent.click(plan);
    const [, action] = prepare.mock.calls.at(-1) ?? expect.fail('a plan');
    const answers = action.kind === 'ynh' ? action.given['answers'] : null;
    expect(answers).toEqual({ settings: { domain: { text: 'morel.example' }, path: { text: '/wiki' }, init_main_permission: { text: 'visitors' }, password: { secret: 'Canary-Passw0rd-1' }, count: { text: '4' }, with_mail: { text: '0' } } });
    const checks = backend.calls.filter((call) => call.command === 'ynh_form_check');
    expect(JSON.stringify(checks), 'what is secret is not sent to be checked').not.toContain('Canary');
  });

  it('want a yes where YunoHost does not vouch for them', async () => {
    const prepare = planned();
    render(Applications, { host, stage, yunohost: survey([]) });
    await fireEvent.click(screen.getByTestId('apps-catalog'));
    await fireEvent.click(await screen.findByTestId('catalog-install-oldchat'));
    await fireEvent.input(await screen.findByTestId('app-answer-password'), { target: { value: 'Canary-Passw0rd-1' } });
    const plan = screen.getByTestId('app-install-plan') as HTMLButtonElement;
    await waitFor(() => { expect(screen.getByTestId('app-force')).toBeTruthy(); });
    expect(plan.disabled).toBe(true);
    await fireEvent.click(screen.getByTestId('app-force'));
    await waitFor(() => { expect(plan.disabled).toBe(false); });
    await fireEvent.click(plan);
    expect(prepare.mock.calls.at(-1)?.[1]).toMatchObject({ given: { force: { switch: true } } });
  });

  it('are configured with what changed alone, and their actions are planned', async () => {
    const prepare = planned();
    render(Applications, { host, stage, yunohost: survey([app('labapp')]) });
    await fireEvent.click(screen.getByTestId('app-configure-labapp'));
    const apply = (await screen.findByTestId('config-apply-general')) as HTMLButtonElement;
    expect(apply.disabled).toBe(true);
    await fireEvent.click(screen.getByTestId('config-general-enabled'));
    await waitFor(() => { expect(screen.queryByTestId('config-general-note')).toBeNull(); });
    await fireEvent.change(screen.getByTestId('config-general-colour'), { target: { value: 'green' } });
    await waitFor(() => { expect(apply.disabled).toBe(false); });
    await fireEvent.click(apply);
    expect(prepare).toHaveBeenLastCalledWith([host], { kind: 'ynh', operation: 'app-config-set', given: { app: { text: 'labapp' }, setting: { text: 'main.general' }, values: { settings: { colour: { text: 'green' }, enabled: { text: '0' } } } } });
    await fireEvent.click(screen.getByTestId('app-configure-labapp'));
    await fireEvent.click(await screen.findByTestId('config-panel-actions'));
    await fireEvent.click(await screen.findByTestId('config-run-greet'));
    expect(prepare.mock.calls.at(-1)?.[1]).toMatchObject({ operation: 'app-action-run', given: { action: { text: 'actions.page.greet' } } });
  });

  it('leave the settings of YunoHost and of its domains to the same form', async () => {
    const prepare = planned();
    render(Panels, { host, domains: ['a.test'] });
    await fireEvent.click(screen.getByTestId('panels-domain-a.test'));
    await fireEvent.input(await screen.findByTestId('config-general-greeting'), { target: { value: 'bonjour' } });
    const apply = screen.getByTestId('config-apply-general') as HTMLButtonElement;
    await waitFor(() => { expect(apply.disabled).toBe(false); });
    await fireEvent.click(apply);
    expect(prepare).toHaveBeenLastCalledWith([host], { kind: 'ynh', operation: 'domain-config-set', given: { domain: { text: 'a.test' }, setting: { text: 'main.general' }, values: { settings: { greeting: { text: 'bonjour' } } } } });
    await fireEvent.click(screen.getByTestId('panels-settings'));
    await fireEvent.input(await screen.findByTestId('config-general-secret'), { target: { value: 'Canary-1' } });
    await waitFor(() => { expect((screen.getByTestId('config-apply-general') as HTMLButtonElement).disabled).toBe(false); });
    await fireEvent.click(screen.getByTestId('config-apply-general'));
    expect(prepare).toHaveBeenLastCalledWith([host], { kind: 'ynh', operation: 'settings-set', given: { setting: { text: 'main.general' }, values: { settings: { secret: { secret: 'Canary-1' } } } } });
  });

  it('come from a folder of this machine too, and what is no package is said', async () => {
    render(Applications, { host, stage, yunohost: survey([]) });
    await fireEvent.click(screen.getByTestId('app-from-folder'));
    await waitFor(() => { expect(screen.getByTestId('app-install').textContent).toContain('no package'); });
    cleanup();
    vi.spyOn(backend, 'choosePath').mockResolvedValue('/home/camille/dokuwiki_ynh');
    render(Applications, { host, stage, yunohost: survey([]) });
    await fireEvent.click(screen.getByTestId('app-from-folder'));
    await screen.findByTestId('app-answer-domain');
    await fireEvent.click(screen.getByTestId('app-install').querySelector('footer button, .footer button') ?? screen.getByText('Cancel'));
    await waitFor(() => { expect(backend.calls.some((call) => call.command === 'ynh_sent_drop')).toBe(true); });
  });

  it('keep a catalog from a file by a plan', async () => {
    const prepare = planned();
    render(Applications, { host, stage, yunohost: survey([]) });
    await fireEvent.click(screen.getByTestId('apps-catalog'));
    await fireEvent.click(await screen.findByTestId('catalog-keep'));
    await waitFor(() => { expect(prepare).toHaveBeenCalledWith([host], { kind: 'catalog_keep', path: '/var/lib/beffroi/sent/2/catalog.json', sha256: 'ab'.repeat(32), apps: 4 }); });
  });

  it('want a name typed where the stage does, before anything of this machine goes to the host', async () => {
    at('prod');
    const prepare = planned();
    vi.spyOn(backend, 'choosePath').mockResolvedValue('/home/camille/dokuwiki_ynh');
    render(Applications, { host, stage, yunohost: survey([]) });
    const typedAs = async (field: string, button: string, word: string): Promise<void> => {
      await waitFor(() => { expect(document.activeElement).toBe(screen.getByTestId(field)); });
      expect(screen.getByTestId<HTMLButtonElement>(button).disabled).toBe(true);
      await fireEvent.input(screen.getByTestId(field), { target: { value: word } });
      await fireEvent.click(screen.getByTestId(button));
    };
    await fireEvent.click(screen.getByTestId('app-from-folder'));
    await typedAs('app-send-typed', 'app-send', stage);
    await screen.findByTestId('app-answer-domain');
    expect(screen.queryByTestId('app-send-typed')).toBeNull();
    expect(backend.calls.filter((call) => call.command === 'ynh_package_send').map((call) => call.request)).toMatchObject([{ typed: null }, { typed: stage }]);
    await fireEvent.click(screen.getByText('Cancel'));
    await fireEvent.click(screen.getByTestId('apps-catalog'));
    await fireEvent.click(await screen.findByTestId('catalog-keep'));
    await typedAs('catalog-send-typed', 'catalog-send', host);
    await waitFor(() => { expect(prepare).toHaveBeenCalledOnce(); });
    expect(screen.queryByTestId('catalog-send-dialog')).toBeNull();
  });

  it('take a package away again that arrives after it was given up', async () => {
    vi.spyOn(backend, 'choosePath').mockResolvedValue('/home/camille/dokuwiki_ynh');
    render(Applications, { host, stage, yunohost: survey([]) });
    await fireEvent.click(screen.getByTestId('app-from-folder'));
    await fireEvent.click(await screen.findByText('Cancel'));
    await waitFor(() => { expect(backend.calls.filter((call) => call.command.startsWith('ynh_')).map((call) => call.command)).toEqual(['ynh_package_send', 'ynh_sent_drop']); });
  });
});
