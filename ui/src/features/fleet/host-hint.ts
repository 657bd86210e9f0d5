import { visibleText } from '$design';
import type { HostRow } from '$generated/api';
import { i18n } from '$i18n';
import { clock } from '$ipc';
import type { ColumnName } from './columns';
import { addressOf, attentionOf } from './rows';

/** Columns of figures that a survey read: of these one wants to know how old they are. */
const read: ReadonlySet<ColumnName> = new Set<ColumnName>(['updates', 'certificate', 'services', 'disk', 'load', 'uptime']);

/** What is told of a cell of the fleet to whoever points at it; empty where the cell says it all. */
export function hostHint(host: HostRow, column: ColumnName): string {
  const { summary, trouble } = host;
  if (column === 'host') return visibleText(addressOf(host));
  if (column === 'attention' && trouble) return i18n.cause(trouble);
  if (!summary) return '';
  const l = i18n.t.fleetList;
  const age = l.readAgo(i18n.age(clock.now - summary.taken_ms));
  if (column === 'version') return visibleText(summary.version);
  if (column === 'facts') return i18n.dateTime(summary.taken_ms);
  if (column === 'attention') return host.sealed ? '' : attentionOf(host).map((message) => i18n.core(message)).join('\n');
  if (column === 'certificate' && summary.certificate_ms !== null) return `${l.certificateEnds(i18n.day(summary.certificate_ms))} ${age}`;
  return read.has(column) ? age : '';
}
