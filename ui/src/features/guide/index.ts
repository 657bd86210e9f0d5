export { default as Guide } from './Guide.view.svelte';
