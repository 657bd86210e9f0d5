export { idleTimes } from './findings';
export { default as ProvenDialog } from './ProvenDialog.svelte';
export { upkeepSections, type UpkeepSection } from './sections';
export { default as Upkeep } from './Upkeep.view.svelte';
