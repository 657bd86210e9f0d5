import { session } from '$ipc';

/** The names of which one must be typed before something is changed on a host of this stage, as far as is known here. */
export function namesFor(host: string, stage: string): string[] {
  const policy = session.stages.value?.list.find((info) => info.name === stage)?.policy;
  return policy?.typed_confirmation ? [host, stage] : [];
}
