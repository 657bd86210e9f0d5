/** Numbers as French writes them. */
export const number = new Intl.NumberFormat('fr-FR').format;

/** The form of a word that agrees with a number: zero is singular. */
export const agree = (n: number, one: string, other: string): string => (n < 2 ? one : other);

/** So many of something, in words that agree with the number, which never stands alone at the end of a line. */
export const many = (n: number, one: string, other: string): string => `${number(n)} ${agree(n, one, other)}`;
