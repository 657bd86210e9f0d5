export { default as Backups } from './Backups.svelte';
export { Moving } from './moving.svelte';
