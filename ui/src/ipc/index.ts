export { clock } from './clock.svelte';
export { isSecretName, largestKey, looksLikeKey } from './credentials';
export { isUnreachable, toApiError } from './errors';
export { onEvent } from './events';
export { Resource } from './resource.svelte';
export { choosePath, copyText, rpc, secretInput } from './rpc';
export { session } from './session.svelte';
