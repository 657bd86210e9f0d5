import type { ErrorCode, HostRow, RecipeView, RunGroup, RunReport, RunResult, RunRow } from '$generated/api';
import { refuse } from './refuse';
import { runOn } from './remote';
import type { Rooms } from './rooms';
import type { FakeVault } from './vault';

export type Running = 'run' | 'run_start' | 'run_wait' | 'run_list' | 'run_show' | 'run_retry' | 'run_cancel' | 'recipe_list' | 'recipe_show' | 'recipe_set' | 'recipe_remove' | 'recipe_plan' | 'recipe_start';

/** Refuses what is done at once where a stage wants a name typed that was not. */
export function allowAtOnce(hosts: readonly HostRow[], typed: string | null, vault: FakeVault): void {
  const guarded = hosts.filter((host) => !host.sealed && vault.stage(host.stage).policy.typed_confirmation);
  const names = [...new Set(guarded.flatMap((host) => (hosts.length === 1 ? [host.name, host.stage] : [host.stage])))].sort();
  if (names.length > 0 && !(typed !== null && names.includes(typed))) throw refuse('confirmation-needed', { names: names.join(', ') });
}

function groupsOf(results: readonly RunResult[]): RunGroup[] {
  const groups = new Map<string, RunGroup>();
  for (const { host, status, exit_code, signal, stdout, stderr } of results) {
    if (status !== 'ok' && status !== 'changed' && status !== 'failed') continue;
    const key = JSON.stringify([exit_code, signal, stdout, stderr]);
    const group = groups.get(key);
    if (group) group.hosts.push(host);
    else groups.set(key, { hosts: [host], exit_code, signal, stdout, stderr, diff: null });
  }
  const [largest, ...others] = [...groups.values()].sort((left, right) => right.hosts.length - left.hosts.length);
  return largest ? [largest, ...others.map((group) => (group.exit_code === largest.exit_code ? { ...group, diff: `-${largest.stdout.split('\n')[0] ?? ''}\n+${group.stdout.split('\n')[0] ?? ''}\n  04:12:31 up 41 days\n` } : group))] : [];
}

function countsOf(results: readonly RunResult[]): RunRow['counts'] {
  const count = (status: RunResult['status']): number => results.filter((result) => result.status === status).length;
  return { hosts: results.length, ok: count('ok') + count('changed'), failed: count('failed'), unreachable: count('unreachable'), sealed: count('sealed'), skipped: count('skipped'), cancelled: count('cancelled') };
}

function reportOf(report: Omit<RunReport, 'counts' | 'groups'>): RunReport {
  return { ...report, counts: countsOf(report.results), groups: groupsOf(report.results) };
}

function begin(vault: FakeVault, hosts: readonly HostRow[], commands: string[], sudo: boolean, recipe: string | null, delay: number): RunReport {
  if (hosts.length === 0) throw refuse('nothing-selected');
  const run = vault.fresh('run');
  const pending = hosts.map((host): RunResult => ({ ...runOn(host, commands[0] ?? ''), status: 'running', exit_code: null, stdout: '', stderr: '', duration_ms: 0, error: null }));
  const keep = (report: RunReport): void => { vault.runs = [report, ...vault.runs.filter((one) => one.run !== run)]; };
  const step = (at: number): void => {
    const report = find(vault, run);
    const host = hosts[at];
    if (!report.running) return;
    const results = report.results.map((result) => (result.host === host?.name ? runOn(host, commands[0] ?? '') : result));
    keep(reportOf({ ...report, results, running: at + 1 < hosts.length }));
    vault.ring({ kind: 'run_progress', run, done: at + 1, total: hosts.length, failed: results.slice(0, at + 1).filter((result) => result.status !== 'ok').length });
    if (at + 1 < hosts.length) setTimeout(() => { step(at + 1); }, delay);
  };
  const report = reportOf({ run, started_ms: Date.now(), running: true, recipe, commands, sudo, results: pending });
  keep(report);
  vault.write({ key: 'journal.command-run', values: { hosts: String(hosts.length), command: commands[0] ?? '' } }, null);
  setTimeout(() => { step(0); }, delay);
  return report;
}

function find(vault: FakeVault, run: string): RunReport {
  const report = vault.runs.find((one) => one.run.endsWith(run));
  if (!report) throw refuse('run-not-found', { run });
  return report;
}

function recipeNamed(vault: FakeVault, name: string): RecipeView {
  const recipe = vault.recipes.find((one) => one.name === name);
  if (!recipe) throw refuse('recipe-not-found', { name });
  return recipe;
}

const slots = /\{\{ ?([a-z_]+) ?\}\}/g;

/** Runs on many hosts, and recipes. */
export function runningRooms(delay: number): Rooms<Running> {
  const start = (vault: FakeVault, on: string, typed: string | null, commands: string[], sudo: boolean, recipe: string | null): RunReport => {
    const hosts = vault.selected(on);
    allowAtOnce(hosts, typed, vault);
    return begin(vault, hosts, commands, sudo, recipe, delay);
  };
  const filled = (vault: FakeVault, name: string, values: Record<string, string>): { title: string; command: string }[] => {
    const recipe = recipeNamed(vault, name);
    const missing = recipe.parameters.find((parameter) => parameter.required && parameter.default === null && !values[parameter.name]);
    if (missing) throw refuse('recipe-value-missing' satisfies ErrorCode, { name: missing.name });
    return recipe.steps.map(({ title, command }) => ({ title, command: command.replace(slots, (_, slot: string) => `'${values[slot] ?? recipe.parameters.find((parameter) => parameter.name === slot)?.default ?? ''}'`) }));
  };
  return {
    run: ({ on, command, typed, sudo }, vault) => start(vault, on, typed, [command], sudo, null),
    run_start: ({ on, command, typed, sudo }, vault) => start(vault, on, typed, [command], sudo, null),
    run_wait: ({ run }, vault) => find(vault, run),
    run_show: ({ run }, vault) => find(vault, run),
    run_list: (_, vault) => ({ runs: vault.runs.map(({ run, started_ms, running, recipe, commands, counts }) => ({ run, started_ms, running, recipe, command: commands[0] ?? null, counts })) }),
    run_retry: ({ run, typed }, vault) => {
      const before = find(vault, run);
      const left = before.results.filter((result) => result.status !== 'ok' && result.status !== 'changed').map((result) => result.host);
      if (left.length === 0) throw refuse('run-nothing-left');
      return start(vault, left.join(' or '), typed, before.commands, before.sudo, before.recipe);
    },
    run_cancel: ({ run }, vault) => {
      const report = find(vault, run);
      const stopped = reportOf({ ...report, running: false, results: report.results.map((result) => (result.status === 'running' ? { ...result, status: 'cancelled' as const, error: refuse('run-cancelled', {}, result.host) } : result)) });
      vault.runs = vault.runs.map((one) => (one.run === report.run ? stopped : one));
      vault.ring({ kind: 'run_progress', run: report.run, done: report.results.length, total: report.results.length, failed: stopped.counts.cancelled });
      return stopped;
    },
    recipe_list: (_, vault) => ({ recipes: vault.recipes.map((recipe) => ({ name: recipe.name, description: recipe.description, parameters: recipe.parameters.map((parameter) => parameter.name), steps: recipe.steps.length, sudo: recipe.sudo, error: null })) }),
    recipe_show: ({ name }, vault) => recipeNamed(vault, name),
    recipe_set: ({ text }, vault) => {
      const name = /^name = "(.*)"$/m.exec(text)?.[1];
      const command = /^command = "(.*)"$/m.exec(text)?.[1];
      if (!name || !command) throw refuse('recipe-syntax', { reason: 'no name or no command', line: '1' });
      const recipe: RecipeView = { name, description: /^description = "(.*)"$/m.exec(text)?.[1] ?? '', parameters: [], steps: [{ title: command, command }], sudo: /^sudo = true$/m.test(text), timeout_s: 60, pace: { parallel: null, canary: null, waves: null, budget: null }, revision: 1, text };
      vault.recipes = [...vault.recipes.filter((one) => one.name !== name), recipe];
      vault.ring({ kind: 'recipes_changed' });
      return recipe;
    },
    recipe_remove: ({ name }, vault) => {
      recipeNamed(vault, name);
      vault.recipes = vault.recipes.filter((recipe) => recipe.name !== name);
      vault.ring({ kind: 'recipes_changed' });
      return {};
    },
    recipe_plan: ({ recipe, on, values }, vault) => {
      const view = recipeNamed(vault, recipe);
      const steps = filled(vault, recipe, values);
      return { recipe, sudo: view.sudo, timeout_s: view.timeout_s, pace: view.pace, hosts: vault.selected(on).map((host, at) => ({ host: host.name, stage: host.stage, wave: at === 0 ? 1 : 2, steps: host.sealed ? [] : steps, error: host.sealed ? refuse('stage-sealed', { stage: host.stage }, host.name) : null })) };
    },
    recipe_start: ({ recipe, on, values, typed, sudo }, vault) => start(vault, on, typed, filled(vault, recipe, values).map((step) => step.command), sudo || recipeNamed(vault, recipe).sudo, recipe),
  };
}

/** A recipe with a parameter of every kind. */
export const inventedRecipe: RecipeView = {
  name: 'certificate-days', description: 'How long the certificate of a site holds', revision: 3, sudo: true, timeout_s: 30, pace: { parallel: null, canary: 1, waves: '25%', budget: '10%' },
  parameters: [
    { name: 'site', kind: 'text', description: 'The site’s name', required: true, default: null, pattern: '[a-z0-9.-]+', min: null, max: 253, choices: [] },
    { name: 'days', kind: 'integer', description: 'Days that must be left', required: false, default: '14', pattern: null, min: 1, max: 90, choices: [] },
    { name: 'store', kind: 'choice', description: 'Where it lies', required: false, default: 'yunohost', pattern: null, min: null, max: null, choices: ['yunohost', 'letsencrypt'] },
    { name: 'strict', kind: 'boolean', description: 'Fail when fewer are left', required: false, default: 'false', pattern: null, min: null, max: null, choices: [] },
  ],
  steps: [{ title: 'Read it', command: 'openssl x509 -checkend {{days}} -in /etc/{{store}}/certs/{{site}}/crt.pem' }, { title: 'Fail', command: 'test {{strict}} = false' }],
  text: 'name = "certificate-days"\ndescription = "How long the certificate of a site holds"\nsudo = true\n\n[[step]]\ncommand = "true"\n',
};
