export { default as Recipes } from './Recipes.view.svelte';
