export { default as ExportSecrets } from './ExportSecrets.svelte';
export { default as ImportWizard } from './ImportWizard.svelte';
