export { default as Unlock } from './Unlock.view.svelte';
