export { secretsDesk } from './desk.svelte';
export { default as Secrets } from './Secrets.view.svelte';
