export { default as Confirmed } from './Confirmed.svelte';
export { planDesk } from './desk.svelte';
export { default as PlanSheet } from './PlanSheet.svelte';
export { isTyped, namesAsked } from './typed';
export { default as TypedName } from './TypedName.svelte';
