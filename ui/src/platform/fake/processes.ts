import type { ActionRequest, PlanView, Process, ProcessKeeperThere } from '$generated/api';
import { planFor } from './plans';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import type { FakeVault } from './vault';

export type Minding = 'process_list' | 'process_show' | 'process_plan' | 'process_logs';

const megabyte = 1_000_000;
const hour = 3600;
const now = (): number => Math.round(Date.now() / 1000);

/** A process of which only what is said is known. */
export function inventProcess(name: string, more: Partial<Process> = {}): Process {
  return { keeper: 'systemd', name, owner: null, state: 'running', says: 'running', at_boot: true, boot_by: ['multi-user.target'], saved: null, is_oneshot: false, masked: false, pid: 612, memory_bytes: 12 * megabyte, restarts: 0, instances: 1, since_seconds: now() - 31 * hour, description: '', aliases: [], triggered_by: [], definition: `/usr/lib/systemd/system/${name}.service`, logs: [], ...more };
}

const systemd: ProcessKeeperThere = { keeper: 'systemd', version: '252', owner: null, home: null, runs: true, at_boot: true };
const openrc: ProcessKeeperThere = { keeper: 'openrc', version: '0.62.6', owner: null, home: null, runs: true, at_boot: true };
const pm2: ProcessKeeperThere = { keeper: 'pm2', version: '6.0.8', owner: 'shop', home: '/home/shop', runs: true, at_boot: true };

/** What keeps what in a pretend host: pm2 beside systemd in a guest, OpenRC in the one with Alpine, systemd alone elsewhere. */
function kept(host: string): { keepers: ProcessKeeperThere[]; processes: Process[] } {
  if (host.endsWith('/caisse')) return {
    keepers: [openrc],
    processes: [
      inventProcess('caisse', { keeper: 'openrc', says: 'started', boot_by: ['default'], definition: '/etc/init.d/caisse', logs: ['/var/log/caisse.log'], description: 'the till\u202e<b>now</b>' }),
      inventProcess('crond', { keeper: 'openrc', says: 'started', boot_by: ['default'], definition: '/etc/init.d/crond' }),
      inventProcess('ntpd', { keeper: 'openrc', state: 'failed', says: 'crashed', boot_by: ['default'], pid: null, memory_bytes: null, definition: '/etc/init.d/ntpd' }),
    ],
  };
  const system = [
    inventProcess('ssh', { description: 'OpenBSD Secure Shell server', aliases: ['sshd'], pid: 702 }),
    inventProcess('nginx', { description: 'A high performance web server and a reverse proxy server', pid: 811, memory_bytes: 21 * megabyte, logs: ['/var/log/nginx/error.log'] }),
    inventProcess('cron', { description: 'Regular background program processing daemon', pid: 655, memory_bytes: 2 * megabyte }),
    inventProcess('backup-offsite', { state: 'failed', says: 'exit-code', pid: null, memory_bytes: null, restarts: 5, description: 'Copies of the night' }),
    inventProcess('apt-daily', { state: 'stopped', says: 'dead', at_boot: null, boot_by: [], is_oneshot: true, pid: null, memory_bytes: null, triggered_by: ['apt-daily.timer'], description: 'Daily apt download activities' }),
    inventProcess('getty@tty1', { says: 'running', at_boot: true, boot_by: ['getty.target'], description: 'Getty on tty1', pid: 690, memory_bytes: megabyte }),
    inventProcess('exim4', { state: 'stopped', says: 'dead', at_boot: false, boot_by: [], masked: true, pid: null, memory_bytes: null, description: 'Mail transport agent' }),
  ];
  if (!host.includes('/')) return { keepers: [systemd], processes: system };
  return {
    keepers: [systemd, pm2],
    processes: [
      ...system,
      inventProcess('shop', { keeper: 'pm2', owner: 'shop', says: 'online', boot_by: [], saved: true, pid: 1840, memory_bytes: 96 * megabyte, restarts: 2, instances: 2, description: '', definition: '/srv/shop/app.js', logs: ['/home/shop/.pm2/logs/shop-out.log', '/home/shop/.pm2/logs/shop-error.log'] }),
      inventProcess('mailer', { keeper: 'pm2', owner: 'shop', state: 'failed', says: 'errored', at_boot: false, boot_by: [], saved: false, pid: null, memory_bytes: null, restarts: 16, definition: '/srv/shop/mailer.js', logs: ['/home/shop/.pm2/logs/mailer-error.log'] }),
    ],
  };
}

/** What of it stands in the first list. */
const isOfNote = (process: Process): boolean => process.state !== 'stopped' || (process.at_boot === true && !process.is_oneshot);

/** Processes of hosts and guests. */
export function processRooms(): Rooms<Minding> {
  const hostOf = (vault: FakeVault, name: string): ReturnType<FakeVault['host']> => vault.host(vault.hosts.some((host) => host.name === name) ? name : (name.split('/')[0] ?? name));
  const find = (name: string, process: string, keeper: Process['keeper'] | undefined, owner: string | undefined): Process => {
    const found = kept(name).processes.find((one) => (one.name === process || one.aliases.includes(process)) && (keeper === undefined || one.keeper === keeper) && (owner === undefined || one.owner === owner));
    if (!found) throw refuse('process-not-there', { host: name, name: process });
    return found;
  };
  return {
    process_list: ({ on, keeper, state, all }, vault) => {
      const host = hostOf(vault, on);
      const { keepers, processes } = kept(on);
      const trouble = host.trouble;
      const shown = processes.filter((one) => (keeper === undefined || one.keeper === keeper) && (state === undefined || one.state === state) && (all === true || isOfNote(one)));
      return { hosts: [{ host: on, stage: host.stage, status: trouble ? 'unreachable' : 'ok', error: trouble, duration_ms: 190, taken_ms: Date.now(), keepers: trouble ? [] : keepers, missing: [], total: trouble ? 0 : processes.length, processes: trouble ? [] : shown }] };
    },
    process_show: ({ host, name, keeper, owner }) => ({ host, process: find(host, name, keeper, owner) }),
    process_plan: ({ process, change }, vault) => {
      const found = find(process.host, process.name, process.keeper, process.owner);
      const command = found.keeper === 'systemd' ? `systemctl ${change} ${found.name}.service` : found.keeper === 'openrc' ? (change === 'enable' ? `rc-update add ${found.name} default` : change === 'disable' ? `rc-update del ${found.name} default` : `rc-service ${found.name} ${change}`) : `pm2 ${change} ${found.name}`;
      const action: ActionRequest = { kind: 'run_steps', steps: [{ title: found.name, command }], root: true };
      const plan: PlanView = { id: vault.fresh('plan'), title: { key: `title.process-${change}`, values: { name: found.name, host: process.host } }, confirm: [], ...planFor(action, [hostOf(vault, process.host)]) };
      vault.plans.set(plan.id, { plan, action });
      return plan;
    },
    process_logs: ({ process, lines }) => {
      const found = find(process.host, process.name, process.keeper, process.owner);
      const from = found.logs[0] ?? `journalctl --unit ${found.name}.service`;
      return { host: process.host, from, lines: [`Nov 22 10:31:02 ${found.name}[612]: ready on 127.0.0.1:8000`, `Nov 22 10:31:07 ${found.name}[612]: \u001b[31mGET /\u001b[0m <b>200</b>`].slice(0, lines) };
    },
  };
}
