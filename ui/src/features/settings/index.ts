export { appearance, densities, themes, type Theme } from './appearance.svelte';
export { default as Settings } from './Settings.view.svelte';
