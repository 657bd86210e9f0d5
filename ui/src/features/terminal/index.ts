export { terminalDesk } from './desk.svelte';
export { terminalTargets } from './targets';
export { default as Terminals } from './Terminals.view.svelte';
export { default as TerminalSettings } from './TerminalSettings.svelte';
