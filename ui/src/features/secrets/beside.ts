/** A text of pieces, as a list without empty ones. */
export const listOf = (text: string, between: string): string[] => text.split(between).map((piece) => piece.trim()).filter((piece) => piece !== '');

/** The day of a moment as a date field has it, in this machine's time. */
export function dayOf(at: number | null): string {
  if (at === null) return '';
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The last moment of a day; 0 for none, which takes an end away. */
export function endOfDay(day: string): number {
  const [year, month, date] = day.split('-').map(Number);
  return year === undefined || month === undefined || date === undefined || Number.isNaN(year) ? 0 : new Date(year, month - 1, date, 23, 59, 59).getTime();
}
