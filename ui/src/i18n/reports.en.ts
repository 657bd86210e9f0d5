/** The words of reports for whoever owns the hosts. */
export const reports = {
  title: 'Reports',
  kind: 'Report', kinds: { interventions: 'Interventions', state: 'State', dossier: 'Reversibility file' },
  abouts: {
    interventions: 'What was done on the hosts in a period: changes, commands, and what else the journal has.',
    state: 'How the hosts stand, as their last surveys have it: versions, upgrades, certificates, backups, findings.',
    dossier: 'What the next administrator needs to go on without you: ways in, keys, people, backups, how-to, a receipt. It holds no secret.',
  },
  on: 'Hosts', onHint: 'Names, tag:x, stage:x, role:yunohost, all; and, or, not.',
  since: 'From', until: 'To, that day included', language: 'Language of the report', languages: { fr: 'French', en: 'English' },
  handed: 'Files handed over', addHanded: 'Add a file…', removeHanded: (name: string) => `Take ${name} off the list`,
  preview: 'Preview', format: 'File', formats: { pdf: 'PDF', csv: 'CSV', json: 'JSON' }, csvHint: 'A file for each table.', sign: 'Sign what is written', save: 'Save…', suggested: (kind: string, format: string) => `${kind}.${format}`,
  saved: (n: number, path: string) => (n === 1 ? `${path} was written.` : `${String(n)} files were written beside ${path}.`), signed: (signer: string) => `Signed by ${signer}.`,
  backwards: 'The period ends before it begins.', stale: 'Something was changed since: preview it again.', none: 'None.', more: (n: string) => `${n} more rows are in the file.`, sections: 'Parts of the report',
};
