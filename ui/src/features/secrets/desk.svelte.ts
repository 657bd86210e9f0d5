/** What one has under way among the secrets; other screens may begin it. */
class SecretsDesk {
  adding = $state(false);
  filter = $state('');

  reset(): void {
    this.adding = false;
    this.filter = '';
  }
}

export const secretsDesk = new SecretsDesk();
