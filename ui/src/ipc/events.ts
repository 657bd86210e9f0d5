import type { Event } from '$generated/api';
import { platform } from '$platform/index';

/** Calls `handler` for each event, until the function it returns is called. */
export function onEvent(handler: (event: Event) => void): () => void {
  return platform().onEvent(handler);
}
