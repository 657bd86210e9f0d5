import type { Command, VaultId } from '$platform/types';

/** Commands that concern no open vault. */
const vaultless: ReadonlySet<Command> = new Set(['vault_list', 'vault_create', 'vault_unlock', 'vault_restore', 'journal_check']);

let current: VaultId = null;

/** Says which vault is meant from now on by calls that name none. */
export function mean(vault: VaultId): void {
  current = vault;
}

export function meantBy(command: Command): VaultId {
  return vaultless.has(command) ? null : current;
}
