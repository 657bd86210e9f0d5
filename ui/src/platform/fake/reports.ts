import type { ReportCell, ReportRequest, ReportTable, ReportView } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import type { FakeVault } from './vault';

export type Reporting = 'report_make' | 'report_write' | 'report_check';

const cell = (text: string, number: number | null = null): ReportCell => ({ text, at_ms: null, number });

function tableOf(vault: FakeVault, many: boolean): ReportTable {
  const row = (name: string, number: number): ReportCell[] => [cell(name), cell('Debian GNU/Linux 12 (bookworm)'), cell(String(number), number)];
  const rows = vault.hosts.flatMap((host, at) => Array.from({ length: many ? 40 : 1 }, () => row(host.name, at)));
  return { name: 'overview', title: 'Overview', columns: [{ name: 'host', title: 'Server' }, { name: 'system', title: 'System' }, { name: 'upgrades', title: 'Upgrades' }], rows };
}

function viewOf(request: ReportRequest, vault: FakeVault): ReportView {
  if (request.on === 'nothing') throw refuse('nothing-selected', { selector: request.on });
  const steps = request.kind === 'dossier' ? [{ text: 'Log in to the server.', code: 'ssh -p PORT ACCOUNT@ADDRESS' }] : [];
  const empty: ReportTable = { name: 'findings', title: 'Findings', columns: [{ name: 'host', title: 'Server' }], rows: [] };
  return {
    kind: request.kind, language: request.language, title: request.kind, vault: 'Réseau Morel', hosts: vault.hosts.map((host) => host.name), excluded: [], since_ms: request.since_ms, until_ms: request.until_ms, made_ms: 0, about: [['Servers', String(vault.hosts.length)]],
    sections: [{ name: 'overview', title: 'Overview', notes: ['As the last surveys have it.'], steps, tables: [tableOf(vault, request.kind === 'state'), empty], signed: false }],
  };
}

/** Reports for whoever owns the hosts. */
export function reportingRooms(): Rooms<Reporting> {
  return {
    report_make: (request, vault) => viewOf(request, vault),
    report_write: ({ report, path, sign }, vault) => {
      viewOf(report, vault);
      return { files: [{ path, bytes: 1, sha256: '0'.repeat(64) }], statement: sign ? `${path}.signature.json` : null, signer: sign ? 'SHA256:pretended' : null };
    },
    report_check: () => ({ signer: 'SHA256:pretended', name: 'root', at_ms: 0, files: [] }),
  };
}
