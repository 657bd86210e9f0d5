import type { ApiError, HostTest, VaultReport, WireMessage } from '$generated/api';

/** Text as a hostile host would write it. */
export const hostile = [
  'plain text, é, 漢字, 🔔, a\ttab',
  '\u001b[31mred\u001b[0m and \u001b]0;title\u0007',
  'invoice\u202egnp.exe',
  'zero\u200bwidth, \u2066isolate\u2069, \u200fmark',
  '<b>not markup</b> <img src=x onerror=alert(1)>',
  'null\u0000, bell\u0007, delete\u007f, back\b, return\r',
];

/** A name as long as nobody would give one, without a place to break. */
export const long = `${'a-very-long-name-without-any-place-to-break-'.repeat(12)}end`;

export const errors: ApiError[] = [
  { code: 'host-unreachable', values: { address: '192.0.2.11:22', reason: 'connection refused' }, host: 'ynh-01.morel.lan' },
  { code: 'host-key-changed', values: { address: '192.0.2.11:22', algorithm: 'ssh-ed25519', fingerprint: 'SHA256:7dGk0oYzvQm3vZ5t1bJm0cXq2yq8b1o3nKQ5rWcLfQ8', pinned: 'SHA256:pX4vJq0tY2m8bH1fZk3sNw7cRa5uLeD9gToVi6yE9sQ' }, host: 'ynh-01.morel.lan' },
  { code: 'ynh-refused', values: { reason: 'user\u202e unknown' } },
];

export const messages: WireMessage[] = [
  { key: 'step.ynh-user-add', values: { user: 'jean.dupont' } },
  { key: 'attention.services', values: { count: '2', names: 'nginx, post\u202efix' } },
  { key: 'a.key.nobody.knows', values: {} },
];

export const test: HostTest = {
  host: 'ynh-01.morel.lan', passed: false,
  steps: [
    { what: { key: 'test.connect', values: { address: '192.0.2.11:22' } }, found: null, warning: null, error: null, duration_ms: 14 },
    { what: { key: 'test.key', values: {} }, found: null, warning: null, error: errors[1] ?? null, duration_ms: 31 },
  ],
  reached: null,
};

export const reports: VaultReport[] = [
  { intact: true, checks: [{ what: { key: 'verify.header', values: {} }, held: true, why: null }, { what: { key: 'verify.records', values: { count: '41' } }, held: true, why: null }] },
  { intact: false, checks: [{ what: { key: 'verify.header', values: {} }, held: true, why: null }, { what: { key: 'verify.anchor', values: {} }, held: false, why: { key: 'verify.why.behind', values: {} } }] },
];
