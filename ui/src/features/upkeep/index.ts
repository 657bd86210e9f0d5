export { idleTimes } from './findings';
export { upkeepSections, type UpkeepSection } from './sections';
export { default as Upkeep } from './Upkeep.view.svelte';
