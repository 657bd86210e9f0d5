import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { planDesk } from '$features/plan';
import type { HardeningCheck, HostHardening } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { fixesOf, foundIn, grouped } from './groups';
import Hardening from './Hardening.svelte';

const known = 'ynh-dev.morel.lan';

function check(id: string, severity: HardeningCheck['severity'], verdict: HardeningCheck['verdict'], fix: HardeningCheck['fix'] = null): HardeningCheck {
  const words = { key: id, values: {} };
  return { id, severity, verdict, title: words, found: null, why: words, remedy: null, fix };
}

describe('what could be safer', () => {
  it('is grouped by what was found, what is to be done first', () => {
    const of = (host: string, checks: HardeningCheck[]): HostHardening['results'][number] => ({ host, status: 'ok', duration_ms: 0, stage: 'dev', taken_ms: 1, checks, error: null });
    const results = [of('a', [check('disk', 'medium', 'to_do'), check('firewall', 'high', 'unknown'), check('clock', 'medium', 'ok')]), of('b', [check('disk', 'medium', 'to_do'), check('backups', 'high', 'to_do'), check('firewall', 'high', 'ok')])];
    const groups = grouped({ results });
    expect(groups.map((group) => [group.check.id, group.check.verdict, group.hosts.map(({ host }) => host).join()])).toEqual([['backups', 'to_do', 'b'], ['disk', 'to_do', 'a,b'], ['firewall', 'unknown', 'a'], ['firewall', 'ok', 'b'], ['clock', 'ok', 'a']]);
  });

  it('is mended by one plan where the same mends it', () => {
    const one = check('upgrades', 'high', 'to_do', { kind: 'run', command: 'apt-get upgrade', root: true });
    const other = check('upgrades', 'high', 'to_do', { kind: 'ynh', operation: 'tools-upgrade', given: {} });
    const fixes = fixesOf({ key: '', check: one, hosts: [{ host: 'a', check: one }, { host: 'b', check: other }, { host: 'c', check: { ...one } }] });
    expect(fixes.map(({ what, hosts }) => [what.kind, hosts.join()])).toEqual([['run', 'a,c'], ['ynh', 'b']]);
    const full = (what: string): HardeningCheck => ({ ...one, found: { key: 'hardening.disk.found', values: { what } } });
    expect(foundIn({ key: '', check: one, hosts: [{ host: 'a', check: full('/') }, { host: 'b', check: full('/var') }, { host: 'c', check: full('/') }] }).map(({ what, hosts }) => [what.values['what'], hosts.join()])).toEqual([['/', 'a,c'], ['/var', 'b']]);
  });

  describe('on the page', () => {
    beforeEach(async () => {
      document.body.replaceChildren();
      installPlatform(new FakeBackend({ open: true }));
      session.leave();
      await session.begin();
    });

    it('plans what mends it, and shows what is well when it is asked to', async () => {
      const prepare = vi.spyOn(planDesk, 'prepare').mockResolvedValue();
      const onplan = vi.fn();
      render(Hardening, { hosts: [known], onplan });
      const passwords = await screen.findByTestId('hardening-ssh-passwords');
      expect(passwords.textContent).toContain('passwordauthentication yes');
      expect(screen.queryByTestId('hardening-root-accounts')).toBeNull();
      await fireEvent.click(screen.getByTestId('hardening-well'));
      expect(screen.getByTestId('hardening-root-accounts').dataset['verdict']).toBe('ok');
      expect(screen.queryByTestId('hardening-fix-firewall'), 'what is not known is not mended').toBeNull();
      await fireEvent.click(screen.getByTestId('hardening-fix-ssh-passwords'));
      expect(prepare).toHaveBeenLastCalledWith([known], { kind: 'ynh', operation: 'settings-set', given: { setting: { text: 'security.ssh.ssh_password_authentication' }, value: { text: 'no' } } });
      expect(onplan).toHaveBeenCalledOnce();
      expect(screen.getByTestId('hardening').textContent, 'what a host wrote cannot turn the line').not.toContain('\u202e');
    });
  });
});
