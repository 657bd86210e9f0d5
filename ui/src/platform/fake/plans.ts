import type { ActionRequest, CommandPartView, HostPlanView, HostRow, RefusedHost, StepView, WireMessage, YnhValue } from '$generated/api';
import { ynhOperations } from '$generated/ynh-operations';

const text = (words: string): CommandPartView => ({ kind: 'text', text: words });
const say = (key: string, values: Record<string, string> = {}): WireMessage => ({ key, values });

interface StepSketch { what: WireMessage; command: CommandPartView[]; check: WireMessage; undo: StepView['undo'] }

function stepOf(action: ActionRequest): StepSketch {
  switch (action.kind) {
    case 'ynh': {
      const values = shown(action.given);
      const operation = ynhOperations.find((one) => one.id === action.operation);
      const command: CommandPartView[] = [text(`yunohost ${operation?.command ?? action.operation}`)];
      for (const param of operation?.params ?? []) {
        const value = values[param.name];
        if (value !== undefined) command.push(text(`${param.place ? '' : `--${param.name} `}${/^[\w.@/-]+$/.test(value) ? value : `'${value}'`}`));
        else if (action.given[param.name] && param.secret) command.push(text(`--${param.name}`), { kind: 'secret', name: param.name });
        else if (action.given[param.name]) command.push(text(`--${param.name}`));
      }
      const of = (kind: string): WireMessage => say(`${kind}.ynh-${action.operation}`, values);
      const lost = 'purge' in action.given || action.operation === 'user-remove';
      return { what: of('title'), command, check: of('check'), undo: lost ? { kind: 'not', why: of('undo') } : { kind: 'by', how: of('undo') } };
    }
    case 'catalog_keep':
    case 'catalog_back': {
      const step = action.kind === 'catalog_keep' ? 'catalog-keep' : 'catalog-back';
      return { what: say(`step.${step}`), command: [text('mv /var/cache/yunohost/repo/default.json.new /var/cache/yunohost/repo/default.json')], check: say('check.exit'), undo: { kind: 'by', how: say(`undo.${step}`) } };
    }
    case 'unban':
      return { what: say('step.unban', { address: action.address ?? '192.0.2.10' }), command: [text(`fail2ban-client unban ${action.address ?? '192.0.2.10'}`)], check: say('check.exit'), undo: { kind: 'not', why: say('undo.run') } };
    case 'set_clock':
      return { what: say('step.set-clock'), command: [text('date -u -s @1790000000')], check: say('check.exit'), undo: { kind: 'not', why: say('undo.run') } };
    case 'run':
    case 'run_steps':
      return { what: say('step.run'), command: [text(action.kind === 'run' ? action.command : action.steps.map((step) => step.command).join('\n'))], check: say('check.exit'), undo: { kind: 'not', why: say('undo.run') } };
  }
}

function shown(given: Readonly<Record<string, YnhValue>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if ('text' in value) values[name] = value.text;
    if ('list' in value) values[name] = value.list.join(' ');
  }
  return values;
}

export function titleOf(action: ActionRequest): WireMessage {
  switch (action.kind) {
    case 'ynh': return say(`title.ynh-${action.operation}`, shown(action.given));
    case 'catalog_keep': return say('title.catalog-keep', { count: String(action.apps) });
    case 'catalog_back': return say('title.catalog-back');
    case 'unban': return say('title.unban', { address: action.address ?? '192.0.2.10' });
    case 'set_clock': return say('title.set-clock');
    case 'run': return say('title.run', { command: action.command });
    case 'run_steps': return say('title.run', { command: action.steps[0]?.command ?? '' });
  }
}

/** What a package wants to be read first. */
function notesOf(action: ActionRequest): WireMessage[] {
  return action.kind === 'ynh' && action.operation === 'app-upgrade' ? [say('note.ynh-before-upgrade', { app: shown(action.given)['apps'] ?? '', text: 'Its old pages move.' })] : [];
}

export function planFor(action: ActionRequest, hosts: readonly HostRow[]): { hosts: HostPlanView[]; refused: RefusedHost[] } {
  const refused: RefusedHost[] = [];
  const planned: HostPlanView[] = [];
  for (const host of hosts) {
    if (host.sealed) refused.push({ host: host.name, error: { code: 'vault-locked', values: {}, host: host.name } });
    else if (host.trouble) refused.push({ host: host.name, error: host.trouble });
    else if (action.kind === 'ynh' && host.role !== 'yunohost') refused.push({ host: host.name, error: { code: 'ynh-absent', values: {}, host: host.name } });
    else {
      const sketch = stepOf(action);
      planned.push({
        host: host.name, stage: host.stage, warnings: [...notesOf(action), ...((host.summary?.disk_percent ?? 0) >= 95 ? [say('attention.disk', { percent: String(host.summary?.disk_percent ?? 0) })] : [])],
        steps: [
          { number: 1, changes: true, ...sketch },
          { number: 2, changes: false, what: say('step.read-back'), command: [text('beffroi-read yunohost --json')], check: say('check.exit-and-errors'), undo: { kind: 'nothing' } },
        ],
      });
    }
  }
  return { hosts: planned, refused };
}
