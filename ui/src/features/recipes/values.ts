import type { RecipeParameter } from '$generated/api';

/** Whether a value can be given; what is empty falls back to the default, or is missing. The core has the last word. */
export function isValue(parameter: RecipeParameter, value: string): boolean {
  if (value === '') return !parameter.required || parameter.default !== null;
  if (parameter.kind === 'integer') {
    const number = /^-?\d{1,15}$/.test(value) ? Number(value) : NaN;
    return !Number.isNaN(number) && number >= (parameter.min ?? -Infinity) && number <= (parameter.max ?? Infinity);
  }
  if (parameter.kind === 'choice') return parameter.choices.includes(value);
  if (parameter.kind === 'boolean') return value === 'true' || value === 'false';
  const length = [...value].length;
  return parameter.kind !== 'text' || (length >= (parameter.min ?? 0) && length <= (parameter.max ?? Infinity));
}

/** What is sent: only what was given. */
export function givenValues(parameters: readonly RecipeParameter[], values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(parameters.flatMap(({ name }) => (values[name] ? [[name, values[name]]] : [])));
}
