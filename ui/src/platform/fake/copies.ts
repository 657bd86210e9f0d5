import { refuse } from './refuse';
import type { FakeVault } from './vault';

const underWay = new WeakMap<FakeVault, Map<string, () => void>>();
const steps = 40;
const total = 48_213_000;

/** A copy that tells how far it is and can be cancelled; at once where the pretend world takes no time. */
export async function copyFor(vault: FakeVault, name: string | null, current: string, delay: number): Promise<void> {
  if (name === null || delay === 0) return;
  const copies = underWay.get(vault) ?? new Map<string, () => void>();
  underWay.set(vault, copies);
  let cancelled = false;
  copies.set(name, () => (cancelled = true));
  for (let step = 1; step <= steps; step++) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    if (cancelled) break;
    vault.ring({ kind: 'copy', name, done: (total * step) / steps, total, files_done: Math.floor(step / steps), files: 1, current });
  }
  copies.delete(name);
  if (cancelled) throw refuse('copy-cancelled');
}

export function cancelCopies(vault: FakeVault, name: string): void {
  underWay.get(vault)?.get(name)?.();
}
