import type { ParcelContent, ParcelGiven, ParcelHanded } from '$generated/api';
import { prove } from './keeping';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { ownFingerprint, type FakeVault } from './vault';

export type Handing = 'parcel_create' | 'parcel_given';

/** What is handed to others in the pretend world. */
export function handingRooms(): Rooms<Handing> {
  const given: { parcel: ParcelGiven; names: string[] }[] = [];
  const secretOf = (vault: FakeVault, name: string, since_ms: number): ParcelHanded => {
    const secret = vault.secrets.find((other) => other.name === name);
    const standing = secret === undefined ? 'gone' : secret.changed_ms > since_ms ? 'changed' : 'same';
    return { name, stage: secret?.stage ?? 'dev', since_ms, standing, parts: standing === 'same' ? ['value'] : [], in_parcel: true, rotatable: (secret?.used_by.length ?? 0) > 0, hosts: secret?.used_by ?? [] };
  };
  return {
    parcel_create: ({ authority, path, readers, person, hosts, secrets, only_named }, vault) => {
      if (given.some(({ parcel }) => parcel.file === path)) throw refuse('export-exists', { path });
      const known = readers.map((reader) => {
        const identity = vault.identities.find((other) => other.fingerprint === reader || other.name === reader);
        if (!identity && !/^(age1|ssh-)/.test(reader)) throw refuse('parcel-reader-unknown', { reader });
        return { name: identity?.name ?? '', key: identity?.recipient ?? reader };
      });
      const brought = only_named ? [] : vault.secrets.filter((secret) => secret.used_by.some((host) => hosts.includes(host))).map((secret) => secret.name);
      const names = [...new Set([...secrets, ...brought])].sort();
      const content: ParcelContent = {
        path, id: null, made_ms: null, signer: 'Camille Hautval', fingerprint: ownFingerprint, readers: known, left: [],
        hosts: hosts.map((name) => ({ name, stage: vault.host(name).stage, through: false })),
        secrets: names.map((name) => ({ name, stage: secretOf(vault, name, 0).stage, kind: 'password', opens: hosts.filter((host) => vault.secrets.find((secret) => secret.name === name)?.used_by.includes(host)) })),
      };
      if (authority === null) return content;
      prove(authority);
      const [id, made_ms] = [vault.fresh('parcel'), Date.now()];
      given.unshift({ parcel: { id, made_ms, file: path, person, readers: known, hosts, secrets: names.length, open: names.length }, names });
      vault.write({ key: 'journal.parcel-made', values: { name: person ?? known.map((reader) => reader.name).join(', '), count: String(names.length), hosts: String(hosts.length), path } }, null);
      return { ...content, id, made_ms };
    },
    parcel_given: ({ who }, vault) => {
      const meant = given.filter(({ parcel }) => who === null || parcel.person === who || parcel.readers.some((reader) => [reader.name, reader.key].includes(who)));
      const secrets = meant.flatMap(({ parcel, names }) => names.map((name) => secretOf(vault, name, parcel.made_ms)));
      return { parcels: meant.map(({ parcel }) => parcel), secrets: [...new Map(secrets.map((secret) => [secret.name, secret])).values()], ways: [], protected: [], sealed: 0 };
    },
  };
}
