/** What one has under way among the secrets; other screens may begin it. */
class SecretsDesk {
  adding = $state(false);
}

export const secretsDesk = new SecretsDesk();
