export { guestsDesk } from './desk.svelte';
export { default as Guests } from './Guests.view.svelte';
