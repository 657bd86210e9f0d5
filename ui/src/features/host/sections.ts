import type { HostDetail } from '$generated/api';

export type Section = 'overview' | 'apps' | 'people' | 'services' | 'jobs' | 'survey' | 'hardening' | 'changes' | 'files' | 'tunnels' | 'rescue' | 'connection' | 'ledger' | 'operations' | 'diagnosis' | 'upgrades' | 'dns' | 'ynhlogs' | 'facts' | 'backups' | 'processes';
export interface SectionEntry { section: Section; group: 'state' | 'yunohost' | 'machine'; count: number | null; warn: boolean }

/** The sections a host has, with how much in each wants attention, else how much is there. What YunoHost would fill is there only where YunoHost is. */
export function hostSections(detail: HostDetail | null): SectionEntry[] {
  const yunohost = detail?.survey?.yunohost ?? null;
  const upgrades = yunohost?.apps?.filter((app) => app.upgrade === 'upgradable').length ?? 0;
  const stopped = yunohost?.services?.filter((service) => service.status !== 'running').length ?? 0;
  const ofYunohost: SectionEntry[] = yunohost
    ? [
        { section: 'apps', group: 'yunohost', count: upgrades || (yunohost.apps?.length ?? null), warn: upgrades > 0 },
        { section: 'people', group: 'yunohost', count: yunohost.users?.length ?? null, warn: false },
        { section: 'services', group: 'yunohost', count: stopped || (yunohost.services?.length ?? null), warn: stopped > 0 },
        { section: 'backups', group: 'yunohost', count: yunohost.backups?.length ?? null, warn: false },
        { section: 'diagnosis', group: 'yunohost', count: null, warn: false },
        { section: 'upgrades', group: 'yunohost', count: null, warn: false },
        { section: 'dns', group: 'yunohost', count: null, warn: false },
        { section: 'ynhlogs', group: 'yunohost', count: null, warn: false },
        { section: 'facts', group: 'yunohost', count: null, warn: false },
        { section: 'operations', group: 'yunohost', count: null, warn: false },
      ]
    : [];
  const guest = detail !== null && detail.host.guest !== null;
  return [
    { section: 'overview', group: 'state', count: null, warn: false },
    { section: 'jobs', group: 'state', count: detail?.jobs.length ?? null, warn: false },
    { section: 'survey', group: 'state', count: null, warn: false },
    { section: 'hardening', group: 'state', count: null, warn: false },
    { section: 'changes', group: 'state', count: null, warn: false },
    ...ofYunohost,
    { section: 'processes', group: 'machine', count: null, warn: false },
    { section: 'files', group: 'machine', count: null, warn: false },
    { section: 'tunnels', group: 'machine', count: null, warn: false },
    ...(guest ? [] : [{ section: 'rescue', group: 'machine', count: null, warn: false } as const]),
    { section: 'connection', group: 'machine', count: null, warn: detail?.host.trouble !== null && detail !== null },
    { section: 'ledger', group: 'machine', count: null, warn: false },
  ];
}

/** Whether a job changed the host after its facts were read. */
export function isOutdated(detail: HostDetail): boolean {
  const taken = detail.survey?.taken_ms;
  return taken !== undefined && detail.jobs.some((job) => job.ended_ms !== null && job.ended_ms > taken && job.state !== 'queued');
}
