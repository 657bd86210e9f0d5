export { appearance, densities, themes, type Theme } from './appearance.svelte';
export { firstSteps, tour } from './first.svelte';
export { default as Settings } from './Settings.view.svelte';
export { telling, tellings, type Telling } from './telling.svelte';
export { zoom, zoomSteps } from './zoom.svelte';
