export { default as DesignScreen } from './DesignScreen.svelte';
