export { authorityOf, emptyWay, hasPassphrase, isWayReady, ways, type Way, type WayDraft } from './authority';
export { default as NewPassphrase } from './NewPassphrase.svelte';
export { default as Proof } from './Proof.svelte';
export { default as RecoveryWords } from './RecoveryWords.svelte';
export { default as RestoreVault } from './RestoreVault.svelte';
export { default as Strength } from './Strength.svelte';
export { isNewPassphrase, isStageSecret, stageStrengthOf } from './strength';
export { default as Unlock } from './Unlock.view.svelte';
