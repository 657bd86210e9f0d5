/** Times for which a stage may be unsealed, in seconds; 8 hours at most. */
export const durations = [900, 1800, 3600, 7200, 14_400, 28_800] as const;
export const longestUnsealed = 28_800;

/** The times to choose from, with the policy's own among them. */
export function durationsWith(own: number): number[] {
  return [...new Set([...durations, own])].filter((seconds) => seconds > 0 && seconds <= longestUnsealed).sort((left, right) => left - right);
}
