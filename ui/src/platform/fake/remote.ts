import type { HostRow, HostTest, RunResult } from '$generated/api';
import { refuse } from './refuse';

/** A connection test of a pretend host: it fails where the host's trouble lies. */
export function testOf(host: HostRow, held: boolean): HostTest {
  const trouble = held ? refuse('credential-held', { credential: host.identity ?? '', host: host.name, user: host.user }, host.name) : host.trouble;
  const failsAt = trouble === null ? Infinity : trouble.code.startsWith('host-key') ? 1 : held ? 2 : 0;
  const steps = [
    { what: { key: 'test.connect', values: { address: `${host.address}:${host.port}` } }, duration_ms: 14 },
    { what: { key: 'test.key', values: {} }, duration_ms: 31 },
    { what: { key: 'test.login', values: { user: host.user } }, duration_ms: 88 },
    { what: { key: 'test.command', values: {} }, duration_ms: 12 },
  ].slice(0, failsAt + 1).map((step, index) => ({ ...step, found: step.what.key === 'test.key' ? { key: 'test.found-key', values: { algorithm: 'ssh-ed25519', fingerprint: host.pins[0] ?? '' } } : null, warning: null, error: index === failsAt ? trouble : null }));
  return { host: host.name, passed: trouble === null, steps, reached: trouble === null ? { way: `${host.user}@${host.address}:${host.port}`, jump: host.jump, passed_over: [] } : null };
}

export function runOn(host: HostRow, command: string): RunResult {
  const base = { host: host.name, signal: null, cut: false, stdout: '', stderr: '', duration_ms: 80 + (host.name.length * 13) % 60 };
  if (host.sealed) return { ...base, status: 'sealed', exit_code: null, error: null };
  if (host.trouble) return { ...base, status: 'unreachable', exit_code: null, error: host.trouble };
  if (command.startsWith('false')) return { ...base, status: 'failed', exit_code: 1, stderr: 'nothing to be done\n', error: { code: 'command-failed', values: { exit: 'exit 1' }, host: host.name } };
  return { ...base, status: 'ok', exit_code: 0, stdout: `${host.summary?.version ?? ''}\n 04:12:31 up 41 days\u001b[0m\n`, error: null };
}
