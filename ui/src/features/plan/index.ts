export { default as Confirmed } from './Confirmed.svelte';
export { Confirming } from './confirming.svelte';
export { planDesk } from './desk.svelte';
export { default as PlanSheet } from './PlanSheet.svelte';
export { isTyped, namesAsked } from './typed';
export { default as TypedName } from './TypedName.svelte';
export { ynh } from './ynh';
