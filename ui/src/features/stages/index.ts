export { stagesDesk } from './desk.svelte';
export { default as StageChips } from './StageChips.svelte';
export { default as StageDialogs } from './StageDialogs.svelte';
export { default as Stages } from './Stages.view.svelte';
