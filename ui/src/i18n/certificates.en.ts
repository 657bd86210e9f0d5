import { many } from './plural.en';

/** The words of private authorities and their certificates. */
export const certificates = {
  title: 'Certificates', count: (n: number) => many(n, 'certificate', 'certificates'),
  empty: 'No authority yet', emptyText: 'Where Let’s Encrypt cannot reach, the vault can sign certificates itself. Its key stays in the vault; people let their devices trust its certificate once, with a kit that you give them.',
  make: 'Make an authority…', issue: 'Issue a certificate…', renewDue: (n: number) => `Renew ${many(n, 'that is due', 'that are due')}`, refresh: 'Read again',
  authorities: 'Authorities', issued: 'Issued',
  columns: { names: 'Names', host: 'Host', authority: 'Authority', until: 'Valid until', days: 'Days', state: 'State' },
  states: { revoked: 'revoked', ended: 'ended', due: 'to be renewed', there: 'on its host', notThere: 'not brought yet' },
  keptTo: (domains: string) => `Kept to ${domains}`, everywhere: 'Signs for every name', days: (n: number) => (n < 0 ? 'ended' : many(n, 'day left', 'days left')), signed: (n: number) => many(n, 'certificate', 'certificates'), revokedCount: (n: number) => `${String(n)} revoked`,
  kit: 'Trust kit…', kitText: 'A folder for Windows, macOS, iPhone, Android, Linux and Firefox. Nothing in it is secret.', kitDone: (path: string) => `The trust kit is in ${path}. Tell people the fingerprint by another way than the folder.`, kitSuggested: 'trust-kit', exportCertificate: 'Save the certificate…', exportList: 'Save the list of what was revoked…', saved: (path: string) => `${path} was written.`,
  fingerprint: 'Fingerprint (SHA-256)', copy: 'Copy the fingerprint', copied: 'The fingerprint is on the clipboard.', serial: 'Number', key: 'Key', stage: 'Stage', pushed: 'Brought to its host', never: 'never',
  push: 'Bring it to its host…', back: 'Put back the one of before…', renew: 'Renew', revoke: 'Revoke…', noHost: 'It is for no host: copy it there by hand.', unsealFirst: 'The stage of its authority is sealed.',
  renewed: (n: number) => `${many(n, 'certificate has', 'certificates have')} a new key. Hosts show the old ones until they are brought the new.`, revokedNow: (name: string) => `${name} is revoked.`, revokeTitle: (name: string) => `Revoke the certificate for ${name}?`, revokeText: 'It comes onto the list that its authority signs. What the host shows stays as it is, and devices that do not have the list go on taking it until it ends.', revokeDo: 'Revoke',
  makeTitle: 'Make an authority', name: 'Name', nameHint: 'People see it on their devices: the name of the household, the school, the company.', permitted: 'Kept to these domains', permittedHint: 'With everything below them, one a line. Devices then do not take its word for anything else. Empty: every name.', makeStage: 'Stage', makeStageHint: 'Its key is sealed there. A stage of its own can be protected by a secret of its own.', makeDo: 'Make', made: (name: string) => `The authority ${name} is made. Write its trust kit next.`,
  issueTitle: 'Issue a certificate', names: 'Names', namesHint: 'The main one first, one a line. *.lan.example is every name right below.', host: 'For the host', noHostOption: 'none: I copy it myself', authority: 'Authority', issueDo: 'Issue', issuedNow: (name: string) => `The certificate for ${name} is issued.`,
  sealedStages: 'What is in sealed stages is not shown.', close: 'Close',
};
