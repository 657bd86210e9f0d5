export const recoveryLength = 24;

/** The words in what was typed or pasted: any spacing, numbers before words dropped. */
export function recoveryWords(text: string): string[] {
  return text.toLowerCase().split(/[^\p{L}]+/u).filter((word) => word !== '');
}
