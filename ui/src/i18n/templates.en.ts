import type { TemplatePlace } from '$generated/api';

/** Templates: which fields stand beside the value of a kind of secret. The names of those that everybody has are the core's. */
export const templates = {
  template: 'Template', none: 'none', open: 'Templates…', title: 'Templates', text: 'A template says which fields are asked for beside the value of a kind of secret. Those with a button are the vault’s own.',
  places: { account: 'Account', address: 'Address', 'one-time': 'One-time codes', expires: 'Expires', field: 'Field', hidden: 'Hidden' } satisfies Record<TemplatePlace, string>,
  name: 'Name', field: 'Name of the field', add: 'Add a template', keep: 'Keep it', kept: (name: string) => `The template ${name} is kept.`, replaces: 'The vault has one of this name: it is replaced.', replace: 'Replace it', removed: (name: string) => `The template ${name} is removed.`, sure: 'Remove it? No secret changes.',
  onlyValue: (name: string) => `The value of ${name} is stored. What stands beside it is not: mend it and store again, or leave it and edit the secret later.`,
};
