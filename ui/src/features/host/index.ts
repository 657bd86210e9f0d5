export { default as Host } from './Host.view.svelte';
