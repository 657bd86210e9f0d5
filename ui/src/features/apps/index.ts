export { default as Applications } from './Applications.svelte';
export { default as ConfigForm } from './ConfigForm.svelte';
export { default as Panels } from './Panels.svelte';
