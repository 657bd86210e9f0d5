/** Numbers as English writes them. */
export const number = new Intl.NumberFormat('en-GB').format;

/** So many of something, in words that agree with the number. */
export const many = (n: number, one: string, other: string): string => `${number(n)} ${n === 1 ? one : other}`;
