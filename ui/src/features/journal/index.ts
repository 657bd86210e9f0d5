export { default as Journal } from './Journal.view.svelte';
