import type { KnownVault } from '$generated/api';

/** Vaults as one looks for them: those that are open, then those that are there, then the others; each the last used first. */
export function pickerOrder(vaults: readonly KnownVault[]): KnownVault[] {
  const rank = (vault: KnownVault): number => (vault.open !== null ? 0 : vault.present ? 1 : 2);
  return [...vaults].sort((left, right) => rank(left) - rank(right) || (right.opened_ms ?? -1) - (left.opened_ms ?? -1) || left.name.localeCompare(right.name));
}

/** The vault to offer first: one that is locked and there. One that is not there is offered only when none is open. */
export function firstOffered(vaults: readonly KnownVault[]): KnownVault | null {
  const order = pickerOrder(vaults);
  const offered = order.find((vault) => vault.open === null && vault.present);
  if (offered) return offered;
  return order.some((vault) => vault.open !== null) ? null : (order[0] ?? null);
}

/** A vault that this machine has not seen yet, named after its folder. */
export function unknownVault(path: string): KnownVault {
  const name = path.split(/[\\/]/).filter((part) => part !== '').at(-1) ?? path;
  return { path, name: name.replace(/\.beffroi$/, ''), open: null, present: true, opened_ms: null };
}
