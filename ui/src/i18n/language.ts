export const languages = ['en', 'fr'] as const;
export type Language = (typeof languages)[number];

export function isLanguage(word: string | null | undefined): word is Language {
  return word === 'en' || word === 'fr';
}
