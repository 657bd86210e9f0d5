import type { Platform } from '../types';
import { FakeBackend } from './backend';

/** The pretend backend, as the address asks: `?open=2&hosts=10000&unsealed=130&entries=100000`. */
export function startFake(parameters: URLSearchParams): Platform {
  return new FakeBackend({
    open: parameters.has('open') ? Number(parameters.get('open') || '1') : false,
    unsealed: Number(parameters.get('unsealed') ?? '761'),
    hosts: Number(parameters.get('hosts') ?? '15'),
    vaults: parameters.get('vaults') !== 'none',
    delay: Number(parameters.get('delay') ?? '160'),
    lines: Number(parameters.get('lines') ?? '0'),
    entries: Number(parameters.get('entries') ?? '0'),
  });
}
