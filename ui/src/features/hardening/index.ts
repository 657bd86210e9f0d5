export { default as Hardening } from './Hardening.svelte';
export { default as HardeningSheet } from './HardeningSheet.svelte';
