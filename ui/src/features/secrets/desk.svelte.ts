import { copiedSecret } from './copied.svelte';

/** What one has under way among the secrets; other screens may begin it. */
class SecretsDesk {
  adding = $state(false);
  /** Whether a file of another program is being taken in. */
  importing = $state(false);
  /** The secret whose particulars are shown. */
  active = $state<string | null>(null);
  filter = $state('');
  /** Whether the health of the secrets is shown beside the list. */
  health = $state(true);

  reset(): void {
    this.adding = false;
    this.importing = false;
    this.active = null;
    this.filter = '';
    this.health = true;
    copiedSecret.forget();
  }
}

export const secretsDesk = new SecretsDesk();
