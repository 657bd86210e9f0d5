/** No private key is larger, in bytes. */
export const largestKey = 65_536;

export function looksLikeKey(text: string): boolean {
  return /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text.trim());
}

export function isSecretName(name: string): boolean {
  return /^[A-Za-z0-9._/@-]+$/.test(name);
}
