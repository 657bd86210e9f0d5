export { fleetDesk } from './desk.svelte';
export { default as Fleet } from './Fleet.view.svelte';
export { fleetViews } from './views.svelte';
export { default as RemoveHosts } from './RemoveHosts.svelte';
export { addressOf, shortSystem, wantsAttention } from './rows';
