import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackupBrought, BackupListed } from '$generated/api';
import { planDesk } from '$features/plan';
import { rpc, session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Backups from './Backups.svelte';

const host = 'ynh-dev.morel.lan';
const press = (id: string): Promise<boolean> => fireEvent.click(screen.getByTestId(id));
let backend: FakeBackend;
const sent = (command: string): unknown[] => backend.calls.filter((call) => call.command === command).map((call) => call.request);

async function show(): Promise<void> {
  installPlatform(backend = new FakeBackend({ open: true }));
  vi.spyOn(backend, 'choosePath').mockResolvedValue('/media/stick');
  session.leave();
  await session.begin();
  render(Backups, { host, stage: 'dev', apps: ['dokuwiki', 'nextcloud', 'roundcube'] });
  await screen.findByTestId('backups-there');
}

beforeEach(() => { document.body.replaceChildren(); });

describe('the backups of a host', () => {
  it('are brought to a folder that is chosen, and checked there', async () => {
    await show();
    await press('backup-pull-before-the-move');
    await waitFor(() => { expect(sent('backup_pull')).toMatchObject([{ host, name: 'before-the-move', to: '/media/stick' }]); });
    const here = await screen.findByTestId('backups-here');
    expect(here.textContent).toContain('before-the-move');
    expect(screen.queryByTestId('backup-pull-before-the-move'), 'it is here').toBeNull();
    const verify = here.querySelector<HTMLButtonElement>('[data-testid^="backup-verify-"]');
    if (verify) await fireEvent.click(verify);
    await waitFor(() => { expect(screen.getByTestId('backups-here').textContent).toContain('whole'); });
  });

  it('nothing is brought when no folder is chosen', async () => {
    await show();
    vi.spyOn(backend, 'choosePath').mockResolvedValue(null);
    await press('backup-collect');
    await waitFor(() => { expect(screen.getByTestId<HTMLButtonElement>('backup-collect').disabled).toBe(false); });
    expect(sent('backup_collect')).toEqual([]);
  });

  it('are made while they are brought, with what the form says', async () => {
    await show();
    await press('backup-create');
    const make = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('backup-make');
    expect(make().disabled, 'a folder is needed').toBe(true);
    await press('backup-choose');
    await fireEvent.input(screen.getByTestId('backup-name'), { target: { value: 'tonight' } });
    await waitFor(() => { expect(make().disabled).toBe(false); });
    await fireEvent.click(make());
    await waitFor(() => { expect(sent('backup_create')).toMatchObject([{ host, name: 'tonight', to: '/media/stick', apps: null }]); });
    await waitFor(() => { expect(screen.getByTestId('backups-here').textContent).toContain('tonight'); });
  });

  it('are made of the applications that are chosen', async () => {
    await show();
    await press('backup-create');
    await press('backup-choose');
    await fireEvent.change(screen.getByTestId('backup-what'), { target: { value: 'some' } });
    const make = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('backup-make');
    await waitFor(() => { expect(screen.getByTestId('backup-apps').querySelectorAll('input')).toHaveLength(3); });
    expect(make().disabled, 'at least one is needed').toBe(true);
    await press('backup-app-roundcube');
    await press('backup-app-dokuwiki');
    await fireEvent.click(make());
    await waitFor(() => { expect(sent('backup_create')).toMatchObject([{ host, apps: ['dokuwiki', 'roundcube'], system: null }]); });
  });

  it('are restored in part, when not every application is chosen', async () => {
    await show();
    await press('backup-pull-beffroi-20261121-030012');
    const here = await screen.findByTestId('backups-here');
    const restore = (): Promise<boolean> => fireEvent.click(here.querySelector('[data-testid^="backup-restore-"]') as HTMLButtonElement);
    await waitFor(() => { expect(here.querySelector<HTMLButtonElement>('[data-testid^="backup-restore-"]')?.disabled).toBe(false); });
    await restore();
    await press('backup-app-nextcloud');
    await press('backup-restore-plan');
    await waitFor(() => { expect(sent('backup_restore_plan')).toMatchObject([{ on: host, apps: ['roundcube'] }]); });
    await restore();
    await press('backup-restore-plan');
    await waitFor(() => { expect(sent('backup_restore_plan')).toMatchObject([{}, { on: host, apps: [] }]); });
  });

  it('say what they lack, then and later', async () => {
    await show();
    const answered = backend.rpc.bind(backend);
    vi.spyOn(backend, 'rpc').mockImplementation(async (command, request, vault) => {
      const answer = await answered(command, request, vault);
      if (command === 'backup_list') (answer as BackupListed).kept.forEach((backup) => { backup.lacks = ['nextcloud']; });
      if (command === 'backup_pull') (answer as BackupBrought).lacks = ['nextcloud'];
      return answer;
    });
    await press('backup-pull-beffroi-20261121-030012');
    expect(await screen.findByText('The backup is there, and lacks nextcloud.')).toBeTruthy();
    expect((await screen.findByTestId('backups-here')).textContent).toContain('without nextcloud');
  });

  it('that lie on the host are removed by a plan, after it was seen which', async () => {
    await show();
    await press('backup-prune-there');
    await fireEvent.input(screen.getByTestId('backup-keep-last'), { target: { value: '1' } });
    await press('backup-prune-look');
    const fates = await screen.findByTestId('backup-fates');
    expect(fates.textContent).toMatch(/beffroi-20261121-030012.*the last good one.*before-the-move.*goes/);
    expect(planDesk.plan).toBeNull();
    await press('backup-prune-do');
    await waitFor(() => { expect(planDesk.plan?.hosts[0]?.steps[0]?.command).toEqual([{ kind: 'text', text: 'yunohost backup delete before-the-move' }]); });
    expect(sent('backup_prune')).toMatchObject([{ host, there: true, apply: false }]);
    planDesk.cancel();
  });

  it('at set times are shown, and taken away', async () => {
    await show();
    await press('backup-schedule');
    await fireEvent.input(screen.getByTestId('backup-calendar'), { target: { value: 'Mon..Fri 03:00' } });
    await press('backup-schedule-set');
    await waitFor(() => { expect(screen.getByTestId('backup-times').textContent).toContain('Mon..Fri 03:00'); });
    await press('backup-schedule');
    await press('backup-schedule-off');
    await waitFor(() => { expect(screen.queryByTestId('backup-times')).toBeNull(); });
    expect(sent('backup_schedule')).toMatchObject([{ calendar: 'Mon..Fri 03:00' }, { calendar: null }]);
  });

  it('at set times keep what the form does not show', async () => {
    await show();
    const order = { host, calendar: 'daily', apps: ['dokuwiki'], system: [], keep: { last: 2, daily: 7, weekly: 4, monthly: 6 }, typed: null };
    await rpc('backup_schedule', order);
    await press('backup-collect');
    await screen.findByTestId('backup-times');
    await press('backup-schedule');
    expect(screen.getByTestId<HTMLInputElement>('backup-keep').value).toBe('2');
    await fireEvent.input(screen.getByTestId('backup-keep'), { target: { value: '5' } });
    await press('backup-schedule-set');
    await waitFor(() => { expect(sent('backup_schedule')).toHaveLength(2); });
    expect(sent('backup_schedule')[1]).toEqual({ ...order, keep: { ...order.keep, last: 5 } });
  });

  it('that cannot be read are not told as brought', async () => {
    await show();
    const answered = backend.rpc.bind(backend);
    vi.spyOn(backend, 'rpc').mockImplementation(async (command, request, vault) => {
      const answer = await answered(command, request, vault);
      if (command === 'backup_pull') (answer as BackupBrought).backup.good = false;
      return answer;
    });
    await press('backup-pull-before-the-move');
    expect(await screen.findByText('before-the-move: damaged')).toBeTruthy();
    expect(screen.queryByText(/lies here now/)).toBeNull();
  });

  it('are removed only after it was seen which', async () => {
    await show();
    await press('backup-collect');
    await waitFor(() => { expect(screen.getByTestId('backups-here').querySelectorAll('tbody tr')).toHaveLength(2); });
    await press('backup-prune');
    expect(screen.queryByTestId('backup-prune-do')).toBeNull();
    await fireEvent.input(screen.getByTestId('backup-keep-last'), { target: { value: '1' } });
    await press('backup-prune-look');
    const fates = await screen.findByTestId('backup-fates');
    expect(fates.textContent).toContain('the last good one');
    await press('backup-prune-do');
    await waitFor(() => { expect(screen.getByTestId('backups-here').querySelectorAll('tbody tr')).toHaveLength(1); });
    expect(sent('backup_prune')).toMatchObject([{ apply: false }, { apply: true }]);
  });
});
