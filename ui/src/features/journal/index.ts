export { journalDesk } from './desk.svelte';
export { default as Journal } from './Journal.view.svelte';
