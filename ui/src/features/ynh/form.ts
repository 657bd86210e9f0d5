import type { ActionRequest, YnhOperation, YnhParam, YnhSetting, YunohostSurvey } from '$generated/api';
import { secretInput } from '$ipc';
import { ynh } from '$features/plan';

/** An answer to an application's question, or a value of a panel. */
export interface Line { name: string; value: string; secret: boolean }

/** What stands in the form of an operation: texts (a list has one entry a line), switches, and values by name. */
export interface Draft { texts: Record<string, string>; switches: Record<string, boolean>; lines: Line[] }

/** An empty form, with what is known already. */
export function draftOf(operation: YnhOperation, known: Readonly<Record<string, string>> = {}): Draft {
  const draft: Draft = { texts: {}, switches: {}, lines: [] };
  for (const param of operation.params) {
    if (param.kind === 'switch') draft.switches[param.name] = false;
    else if (param.kind !== 'settings') draft.texts[param.name] = known[param.name] ?? '';
  }
  return draft;
}

/** The entries of a list, one a line. */
function entries(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

/** Whether all that must be given is, and something where something must change. */
export function isReady(operation: YnhOperation, draft: Draft): boolean {
  const given = (param: YnhParam): boolean => (param.kind === 'switch' ? draft.switches[param.name] === true : param.kind === 'settings' ? draft.lines.some((line) => line.name.trim() !== '') : (draft.texts[param.name] ?? '').trim() !== '');
  if (!operation.params.every((param) => !param.required || given(param))) return false;
  return !operation.needs_a_change || operation.params.some((param) => !param.required && given(param));
}

/** The request of a form. What it holds is checked by the core, which says what does not fit and why. */
export function requestOf(operation: YnhOperation, draft: Draft): ActionRequest {
  const given: Parameters<typeof ynh>[1] = Object.fromEntries(operation.params.map((param) => [param.name, valueOf(param, draft)]));
  return ynh(operation.id, given);
}

function valueOf(param: YnhParam, draft: Draft): Parameters<typeof ynh>[1][string] {
  const text = draft.texts[param.name] ?? '';
  if (param.kind === 'switch') return draft.switches[param.name] === true;
  if (param.kind === 'settings') return { settings: settings(draft.lines) };
  if (param.secret) return { secret: text === '' ? null : secretInput(text) };
  return param.list ? entries(text) : text.trim();
}

function settings(lines: readonly Line[]): Record<string, YnhSetting> {
  const named = lines.map((line) => ({ ...line, name: line.name.trim() })).filter((line) => line.name !== '');
  return Object.fromEntries(named.map(({ name, value, secret }) => [name, secret ? { secret: secretInput(value) } : { text: value }]));
}

/** What a host has of a kind, to choose from; null where it is to be written, as a name for something new is. */
export function choicesOf(param: YnhParam, host: YunohostSurvey): string[] | null {
  if (param.choices.length > 0) return param.choices;
  if (param.makes) return null;
  switch (param.kind) {
    case 'username': return host.users?.map((user) => user.username) ?? null;
    case 'group': return host.groups?.map((group) => group.name) ?? null;
    case 'permission': return host.permissions?.map((permission) => permission.name) ?? null;
    case 'app': return host.apps?.map((app) => app.id) ?? null;
    case 'service': return host.services?.map((service) => service.name) ?? null;
    case 'domain': return host.domains;
    case 'archive': return host.backups;
    default: return null;
  }
}

/** The category of an operation: `user` of `user-add`. */
export function categoryOf(operation: YnhOperation): string {
  return operation.id.split('-', 1)[0] ?? operation.id;
}
