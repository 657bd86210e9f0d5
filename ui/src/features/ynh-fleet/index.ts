export { default as YnhFleet } from './YnhFleet.view.svelte';
