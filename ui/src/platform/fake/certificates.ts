import type { CaAuthority, CaCertificate, CaRenewal, PlanView } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import type { FakeVault } from './vault';

export type Vouching = 'ca_list' | 'ca_init' | 'ca_issue' | 'ca_show' | 'ca_renew' | 'ca_revoke' | 'ca_export' | 'ca_kit' | 'ca_push';

const day = 86_400_000;

interface Kept { authorities: CaAuthority[]; certificates: CaCertificate[] }

function fingerprintOf(seed: number): string {
  return Array.from({ length: 32 }, (_, at) => ((at * 37 + seed * 101) % 256).toString(16).toUpperCase().padStart(2, '0')).join(':');
}

/** What a pretend vault begins with: an authority, a certificate that is there, and one that is due. */
function begin(vault: FakeVault): Kept {
  if (vault.hosts.length === 0) return { authorities: [], certificates: [] };
  const authority: CaAuthority = { id: vault.fresh('authority'), name: 'Réseau Morel', stage: 'dev', permitted: ['morel.lan', 'morel.example'], until_ms: Date.now() + 3400 * day, days_left: 3400, fingerprint: fingerprintOf(1), certificates: 2, revoked: 0, key: 'ca/r-seau-morel' };
  const one = (names: string[], host: string | null, days: number, there: boolean): CaCertificate => ({
    id: vault.fresh('certificate'), names, authority: authority.name, host, stage: host === null ? 'dev' : vault.host(host).stage, from_ms: Date.now() - (396 - days) * day, until_ms: Date.now() + days * day, days_left: days, due: days < 30, revoked: false,
    serial: '5f'.repeat(16), fingerprint: fingerprintOf(days), key: `cert/${names[0] ?? ''}`, pushed_ms: there ? Date.now() - (396 - days) * day : null, is_there: there,
  });
  return { authorities: [authority], certificates: [one(['cloud.morel.lan', 'morel.lan'], vault.hosts[0]?.name ?? null, 12, true), one(['*.morel.example'], null, 301, false)] };
}

/** Private authorities and what they signed. */
export function vouchingRooms(): Rooms<Vouching> {
  const vaults = new WeakMap<FakeVault, Kept>();
  const keptOf = (vault: FakeVault): Kept => {
    const kept = vaults.get(vault) ?? begin(vault);
    vaults.set(vault, kept);
    return kept;
  };
  const find = (vault: FakeVault, name: string): CaCertificate => {
    const found = keptOf(vault).certificates.find((one) => one.id === name || one.names.includes(name));
    if (!found) throw refuse('certificate-not-found', { name });
    return found;
  };
  const put = (vault: FakeVault, changed: CaCertificate): CaCertificate => {
    const kept = keptOf(vault);
    vaults.set(vault, { ...kept, certificates: kept.certificates.map((one) => (one.id === changed.id ? changed : one)) });
    vault.ring({ kind: 'certificates_changed' });
    return changed;
  };
  return {
    ca_list: (_, vault) => keptOf(vault),
    ca_init: ({ name, stage, permitted }, vault) => {
      const kept = keptOf(vault);
      if (kept.authorities.some((one) => one.name === name)) throw refuse('ca-exists', { name });
      const made: CaAuthority = { id: vault.fresh('authority'), name, stage: stage ?? 'ca', permitted, until_ms: Date.now() + 3651 * day, days_left: 3651, fingerprint: fingerprintOf(kept.authorities.length + 7), certificates: 0, revoked: 0, key: `ca/${name.toLowerCase()}` };
      vaults.set(vault, { ...kept, authorities: [...kept.authorities, made] });
      vault.ring({ kind: 'certificates_changed' });
      return made;
    },
    ca_issue: ({ names, authority, host }, vault) => {
      const kept = keptOf(vault);
      const signer = kept.authorities.find((one) => authority === null || one.id === authority || one.name === authority);
      if (!signer) throw refuse('ca-not-found', { name: authority ?? '' });
      const outside = names.find((name) => signer.permitted.length > 0 && !signer.permitted.some((domain) => name === domain || name.endsWith(`.${domain}`)));
      if (outside !== undefined) throw refuse('ca-not-permitted', { name: outside, permitted: signer.permitted.join(', ') });
      const made: CaCertificate = {
        id: vault.fresh('certificate'), names, authority: signer.name, host: host ?? null, stage: host ? vault.host(host).stage : signer.stage, from_ms: Date.now(), until_ms: Date.now() + 396 * day, days_left: 396, due: false, revoked: false, serial: '4a'.repeat(16),
        fingerprint: fingerprintOf(kept.certificates.length + 20), key: `cert/${names[0] ?? ''}`, pushed_ms: null, is_there: false,
      };
      vaults.set(vault, { ...kept, certificates: [...kept.certificates, made] });
      vault.ring({ kind: 'certificates_changed' });
      return made;
    },
    ca_show: ({ certificate }, vault) => find(vault, certificate),
    ca_renew: ({ certificates }, vault) => ({
      results: (certificates.length > 0 ? certificates.map((name) => find(vault, name)) : keptOf(vault).certificates.filter((one) => one.due && !one.revoked)).map((one): CaRenewal => {
        const name = one.names[0] ?? '';
        // Another one is issued in its place.
        if (one.revoked) return { name, certificate: null, error: refuse('invalid-request', { what: 'the certificate was revoked: issue another one' }) };
        return { name, certificate: put(vault, { ...one, until_ms: Date.now() + 396 * day, days_left: 396, due: false, is_there: false, serial: '6b'.repeat(16), fingerprint: fingerprintOf(99) }), error: null };
      }),
    }),
    ca_revoke: ({ certificate }, vault) => put(vault, { ...find(vault, certificate), revoked: true, due: false }),
    ca_export: ({ path }) => ({ path, fingerprint: fingerprintOf(1) }),
    ca_kit: ({ path }) => ({ path, files: ['READ-ME.html', 'LISEZ-MOI.html'], fingerprint: fingerprintOf(1) }),
    ca_push: ({ certificates, back }, vault) => {
      const meant = certificates.map((name) => find(vault, name));
      const title = { key: back ? 'title.certificate-back' : 'title.certificate-push', values: { domain: meant[0]?.names[0] ?? '' } };
      const hosts = meant.flatMap((one) => (one.host === null ? [] : [{
        host: one.host, stage: one.stage, warnings: [], steps: [{
          number: 1, changes: true, what: title, command: [{ kind: 'text' as const, text: 'python3 -I -c certificate.py push' }, { kind: 'secret' as const, name: 'key.pem' }],
          check: { key: 'check.certificate-push', values: title.values }, undo: { kind: 'by' as const, how: { key: 'undo.certificate-push', values: title.values } },
        }],
      }]));
      const plan: PlanView = { id: vault.fresh('plan'), title, confirm: hosts.filter((part) => vault.stage(part.stage).policy.typed_confirmation).flatMap((part) => [part.host, part.stage]), hosts, refused: [] };
      vault.plans.set(plan.id, { plan, action: { kind: 'run', command: '', root: false } });
      return plan;
    },
  };
}
