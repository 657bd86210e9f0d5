import { tick } from 'svelte';
import type { ApiError } from '$generated/api';
import { Attempt } from '$ipc';
import { isTyped, namesAsked } from './typed';

/** Something for which a stage may want a name typed: the first answer asks for it, and then it is tried again. */
export class Confirming extends Attempt {
  /** The names of which one is to be typed. */
  asked = $state.raw<readonly string[]>([]);
  typed = $state('');
  /** Where it is typed. */
  field = $state<HTMLInputElement>();
  readonly ready = $derived(!this.busy && isTyped(this.asked, this.typed));

  /** Tries it, with what was typed when something was asked. Whether it was done; if not, the cursor is where a name is asked for. */
  async act(work: (typed: string | null) => Promise<void>): Promise<boolean> {
    if (!this.ready) return false;
    const done = await this.run(() => work(this.asked.length > 0 ? this.typed : null));
    await tick();
    if (!done && !this.error) this.field?.focus();
    return done;
  }

  /** Something else is to be done: nothing is asked, typed or wrong yet. */
  forget(): void {
    this.asked = [];
    this.typed = '';
    this.error = null;
  }

  protected override failed(error: ApiError): void {
    const names = namesAsked(error);
    if (names) this.asked = names;
    else super.failed(error);
  }
}
