import { copiedSecret } from './copied.svelte';

/** What one has under way among the secrets; other screens may begin it. */
class SecretsDesk {
  adding = $state(false);
  /** The secret whose particulars are shown. */
  active = $state<string | null>(null);
  filter = $state('');

  reset(): void {
    this.adding = false;
    this.active = null;
    this.filter = '';
    copiedSecret.forget();
  }
}

export const secretsDesk = new SecretsDesk();
