import type { ActionRequest, CommandPartView, HostPlanView, HostRow, RefusedHost, StepView, WireMessage } from '$generated/api';

const text = (words: string): CommandPartView => ({ kind: 'text', text: words });
const say = (key: string, values: Record<string, string> = {}): WireMessage => ({ key, values });

interface StepSketch { what: WireMessage; command: CommandPartView[]; check: WireMessage; undo: StepView['undo'] }

function stepOf(action: ActionRequest): StepSketch {
  switch (action.kind) {
    case 'ynh_user_add': {
      const secret: CommandPartView = { kind: 'secret', name: `password of ${action.username}` };
      return { what: say('step.ynh-user-add', { user: action.username }), command: [text(`yunohost user create ${action.username} --fullname '${action.fullname}'${action.domain ? ` --domain ${action.domain}` : ''}${action.mailbox_quota ? ` --mailbox-quota ${action.mailbox_quota}` : ''} --password`), secret], check: say('check.user-present', { user: action.username }), undo: { kind: 'by', how: say('undo.user-remove', { user: action.username }) } };
    }
    case 'ynh_user_edit': {
      const parts = [`yunohost user update ${action.username}`, action.fullname === null ? '' : ` --fullname '${action.fullname}'`, action.mailbox_quota === null ? '' : ` --mailbox-quota ${action.mailbox_quota}`];
      return { what: say('step.ynh-user-edit', { user: action.username }), command: [text(parts.join('')), ...(action.password === null ? [] : [text('--change-password'), { kind: 'secret' as const, name: `password of ${action.username}` }])], check: say('check.user-present', { user: action.username }), undo: { kind: 'by', how: say('undo.user-edit') } };
    }
    case 'ynh_user_remove':
      return { what: say(action.purge ? 'step.ynh-user-purge' : 'step.ynh-user-remove', { user: action.username }), command: [text(`yunohost user delete ${action.username}${action.purge ? ' --purge' : ''}`)], check: say('check.user-absent', { user: action.username }), undo: action.purge ? { kind: 'not', why: say('undo.user-purged', { user: action.username }) } : { kind: 'by', how: say('undo.user-removed') } };
    case 'ynh_service_restart':
      return { what: say('step.ynh-service-restart', { service: action.service }), command: [text(`yunohost service restart ${action.service}`)], check: say('check.service-running', { service: action.service }), undo: { kind: 'by', how: say('undo.service') } };
    case 'run':
    case 'run_steps':
      return { what: say('step.run'), command: [text(action.kind === 'run' ? action.command : action.steps.map((step) => step.command).join('\n'))], check: say('check.exit'), undo: { kind: 'not', why: say('undo.run') } };
  }
}

export function titleOf(action: ActionRequest): WireMessage {
  switch (action.kind) {
    case 'ynh_user_add': return say('title.ynh-user-add', { user: action.username });
    case 'ynh_user_edit': return say('title.ynh-user-edit', { user: action.username });
    case 'ynh_user_remove': return say('title.ynh-user-remove', { user: action.username });
    case 'ynh_service_restart': return say('title.ynh-service-restart', { service: action.service });
    case 'run': return say('title.run', { command: action.command });
    case 'run_steps': return say('title.run', { command: action.steps[0]?.command ?? '' });
  }
}

export function planFor(action: ActionRequest, hosts: readonly HostRow[]): { hosts: HostPlanView[]; refused: RefusedHost[] } {
  const refused: RefusedHost[] = [];
  const planned: HostPlanView[] = [];
  for (const host of hosts) {
    if (host.sealed) refused.push({ host: host.name, error: { code: 'vault-locked', values: {}, host: host.name } });
    else if (host.trouble) refused.push({ host: host.name, error: host.trouble });
    else if (action.kind.startsWith('ynh') && host.role !== 'yunohost') refused.push({ host: host.name, error: { code: 'ynh-absent', values: {}, host: host.name } });
    else {
      const sketch = stepOf(action);
      planned.push({
        host: host.name, stage: host.stage, warnings: (host.summary?.disk_percent ?? 0) >= 95 ? [say('attention.disk', { percent: String(host.summary?.disk_percent ?? 0) })] : [],
        steps: [
          { number: 1, changes: true, ...sketch },
          { number: 2, changes: false, what: say('step.read-back'), command: [text('beffroi-read yunohost --json')], check: say('check.exit-and-errors'), undo: { kind: 'nothing' } },
        ],
      });
    }
  }
  return { hosts: planned, refused };
}
