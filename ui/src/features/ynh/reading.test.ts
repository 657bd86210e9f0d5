import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { planDesk } from '$features/plan';
import { ynhReadings } from '$generated/ynh-operations';
import { i18n } from '$i18n';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import HostDiagnosis from './HostDiagnosis.svelte';
import HostDns from './HostDns.svelte';
import HostLogs from './HostLogs.svelte';
import HostUpgrades from './HostUpgrades.svelte';
import { label, levelOf, shown } from './reading';
import Reading from './Reading.svelte';

let backend: FakeBackend;
const host = 'ynh-01.morel.lan';

beforeEach(async () => {
  backend = new FakeBackend({ open: true });
  installPlatform(backend);
  session.leave();
  await session.begin();
  planDesk.reset();
});

describe('a reading', () => {
  it('has words for each of its fields, in both languages', () => {
    for (const language of ['en', 'fr'] as const) {
      i18n.choose(language);
      for (const reading of ynhReadings) for (const field of reading.fields) expect(label(field.name)).not.toContain('field.');
    }
    i18n.choose('en');
  });

  it('shows values by what they are', () => {
    expect(shown(true, 'switch')).toBe('yes');
    expect(shown(['a', 'b'], 'list')).toBe('a, b');
    expect(shown(4_200_000_000, 'bytes')).toContain('4.2');
    expect(shown(undefined, 'text')).toBe('');
    expect([levelOf('failed', 'state'), levelOf('failed', 'text'), levelOf('WARNING', 'state')]).toEqual(['bad', '', 'warn']);
  });

  it('is taken from the survey until it is read again', async () => {
    render(Reading, { host, id: 'domain-list' });
    expect((await screen.findByTestId('reading-domain-list')).textContent).toContain('morel.example');
    await fireEvent.click(screen.getByTestId('reading-again-domain-list'));
    await expect.poll(() => backend.calls.filter((call) => call.command === 'ynh_read').map((call) => (call.request as { refresh: boolean }).refresh)).toEqual([false, true]);
  });

  it('says why nothing was read', async () => {
    render(Reading, { host: 'ynh-staging.morel.lan', id: 'domain-list' });
    expect(await screen.findByRole('alert')).toBeTruthy();
  });
});

describe('a host', () => {
  it('hides a finding through a plan', async () => {
    render(HostDiagnosis, { host });
    const [first] = await screen.findAllByTestId('diagnosis-hide');
    if (!first) throw new Error('a finding');
    await fireEvent.click(first);
    await expect.poll(() => planDesk.plan?.title.key).toBe('title.ynh-diagnosis-ignore');
  });

  it('upgrades what waits through a plan', async () => {
    render(HostUpgrades, { host });
    await screen.findByTestId('reading-upgrades');
    await fireEvent.click(screen.getByTestId('upgrades-apps'));
    await expect.poll(() => planDesk.plan?.title.key).toBe('title.ynh-app-upgrade');
  });

  it('shows an operation of its journal and leads back to the list', async () => {
    render(HostLogs, { host });
    await fireEvent.click(await screen.findByTestId('log-show-20261120-181204-app_upgrade-nextcloud'));
    expect((await screen.findByTestId('reading-log-show')).textContent).toContain('Failed to upgrade nextcloud');
    await fireEvent.click(screen.getByTestId('log-back'));
    expect(await screen.findByTestId('reading-log-list')).toBeTruthy();
  });

  it('gives the records of a domain to copy', async () => {
    render(HostDns, { host });
    await fireEvent.click(await screen.findByTestId('dns-show-morel.example'));
    await screen.findByTestId('reading-domain-dns');
    await fireEvent.click(screen.getByTestId('dns-copy'));
    await expect.poll(() => backend.copied[0]).toContain('@ 3600 IN MX 10 morel.example.');
    await fireEvent.click(screen.getByTestId('dns-check'));
    await expect.poll(() => backend.calls.some((call) => call.command === 'ynh_read' && 'check' in (call.request as { given: object }).given)).toBe(true);
  });
});
