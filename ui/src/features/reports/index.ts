export { default as Reports } from './Reports.view.svelte';
