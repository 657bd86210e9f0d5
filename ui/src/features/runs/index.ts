export { draftOfPace, paceOf, paceProblems, usualPace, type PaceDraft } from './pace';
export { default as PaceFields } from './PaceFields.svelte';
export { default as RunCommand } from './RunCommand.svelte';
export { default as Runs } from './Runs.view.svelte';
