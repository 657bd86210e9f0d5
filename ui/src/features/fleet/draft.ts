import type { HostRow, SecretRow } from '$generated/api';
import { isSecretName, looksLikeKey } from '$ipc/credentials';

/** What the first step of adding a host asks for. */
export interface HostDraft {
  name: string;
  address: string;
  port: string;
  user: string;
  stage: string;
  tags: string;
  /** The host through which it is reached; empty for none. */
  jump: string;
  /** `never`, `without-password`, or the name of the secret that is sudo's password. */
  sudo: string;
  /** A stored secret (`secret:NAME`), or one to store now. */
  identity: 'new-key' | 'new-password' | `secret:${string}`;
  secretName: string;
  keyText: string;
  password: string;
}

export type DraftProblem = 'nameInvalid' | 'nameTaken' | 'portInvalid' | 'secretInvalid' | 'secretTaken' | 'keyInvalid';

export function emptyDraft(secrets: readonly SecretRow[]): HostDraft {
  const [first] = secrets;
  return { name: '', address: '', port: '22', user: 'root', stage: 'dev', tags: '', jump: '', sudo: 'never', identity: first ? `secret:${first.name}` : 'new-key', secretName: '', keyText: '', password: '' };
}

export function portOf(draft: HostDraft): number | null {
  const port = /^\d{1,5}$/.test(draft.port.trim()) ? Number(draft.port) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

/** The name under which a new secret is kept, when the person gave none. */
export function secretNameOf(draft: HostDraft): string {
  return draft.secretName.trim() || `${draft.name.trim()}/${draft.identity === 'new-password' ? 'password' : 'ssh'}`;
}

/** What stands in the way, once something was typed there. */
export function draftProblems(draft: HostDraft, hosts: readonly HostRow[], secrets: readonly SecretRow[]): Set<DraftProblem> {
  const problems = new Set<DraftProblem>();
  const name = draft.name.trim();
  if (name !== '' && !/^[a-z0-9][a-z0-9.-]*$/.test(name)) problems.add('nameInvalid');
  if (hosts.some((host) => host.name === name)) problems.add('nameTaken');
  if (portOf(draft) === null) problems.add('portInvalid');
  if (!draft.identity.startsWith('secret:')) {
    const secretName = secretNameOf(draft);
    if (!isSecretName(secretName)) problems.add('secretInvalid');
    if (secrets.some((secret) => secret.name === secretName)) problems.add('secretTaken');
    if (draft.identity === 'new-key' && draft.keyText.trim() !== '' && !looksLikeKey(draft.keyText)) problems.add('keyInvalid');
  }
  return problems;
}

export function isComplete(draft: HostDraft, problems: ReadonlySet<DraftProblem>): boolean {
  if (problems.size > 0 || draft.name.trim() === '' || draft.address.trim() === '' || draft.user.trim() === '') return false;
  if (draft.identity === 'new-key') return draft.keyText.trim() !== '';
  if (draft.identity === 'new-password') return draft.password !== '';
  return true;
}
