export { default as OperationForm } from './OperationForm.svelte';
export { default as Operations } from './Operations.svelte';
