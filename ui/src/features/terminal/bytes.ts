/** Bytes that stand in an answer as base64. */
export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

const slice = 8192;

/** Bytes as they go into a request. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += slice) binary += String.fromCharCode(...bytes.subarray(at, at + slice));
  return btoa(binary);
}

const encoder = new TextEncoder();

/** What a person typed or pasted, as the host gets it. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** What xterm gives as one character for each byte: reports of the mouse. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}
