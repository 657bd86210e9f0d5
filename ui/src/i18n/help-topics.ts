/** The chapters of the guide about errors, by how their codes begin; the first that fits. */
const topics: readonly (readonly [string, string])[] = [
  ['guest-spec', '37-guest-specifications'], ['guest-image', '37-guest-specifications'], ['guest', '35-guests'], ['person', '24-people'], ['account', '24-people'], ['statement', '24-people'], ['file-exists', '20-files'], ['folder-not-empty', '20-files'], ['path-protected', '20-files'],
  ['host-key', '02-hosts-and-keys'], ['host-unreachable', '15-reaching-hosts'], ['host-auth', '15-reaching-hosts'], ['credential', '15-reaching-hosts'], ['no-credential', '15-reaching-hosts'], ['sudo', '15-reaching-hosts'], ['jump', '15-reaching-hosts'],
  ['backup', '28-backups'], ['archive', '28-backups'], ['import', '32-import-export'], ['export', '32-import-export'], ['leaked', '34-secret-health'], ['rotation', '22-secrets'], ['scan-', '34-secret-health'], ['codes-', '34-secret-health'], ['ca-', '29-private-ca'], ['certificate', '29-private-ca'], ['put-back', '27-never-locked-out'], ['lifeline', '27-never-locked-out'], ['ban', '27-never-locked-out'], ['maybe-banned', '27-never-locked-out'], ['not-banned', '27-never-locked-out'], ['no-fail2ban', '27-never-locked-out'], ['clock-', '27-never-locked-out'], ['no-room', '27-never-locked-out'], ['own-account', '27-never-locked-out'], ['stage', '09-stages'], ['sealed', '09-stages'], ['vault', '06-protection'], ['slot', '08-ways-in'], ['identity', '08-ways-in'], ['parcel', '33-parcels'], ['merge', '11-copies-and-recovery'], ['copy', '18-copying'], ['transfer', '18-copying'], ['app-', '26-applications'], ['not-surveyed', '25-yunohost-fleet'], ['ynh', '04-yunohost'], ['recipe', '14-fleets'], ['selector', '14-fleets'], ['journal', '13-journal-for-clients'], ['job', '03-plans-jobs-journal'], ['plan', '03-plans-jobs-journal'], ['survey', '17-surveys'],
];

export function helpTopic(code: string): string | null {
  return topics.find(([start]) => code.startsWith(start))?.[1] ?? null;
}
