import type { CaCertificate } from '$generated/api';

export type CertificateState = 'revoked' | 'ended' | 'due' | 'there' | 'notThere';

/** What matters most of a certificate. */
export function stateOf(certificate: CaCertificate): CertificateState {
  if (certificate.revoked) return 'revoked';
  if (certificate.days_left < 0) return 'ended';
  if (certificate.due) return 'due';
  return certificate.is_there ? 'there' : 'notThere';
}

/** The words of a field that takes one a line; commas and spaces part them too. */
export function linesOf(text: string): string[] {
  return text.split(/[\s,;]+/u).filter((word) => word !== '');
}
