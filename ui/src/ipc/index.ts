export { clock } from './clock.svelte';
export { spokenOf, timeLeft, type Unsealed } from './countdown';
export { isSecretName, largestKey, looksLikeKey } from './credentials';
export { isUnreachable, toApiError } from './errors';
export { onEvent } from './events';
export { watchPresence } from './presence';
export { Resource } from './resource.svelte';
export { choosePath, copyText, desk, rpc, secretInput, setIdleLock } from './rpc';
export { session, type OpenVault } from './session.svelte';
