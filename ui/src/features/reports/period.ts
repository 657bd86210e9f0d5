/** The moment at which a day begins here, in milliseconds since 1970; null for nothing and for what is no day. */
export function dayBegins(day: string): number | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00`).getTime() : NaN;
  return Number.isNaN(at) ? null : at;
}

/** The moment at which a day ends. Days of 23 or 25 hours end at their own midnight. */
export function dayEnds(day: string): number | null {
  const begins = dayBegins(day);
  if (begins === null) return null;
  const next = new Date(begins);
  next.setDate(next.getDate() + 1);
  return next.getTime();
}
