export { default as Files } from './Files.view.svelte';
export { forgetPlaces } from './places';
export { copyQueue } from './queue.svelte';
export { rateOf, secondsLeft, withSample, type Sample } from './copy-rate';
