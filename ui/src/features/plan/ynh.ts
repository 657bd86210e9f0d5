import type { ActionRequest, SecretInput, YnhSetting, YnhValue } from '$generated/api';

/** What an operation of YunoHost is given: nothing of it is said for an empty text or list, and for a switch that is off. */
type Given = string | boolean | readonly string[] | { secret: SecretInput | null } | { settings: Record<string, YnhSetting> };

/** The request for an operation of YunoHost, by the names of `ynhOperations`. */
export function ynh(operation: string, given: Readonly<Record<string, Given>>): ActionRequest {
  const values: Record<string, YnhValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const said = valueOf(value);
    if (said) values[name] = said;
  }
  return { kind: 'ynh', operation, given: values };
}

function valueOf(value: Given): YnhValue | null {
  if (typeof value === 'string') return value === '' ? null : { text: value };
  if (typeof value === 'boolean') return value ? { switch: true } : null;
  if ('secret' in value) return value.secret === null ? null : { secret: value.secret };
  if ('settings' in value) return Object.keys(value.settings).length === 0 ? null : { settings: value.settings };
  return value.length === 0 ? null : { list: [...value] };
}
