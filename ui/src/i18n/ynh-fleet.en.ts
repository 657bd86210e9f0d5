import { many } from './plural.en';

/** The words of the screen of many YunoHosts, and of what is read of one. What comes from the core is worded in `assets/messages/yunohost-*.json`. */
export const ynhFleet = {
  title: 'YunoHost', filter: 'Filter', refresh: 'Read all anew', state: 'State', hosts: 'Hosts', host: 'Host', where: 'Where', system: 'system',
  views: { versions: 'Versions', apps: 'Applications', upgrades: 'Upgrades', certificates: 'Certificates', diagnosis: 'Diagnosis', backups: 'Backups' },
  instances: (count: number) => many(count, 'instance', 'instances'), oldest: (age: string) => `oldest reading ${age === 'now' ? 'just now' : `${age} ago`}`,
  ago: (age: string) => (age === 'now' ? 'just now' : `${age} ago`), behind: 'behind', important: 'read its notes first', never: 'never', notKnown: 'not known',
  kinds: { app: 'application', package: 'package', migration: 'migration' } as Record<string, string>,
  issuers: { selfsigned: 'self-signed', letsencrypt: 'Let’s Encrypt', other: 'other' } as Record<string, string>,
  statuses: { ERROR: 'error', WARNING: 'warning', SUCCESS: 'fine', INFO: 'note' } as Record<string, string>,
  states: { upgradable: 'can be upgraded', up_to_date: 'up to date', url_required: 'not in the catalog', bad_quality: 'not vouched for', fail_requirements: 'needs another YunoHost', selfsigned: 'self-signed', letsencrypt: 'Let’s Encrypt', other: 'other', good: 'fine', valid: 'fine', expired: 'expired', abouttoexpire: 'expires soon', app: 'application', package: 'package', migration: 'migration', pending: 'pending', skipped: 'skipped', done: 'done', ERROR: 'error', WARNING: 'warning', SUCCESS: 'fine', INFO: 'note' } as Record<string, string>,
  groups: { trouble: 'To be looked at', isolated: 'Only says that there is no Internet', ignored: 'Ignored' },
  lastBackup: 'Last backup', newest: 'Newest archive', archives: 'Archives', programs: 'Other programs',
  selected: (count: number) => many(count, 'line ticked', 'lines ticked'), onHosts: (count: number) => `on ${many(count, 'host', 'hosts')}`,
  actions: { upgrade: 'Upgrade…', renew: 'Renew…', ignore: 'Ignore…', unignore: 'No longer ignore…', diagnose: 'Diagnose…', update: 'Look for updates…', backup: 'Back up…' },
  notRead: (count: number) => `${many(count, 'host was', 'hosts were')} not read, or not anew:`,
  emptyTitle: 'No YunoHost is known yet', emptyText: 'What stands here comes from the last reading of each host. Add a host that runs YunoHost and read it once; then this screen works offline too.', toFleet: 'To the fleet',
  nothing: { versions: 'No version is known.', apps: 'No application is installed.', upgrades: 'Nothing waits to be upgraded, as far as the hosts knew when they were read.', certificates: 'No certificate is known.', diagnosis: 'The diagnosis found nothing, or was never run: tick hosts under Versions and choose Diagnose.', backups: 'Nothing is known of backups.' },
  noMatch: 'No line has all of these words.', detail: 'More about this line',
  // Of one host.
  sections: { diagnosis: 'Diagnosis', upgrades: 'Upgrades', dns: 'DNS and certificates', ynhlogs: 'YunoHost’s journal', facts: 'More facts' },
  readAt: (age: string) => (age === 'now' ? 'read just now' : `read ${age} ago`), readAgain: 'Read again', empty: 'Nothing.', fine: 'The last diagnosis found no trouble, or there was none yet.', log: 'Log', show: 'Show', records: 'DNS records', domains: 'Domains and their certificates', check: 'Check from this machine',
  checkText: 'This asks the resolver of this machine, which may see other records than the rest of the world, and only those that lead to an address.',
  upgradeSystem: 'Upgrade the system…', upgradeApps: 'Upgrade the applications…', copy: 'Copy', copied: 'The records are in the clipboard.', back: 'Back to the list',
  facts: { 'settings-list': 'Settings', 'firewall-list': 'Firewall', 'regen-conf-diff': 'Changed configuration', 'migration-list': 'Migrations', 'group-list': 'Groups', 'permission-list': 'Permissions', 'backup-list': 'Archives' } as Record<string, string>, yes: 'yes', no: 'no',
};
