export type Strength = 'empty' | 'short' | 'weak' | 'fair' | 'strong';

const leastLength = 12;

/** A careful guess in bits: what it costs to find the phrase as words, or as characters, whichever is less. */
export function guessBits(passphrase: string): number {
  const characters = [...passphrase];
  const distinct = new Set(characters).size;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}\s]/u].filter((kind) => kind.test(passphrase)).length;
  const asCharacters = Math.min(characters.length, distinct * 2) * (2.5 + kinds);
  const words = new Set(passphrase.toLocaleLowerCase().split(/[\s\-_.,]+/u).filter((word) => word.length > 2));
  const asWords = words.size * 12;
  return words.size >= 3 ? Math.min(asCharacters, asWords) : asCharacters;
}

export function strengthOf(passphrase: string): Strength {
  if (passphrase === '') return 'empty';
  if ([...passphrase].length < leastLength) return 'short';
  const bits = guessBits(passphrase);
  if (bits < 45) return 'weak';
  return bits < 60 ? 'fair' : 'strong';
}

/** A stage's secret holds against somebody who has the vault open already: nothing slows their guesses down but its own length. */
export const leastStageBits = 75;

export function stageStrengthOf(secret: string): Strength {
  if (secret === '') return 'empty';
  const bits = guessBits(secret);
  if (bits < leastStageBits / 2) return 'short';
  if (bits < leastStageBits) return 'weak';
  return bits < leastStageBits + 15 ? 'fair' : 'strong';
}

export function isStageSecret(secret: string): boolean {
  return guessBits(secret) >= leastStageBits;
}

export function isNewPassphrase(passphrase: string, again: string): boolean {
  const strength = strengthOf(passphrase);
  return strength !== 'empty' && strength !== 'short' && again === passphrase;
}
