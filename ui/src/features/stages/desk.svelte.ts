/** What is asked about a stage: each has its own dialog. */
export type StageQuestion = { kind: 'add' } | { kind: 'unsealed' | 'unseal' | 'protect' | 'secret' | 'rekey' | 'policy'; stage: string };

/** The one question about a stage that is open; it can be asked from any screen. */
class StagesDesk {
  question = $state.raw<StageQuestion | null>(null);

  ask(question: StageQuestion): void {
    this.question = question;
  }

  reset(): void {
    this.question = null;
  }
}

export const stagesDesk = new StagesDesk();
