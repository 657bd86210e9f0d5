export { peopleDesk } from './desk.svelte';
export { default as People } from './People.view.svelte';
