import { rpc } from '$ipc';
import { hitsOf, mostFound, type Hit } from './found';

/** What the vault finds by the words that were typed last; an answer to words before them is dropped. */
export class FoundSecrets {
  /** By name, the nearest first; null while nothing is looked for, and until the first answer. */
  hits = $state.raw<ReadonlyMap<string, Hit> | null>(null);
  #asked = 0;

  async look(text: string): Promise<void> {
    const asked = ++this.#asked;
    if (text === '') {
      this.hits = null;
      return;
    }
    const { found } = await rpc('search', { text, limit: mostFound, only: 'secret' });
    if (asked === this.#asked) this.hits = hitsOf(found);
  }
}
