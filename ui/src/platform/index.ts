import type { Platform } from './types';

let current: Platform | null = null;

/** Says what the page runs in; once, before anything is drawn. */
export function installPlatform(platform: Platform): void {
  current = platform;
}

export function platform(): Platform {
  if (!current) throw new Error('no platform is installed');
  return current;
}
