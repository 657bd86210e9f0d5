import type { SecretEdit, SecretTemplate, TemplateField } from '$generated/api';
import { i18n } from '$i18n';
import { secretInput } from '$ipc';
import { endOfDay } from './beside';

const words = (name: string): string => i18n.core({ key: `template.${name}`, values: {} });

/** What a template is called in this language. */
export const templateTitle = ({ name, own }: SecretTemplate): string => (own ? name : words(name));

/** What a field of a template is called in this language. */
export function fieldTitle({ own }: SecretTemplate, { place, name }: TemplateField): string {
  if (name === '') return i18n.t.templates.places[place];
  return own ? name : words(name);
}

/** What was put into the fields of a template, as a change of the secret; null when all of them are empty. */
export function editOf(secret: string, template: SecretTemplate, values: readonly string[]): SecretEdit | null {
  const edit: SecretEdit = { name: secret, title: null, path: null, user: null, urls: null, tags: null, notes: null, totp: null, passphrase: null, expires_ms: null, fields: [] };
  const filled = template.fields.map((field, at) => ({ field, value: values[at] ?? '' })).filter(({ value }) => value.trim() !== '');
  for (const { field, value } of filled) {
    switch (field.place) {
      case 'account': edit.user = value.trim(); break;
      case 'address': edit.urls = [value.trim()]; break;
      case 'one-time': edit.totp = secretInput(value.trim()); break;
      case 'expires': edit.expires_ms = endOfDay(value); break;
      default: edit.fields.push({ name: fieldTitle(template, field), value: secretInput(value), hidden: field.place === 'hidden' });
    }
  }
  return filled.length === 0 ? null : edit;
}
