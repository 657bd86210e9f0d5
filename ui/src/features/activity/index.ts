export { default as Activity } from './Activity.view.svelte';
