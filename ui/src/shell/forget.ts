import { copyQueue, forgetPlaces } from '$features/files';
import { notices } from './notices.svelte';
import { recent } from './recent.svelte';

/** Forgets what the page remembers of vaults beside what it shows of one: names of hosts, paths, what was used; of those that are open no more. */
export function forgetClosed(open: readonly string[]): void {
  copyQueue.settle(open);
  forgetPlaces(open);
  notices.settle(open);
  recent.settle(open);
}
