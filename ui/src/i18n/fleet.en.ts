import { many, number } from './plural.en';

/** The words of the table of hosts: its columns, its search field, its views. */
export const fleetList = {
  filter: 'Filter, or tag:web and not stage:prod', completions: 'What it could become',
  notSelector: 'Not a selector.', near: (at: number) => `Not understood, at character ${number(at)}:`, unfinished: 'Something is missing at the end.', noSuchHost: 'No host has this name:',
  nothingMatchesText: 'Words look at names, addresses, tags and versions. With tag:, stage:, role:, and, or, not and parentheses it is a selector, as at the command line.',
  tabs: { all: 'All', attention: 'Needs attention', updates: 'Updates', certificates: 'Certificates', disk: 'Disk', unreachable: 'Unreachable' },
  columns: { host: 'Host', address: 'Address', stage: 'Stage', role: 'Role', version: 'Version', updates: 'Updates', certificate: 'Cert.', attention: 'Attention', services: 'Services', people: 'People', disk: 'Disk', load: 'Load', uptime: 'Up for', tags: 'Tags', facts: 'Facts' },
  appUnit: (n: number): string => (n === 1 ? 'app' : 'apps'), packageUnit: (n: number): string => (n === 1 ? 'pkg' : 'pkgs'), security: (n: number) => `${number(n)} security`,
  certificateEnds: (day: string) => `The first certificate ends on ${day}.`, ended: 'ended', failed: (n: number) => `${number(n)} failed`, readAgo: (age: string) => `Read ${age} ago`,
  group: 'Group by', groups: { none: 'Not grouped', stage: 'By stage', tag: 'By tag' }, untagged: 'Without a tag', wanting: (n: number) => many(n, 'needs attention', 'need attention'),
  columnMenu: 'Columns', resetColumns: 'The usual columns', columnEarlier: (column: string) => `${column}: one place earlier`, columnLater: (column: string) => `${column}: one place later`,
  views: 'Saved views', noViews: 'No view is kept yet. A view is a search with its tab, order, grouping and columns.', viewName: 'Keep this view as', keepView: 'Keep', replaceView: 'Replace', viewKept: (name: string) => `The view ${name} is kept.`, removeView: (name: string) => `Remove the view ${name}`, viewRemoved: (name: string) => `The view ${name} is removed.`, viewBack: (name: string) => `The view ${name} is back.`, viewsWhere: 'Kept in the vault, encrypted with it: their names may name clients.',
};
