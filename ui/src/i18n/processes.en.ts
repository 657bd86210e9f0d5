import { number } from './plural.en';

/** The words of processes that service managers keep. */
export const processes = {
  title: 'Processes', section: 'Processes', search: 'Name, words, PID', keeper: 'Kept by', anyKeeper: 'every keeper', anyState: 'every state', all: 'Also what is still', readAgain: 'Read again',
  summary: (shown: number, total: number, failed: number) => `${number(shown)} of ${number(total)}${failed > 0 ? `, ${number(failed)} failed` : ''}`, readAt: (age: string) => (age === 'now' ? 'read just now' : `read ${age} ago`),
  partlyRead: 'Not all could be read.', whys: { 'not-allowed': 'the account may not', 'no-program': 'its program is not there', failed: 'its program failed', cut: 'there is more than is read' },
  columns: { name: 'Name', state: 'State', boot: 'At boot', memory: 'Memory', restarts: 'Started again', description: 'What it is' },
  states: { running: 'running', starting: 'starting', stopping: 'stopping', stopped: 'stopped', failed: 'failed' },
  yes: 'starts', no: 'does not start', byOthers: 'by others', masked: 'masked', maskedText: 'It is masked: nothing may start it.', triggered: 'It may be there again soon after it was stopped, by',
  noKeeper: 'No service manager here', noKeeperText: 'Neither systemd, nor OpenRC, nor pm2 answered. What runs here is kept by something that is not known, or by nothing at all.',
  noneMatches: 'No process matches.', nothing: 'No process has all of these words and is kept and doing as asked.',
  changes: { start: 'Start', stop: 'Stop', restart: 'Restart', enable: 'Start at boot', disable: 'No longer at boot' }, logs: 'Logs',
  saved: 'In pm2’s list', instances: (n: number) => `${number(n)} of it`, since: 'Since', kind: 'Kind', oneshot: 'does one thing and ends', aliases: 'Also called', definition: 'Defined in', logFiles: 'Writes to',
  logsTitle: (name: string) => `What ${name} wrote`, logsEmpty: 'Nothing was written.', follow: 'Follow',
};
