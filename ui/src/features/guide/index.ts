export { chapterNames } from './chapters';
export { default as Guide } from './Guide.view.svelte';
