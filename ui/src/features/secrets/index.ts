export { secretsDesk } from './desk.svelte';
export { foundBy } from './found';
export { default as Secrets } from './Secrets.view.svelte';
