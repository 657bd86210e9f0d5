export { planDesk } from './desk.svelte';
export { default as PlanSheet } from './PlanSheet.svelte';
