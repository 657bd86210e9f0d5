import type { SecretTemplate, TemplateField } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import type { FakeVault } from './vault';

export type Shaping = 'template_list' | 'template_set' | 'template_remove';

const field = (name: string): TemplateField => ({ place: 'field', name });
const account: TemplateField = { place: 'account', name: '' };
const address: TemplateField = { place: 'address', name: '' };

/** Some of those that everybody has. */
const known: readonly SecretTemplate[] = [
  { name: 'server-login', own: false, fields: [account, address, { place: 'one-time', name: '' }] },
  { name: 'database', own: false, fields: [account, field('host'), field('port'), field('database-name')] },
  { name: 'licence', own: false, fields: [field('product'), field('holder'), field('seats'), { place: 'expires', name: '' }] },
];

/** Templates of the pretend vaults. */
export function shapingRooms(): Rooms<Shaping> {
  const own = new WeakMap<FakeVault, SecretTemplate[]>();
  const ownOf = (vault: FakeVault): SecretTemplate[] => own.get(vault) ?? [];
  return {
    template_list: (_, vault) => ({ templates: [...known, ...ownOf(vault)] }),
    template_set: ({ name, fields }, vault) => {
      if (known.some((template) => template.name === name)) throw refuse('template-known', { name });
      if (fields.length === 0) throw refuse('template-fields');
      const kept: SecretTemplate = { name, own: true, fields };
      own.set(vault, [...ownOf(vault).filter((template) => template.name !== name), kept].sort((one, other) => (one.name < other.name ? -1 : 1)));
      vault.write({ key: 'journal.template-set', values: { name } }, null);
      return kept;
    },
    template_remove: ({ name }, vault) => {
      if (!ownOf(vault).some((template) => template.name === name)) throw refuse('template-unknown', { name });
      own.set(vault, ownOf(vault).filter((template) => template.name !== name));
      vault.write({ key: 'journal.template-removed', values: { name } }, null);
      return {};
    },
  };
}
