import type { Area, Facts, Missing } from '$generated/api';
import type { i18n as page } from '$i18n';

type Words = (typeof page)['t']['engine']['survey'];

/** How values are put into words. */
export interface Wording { words: Words; bytes: (value: number) => string; day: (at: number) => string; number: (value: number) => string; now: number }

/** A value, with how grave it is. All text of it comes from a host. */
export interface Cell { text: string; level?: 'warn' | 'bad' }

/** A part of the facts as a table. */
export interface FactTable { area: Area; columns: string[]; rows: Cell[][]; missing: Missing | null }

/** A certificate is warned of this long before its end, in seconds. */
const nearEnd = 21 * 86_400;

const plain = (text: string | number | null | undefined): Cell => ({ text: text === null || text === undefined ? '' : String(text) });

/** Every part of a survey that was read, or of which it is known why it was not, in an order that puts first what is looked for most. */
export function factTables(facts: Facts, wording: Wording): FactTable[] {
  const { words, bytes, day, number, now } = wording;
  const { columns: c, labels } = words;
  const yes = (value: boolean): string => (value ? words.yes : words.no);
  const pairs = (entries: [string, string | number | null][]): Cell[][] => entries.flatMap(([name, value]) => (value === null || value === '' ? [] : [[plain(name), plain(value)]]));
  const size = (value: number | null): string | null => (value === null ? null : bytes(value));
  const named = (map: Record<string, string | undefined> | null): Cell[][] | null => map && Object.entries(map).map(([name, value]) => [plain(name), plain(value)]);
  const table = (area: Area, columns: string[], rows: Cell[][] | null | undefined): FactTable[] => {
    const missing = facts.missing[area] ?? null;
    return rows && rows.length > 0 ? [{ area, columns, rows, missing }] : missing || rows ? [{ area, columns, rows: [], missing }] : [];
  };
  const value = [c.name, c.value];
  return [
    ...table('system', value, pairs([[labels.hostname, facts.hostname], [labels.os_name, facts.os_name], [labels.kernel, facts.kernel], [labels.architecture, facts.architecture], [labels.init, facts.init], [labels.virtualisation, facts.virtualisation], [labels.parent_hints, facts.parent_hints?.join(', ') ?? null], [labels.hardware_vendor, facts.hardware_vendor], [labels.hardware_model, facts.hardware_model], [labels.roles, facts.roles?.join(', ') ?? null], [labels.user, facts.user], [labels.python3, facts.python3]])),
    ...table('memory', value, pairs([[labels.cpus, facts.cpus], [labels.memory_total_bytes, size(facts.memory_total_bytes)], [labels.memory_available_bytes, size(facts.memory_available_bytes)], [labels.swap_total_bytes, size(facts.swap_total_bytes)], [labels.swap_free_bytes, size(facts.swap_free_bytes)]])),
    ...table('accounts', [c.account, c.uid, c.groups, c.shell, c.password], facts.accounts?.map((account) => [plain(account.name), plain(account.uid), plain(account.groups.join(', ')), plain(account.shell), account.password === null ? plain('') : { text: words.passwords[account.password], ...(account.password === 'empty' ? { level: 'bad' as const } : {}) }])),
    ...table('authorized_keys', [c.account, c.fingerprint, c.comment, c.options], facts.authorized_keys?.map((key) => [plain(key.account), plain(`${key.algorithm} ${key.fingerprint}`), plain(key.comment), plain(key.options)])),
    ...table('sudo', [c.who, c.rule, c.file], facts.sudo && [...facts.sudo.members.map((member) => [plain(member.account), plain(words.member(member.group)), plain('')]), ...(facts.sudo.rules ?? []).map((rule): Cell[] => [plain(rule.who), { text: rule.no_password ? `${rule.rule} (${words.noPassword})` : rule.rule, ...(rule.no_password ? { level: 'warn' as const } : {}) }, plain(rule.file)])]),
    ...table('listeners', [c.protocol, c.address, c.port, c.process], facts.listeners?.map((listener) => [plain(listener.protocol), plain(listener.address), plain(listener.port), plain(listener.process)])),
    ...table('packages', [c.name, c.installed, c.candidate, c.security], facts.upgrades?.packages.map((upgrade) => [plain(upgrade.name), plain(upgrade.installed), plain(upgrade.candidate), upgrade.security ? { text: words.yes, level: 'warn' as const } : plain('')])),
    ...table('reboot', value, facts.reboot && [[{ text: facts.reboot.required ? words.rebootNeeded : words.rebootNotNeeded, ...(facts.reboot.required ? { level: 'warn' as const } : {}) }, plain(facts.reboot.packages.join(', '))]]),
    ...table('services', [c.name], facts.failed_services?.map((service) => [{ text: service, level: 'bad' as const }])),
    ...table('certificates', [c.subject, c.until, c.issuer, c.names, c.file], facts.certificates?.map((one) => [plain(one.subject), { text: day(one.not_after_seconds * 1000), ...(one.not_after_seconds * 1000 < now ? { level: 'bad' as const } : one.not_after_seconds - now / 1000 < nearEnd ? { level: 'warn' as const } : {}) }, plain(one.issuer), plain(one.names.join(', ')), plain(one.path)])),
    ...table('firewall', value, facts.firewall && pairs([[c.kind, facts.firewall.kind], [words.rules, facts.firewall.rules === null ? null : number(facts.firewall.rules)], ...Object.entries(facts.firewall.input_policies).map(([chain, policy]): [string, string] => [chain, policy ?? '']), ['ufw', facts.firewall.ufw === null ? null : yes(facts.firewall.ufw)]])),
    ...table('disks', [c.mount, c.device, c.kind, c.size, c.used, c.state], facts.disks?.map((disk) => [plain(disk.mount), plain(disk.device), plain(disk.kind), plain(bytes(disk.total_bytes)), plain(bytes(disk.used_bytes)), plain(disk.read_only ? words.readOnly : '')])),
    ...table('addresses', [c.interface, c.state, c.addresses, c.device], facts.interfaces?.map((one) => [plain(one.name), plain(one.state), plain(one.addresses.join(', ')), plain(one.hardware_address)])),
    ...table('routes', [c.gateway, c.interface, c.metric], facts.default_routes && [...facts.default_routes.map((route) => [plain(route.gateway), plain(route.interface), plain(route.metric)]), ...(facts.resolvers ?? []).map((resolver) => [plain(resolver), plain(labels.resolvers), plain('')])]),
    ...table('timers', [c.name, c.state], facts.timers?.map((timer) => [plain(timer.name), plain(timer.active ? words.active : words.inactive)])),
    ...table('cron', [c.account, c.schedule, c.command, c.file], facts.cron?.map((entry) => [plain(entry.account), plain(entry.schedule), plain(entry.command), plain(entry.file)])),
    ...table('clock', value, pairs([[labels.time_zone, facts.time_zone], [labels.clock_synchronised, facts.clock_synchronised === null ? null : yes(facts.clock_synchronised)]])),
    ...table('host_keys', [c.algorithm, c.fingerprint], facts.host_keys?.map((key) => [plain(key.algorithm), plain(key.fingerprint)])),
    ...table('sshd', value, named(facts.sshd)),
    ...table('hardening', value, named(facts.hardening)),
    ...table('survey', value, null),
  ];
}

/** The tables with the rows in which every word of `filter` is found; all of them while nothing is sought. */
export function filterTables(tables: readonly FactTable[], filter: string): FactTable[] {
  const sought = filter.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (sought.length === 0) return [...tables];
  return tables.map((table) => ({ ...table, rows: table.rows.filter((row) => sought.every((word) => row.some((cell) => cell.text.toLowerCase().includes(word)))) })).filter((table) => table.rows.length > 0);
}
