import type { Found, FoundBy } from '$generated/api';
import { textsBeside } from './beside';
import type { FakeVault } from './vault';

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** Hosts by their names, then secrets by what stands beside their values, of which every word is somewhere. */
export function findIn(vault: FakeVault, text: string): Found[] {
  const words = plain(text).split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [];
  const hosts = vault.hosts.filter((row) => words.every((word) => row.name.includes(word))).map(({ name, stage }): Found => ({ kind: 'host', name, stage, by: 'name', text: '' }));
  const secrets = vault.secrets.flatMap((row): Found[] => {
    const texts: [FoundBy, string][] = [['name', row.name], ...(vault.isSealed(row.stage) ? [] : textsBeside(vault, row.id)), ...row.used_by.map((host): [FoundBy, string] => ['host', host])];
    const places = words.map((word) => texts.findIndex(([, other]) => plain(other).includes(word)));
    const [by, found] = texts[Math.max(...places)] ?? ['name', ''];
    return places.includes(-1) ? [] : [{ kind: 'secret', name: row.name, stage: row.stage, by, text: by === 'name' ? '' : found }];
  });
  return [...hosts, ...secrets.sort((left, right) => Number(left.by !== 'name') - Number(right.by !== 'name'))];
}
