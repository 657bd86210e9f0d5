export { default as ErrorNote } from './ErrorNote.svelte';
export { default as Message } from './Message.svelte';
export { default as Moment } from './Moment.svelte';
export { i18n } from './i18n.svelte';
export { default as TestSteps } from './TestSteps.svelte';
export { default as VaultChecks } from './VaultChecks.svelte';
export { isLanguage, languages, type Language } from './language';
