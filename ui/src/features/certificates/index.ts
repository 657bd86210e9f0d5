export { default as Certificates } from './Certificates.view.svelte';
