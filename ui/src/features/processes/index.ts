export { default as LogSheet } from './LogSheet.svelte';
export { default as Processes } from './Processes.svelte';
