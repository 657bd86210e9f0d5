/** The chapters of the guide about errors, by how their codes begin; the first that fits. */
const topics: readonly (readonly [string, string])[] = [
  ['file-exists', '20-files'], ['folder-not-empty', '20-files'], ['path-protected', '20-files'],
  ['host-key', '02-hosts-and-keys'], ['host-unreachable', '15-reaching-hosts'], ['host-auth', '15-reaching-hosts'], ['credential', '15-reaching-hosts'], ['no-credential', '15-reaching-hosts'], ['sudo', '15-reaching-hosts'], ['jump', '15-reaching-hosts'],
  ['stage', '09-stages'], ['sealed', '09-stages'], ['vault', '06-protection'], ['slot', '08-ways-in'], ['identity', '08-ways-in'], ['copy', '18-copying'], ['transfer', '18-copying'], ['ynh', '04-yunohost'], ['recipe', '14-fleets'], ['selector', '14-fleets'], ['journal', '13-journal-for-clients'], ['job', '03-plans-jobs-journal'], ['plan', '03-plans-jobs-journal'], ['survey', '17-surveys'],
];

export function helpTopic(code: string): string | null {
  return topics.find(([start]) => code.startsWith(start))?.[1] ?? null;
}
