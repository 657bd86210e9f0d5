// Generated from beffroi-api by `./dev gen`; not to be edited.

/**
 * A way to reach a host.
 */
export type Access = { 
/**
 * A name to resolve or an IP address.
 */
address: string, 
/**
 * TCP port; 22 when absent.
 */
port: number | null, 
/**
 * The account; the first way's when absent.
 */
user: string | null, 
/**
 * The host through which it leads; directly when absent.
 */
jump: string | null, 
/**
 * What to log in with on this way; what the host has when absent.
 */
identity: string | null, };
/**
 * An account that can log in.
 */
export type Account = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its number.
 */
uid: number, 
/**
 * Its home folder.
 */
home: string, 
/**
 * Its shell.
 */
shell: string, 
/**
 * Groups it is a member of, its own included, sorted.
 */
groups: Array<string>, 
/**
 * What its password is; `None` where shadow(5) is not readable.
 */
password: Password | null, };
/**
 * What to do.
 */
export type ActionRequest = { "kind": "ynh", 
/**
 * Its name, such as `user-add`.
 */
operation: string, 
/**
 * With what, by parameter.
 */
given: { [key in string]: YnhValue }, } | { "kind": "catalog_keep", 
/**
 * Where it lies on the host.
 */
path: string, 
/**
 * SHA-256 of the file, hexadecimal.
 */
sha256: string, 
/**
 * How many applications are in it.
 */
apps: number, } | { "kind": "catalog_back" } | { "kind": "unban", 
/**
 * The address; absent: the one that this machine has.
 */
address?: string, 
/**
 * The host that leads there.
 */
through?: string, } | { "kind": "set_clock" } | { "kind": "run", 
/**
 * Shell text, as typed.
 */
command: string, 
/**
 * Whether it runs as root, by sudo where the account is not root.
 */
root: boolean, } | { "kind": "run_steps", 
/**
 * The commands, at most 100.
 */
steps: Array<RunStep>, 
/**
 * Whether they run as root, by sudo where the account is not root.
 */
root: boolean, };
/**
 * A key that a host announced over a connection that one of its pins vouched for.
 */
export type AnnouncedKey = { 
/**
 * `SHA256:…`.
 */
fingerprint: string, 
/**
 * Such as `ssh-ed25519`.
 */
algorithm: string, 
/**
 * Whether the host proved that it holds the key.
 */
proven: boolean, 
/**
 * When it was first announced, in milliseconds since 1970.
 */
at_ms: number, };
/**
 * An error as it crosses the wire.
 */
export type ApiError = { 
/**
 * What went wrong.
 */
code: ErrorCode, 
/**
 * Values for the sentence. Text that may come from a host: show it as text. Never a secret.
 */
values: { [key in string]: string }, 
/**
 * The host it concerns.
 */
host?: string, 
/**
 * The step it concerns.
 */
step?: number, 
/**
 * A sentence of its own for the value `why`, which `values` has in English.
 */
why?: WireMessage, };
/**
 * A part of the facts.
 */
export type Area = "system" | "memory" | "clock" | "disks" | "addresses" | "routes" | "listeners" | "services" | "packages" | "reboot" | "accounts" | "sudo" | "authorized_keys" | "host_keys" | "sshd" | "cron" | "timers" | "certificates" | "firewall" | "hardening" | "survey";
/**
 * What opens a vault, and what proves that somebody may change its ways in: exactly one way.
 *
 * `passphrase` alone; `passphrase` with `key_file`; `passphrase` with `keyring`; `recovery_words`; `keyring` alone;
 * `identity`.
 */
export type Authority = { 
/**
 * The passphrase.
 */
passphrase: SecretInput | null, 
/**
 * Path of the key file.
 */
key_file: string | null, 
/**
 * Whether this login's keyring holds what is needed.
 */
keyring: boolean, 
/**
 * The 24 recovery words.
 */
recovery_words: SecretInput | null, 
/**
 * Whether an identity of an open vault opens it.
 */
identity: boolean, };
/**
 * A key with which an account can log in. The key itself is not kept.
 */
export type AuthorizedKey = { 
/**
 * The account.
 */
account: string, 
/**
 * The file it stands in.
 */
file: string, 
/**
 * `SHA256:…`, as ssh-keygen(1) shows it.
 */
fingerprint: string, 
/**
 * Its algorithm, such as `ssh-ed25519`.
 */
algorithm: string, 
/**
 * Its length in bits, of RSA's.
 */
bits: number | null, 
/**
 * Its comment.
 */
comment: string, 
/**
 * Its options, such as `command="…"`; empty where it has none. `cert-authority` makes it an authority's.
 */
options: string, };
/**
 * A backup that lies here.
 */
export type Backup = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its host.
 */
host: string, 
/**
 * Its name there.
 */
name: string, 
/**
 * Whose key seals it.
 */
stage: string, 
/**
 * Its folder.
 */
folder: string, 
/**
 * Whether that is there now.
 */
here: boolean, 
/**
 * Bytes of its content.
 */
bytes: number, 
/**
 * SHA-256 of its content, in hexadecimal.
 */
sha256: string | null, 
/**
 * When it was made, in seconds since 1970.
 */
made_s: number | null, 
/**
 * When it was brought, in milliseconds since 1970.
 */
stored_ms: number, 
/**
 * Whether it never lay on its host.
 */
streamed: boolean, 
/**
 * When every part of it was last read, in milliseconds since 1970.
 */
verified_ms: number | null, 
/**
 * Whether everything was right then, or when it was written.
 */
good: boolean, 
/**
 * What was to be in it and is not, as far as its host knew; `?` where what it said was lost.
 */
lacks: Array<string>, 
/**
 * What it says that it holds.
 */
holds: BackupContent | null, };
/**
 * An application in an archive.
 */
export type BackupApp = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: string, 
/**
 * Bytes of its files.
 */
bytes: number | null, };
/**
 * A backup that was brought here.
 */
export type BackupBrought = { 
/**
 * It.
 */
backup: Backup, 
/**
 * Bytes that an earlier try had brought.
 */
resumed: number, 
/**
 * What was to be in it and is not.
 */
lacks: Array<string>, 
/**
 * How long it took.
 */
duration_ms: number, };
/**
 * What checking a backup found.
 */
export type BackupCheck = { 
/**
 * Its folder.
 */
folder: string, 
/**
 * Its id.
 */
id: string | null, 
/**
 * Its host.
 */
host: string | null, 
/**
 * Its name there.
 */
name: string | null, 
/**
 * Bytes of its content.
 */
bytes: number, 
/**
 * Whether the catalog knows it.
 */
known: boolean, 
/**
 * What is wrong with it.
 */
error: ApiError | null, };
/**
 * Brings what is new on hosts.
 */
export type BackupCollect = { 
/**
 * Which hosts.
 */
on: string, 
/**
 * The folder to put it into.
 */
to: string, 
/**
 * As in [`BackupPull`].
 */
called: string | null, };
/**
 * What was brought.
 */
export type BackupCollected = { 
/**
 * Each archive, and each host that did not answer.
 */
results: Array<BackupCollectedOne>, };
/**
 * An archive that was brought or not, or a host that did not answer.
 */
export type BackupCollectedOne = { 
/**
 * The host.
 */
host: string, 
/**
 * The archive.
 */
name: string | null, 
/**
 * It, here.
 */
backup: Backup | null, 
/**
 * Why not.
 */
error: ApiError | null, };
/**
 * What an archive says that it holds.
 */
export type BackupContent = { 
/**
 * In the operator's words.
 */
description: string, 
/**
 * The YunoHost that made it.
 */
yunohost: string | null, 
/**
 * Its applications.
 */
apps: Array<BackupApp>, 
/**
 * Its parts of the system.
 */
system: Array<string>, };
/**
 * Has a host make an archive, and brings it here while it is made.
 */
export type BackupCreate = { 
/**
 * The host.
 */
host: string, 
/**
 * The folder to put it into.
 */
to: string, 
/**
 * Its name; the time when absent.
 */
name: string | null, 
/**
 * What is said in it.
 */
description: string, 
/**
 * Applications: none when absent, all when empty; everything when the parts of the system are absent too.
 */
apps: Array<string> | null, 
/**
 * Parts of the system, in the same way.
 */
system: Array<string> | null, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, 
/**
 * As in [`BackupPull`].
 */
called: string | null, };
/**
 * What becomes of a backup.
 */
export type BackupFate = { 
/**
 * Its id, of one that lies here.
 */
id: string | null, 
/**
 * Its host.
 */
host: string, 
/**
 * Its name there.
 */
name: string, 
/**
 * When it was made, in seconds since 1970.
 */
made_s: number | null, 
/**
 * Its bytes.
 */
bytes: number, 
/**
 * Why it stays: `last`, `daily`, `weekly`, `monthly`, `last-good`, `undated`. None when it goes.
 */
why: Array<string>, 
/**
 * Whether it is somewhere that is not there now: then nothing is done to it.
 */
away: boolean, };
/**
 * How many backups are kept.
 */
export type BackupKeep = { 
/**
 * The newest.
 */
last: number, 
/**
 * The newest of each of so many days.
 */
daily: number, 
/**
 * Of so many weeks.
 */
weekly: number, 
/**
 * Of so many months.
 */
monthly: number, };
/**
 * Lists backups.
 */
export type BackupList = { 
/**
 * The hosts that are asked for theirs; none when absent.
 */
on: string | null, };
/**
 * Backups on hosts and here.
 */
export type BackupListed = { 
/**
 * Those of each host that was asked.
 */
hosts: Array<HostBackups>, 
/**
 * Those that lie here, the newest first.
 */
kept: Array<Backup>, 
/**
 * How many more belong to stages that are sealed.
 */
sealed: number, };
/**
 * Names a backup that lies here.
 */
export type BackupName = { 
/**
 * Its id, an ending of it, its name, or HOST:NAME.
 */
archive: string, };
/**
 * An application that makes backups.
 */
export type BackupProgram = { 
/**
 * Its instance, such as `borg`.
 */
id: string, 
/**
 * When it ran last, in milliseconds since 1970; absent where the host cannot tell.
 */
last_ms: number | null, 
/**
 * How its last run ended: `success`, `exit-code` or another word of systemd's; empty where the host cannot tell.
 */
result: string, };
/**
 * Says which backups go, and removes those that lie here when that is asked.
 */
export type BackupPrune = { 
/**
 * How many stay, of each host.
 */
keep: BackupKeep, 
/**
 * Only those of this host.
 */
host: string | null, 
/**
 * Whether it is the host's own archives that go, by a plan; else those that lie here.
 */
there: boolean, 
/**
 * Whether those that lie here are removed; else only said.
 */
apply: boolean, };
/**
 * What becomes of backups.
 */
export type BackupPruned = { 
/**
 * Each.
 */
backups: Array<BackupFate>, 
/**
 * What removes those of a host.
 */
plan: PlanView | null, };
/**
 * Brings an archive of a host here.
 */
export type BackupPull = { 
/**
 * The host.
 */
host: string, 
/**
 * The archive's name.
 */
name: string, 
/**
 * The folder to put it into.
 */
to: string, 
/**
 * What its progress is told under, in events, and what `copy_cancel` takes.
 */
called: string | null, };
/**
 * Sends a backup to a host.
 */
export type BackupPush = { 
/**
 * Which, as in [`BackupName`].
 */
archive: string, 
/**
 * Where.
 */
host: string, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, 
/**
 * As in [`BackupPull`].
 */
called: string | null, };
/**
 * A backup that is on a host.
 */
export type BackupPushed = { 
/**
 * Its name there.
 */
name: string, 
/**
 * Whether it was sent; else it was there.
 */
sent: boolean, };
/**
 * What a rehearsal found.
 */
export type BackupRehearsal = { 
/**
 * The backup.
 */
backup: Backup, 
/**
 * When, in milliseconds since 1970.
 */
at_ms: number, 
/**
 * Whether every check held.
 */
good: boolean, 
/**
 * What was looked at.
 */
checks: Array<VaultCheck>, 
/**
 * Entries in it.
 */
entries: number, 
/**
 * Bytes of its files.
 */
bytes: number, 
/**
 * Entries that no backup has.
 */
odd: Array<string>, };
/**
 * Rehearses the restoration of a backup.
 */
export type BackupRehearse = { 
/**
 * Which, as in [`BackupName`].
 */
archive: string, 
/**
 * As in [`BackupPull`].
 */
called: string | null, };
/**
 * Plans to send a backup to hosts and to restore it there.
 */
export type BackupRestore = { 
/**
 * Which, as in [`BackupName`].
 */
archive: string, 
/**
 * Which hosts.
 */
on: string, 
/**
 * Its applications that are restored; all when empty.
 */
apps: Array<string>, };
/**
 * Has a host make backups at a calendar time.
 */
export type BackupSchedule = { 
/**
 * The host.
 */
host: string, 
/**
 * When, as systemd.time(7) writes it; not any more when absent.
 */
calendar: string | null, 
/**
 * As in [`BackupCreate`].
 */
apps: Array<string> | null, 
/**
 * As in [`BackupCreate`].
 */
system: Array<string> | null, 
/**
 * How many of its own it keeps; all when every one is 0.
 */
keep: BackupKeep, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * What a host makes at its times, and how the last run went.
 */
export type BackupTimes = { 
/**
 * When, as systemd.time(7) writes it.
 */
calendar: string, 
/**
 * Whether systemd waits for it.
 */
active: boolean, 
/**
 * When next, in seconds since 1970.
 */
next_s: number | null, 
/**
 * When it last began.
 */
last_began_s: number | null, 
/**
 * When that ended.
 */
last_ended_s: number | null, 
/**
 * Whether that made a whole archive.
 */
last_good: boolean, 
/**
 * The archive.
 */
last_name: string | null, 
/**
 * What that lacks.
 */
lacks: Array<string>, 
/**
 * How many of its own it keeps; all when every one is 0.
 */
keep: BackupKeep, 
/**
 * As in [`BackupCreate`].
 */
apps: Array<string> | null, 
/**
 * As in [`BackupCreate`].
 */
system: Array<string> | null, };
/**
 * What checking backups found.
 */
export type BackupVerified = { 
/**
 * Each.
 */
backups: Array<BackupCheck>, };
/**
 * Checks backups that lie here.
 */
export type BackupVerify = { 
/**
 * A backup, or a folder that holds some.
 */
what: string, 
/**
 * As in [`BackupPull`].
 */
called: string | null, };
/**
 * An authority.
 */
export type CaAuthority = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * Its name, as people see it on their devices.
 */
name: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * The domains that it is kept to; none for everywhere.
 */
permitted: Array<string>, 
/**
 * Until when it is valid, in milliseconds since 1970.
 */
until_ms: number, 
/**
 * Whole days until then.
 */
days_left: number, 
/**
 * SHA-256 of its certificate, `AB:CD:…`.
 */
fingerprint: string, 
/**
 * Certificates that it signed.
 */
certificates: number, 
/**
 * Certificates that were revoked and would be valid.
 */
revoked: number, 
/**
 * The secret that is its key.
 */
key: string, };
/**
 * A certificate for servers.
 */
export type CaCertificate = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * The names that it is for, the main one first.
 */
names: Array<string>, 
/**
 * Who signed it.
 */
authority: string, 
/**
 * The host that it is for.
 */
host: string | null, 
/**
 * Its stage.
 */
stage: string, 
/**
 * From when it is valid, in milliseconds since 1970.
 */
from_ms: number, 
/**
 * Until when.
 */
until_ms: number, 
/**
 * Whole days until then.
 */
days_left: number, 
/**
 * Whether it is time to renew it.
 */
due: boolean, 
/**
 * Whether it was revoked.
 */
revoked: boolean, 
/**
 * Its number in hexadecimal.
 */
serial: string, 
/**
 * SHA-256 of it, `AB:CD:…`.
 */
fingerprint: string, 
/**
 * The secret that is its key.
 */
key: string, 
/**
 * When its host was brought a certificate, in milliseconds since 1970.
 */
pushed_ms: number | null, 
/**
 * Whether its host has this very one, as far as is known here.
 */
is_there: boolean, };
/**
 * Writes a certificate to a new file; never a private key.
 */
export type CaExport = { 
/**
 * An authority, or a certificate.
 */
name: string, 
/**
 * The file, as an absolute path.
 */
path: string, 
/**
 * As DER; else as PEM.
 */
der: boolean, 
/**
 * The authority's list of what was revoked, in the place of its certificate.
 */
list: boolean, };
/**
 * A certificate that was written.
 */
export type CaExported = { 
/**
 * Where.
 */
path: string, 
/**
 * SHA-256 of the certificate, `AB:CD:…`; of a list, that of its authority.
 */
fingerprint: string, };
/**
 * Makes an authority.
 */
export type CaInit = { 
/**
 * Its name, as people see it on their devices.
 */
name: string, 
/**
 * Its stage; `ca` when absent. One that is not there is made.
 */
stage: string | null, 
/**
 * The domains that it is kept to; none for everywhere.
 */
permitted: Array<string>, };
/**
 * Issues a certificate.
 */
export type CaIssue = { 
/**
 * The names that it is for, the main one first.
 */
names: Array<string>, 
/**
 * The authority; the only one when absent.
 */
authority: string | null, 
/**
 * The host that it is for.
 */
host: string | null, };
/**
 * Writes a folder with what people need to trust an authority on their devices.
 */
export type CaKit = { 
/**
 * The authority; the only one when absent.
 */
authority: string | null, 
/**
 * The folder, as an absolute path; it is not there yet.
 */
path: string, 
/**
 * Languages of the instructions; all when none is named.
 */
languages: Array<CaKitLanguage>, };
/**
 * A language of a trust kit.
 */
export type CaKitLanguage = "en" | "fr";
/**
 * A trust kit that was written.
 */
export type CaKitWritten = { 
/**
 * The folder.
 */
path: string, 
/**
 * Its files.
 */
files: Array<string>, 
/**
 * What people compare over the telephone: SHA-256 of the certificate, `AB:CD:…`.
 */
fingerprint: string, };
/**
 * Everything of authorities that can be read now: what is of sealed stages is not among it.
 */
export type CaList = { 
/**
 * The authorities, by name.
 */
authorities: Array<CaAuthority>, 
/**
 * The certificates, those with the fewest days first.
 */
certificates: Array<CaCertificate>, };
/**
 * Names a certificate: its identifier, or a name that it alone is for.
 */
export type CaName = { 
/**
 * It.
 */
certificate: string, };
/**
 * Makes the plan that brings certificates to their hosts, or puts back what was there before.
 */
export type CaPush = { 
/**
 * Certificates.
 */
certificates: Array<string>, 
/**
 * Which domains of the host get it; the names of the certificate when there is none.
 */
domains: Array<string>, 
/**
 * The host, where the certificate is for none.
 */
on: string | null, 
/**
 * Puts back what was there before.
 */
back: boolean, };
/**
 * Renews certificates: those that are named, else all, else those that are due.
 */
export type CaRenew = { 
/**
 * Certificates.
 */
certificates: Array<string>, 
/**
 * All that were not revoked.
 */
all: boolean, 
/**
 * Due is what has fewer days left than this; 30 when absent.
 */
within_days: number | null, };
/**
 * What became of one of them.
 */
export type CaRenewal = { 
/**
 * Its main name.
 */
name: string, 
/**
 * The new one.
 */
certificate: CaCertificate | null, 
/**
 * Why there is none.
 */
error: ApiError | null, };
/**
 * What became of certificates that were to be renewed.
 */
export type CaRenewed = { 
/**
 * One for each.
 */
results: Array<CaRenewal>, };
/**
 * A certificate that a service shows.
 */
export type Certificate = { 
/**
 * The file.
 */
path: string, 
/**
 * The subject's common name; empty where it has none.
 */
subject: string, 
/**
 * The issuer's common name, or organisation where it has none.
 */
issuer: string, 
/**
 * Names it is for (RFC 5280, 4.2.1.6, dNSName), sorted.
 */
names: Array<string>, 
/**
 * When it begins, in seconds since 1970-01-01 UTC.
 */
not_before_seconds: number, 
/**
 * When it ends, in seconds since 1970-01-01 UTC.
 */
not_after_seconds: number, 
/**
 * SHA-256 of the certificate, in hex.
 */
fingerprint: string, };
/**
 * A part of a command.
 */
export type CommandPartView = { "kind": "text", 
/**
 * Already quoted for the shell.
 */
text: string, } | { "kind": "secret", 
/**
 * What it is.
 */
name: string, };
/**
 * A file or a tree that was copied.
 */
export type CopiedFile = { 
/**
 * Bytes of all its files.
 */
bytes: number, 
/**
 * Its files.
 */
files: number, 
/**
 * SHA-256 of a single file, in hex.
 */
sha256: string | null, 
/**
 * Whether the content of every file was compared with what the other side holds.
 */
verified: boolean, 
/**
 * Bytes that an earlier copy had brought.
 */
resumed: number, 
/**
 * Bytes that were not sent because the file that was there had them.
 */
unchanged: number, 
/**
 * What a person should know.
 */
notes: Array<WireMessage>, 
/**
 * How long it took, connecting included.
 */
duration_ms: number, };
/**
 * Copies one file to or from a host.
 */
export type CopyFile = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Path on this machine.
 */
local: string, 
/**
 * Path on the host.
 */
remote: string, 
/**
 * For a copy to a host: what the person typed, where a stage asks for a name.
 */
typed: string | null, 
/**
 * Whether it is done as root on the host.
 */
root: boolean, 
/**
 * Whether it goes on with what an earlier copy left, and leaves what can be gone on with.
 */
resume: boolean, 
/**
 * Whether all is sent, even where differences would do.
 */
whole: boolean, 
/**
 * Whether the time of the last change is kept.
 */
times: boolean, 
/**
 * What its progress is told under, in events, and what `copy_cancel` takes; neither when absent.
 */
name: string | null, };
/**
 * Names a copy that goes on.
 */
export type CopyName = { 
/**
 * What its request called it.
 */
name: string, };
/**
 * Refusals that are forgotten.
 */
export type CredentialAllowed = { 
/**
 * How many.
 */
refusals: number, };
/**
 * Names a secret that was refused, or a key of the SSH agent as `agent` or `agent:SHA256:…`.
 */
export type CredentialName = { 
/**
 * Its name.
 */
name: string, };
/**
 * What cron runs.
 */
export type CronEntry = { 
/**
 * The file it stands in. Of a script in `/etc/cron.daily` and the like, that script.
 */
file: string, 
/**
 * The account it runs as.
 */
account: string, 
/**
 * When: five fields, `@daily` and the like, or the folder's `daily`.
 */
schedule: string, 
/**
 * What; empty for a script in a folder.
 */
command: string, };
/**
 * A file system.
 */
export type Disk = { 
/**
 * Where it is mounted.
 */
mount: string, 
/**
 * What is mounted, such as `/dev/vda1`.
 */
device: string, 
/**
 * Its type, such as `ext4`.
 */
kind: string, 
/**
 * Whether it is mounted to be read only.
 */
read_only: boolean, 
/**
 * Its size, in bytes.
 */
total_bytes: number, 
/**
 * What is used of it, in bytes.
 */
used_bytes: number, 
/**
 * What an account other than root may still write, in bytes.
 */
available_bytes: number, 
/**
 * Its inodes; 0 where it has no fixed number.
 */
inodes_total: number, 
/**
 * What is used of them.
 */
inodes_used: number, };
/**
 * The answer of a command that only succeeds or fails.
 */
export type Done = Record<symbol, never>;
/**
 * Asks where hosts and cards disagree.
 */
export type DriftRequest = { 
/**
 * A selector.
 */
on: string, };
/**
 * Something that is not as it was left from here.
 */
export type DriftView = { 
/**
 * The host.
 */
host: string, 
/**
 * What it is: `account-unknown`, `group-added`…; its sentence is `drift.KIND` of the message catalogs.
 */
kind: string, 
/**
 * The account, or the name that something was given to.
 */
login: string, 
/**
 * The card that it is about.
 */
person: string | null, 
/**
 * What differs: a group, a permission, an address; empty where the kind says it all.
 */
what: string, };
/**
 * What went wrong. Each code has a sentence and a remedy in every language (`error.CODE`, `error.CODE.remedy`).
 */
export type ErrorCode = "invalid-request" | "invalid-name" | "invalid-selector" | "flag-missing" | "not-confirmed" | "host-not-found" | "nothing-selected" | "host-exists" | "secret-exists" | "secret-not-found" | "secret-in-use" | "stage-not-found" | "stage-exists" | "stage-unprotectable" | "stage-is-protected" | "stage-not-protected" | "stage-lost-secret" | "stage-sealed" | "stage-frozen" | "stage-wrong-secret" | "stage-secret-weak" | "stage-secret-shared" | "confirmation-needed" | "policy-refused" | "host-record-forged" | "secret-of-other-stage" | "identity-not-found" | "identity-exists" | "identity-not-open" | "slot-not-found" | "slot-last" | "slots-full" | "slot-absent" | "keyring-unavailable" | "keyring-locked" | "keyring-timed-out" | "keyring-other-boot" | "keyring-after-absence" | "key-file-invalid" | "vault-still-open" | "vault-header-changed" | "vault-header-older" | "job-not-found" | "terminal-not-found" | "too-many-terminals" | "tunnel-not-found" | "too-many-tunnels" | "too-many-ends" | "host-ambiguous" | "port-taken" | "no-terminal" | "run-not-found" | "run-nothing-left" | "run-skipped" | "run-cancelled" | "copy-cancelled" | "backup-damaged" | "backup-none" | "backup-too-new" | "backup-other-key" | "backup-unreadable" | "backup-hostile" | "backup-not-found" | "backup-busy" | "backup-newer" | "run-host-gone" | "run-pace-invalid" | "recipe-not-found" | "recipe-syntax" | "recipe-limit" | "recipe-placeholder-unknown" | "recipe-placeholder-misplaced" | "recipe-parameter-unused" | "recipe-parameter-invalid" | "recipe-parameter-secret" | "recipe-value-unknown" | "recipe-value-missing" | "recipe-value-invalid" | "plan-not-found" | "vault-locked" | "several-vaults" | "vault-wrong-passphrase" | "vault-wrong-recovery-words" | "vault-passphrase-weak" | "vault-damaged" | "vault-too-new" | "vault-in-use" | "vault-not-found" | "vault-exists" | "vault-file" | "vault-behind" | "host-key-unknown" | "host-key-changed" | "host-unreachable" | "login-refused" | "no-credential" | "credential-held" | "no-way" | "legacy-expired" | "no-sudo" | "sudo-refused" | "ssh-agent-absent" | "factor-missing" | "one-time-spent" | "no-common-algorithm" | "host-disk-full" | "disk-full" | "copy-differs" | "enrol-failed" | "host-key-revoked" | "host-certificate-refused" | "host-in-use" | "jump-loop" | "key-not-found" | "credential-unusable" | "link-lost" | "timed-out" | "remote-refused" | "not-understood" | "command-failed" | "local-file" | "remote-file" | "copy-nameless" | "file-exists" | "folder-not-empty" | "path-protected" | "several-failed" | "check-failed" | "half-done" | "job-vanished" | "host-rebooted" | "host-folder" | "nothing-to-compare" | "not-surveyed" | "job-not-failed" | "job-input-gone" | "job-not-started" | "job-before-failed" | "person-not-found" | "person-exists" | "person-no-account" | "person-not-leaving" | "account-not-seen" | "account-not-planned" | "account-taken" | "statement-broken" | "no-room" | "clock-wrong" | "clock-follows" | "own-account" | "maybe-banned" | "pilot-not-planned" | "not-banned" | "no-fail2ban" | "lifeline-refused" | "lifeline-released" | "lifeline-gone" | "put-back" | "put-back-by-host" | "put-back-in-part" | "import-not-found" | "import-format-unknown" | "import-unreadable" | "import-too-large" | "import-too-expensive" | "import-truncated" | "import-malformed" | "import-altered" | "import-needs-password" | "import-needs-key-file" | "import-needs-identity" | "import-needs-mapping" | "import-wrong-password" | "import-wrong-key-file" | "import-wrong-identity" | "import-unsupported" | "import-not-text" | "import-no-format" | "import-needs-folder" | "import-needs-file" | "export-exists" | "export-needs-password" | "export-needs-reader" | "export-two-readers" | "export-not-sealed" | "export-failed" | "rotation-nowhere" | "rotation-one-time" | "rotation-goes-on" | "rotation-none" | "rotation-no-way-back" | "rotation-backups" | "rotation-certificate" | "rotation-certified" | "rotation-unreadable" | "rotation-needs-root" | "rotation-in-trash" | "rotation-gone" | "parcel-reader-unknown" | "parcel-empty" | "parcel-never" | "parcel-signature" | "parcel-signer-unknown" | "parcel-other-signer" | "parcel-not-for-you" | "template-unknown" | "template-known" | "template-name" | "template-fields" | "templates-many" | "merge-other-vault" | "merge-other-keys" | "merge-itself" | "merge-forked" | "merge-stage-apart" | "merge-unresolved" | "merge-no-conflict" | "leaked-unreadable" | "leaked-ntlm" | "leaked-none" | "codes-none" | "secret-no-key" | "scan-unreadable" | "scan-git" | "scan-no-repository" | "scan-no-baseline" | "scan-foreign-hook" | "scan-shared-hooks" | "job-cancelled" | "job-still-running" | "no-secret-place" | "app-package-invalid" | "app-catalog-invalid" | "ynh-absent" | "ynh-not-postinstalled" | "ynh-invalid" | "ynh-missing" | "ynh-user-exists" | "ynh-user-unknown" | "ynh-last-admin" | "ynh-service-unknown" | "ynh-domain-unknown" | "ynh-password-refused" | "ynh-busy" | "ynh-busy-with" | "ynh-not-possible" | "ynh-refused" | "agent-absent" | "agent-failed" | "agent-lost" | "agent-version" | "agent-not-offered" | "interrupted" | "ca-not-found" | "ca-none" | "ca-several" | "ca-exists" | "ca-name" | "ca-not-permitted" | "ca-out-of-time" | "ca-other-key" | "certificate-not-found" | "certificate-several" | "certificate-exists" | "certificate-not-for" | "certificate-out-of-time" | "internal" | "guest-not-entered" | "guest-not-there" | "guest-ambiguous" | "guests-not-read" | "guest-no-ssh" | "guest-not-kept" | "guest-name-wanted" | "guest-cannot" | "guest-not-stopped" | "guest-not-running" | "guest-locked" | "guest-no-memory" | "guest-no-processors" | "guest-no-disk" | "guest-exists" | "guest-no-snapshot" | "guest-shrinks" | "guest-value" | "guest-template" | "guest-volumes-shared" | "guest-volumes-go" | "guest-not-done" | "publish-port-taken" | "publish-name-taken" | "publish-no-nginx" | "publish-no-firewall" | "publish-no-boot" | "publish-yunohost-nginx" | "publish-yunohost-firewall" | "publish-no-devices" | "publish-no-address" | "publish-nothing" | "publish-remains" | "guest-spec-wrong" | "guest-source" | "guest-no-driver" | "guest-which-driver" | "guest-no-image" | "guest-foreign" | "guest-spec-not-kept" | "guest-not-made" | "guest-needs" | "guest-spec-lacking" | "guest-other-image" | "guest-strays" | "guest-image-wrong" | "guest-image-digest" | "process-not-there" | "process-ambiguous" | "processes-not-read" | "process-would-cut" | "process-masked" | "process-not-for-boot" | "process-no-init" | "process-not-done" | "process-no-log";
/**
 * Something changed.
 */
export type Event = { "kind": "vault_changed" } | { "kind": "stages_changed" } | { "kind": "progress", 
/**
 * What: `rekey`, `stage-rekey`, `copy`, `verify`.
 */
work: string, 
/**
 * Done so far.
 */
done: number, 
/**
 * In all.
 */
total: number, } | { "kind": "copy", 
/**
 * The name that its request gave it.
 */
name: string, 
/**
 * Bytes done.
 */
done: number, 
/**
 * Bytes in all, as far as they are known.
 */
total: number, 
/**
 * Files done.
 */
files_done: number, 
/**
 * Files in all, as far as they are known.
 */
files: number, 
/**
 * The file that is copied now; text of a host.
 */
current: string, } | { "kind": "hosts_changed" } | { "kind": "secrets_changed" } | { "kind": "people_changed" } | { "kind": "job_changed", 
/**
 * The job.
 */
job: string, } | { "kind": "job_output", 
/**
 * The job.
 */
job: string, } | { "kind": "run_progress", 
/**
 * The run.
 */
run: string, 
/**
 * Hosts whose result is there.
 */
done: number, 
/**
 * Hosts in all.
 */
total: number, 
/**
 * Of those done, hosts on which it did not succeed.
 */
failed: number, } | { "kind": "certificates_changed" } | { "kind": "recipes_changed" } | { "kind": "rotation_progress", 
/**
 * The secret's identifier.
 */
secret: string, 
/**
 * The host's name.
 */
host: string, 
/**
 * How far it is.
 */
step: RotationStep, } | { "kind": "journal_changed" };
/**
 * Asks for the plan that leads a port of a host into a guest.
 */
export type ExposePublish = { 
/**
 * The guest, `HOST/GUEST`.
 */
guest: string, 
/**
 * What leads on: `nginx`, `proxy`, `dnat`; absent: nginx for a name, a proxy device where the driver has them, else a rule.
 */
by?: string, 
/**
 * The name that it is for (nginx).
 */
name?: string, 
/**
 * The port of the host; absent: 80 by nginx, 443 with a certificate, else that of the guest.
 */
port?: number, 
/**
 * The port of the guest.
 */
to: number, 
/**
 * A file of the host with the certificate (nginx).
 */
certificate?: string, 
/**
 * A file of the host with its key.
 */
key?: string, };
/**
 * Asks for the plan by which nothing of ours leads into a guest any more.
 */
export type ExposeWithdraw = { 
/**
 * The guest, `HOST/GUEST`.
 */
guest: string, 
/**
 * Only what is for this name.
 */
name?: string, 
/**
 * Only this port of the host.
 */
port?: number, };
/**
 * One way, hop by hop.
 */
export type ExposedWay = { 
/**
 * The name that it is for, where it is for one.
 */
name: string | null, 
/**
 * The port of the host.
 */
port: number, 
/**
 * What leads on: `nginx`, `proxy` (a device of Incus or LXD), `dnat` (a rule of the firewall), `none`.
 */
by: string, 
/**
 * Whether it was published by this program, and can be withdrawn.
 */
ours: boolean, 
/**
 * The hops, from the name to the process.
 */
hops: Array<ExposureHop>, 
/**
 * The place among them, from 0, of the one that is to blame; absent where none is broken.
 */
culprit: number | null, };
/**
 * The ways that lead to a guest.
 */
export type Exposure = { 
/**
 * The guest.
 */
guest: string, 
/**
 * Its host.
 */
host: string, 
/**
 * The ways.
 */
ways: Array<ExposedWay>, };
/**
 * Asks which ways lead to a guest.
 */
export type ExposureAsked = { 
/**
 * The guest, `HOST/GUEST`.
 */
guest: string, 
/**
 * Only ways by this name.
 */
name: string | null, 
/**
 * Only ways by this port of the host.
 */
port: number | null, 
/**
 * Whether connections are made, from here and from the host, to try each hop.
 */
test: boolean, };
/**
 * A hop.
 */
export type ExposureHop = { 
/**
 * Which: `name`, `router`, `firewall`, `entry`, `certificate`, `way`, `guest`, `process`, `answer`.
 */
hop: string, 
/**
 * What was found; text of hosts, cleaned.
 */
found: string, 
/**
 * `fine`, `broken`, `unclear`.
 */
state: string, 
/**
 * Why it is not fine.
 */
why: WireMessage | null, 
/**
 * What to do about it.
 */
remedy: WireMessage | null, };
/**
 * What is known of a machine at a moment.
 *
 * Fields are only ever added, each with a default: what an earlier version stored still reads.
 */
export type Facts = { 
/**
 * The kernel's host name.
 */
hostname: string | null, 
/**
 * `ID` of os-release(5), such as `debian`.
 */
os_id: string | null, 
/**
 * `VERSION_ID` of os-release(5), such as `12`.
 */
os_version: string | null, 
/**
 * `PRETTY_NAME` of os-release(5).
 */
os_name: string | null, 
/**
 * The kernel's release.
 */
kernel: string | null, 
/**
 * The machine's architecture, as `uname -m` names it.
 */
architecture: string | null, 
/**
 * Seconds since it started.
 */
uptime_seconds: number | null, 
/**
 * Load averages over 1, 5 and 15 minutes.
 */
load: [number, number, number] | null, 
/**
 * Processors that are online.
 */
cpus: number | null, 
/**
 * Memory, in bytes.
 */
memory_total_bytes: number | null, 
/**
 * Memory that a new program could have, in bytes.
 */
memory_available_bytes: number | null, 
/**
 * Swap, in bytes.
 */
swap_total_bytes: number | null, 
/**
 * Swap that is free, in bytes.
 */
swap_free_bytes: number | null, 
/**
 * The root file system's size, in bytes; it is in [`Facts::disks`] as well.
 */
disk_total_bytes: number | null, 
/**
 * What is used of it, in bytes.
 */
disk_used_bytes: number | null, 
/**
 * Its inodes.
 */
inodes_total: number | null, 
/**
 * What is used of them.
 */
inodes_used: number | null, 
/**
 * The kind of virtual machine or container, as systemd-detect-virt(1) names it; `none` on bare metal.
 */
virtualisation: string | null, 
/**
 * The account that made the survey.
 */
user: string | null, 
/**
 * Its number; 0 is root.
 */
uid: number | null, 
/**
 * The host's clock during the survey, in seconds since 1970-01-01 UTC.
 */
clock_seconds: number | null, 
/**
 * Where python3 is.
 */
python3: string | null, 
/**
 * Where the yunohost command is.
 */
yunohost: string | null, 
/**
 * Nanoseconds of the clock, beside [`Facts::clock_seconds`]; `None` where the host tells whole seconds only.
 */
clock_nanoseconds: number | null, 
/**
 * Whether a time service says that the clock follows it; `None` where none says.
 */
clock_synchronised: boolean | null, 
/**
 * The time zone's name, such as `Europe/Paris`.
 */
time_zone: string | null, 
/**
 * Minutes that local time is ahead of UTC.
 */
utc_offset_minutes: number | null, 
/**
 * Tells machines apart: SHA-256 in hex of a label and the machine id, which machine-id(5) asks not to show.
 */
machine: string | null, 
/**
 * Who made the hardware, or the virtual one.
 */
hardware_vendor: string | null, 
/**
 * Its model.
 */
hardware_model: string | null, 
/**
 * What hints at the machine that this one runs in: words such as `container=lxc`, `lxd-agent`.
 */
parent_hints: Array<string> | null, 
/**
 * The first process, such as `systemd` or `init`.
 */
init: string | null, 
/**
 * File systems on disks, by mount point. Remote ones are not asked: a dead server would hold the survey up.
 */
disks: Array<Disk> | null, 
/**
 * Network interfaces with their addresses.
 */
interfaces: Array<Interface> | null, 
/**
 * Default routes.
 */
default_routes: Array<Route> | null, 
/**
 * Addresses of DNS resolvers, in the order in which they are asked.
 */
resolvers: Array<string> | null, 
/**
 * What listens for connections or datagrams.
 */
listeners: Array<Listener> | null, 
/**
 * Names of services that failed or crashed.
 */
failed_services: Array<string> | null, 
/**
 * Packages that have a newer version.
 */
upgrades: Upgrades | null, 
/**
 * Whether the machine waits for a restart.
 */
reboot: Reboot | null, 
/**
 * Accounts that can log in: those with a login shell, and every one with number 0.
 */
accounts: Array<Account> | null, 
/**
 * Who may become root.
 */
sudo: Sudo | null, 
/**
 * Keys with which those accounts can log in.
 */
authorized_keys: Array<AuthorizedKey> | null, 
/**
 * The keys by which the host's sshd shows who it is.
 */
host_keys: Array<HostKey> | null, 
/**
 * Settings of sshd that matter for security, by lower-case name; of a setting that repeats, values joined by spaces.
 */
sshd: { [key in string]: string } | null, 
/**
 * What cron runs.
 */
cron: Array<CronEntry> | null, 
/**
 * Timers of systemd.
 */
timers: Array<Timer> | null, 
/**
 * Certificates that services show.
 */
certificates: Array<Certificate> | null, 
/**
 * Packet filters.
 */
firewall: Firewall | null, 
/**
 * Settings of the kernel that harden it, by name such as `kernel.kptr_restrict`, and its known weaknesses as
 * `vulnerability.NAME`.
 */
hardening: { [key in string]: string } | null, 
/**
 * Whether services that guard the machine run, or that open it: `fail2ban`, `crowdsec`, `sshguard`, `yunohost-api`; those that
 * are there.
 */
watched_services: { [key in string]: boolean } | null, 
/**
 * Whether it upgrades packages by itself; `None` where it has another package manager than apt.
 */
automatic_upgrades: boolean | null, 
/**
 * Files that root runs or trusts, such as those of cron and sudo, and that others may write; folders too.
 */
loose_files: Array<string> | null, 
/**
 * What the machine is used for.
 */
roles: Array<Role> | null, 
/**
 * Why something was not learned, or not whole.
 */
missing: { [key in Area]?: Missing }, };
/**
 * What an entry of a folder is.
 */
export type FileKind = "file" | "dir" | "link" | "other";
/**
 * What was removed from a host.
 */
export type FilesRemoved = { 
/**
 * How many of the paths are gone: the first ones.
 */
removed: number, 
/**
 * Whether it was cancelled before the last one. Of the path it was at, a part may be gone.
 */
cancelled: boolean, };
/**
 * Packet filters.
 */
export type Firewall = { 
/**
 * Which one was read.
 */
kind: FirewallKind, 
/**
 * Rules in all its chains; `None` where they are not readable.
 */
rules: number | null, 
/**
 * What becomes of packets for the host that no rule decides, by chain, such as `inet filter input` → `drop`.
 */
input_policies: { [key in string]: string }, 
/**
 * Whether ufw is switched on; `None` where it is not installed.
 */
ufw: boolean | null, };
/**
 * A packet filter.
 */
export type FirewallKind = "nftables" | "iptables" | "unknown";
/**
 * All views over a fleet.
 */
export type Fleet = { 
/**
 * Which version of YunoHost, of its packages and of the system is where.
 */
versions: Array<FleetVersion>, 
/**
 * Which version of each application is where.
 */
apps: Array<FleetApp>, 
/**
 * What upgrades wait, and what they touch.
 */
upgrades: Array<PendingUpgrade>, 
/**
 * The certificates, those that end first before the others.
 */
certificates: Array<FleetCertificate>, 
/**
 * What the diagnosis found, errors first; ignored ones and those that only say that there is no Internet last.
 */
diagnosis: Array<FleetFinding>, 
/**
 * The backups of each host, the oldest first.
 */
backups: Array<InstanceBackups>, };
/**
 * A version of an application, and where it is.
 */
export type FleetApp = { 
/**
 * The application by its name in the catalog, such as `nextcloud`.
 */
app: string, 
/**
 * The version.
 */
version: string, 
/**
 * Whether another host has a newer one, or the catalog of one of these hosts.
 */
behind: boolean, 
/**
 * Where it is installed.
 */
instances: Array<FleetAppAt>, };
/**
 * An application on a host.
 */
export type FleetAppAt = { 
/**
 * The host.
 */
host: string, 
/**
 * The instance, such as `nextcloud__2`.
 */
id: string, 
/**
 * What people see.
 */
name: string, 
/**
 * Where it answers, when it does.
 */
domain_path: string | null, 
/**
 * `up_to_date`, `upgradable`, `url_required` or another word of YunoHost's.
 */
upgrade: string | null, 
/**
 * The version an upgrade would bring.
 */
new_version: string | null, };
/**
 * The certificate of a domain of a host.
 */
export type FleetCertificate = { 
/**
 * The host.
 */
host: string, 
/**
 * The domain.
 */
domain: string, 
/**
 * Whether it is the main one.
 */
main: boolean, 
/**
 * Who signed it.
 */
issuer: string, 
/**
 * What YunoHost takes the issuer for: `letsencrypt`, `selfsigned`, `other`…
 */
issuer_kind: string, 
/**
 * Days left, counted from now; below zero once it ended.
 */
days: number | null, 
/**
 * `danger`, `warning`, `success`…
 */
style: string, 
/**
 * What YunoHost says in a word.
 */
summary: string, };
/**
 * Something that the diagnosis found on one host or several.
 */
export type FleetFinding = { 
/**
 * The category: `ip`, `services`…
 */
category: string, 
/**
 * `ERROR` or `WARNING`.
 */
status: string, 
/**
 * A sentence in English, as the first of the hosts has it.
 */
summary: string, 
/**
 * What to do, in English.
 */
details: Array<string>, 
/**
 * The filter that hides it: the words of `diagnosis ignore`.
 */
filter: Array<string>, 
/**
 * Whether a filter hides it on these hosts.
 */
ignored: boolean, 
/**
 * Whether it only says that the host has no way to the Internet.
 */
only_no_internet: boolean, 
/**
 * Hosts on which it was found, and when.
 */
hosts: Array<FleetFindingAt>, };
/**
 * A finding on a host.
 */
export type FleetFindingAt = { 
/**
 * The host.
 */
host: string, 
/**
 * The sentence there.
 */
summary: string, 
/**
 * When the report was made, in milliseconds since 1970.
 */
made_ms: number | null, };
/**
 * A version of something, and where it is.
 */
export type FleetVersion = { 
/**
 * Of what: a package of YunoHost, or `os`.
 */
what: string, 
/**
 * The version.
 */
version: string, 
/**
 * `stable`, `testing`, `unstable`; empty for the system.
 */
repo: string, 
/**
 * Hosts that have it.
 */
hosts: Array<string>, 
/**
 * Whether another host has a newer one.
 */
behind: boolean, };
/**
 * A way to look at the fleet.
 */
export type FleetView = { 
/**
 * What it is called.
 */
name: string, 
/**
 * What stands in the search field.
 */
filter: string, 
/**
 * Which of the tabs.
 */
tab: string, 
/**
 * The column that the hosts are sorted by.
 */
sort: string, 
/**
 * Whether the last come first.
 */
descending: boolean, 
/**
 * What the hosts are grouped by; empty when not.
 */
group: string, 
/**
 * The columns, in their order; empty for those that are there by default.
 */
columns: Array<string>, };
/**
 * The views of a vault, in their order.
 */
export type FleetViews = { 
/**
 * Each with a name of its own.
 */
views: Array<FleetView>, };
/**
 * A folder.
 */
export type Folder = { 
/**
 * Its real path: no links, no `..`.
 */
path: string, 
/**
 * The folder in which it lies; absent for the root.
 */
parent: string | null, 
/**
 * Where the account is at home.
 */
home: string, 
/**
 * What lies in it, by name; at most 10,000.
 */
entries: Array<FolderEntry>, 
/**
 * Whether there is more than is told.
 */
more: boolean, };
/**
 * What lies in a folder.
 */
export type FolderEntry = { 
/**
 * Its name; anything but `/` and NUL can be in it.
 */
name: string, 
/**
 * Whether the name is the whole name. One that is no UTF-8 is only shown.
 */
usable: boolean, 
/**
 * What it is; a link is a link.
 */
kind: FileKind, 
/**
 * Where a link leads, as it stands there.
 */
target: string | null, 
/**
 * What a link leads to; absent when that is nothing, or not known.
 */
leads: FileKind | null, 
/**
 * Bytes.
 */
size: number | null, 
/**
 * Its last change, in seconds since 1970.
 */
modified_s: number | null, 
/**
 * Permission bits, with those of set-user-id and the like.
 */
mode: number | null, 
/**
 * Whose it is, by name where it has one; absent for this machine.
 */
owner: string | null, 
/**
 * Its group.
 */
group: string | null, };
/**
 * A host or a secret.
 */
export type Found = { 
/**
 * Which of them.
 */
kind: FoundKind, 
/**
 * Its name.
 */
name: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * What it was found by.
 */
by: FoundBy, 
/**
 * The text that it was found by; empty for the name.
 */
text: string, };
/**
 * What something was found by.
 */
export type FoundBy = "name" | "title" | "account" | "address" | "tag" | "group" | "field" | "host";
/**
 * What can be found.
 */
export type FoundKind = "host" | "secret";
/**
 * A guest, as its driver knows it.
 */
export type Guest = { 
/**
 * Who drives it.
 */
driver: string, 
/**
 * Its project (Incus, LXD) or the folder it lies in (classic LXC); empty for the default one.
 */
project: string, 
/**
 * Its driver's name for it; the number, for Proxmox.
 */
name: string, 
/**
 * What Proxmox shows beside the number: the host name; empty for all others.
 */
title: string, 
/**
 * What it is.
 */
kind: GuestKind, 
/**
 * What it does.
 */
state: GuestState, 
/**
 * Its first process, as the host numbers it.
 */
pid: number | null, 
/**
 * Whether its root is nobody on the host.
 */
unprivileged: boolean | null, 
/**
 * Whether it starts with the host.
 */
autostart: boolean | null, 
/**
 * Whether it is deleted when it stops.
 */
ephemeral: boolean, 
/**
 * Whether it is there to be copied only (Proxmox).
 */
template: boolean, 
/**
 * What it was made from, as its driver tells it.
 */
image: string | null, 
/**
 * Its distribution, such as `debian`.
 */
os: string | null, 
/**
 * The distribution's release.
 */
os_release: string | null, 
/**
 * Its architecture, as `uname -m` names it.
 */
architecture: string | null, 
/**
 * When it was made, in seconds since 1970-01-01 UTC.
 */
created_seconds: number | null, 
/**
 * Seconds since it started.
 */
uptime_seconds: number | null, 
/**
 * Memory it uses, in bytes.
 */
memory_used_bytes: number | null, 
/**
 * The most it may use; `None` where it may use all of the host's.
 */
memory_limit_bytes: number | null, 
/**
 * Swap it uses, in bytes.
 */
swap_used_bytes: number | null, 
/**
 * Processors it may use, in thousandths; `None` where it may use all of the host's.
 */
cpu_limit_thousandths: number | null, 
/**
 * Processor time it used since its start, in nanoseconds.
 */
cpu_used_nanoseconds: number | null, 
/**
 * Processors it used at the moment, in thousandths, where its driver tells that.
 */
cpu_now_thousandths: number | null, 
/**
 * Its processes.
 */
processes: number | null, 
/**
 * What its root takes, in bytes, where its driver tells that without counting files.
 */
disk_used_bytes: number | null, 
/**
 * The most its root may take.
 */
disk_limit_bytes: number | null, 
/**
 * Where its root is on the host (classic LXC: `lxc.rootfs.path`), or in which pool.
 */
root: string | null, 
/**
 * Every address of every interface that is reachable from elsewhere (scope global), sorted, without prefix.
 */
addresses: Array<string>, 
/**
 * Its network interfaces but the loopback.
 */
interfaces: Array<GuestInterface>, 
/**
 * Its snapshots, the oldest first.
 */
snapshots: Array<GuestSnapshot>, 
/**
 * What is mounted into it from outside its root.
 */
volumes: Array<GuestVolume>, 
/**
 * Ports that its driver leads into it.
 */
ports: Array<GuestPort>, 
/**
 * The machine of the cluster that it is on.
 */
location: string | null, 
/**
 * What holds it for now, such as `backup` (Proxmox).
 */
lock: string | null, 
/**
 * Its profiles, in their order.
 */
profiles: Array<string>, 
/**
 * Groups (classic LXC) or tags (Proxmox).
 */
groups: Array<string>, 
/**
 * What was written there as its description, one line.
 */
description: string | null, 
/**
 * Where its console's output is kept on the host (classic LXC: `lxc.console.logfile`).
 */
console_log: string | null, 
/**
 * Names of variables of its environment; never their values.
 */
environment: Array<string>, 
/**
 * `# beffroi: …` of a classic configuration, the tag `beffroi-…` of Proxmox.
 */
mark: string | null, };
/**
 * What a driver may be able to do. What is not in its set is refused, never tried.
 */
export type GuestCapability = "freeze" | "snapshots" | "running-snapshots" | "stateful-snapshots" | "live-limits" | "disk-limit" | "copy" | "running-copy" | "rename" | "proxy-ports" | "images" | "image-from-guest" | "console-log" | "volumes" | "profiles" | "virtual-machines" | "files" | "projects" | "cluster";
/**
 * What a host has to give.
 */
export type GuestCapacity = { 
/**
 * Processors that are online.
 */
cores: number | null, 
/**
 * Memory, in bytes.
 */
memory_total_bytes: number | null, 
/**
 * Memory that a new program could have, in bytes.
 */
memory_available_bytes: number | null, 
/**
 * Where guests lie: pools of the drivers; for classic LXC the file system of its folder.
 */
pools: Array<GuestPool>, 
/**
 * What guests were promised, whether they run or not.
 */
promised: GuestPromised, };
/**
 * What to do to guests.
 */
export type GuestChange = { "kind": "start" } | { "kind": "stop" } & GuestStop | { "kind": "restart" } & GuestStop | { "kind": "freeze" } | { "kind": "unfreeze" } | { "kind": "rename", 
/**
 * The new name.
 */
to: string, } | { "kind": "copy", 
/**
 * Its name.
 */
to: string, } | { "kind": "set" } & GuestSettings | { "kind": "delete", 
/**
 * Also the volumes that were made for it.
 */
volumes: boolean, } | { "kind": "snapshot-create", 
/**
 * What the snapshot is called.
 */
name: string, } | { "kind": "snapshot-restore", 
/**
 * The snapshot.
 */
name: string, } | { "kind": "snapshot-delete", 
/**
 * The snapshot.
 */
name: string, };
/**
 * What a kept specification says of a guest.
 */
export type GuestDeclaration = { 
/**
 * The image that it names.
 */
image: string, 
/**
 * When it was kept, in milliseconds since 1970.
 */
at_ms: number, 
/**
 * What is not as it says: `specification` (it was made from another one), `memory`, `cpus`, `autostart`, `unprivileged`.
 */
drift: Array<string>, };
/**
 * One guest.
 */
export type GuestDetail = { 
/**
 * Its host's name.
 */
host: string, 
/**
 * When its host was read, in milliseconds since 1970.
 */
taken_ms: number, 
/**
 * Who drives it, and what that driver can do; absent where its host does not have it.
 */
driver: GuestDriver | null, 
/**
 * It.
 */
row: GuestRow, };
/**
 * A driver of guests that is on a host.
 */
export type GuestDriver = { 
/**
 * Which.
 */
driver: string, 
/**
 * Its version, as it tells it; empty where it does not.
 */
version: string, 
/**
 * What it can do here.
 */
capabilities: Array<GuestCapability>, 
/**
 * Its unix socket, where it has one.
 */
socket: string | null, 
/**
 * Whether the account that asked may use that socket; else root's client is used.
 */
socket_is_ours: boolean, 
/**
 * Folders of containers that were read (classic LXC), the default one first.
 */
paths: Array<string>, 
/**
 * Its projects (Incus, LXD).
 */
projects: Array<string>, 
/**
 * Machines of its cluster; empty where there is none.
 */
members: Array<GuestMember>, 
/**
 * The name of the machine that answered, in its cluster.
 */
node: string | null, };
/**
 * Something that speaks against a specification.
 */
export type GuestFinding = { 
/**
 * The line, from 1; 0 for the file as a whole.
 */
line: number, 
/**
 * How much it weighs.
 */
level: GuestFindingLevel, 
/**
 * Which rule: `syntax` for a fault.
 */
rule: string, 
/**
 * What it is, and what to do.
 */
message: WireMessage, };
/**
 * How much a finding weighs.
 */
export type GuestFindingLevel = "fault" | "refuse" | "warn";
/**
 * The guests of a host.
 */
export type GuestHost = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * Whether that stage is sealed for now.
 */
sealed: boolean, 
/**
 * Whether it could be read.
 */
status: HostStatus, 
/**
 * Why not.
 */
error: ApiError | null, 
/**
 * How long reading took; zero for a stored reading.
 */
duration_ms: number, 
/**
 * When it was read, in milliseconds since 1970; absent when it never was.
 */
taken_ms: number | null, 
/**
 * The drivers that are there.
 */
drivers: Array<GuestDriver>, 
/**
 * What it has to give, and what its guests were promised.
 */
capacity: GuestCapacity, 
/**
 * Images that guests can be made from.
 */
images: Array<GuestImage>, 
/**
 * What could not be read.
 */
missing: Array<GuestMissing>, 
/**
 * Its guests, by name.
 */
guests: Array<GuestRow>, };
/**
 * An image that guests can be made from.
 */
export type GuestImage = { 
/**
 * Whose.
 */
driver: string, 
/**
 * Its project (Incus, LXD); empty for the default one.
 */
project: string, 
/**
 * What tells it apart: SHA-256 in hex (Incus, LXD), the volume's id (Proxmox).
 */
id: string, 
/**
 * Names for it.
 */
aliases: Array<string>, 
/**
 * What it says of itself.
 */
description: string, 
/**
 * Container or virtual machine.
 */
kind: GuestKind, 
/**
 * Its architecture, as `uname -m` names it.
 */
architecture: string | null, 
/**
 * Its size, in bytes.
 */
size_bytes: number | null, 
/**
 * When it was taken in, in seconds since 1970-01-01 UTC.
 */
created_seconds: number | null, };
/**
 * Asks for the plan that builds an image of Debian on a host by debootstrap. What it takes is sent at once.
 */
export type GuestImageBuild = { 
/**
 * The host.
 */
host: string, 
/**
 * What the image is called.
 */
name: string, 
/**
 * The suite, such as `trixie`.
 */
suite: string, 
/**
 * The mirror: `https://…`, `http://…`, or `file:///…` of the host; without a login.
 */
mirror: string, 
/**
 * Packages besides the smallest system; an init is added where none is named.
 */
packages: Array<string>, 
/**
 * A file of keys on the host, by its whole path, that the mirror's signature is held against; debootstrap's own when absent.
 */
keyring?: string, 
/**
 * Whether no signature is asked for.
 */
unsigned: boolean, 
/**
 * By which driver, where the host has several.
 */
driver?: string, 
/**
 * What was typed, where the stage asks for a name.
 */
typed?: string, };
/**
 * Asks for the plan that makes an image of a guest, on its host and by its driver. What it takes is sent at once.
 */
export type GuestImageCreate = { 
/**
 * Which guest: `HOST/GUEST`. It is stopped, unless a snapshot is named.
 */
guest: string, 
/**
 * What the image is called.
 */
name: string, 
/**
 * Of this snapshot of it.
 */
snapshot?: string, 
/**
 * What was typed, where the stage asks for a name.
 */
typed?: string, };
/**
 * Asks for an image of a host to be brought to this machine.
 */
export type GuestImageExport = { 
/**
 * The host.
 */
host: string, 
/**
 * The image.
 */
name: string, 
/**
 * Whose, where several drivers have one of this name.
 */
driver?: string, 
/**
 * The file of this machine that it becomes, absolute; what describes it, where that is a file of its own, gets `.metadata` behind
 * its name. Neither may be there.
 */
file: string, 
/**
 * A name for this copy: its progress is told by `copy_progress`, and `copy_cancel` stops it.
 */
copy?: string, };
/**
 * An image that was brought to this machine.
 */
export type GuestImageExported = { 
/**
 * The file with the root, and the one that describes it where there are two.
 */
files: Array<string>, 
/**
 * Bytes of both.
 */
bytes: number, 
/**
 * SHA-256 of the file with the root, hexadecimal.
 */
sha256: string, };
/**
 * Asks for the plan that takes files of this machine in as an image of a host. They are sent at once, as far as they differ.
 */
export type GuestImageImport = { 
/**
 * The host.
 */
host: string, 
/**
 * The files, absolute: one, or a root file system and what describes it.
 */
files: Array<string>, 
/**
 * What it is called there; as the file when absent.
 */
name?: string, 
/**
 * The SHA-256 that the file with the root must have, hexadecimal.
 */
sha256?: string, 
/**
 * By which driver, where the host has several.
 */
driver?: string, 
/**
 * What was typed, where the stage asks for a name.
 */
typed?: string, };
/**
 * What taking an image in comes to.
 */
export type GuestImagePlan = { 
/**
 * The name that it has there.
 */
name: string, 
/**
 * SHA-256 of the file with the root, hexadecimal.
 */
sha256: string, 
/**
 * The plan; none where the very image is there already.
 */
plan: PlanView | null, 
/**
 * What was sent for it: to be dropped (`ynh_sent_drop`) where the plan is not run.
 */
sent: string | null, 
/**
 * Bytes that were there already and were not sent.
 */
unchanged: number, };
/**
 * Asks for the plan that removes an image from a host.
 */
export type GuestImageRemove = { 
/**
 * The host.
 */
host: string, 
/**
 * The image.
 */
name: string, 
/**
 * Whose, where several drivers have one of this name.
 */
driver?: string, };
/**
 * An image that a host keeps.
 */
export type GuestImageRow = { 
/**
 * Who makes guests from it.
 */
driver: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What tells it apart: the SHA-256 of its root's file (classic LXC), the fingerprint (Incus, LXD), the volume (Proxmox).
 */
id: string, 
/**
 * Its bytes, where that is known.
 */
bytes: number | null, };
/**
 * The images of a host.
 */
export type GuestImages = { 
/**
 * By driver and name.
 */
images: Array<GuestImageRow>, };
/**
 * Asks for the images of a host.
 */
export type GuestImagesAsked = { 
/**
 * The host.
 */
host: string, };
/**
 * A network interface of a guest.
 */
export type GuestInterface = { 
/**
 * Its name inside.
 */
name: string, 
/**
 * `up`, `down`; empty where that is not told.
 */
state: string, 
/**
 * The hardware address; empty where that is not told.
 */
hardware_address: string, 
/**
 * The bridge or interface of the host that it is joined to; empty where there is none.
 */
parent: string, 
/**
 * Its other end on the host, such as `veth1a2b3c`; empty where there is none.
 */
host_name: string, 
/**
 * Addresses with their prefix where it is known, of every scope.
 */
addresses: Array<string>, 
/**
 * Bytes received since it came up.
 */
received_bytes: number | null, 
/**
 * Bytes sent since it came up.
 */
sent_bytes: number | null, };
/**
 * What a guest is.
 */
export type GuestKind = "container" | "vm";
/**
 * Asks what speaks against a specification. No vault has to be open.
 */
export type GuestLint = { 
/**
 * The text of the specification.
 */
text: string, 
/**
 * The stage that it is for; `dev` when absent.
 */
stage?: string, };
/**
 * What speaks against a specification.
 */
export type GuestLinted = { 
/**
 * Every fault, else every finding; none when all is well.
 */
findings: Array<GuestFinding>, };
/**
 * Guests, by host.
 */
export type GuestList = { 
/**
 * Each host, by name.
 */
hosts: Array<GuestHost>, };
/**
 * Asks for guests.
 */
export type GuestListRequest = { 
/**
 * Of which hosts, by a selector; of all that are no guests themselves when absent.
 */
on: string | null, 
/**
 * Whether each host is read again, however new its last reading is.
 */
refresh: boolean, 
/**
 * Whether only what is stored is given: no host is asked anything.
 */
stored: boolean, };
/**
 * What a guest's driver or its console wrote.
 */
export type GuestLogs = { 
/**
 * The guest: `HOST/GUEST`.
 */
guest: string, 
/**
 * Where it was read: a file of the host, or a command.
 */
from: string, 
/**
 * The lines, the oldest first.
 */
lines: Array<string>, };
/**
 * Asks for what a guest's driver or its console wrote.
 */
export type GuestLogsRequest = { 
/**
 * Which guest: `HOST/GUEST`.
 */
guest: string, 
/**
 * What its console printed, rather than its driver's log.
 */
console: boolean, 
/**
 * How many lines from the end, 10,000 at most.
 */
lines: number, };
/**
 * Asks for the plan that makes a guest what its specification says. What it takes is sent to the host at once.
 */
export type GuestMake = { 
/**
 * Which guest: `HOST/GUEST`.
 */
guest: string, 
/**
 * The text of the specification; what is kept for the guest when absent.
 */
text?: string, 
/**
 * The folder of this machine in which the files beside it are, absolute; beside a text.
 */
folder?: string, 
/**
 * By which driver, where the host has several: `lxc`, `incus`, `lxd`.
 */
driver?: string, 
/**
 * Just these parts: `image`, `user`, `packages`, `files`, `service`, `health`; all when empty.
 */
only: Array<string>, 
/**
 * Whether its root is replaced; its volumes are kept.
 */
rebuild: boolean, 
/**
 * What was typed, where the stage asks for a name.
 */
typed?: string, };
/**
 * What is to be done for a guest, or for an image.
 */
export type GuestMakePlan = { 
/**
 * The plan; none where everything is as asked already.
 */
plan: PlanView | null, 
/**
 * What was sent for it: to be dropped (`ynh_sent_drop`) where the plan is not run.
 */
sent: string | null, };
/**
 * A machine of a cluster.
 */
export type GuestMember = { 
/**
 * Its name there.
 */
name: string, 
/**
 * What its cluster says of it, such as `online`, in lower case.
 */
state: string, 
/**
 * Where the others reach it; empty where that is not told.
 */
address: string, 
/**
 * What it does there, such as `database-leader`.
 */
roles: Array<string>, };
/**
 * Something that could not be read.
 */
export type GuestMissing = { 
/**
 * Of which driver; `None` for the machine.
 */
driver: string | null, 
/**
 * What: a word such as `instances`, `images`, `pools`, `members`.
 */
what: string, 
/**
 * Why.
 */
why: GuestMissingWhy, };
/**
 * Why something could not be read.
 */
export type GuestMissingWhy = "not-allowed" | "failed" | "cut" | "not-understood" | "not-answered";
/**
 * Asks for the plan of a change of guests. Nothing is changed; each host is read first, so that guards can speak.
 */
export type GuestPlan = { 
/**
 * Which guests: `HOST/GUEST`. One only, where it is renamed, copied or deleted.
 */
guests: Array<string>, 
/**
 * What to do.
 */
change: GuestChange, };
/**
 * Where guests lie.
 */
export type GuestPool = { 
/**
 * Whose.
 */
driver: string, 
/**
 * Its name; for classic LXC the folder.
 */
name: string, 
/**
 * How it keeps them, such as `dir`, `zfs`, `lvmthin`.
 */
kind: string, 
/**
 * Its size, in bytes.
 */
total_bytes: number | null, 
/**
 * What is used of it.
 */
used_bytes: number | null, 
/**
 * What can still be written.
 */
free_bytes: number | null, 
/**
 * Sum of the sizes that roots of guests in it may grow to.
 */
promised_bytes: number, };
/**
 * A port that a driver leads into a guest.
 */
export type GuestPort = { 
/**
 * The device's name.
 */
name: string, 
/**
 * Where it listens, such as `tcp:0.0.0.0:80`.
 */
listen: string, 
/**
 * Where that leads, such as `tcp:127.0.0.1:8000`.
 */
connect: string, 
/**
 * Whether it listens inside and leads to the host, the other way round.
 */
from_inside: boolean, 
/**
 * Whether the kernel's rules do it instead of a process.
 */
nat: boolean, };
/**
 * Where a guest is known.
 */
export type GuestPresence = "present" | "declared" | "both";
/**
 * What guests were promised: the sums of their limits. Templates are not counted.
 */
export type GuestPromised = { 
/**
 * Memory, in bytes.
 */
memory_bytes: number, 
/**
 * Processors, in thousandths.
 */
cpu_thousandths: number, 
/**
 * Disk, in bytes.
 */
disk_bytes: number, 
/**
 * What the guests use of memory now, in bytes.
 */
memory_used_bytes: number, 
/**
 * Guests that were counted.
 */
guests: number, 
/**
 * Of these, how many may use all memory of the host.
 */
without_memory_limit: number, 
/**
 * How many may use all its processors.
 */
without_cpu_limit: number, 
/**
 * How many have a root without a size.
 */
without_disk_limit: number, };
/**
 * A guest.
 */
export type GuestRow = { 
/**
 * `HOST/GUEST`.
 */
name: string, 
/**
 * Whether that name leads to it: not where the driver's own has other characters, or several of one driver share it.
 */
has_name: boolean, 
/**
 * Where it is known.
 */
presence: GuestPresence, 
/**
 * The stage of its own record or of its kept specification, where the catalog has one.
 */
stage: string | null, 
/**
 * What its host says of it; absent where its host does not have it.
 */
guest: Guest | null, 
/**
 * What its kept specification says of it; absent where none is kept.
 */
declared: GuestDeclaration | null, };
/**
 * What is set of a guest; what is absent stays. Zero takes a limit off.
 */
export type GuestSettings = { 
/**
 * The most memory, in bytes.
 */
memory_bytes?: number, 
/**
 * Processors, in thousandths.
 */
cpu_thousandths?: number, 
/**
 * The most that its root may take, in bytes.
 */
disk_bytes?: number, 
/**
 * Whether it starts with the host.
 */
autostart?: boolean, };
/**
 * Asks for one guest.
 */
export type GuestShow = { 
/**
 * Which: `HOST/GUEST`.
 */
guest: string, 
/**
 * Whether its host is read again, however new its last reading is.
 */
refresh: boolean, };
/**
 * A snapshot of a guest.
 */
export type GuestSnapshot = { 
/**
 * Its name.
 */
name: string, 
/**
 * When it was made, in seconds since 1970-01-01 UTC.
 */
created_seconds: number | null, 
/**
 * Whether the state of memory is in it.
 */
stateful: boolean, 
/**
 * What was written beside it.
 */
comment: string | null, };
/**
 * A snapshot of a guest.
 */
export type GuestSnapshotRow = { 
/**
 * Its name.
 */
name: string, 
/**
 * When it was made, in seconds since 1970; absent where its driver does not tell.
 */
created_seconds?: number, 
/**
 * What was written beside it.
 */
comment?: string, };
/**
 * A guest's snapshots.
 */
export type GuestSnapshots = { 
/**
 * The guest: `HOST/GUEST`.
 */
guest: string, 
/**
 * Its snapshots, the oldest first.
 */
snapshots: Array<GuestSnapshotRow>, };
/**
 * Asks for a guest's snapshots.
 */
export type GuestSnapshotsRequest = { 
/**
 * Which guest: `HOST/GUEST`.
 */
guest: string, };
/**
 * Asks for the specification that is kept for a guest.
 */
export type GuestSpecAsked = { 
/**
 * Which guest: `HOST/GUEST`.
 */
guest: string, };
/**
 * Has a specification kept for a guest that is there or is to be; the guest is not changed.
 */
export type GuestSpecKeep = { 
/**
 * Which guest: `HOST/GUEST`.
 */
guest: string, 
/**
 * The text of the specification.
 */
text: string, 
/**
 * The folder of this machine in which the files beside it are, absolute.
 */
folder: string, 
/**
 * By which driver, where the host has several.
 */
driver?: string, };
/**
 * The specification that is kept for a guest.
 */
export type GuestSpecKept = { 
/**
 * Which guest: `HOST/GUEST`.
 */
guest: string, 
/**
 * The stage that it is kept under.
 */
stage: string, 
/**
 * By which driver, where that is decided.
 */
driver: string | null, 
/**
 * Its text.
 */
text: string, 
/**
 * The folder of the machine that it came from, in which the files beside it are.
 */
folder: string, 
/**
 * When it was kept, in milliseconds since 1970.
 */
at_ms: number, };
/**
 * What a guest is doing.
 */
export type GuestState = "running" | "stopped" | "frozen" | "starting" | "stopping" | "error" | "unknown";
/**
 * How a guest is stopped.
 */
export type GuestStop = { 
/**
 * Seconds that it has to stop by itself, 1 to 3600. One that still runs then is left running.
 */
timeout_s: number, 
/**
 * Stops it at once, as when its plug is pulled.
 */
force: boolean, };
/**
 * What is mounted into a guest from outside its root.
 */
export type GuestVolume = { 
/**
 * The device's or mount point's name; empty for classic LXC.
 */
name: string, 
/**
 * A folder of the host, or a volume of the pool.
 */
source: string, 
/**
 * The pool that has it; empty for a folder of the host.
 */
pool: string, 
/**
 * Where it is inside.
 */
path: string, 
/**
 * Whether it is mounted to be read only.
 */
read_only: boolean, 
/**
 * Its size, where it has one.
 */
size_bytes: number | null, };
/**
 * Which guest of a host is meant.
 */
export type GuestWay = { 
/**
 * What keeps it: `lxc`, `incus`, `lxd` or `proxmox`.
 */
driver: string, 
/**
 * The project of Incus or LXD, the folder of classic LXC; empty for the usual one.
 */
project: string, 
/**
 * The driver's own name of it; of Proxmox the number.
 */
name: string, };
/**
 * What a check says of a host.
 */
export type HardeningCheck = { 
/**
 * Its name, such as `ssh-passwords`.
 */
id: string, 
/**
 * How much it matters.
 */
severity: HardeningSeverity, 
/**
 * What became of it.
 */
verdict: HardeningVerdict, 
/**
 * What should be so.
 */
title: WireMessage, 
/**
 * What was found instead, or why it is not known. Its values came from the host: show them as text.
 */
found: WireMessage | null, 
/**
 * Why it matters.
 */
why: WireMessage, 
/**
 * What to do.
 */
remedy: WireMessage | null, 
/**
 * What does it, as an action for a plan.
 */
fix: HardeningFix | null, };
/**
 * What mends it: made a plan of as it stands ([`super::ActionRequest`]).
 */
export type HardeningFix = { "kind": "ynh", 
/**
 * Its name.
 */
operation: string, 
/**
 * With what, by parameter.
 */
given: { [key in string]: YnhValue }, } | { "kind": "run", 
/**
 * Shell text.
 */
command: string, 
/**
 * As root.
 */
root: boolean, } | { "kind": "set_clock" };
/**
 * How much a check matters.
 */
export type HardeningSeverity = "high" | "medium" | "low";
/**
 * What became of a check.
 */
export type HardeningVerdict = "to_do" | "unknown" | "ok";
/**
 * One finding about a vault.
 */
export type HealthFinding = { 
/**
 * How bad it is.
 */
grade: HealthGrade, 
/**
 * What was found.
 */
what: WireMessage, 
/**
 * What to do; absent when it is well.
 */
remedy: WireMessage | null, };
/**
 * How bad a finding is.
 */
export type HealthGrade = "bad" | "fair" | "good";
/**
 * A login that was refused.
 */
export type HeldLogin = { 
/**
 * The host.
 */
host: string, 
/**
 * The account; `sudo:` before it when sudo refused.
 */
user: string, 
/**
 * How it was offered, such as `publickey` or `password`.
 */
method: string, 
/**
 * When, in milliseconds since 1970.
 */
at_ms: number, };
/**
 * How a host is reached and logged in to. What is absent stays, or is as usual for a new host.
 */
export type HostAccess = { 
/**
 * A name to resolve or an IP address.
 */
address: string | null, 
/**
 * TCP port.
 */
port: number | null, 
/**
 * The account.
 */
user: string | null, 
/**
 * The host through which it is reached; empty for none.
 */
jump: string | null, 
/**
 * The ways to reach it after the first, in the order in which they are tried.
 */
others: Array<Access> | null, 
/**
 * Its stage.
 */
stage: string | null, 
/**
 * Labels.
 */
tags: Array<string> | null, 
/**
 * What to log in with: the name of a secret, `agent` or `agent:SHA256:…`; empty for nothing.
 */
identity: string | null, 
/**
 * Name of the secret that is given where a password is wanted beside the key; empty for none.
 */
password: string | null, 
/**
 * Name of the secret that one-time codes are made from; empty for none.
 */
one_time: string | null, 
/**
 * How root's work is done: `never`, `without-password`, or the name of the secret that is sudo's password.
 */
sudo: string | null, 
/**
 * Old algorithms that it may use.
 */
legacy: Legacy | null, };
/**
 * Adds a host.
 */
export type HostAdd = { 
/**
 * `[a-z0-9][a-z0-9.-]*`.
 */
name: string, 
/**
 * A name to resolve or an IP address.
 */
address: string, 
/**
 * 22 when absent.
 */
port: number | null, 
/**
 * `root` when absent.
 */
user: string | null, 
/**
 * dev when absent.
 */
stage: string | null, 
/**
 * Labels.
 */
tags: Array<string>, 
/**
 * What to log in with: the name of a secret, `agent` or `agent:SHA256:…`.
 */
identity: string | null, 
/**
 * Host keys to trust, as `SHA256:…`.
 */
trust: Array<string>, 
/**
 * The host through which it is reached.
 */
jump: string | null, 
/**
 * The ways to reach it after the first.
 */
others: Array<Access> | null, 
/**
 * Name of the secret that is given where a password is wanted beside the key.
 */
password: string | null, 
/**
 * Name of the secret that one-time codes are made from.
 */
one_time: string | null, 
/**
 * How root's work is done: `never`, `without-password`, or the name of the secret that is sudo's password.
 */
sudo: string | null, 
/**
 * Old algorithms that it may use.
 */
legacy: Legacy | null, };
/**
 * An archive on a host.
 */
export type HostArchive = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its bytes.
 */
bytes: number, 
/**
 * When it was made, in seconds since 1970 by the host's clock.
 */
made_s: number, 
/**
 * What it holds, where the host says so.
 */
holds: BackupContent | null, 
/**
 * The backup here that is this archive.
 */
kept: string | null, };
/**
 * The archives of a host.
 */
export type HostBackups = { 
/**
 * The host.
 */
host: string, 
/**
 * Its archives.
 */
archives: Array<HostArchive>, 
/**
 * Bytes that are free where they lie.
 */
free: number, 
/**
 * What it makes by itself at its times.
 */
schedule: BackupTimes | null, 
/**
 * Why it did not say.
 */
error: ApiError | null, };
/**
 * Who is banned on hosts.
 */
export type HostBans = { 
/**
 * By name of the host.
 */
results: Array<HostBansOf>, };
/**
 * Who is banned on one host.
 */
export type HostBansOf = { 
/**
 * The host's name.
 */
host: string, 
/**
 * How it went.
 */
status: HostStatus, 
/**
 * Its jails; absent when they are not known.
 */
jails?: Array<HostJail>, 
/**
 * Why they are not known.
 */
error?: ApiError, };
/**
 * Asks who is banned on hosts.
 */
export type HostBansRequest = { 
/**
 * A selector.
 */
on: string, };
/**
 * Removes what ended jobs left on a host.
 */
export type HostClean = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Only what ended longer ago than this, in seconds.
 */
older_s: number, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * What was removed from a host.
 */
export type HostCleaned = { 
/**
 * `JOB.STEP` of each folder that was removed.
 */
folders: Array<string>, 
/**
 * Temporary files that were removed.
 */
leftovers: number, 
/**
 * Whether the account's authorized keys were freed of this program's key.
 */
key_removed: boolean, };
/**
 * Leaves a host as if this program had never been there.
 */
export type HostDetach = { 
/**
 * The host's name.
 */
host: string, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * Everything about one host.
 */
export type HostDetail = { 
/**
 * The row of the fleet.
 */
host: HostRow, 
/**
 * Its last survey.
 */
survey: HostSurvey | null, 
/**
 * Its last jobs, newest first, at most 20.
 */
jobs: Array<JobView>, 
/**
 * What is trusted of it, and where that comes from.
 */
keys: Array<TrustedKey>, 
/**
 * Keys that are refused whatever vouches for them.
 */
revoked: Array<string>, 
/**
 * Keys that it announced and that nobody decided about yet.
 */
announced: Array<AnnouncedKey>, 
/**
 * Which way leads to it now, while it is connected.
 */
reached: ReachedBy | null, };
/**
 * Asks what differs between two surveys.
 */
export type HostDiff = { 
/**
 * The host whose last survey is compared.
 */
host: string, 
/**
 * The host that it is held against; its own earlier survey when absent.
 */
with: string | null, 
/**
 * The earlier survey is the last one before this moment, in milliseconds since 1970; the one before the last when absent.
 */
before_ms: number | null, 
/**
 * Whether what changes by itself is told too.
 */
noise: boolean, };
/**
 * One thing that differs. Its texts came from the host: show them as text.
 */
export type HostDifference = { 
/**
 * The part of the facts, such as `authorized_keys`.
 */
area: Area, 
/**
 * `security`, `change` or `noise`.
 */
severity: string, 
/**
 * What of that area, then what names the entry: an account, a port, a path.
 */
path: Array<string>, 
/**
 * What it was; absent when it was not there.
 */
before: string | null, 
/**
 * What it is; absent when it is not there any more.
 */
after: string | null, };
/**
 * What differs between two surveys.
 */
export type HostDifferences = { 
/**
 * What the later one is held against.
 */
before: SurveyMoment, 
/**
 * The later one.
 */
after: SurveyMoment, 
/**
 * What differs: what matters for security first, then changes, then noise.
 */
differences: Array<HostDifference>, };
/**
 * Changes a host. What is absent stays.
 */
export type HostEdit = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Its new name.
 */
name: string | null, 
/**
 * The rest.
 */
change: HostAccess, };
/**
 * Gives a host a key of its own, proves that it opens, and forgets the password.
 */
export type HostEnrol = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Whether to test only, and to say what would be done.
 */
plan: boolean, 
/**
 * Whether the password stays in the catalog.
 */
keep_password: boolean, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * How enrolling went.
 */
export type HostEnrolled = { 
/**
 * The graded test, and what was done after it.
 */
test: HostTest, 
/**
 * What was, or would be, done on the host and in the catalog, in order.
 */
steps: Array<WireMessage>, 
/**
 * The new key's fingerprint, once it is proven.
 */
fingerprint: string | null, 
/**
 * The host as it is now.
 */
host: HostRow, };
/**
 * Removes files, links and folders of a host.
 */
export type HostFileRemove = { 
/**
 * The host's name.
 */
host: string, 
/**
 * What is removed, one after the other; a link, never what it leads to.
 */
paths: Array<string>, 
/**
 * Whether a folder is removed with all that is in it.
 */
recursive: boolean, 
/**
 * Whether it is done as root there.
 */
root: boolean, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, 
/**
 * What `host_file_remove_cancel` takes; it cannot be cancelled when absent.
 */
name: string | null, };
/**
 * Gives a file or folder of a host another name or place.
 */
export type HostFileRename = { 
/**
 * The host's name.
 */
host: string, 
/**
 * What is renamed.
 */
from: string, 
/**
 * Its new path, where nothing is yet.
 */
to: string, 
/**
 * Whether it is done as root there.
 */
root: boolean, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * Asks what lies in a folder of a host.
 */
export type HostFiles = { 
/**
 * The host's name.
 */
host: string, 
/**
 * The folder; where the account is at home, when it is empty.
 */
path: string, 
/**
 * Whether it is read as root there.
 */
root: boolean, };
/**
 * Makes a folder on a host.
 */
export type HostFolderMake = { 
/**
 * The host's name.
 */
host: string, 
/**
 * The folder; the one in which it lies must be there.
 */
path: string, 
/**
 * Whether it is done as root there.
 */
root: boolean, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * What could be safer about hosts, as their last surveys have it.
 */
export type HostHardening = { 
/**
 * By name of the host.
 */
results: Array<HostHardeningOf>, };
/**
 * What could be safer about one host.
 */
export type HostHardeningOf = { 
/**
 * The host's name.
 */
host: string, 
/**
 * `ok`; `sealed`, `unreachable` or `failed` where there is no survey, or no newer one though it was asked for.
 */
status: HostStatus, 
/**
 * How long its survey took; 0 when none was made now.
 */
duration_ms: number, 
/**
 * Its stage.
 */
stage: string, 
/**
 * When the survey was taken, in milliseconds since 1970.
 */
taken_ms: number | null, 
/**
 * What each check says: what is to be done first, the graver before the lighter.
 */
checks: Array<HardeningCheck>, 
/**
 * Why there is no survey, or no newer one.
 */
error: ApiError | null, };
/**
 * Asks what could be safer about hosts.
 */
export type HostHardeningRequest = { 
/**
 * A selector.
 */
on: string, 
/**
 * Whether the hosts are surveyed first. Without it, none is asked anything.
 */
refresh: boolean, };
/**
 * A jail of fail2ban.
 */
export type HostJail = { 
/**
 * Its name, such as `sshd`.
 */
name: string, 
/**
 * The addresses that are banned.
 */
banned: Array<string>, };
/**
 * A key by which the host shows who it is.
 */
export type HostKey = { 
/**
 * Its algorithm, such as `ssh-ed25519`.
 */
algorithm: string, 
/**
 * `SHA256:…`, as ssh-keygen(1) shows it.
 */
fingerprint: string, };
/**
 * Names a key of a host.
 */
export type HostKeyName = { 
/**
 * The host's name.
 */
host: string, 
/**
 * `SHA256:…`.
 */
fingerprint: string, };
/**
 * What lies on a host.
 */
export type HostLedger = { 
/**
 * Each thing.
 */
entries: Array<LedgerEntry>, 
/**
 * Temporary files of starts that died; absent when the host was not asked.
 */
leftovers: number | null, };
/**
 * Asks what lies on a host.
 */
export type HostLedgerRequest = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Whether the host itself is asked; else only the catalog.
 */
ask: boolean, };
/**
 * The hosts of the catalog, by name.
 */
export type HostList = { 
/**
 * One row per host.
 */
hosts: Array<HostRow>, };
/**
 * Names a host.
 */
export type HostName = { 
/**
 * Its name.
 */
host: string, };
/**
 * The part of a plan that concerns one host.
 */
export type HostPlanView = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * What speaks against it, without forbidding it.
 */
warnings: Array<WireMessage>, 
/**
 * In the order in which they run.
 */
steps: Array<StepView>, };
/**
 * A host, as the fleet shows it.
 */
export type HostRow = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * A name or an IP address.
 */
address: string, 
/**
 * TCP port.
 */
port: number, 
/**
 * The account.
 */
user: string, 
/**
 * What it logs in with: the name of a secret, `agent` or `agent:SHA256:…`.
 */
identity: string | null, 
/**
 * The host through which it is reached.
 */
jump: string | null, 
/**
 * The guest that it is, of the host in `jump`: then it has neither a port nor keys of its own.
 */
guest: GuestWay | null, 
/**
 * The ways to reach it after the first, in the order in which they are tried.
 */
others: Array<Access>, 
/**
 * Name of the secret that is given where a password is wanted beside the key.
 */
password: string | null, 
/**
 * Name of the secret that one-time codes are made from.
 */
one_time: string | null, 
/**
 * How root's work is done: `never`, `without-password` or `password`.
 */
sudo: string, 
/**
 * Name of the secret that is sudo's password.
 */
sudo_secret: string | null, 
/**
 * Old algorithms that it may use.
 */
legacy: Legacy | null, 
/**
 * Labels.
 */
tags: Array<string>, 
/**
 * Host keys that are trusted, as `SHA256:…`.
 */
pins: Array<string>, 
/**
 * `linux` or `yunohost`, once surveyed.
 */
role: string | null, 
/**
 * What the last survey says in short.
 */
summary: HostSummary | null, 
/**
 * Why the last connection failed, if it did.
 */
trouble: ApiError | null, 
/**
 * Whether its stage is sealed: nothing of the above was checked, and it cannot be reached.
 */
sealed: boolean, };
/**
 * Asks an address for its host key; nothing is sent but the key exchange.
 */
export type HostScan = { 
/**
 * A name or an IP address.
 */
address: string, 
/**
 * 22 when absent.
 */
port: number | null, 
/**
 * The host through which it is reached.
 */
jump: string | null, };
/**
 * How work on one host went (the CLI contract's `status`).
 */
export type HostStatus = "ok" | "changed" | "failed" | "unreachable" | "sealed" | "skipped" | "cancelled" | "running";
/**
 * A survey in one line.
 */
export type HostSummary = { 
/**
 * When it was taken, in milliseconds since 1970.
 */
taken_ms: number, 
/**
 * How long connecting and reading took.
 */
took_ms: number, 
/**
 * `YunoHost 12.1.25` or the system's name.
 */
version: string, 
/**
 * Used part of the root disk, in percent.
 */
disk_percent: number | null, 
/**
 * YunoHost's applications; absent elsewhere.
 */
apps: number | null, 
/**
 * Of them, those with an upgrade.
 */
upgrades: number | null, 
/**
 * YunoHost's accounts; absent elsewhere.
 */
people: number | null, 
/**
 * Packages of the system with an upgrade; absent when that could not be read.
 */
packages: number | null, 
/**
 * Of them, those that mend a security hole.
 */
security: number | null, 
/**
 * Load over the last minute.
 */
load: number | null, 
/**
 * Seconds since it was started.
 */
uptime_s: number | null, 
/**
 * Services that failed; absent when that could not be read.
 */
failed_services: number | null, 
/**
 * When the first of its certificates ends, in milliseconds since 1970.
 */
certificate_ms: number | null, 
/**
 * What wants attention.
 */
attention: Array<WireMessage>, };
/**
 * A host's facts.
 */
export type HostSurvey = { 
/**
 * When it was taken, in milliseconds since 1970.
 */
taken_ms: number, 
/**
 * How long connecting and reading took.
 */
took_ms: number, 
/**
 * The machine, in short.
 */
system: SystemSurvey, 
/**
 * All that is known of the machine, in the form in which it is stored.
 */
facts: Facts, 
/**
 * YunoHost, where it is installed.
 */
yunohost: YunohostSurvey | null, };
/**
 * How a graded test went, step by step.
 */
export type HostTest = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Whether no step failed.
 */
passed: boolean, 
/**
 * In order; ends with the first that failed.
 */
steps: Array<HostTestStep>, 
/**
 * Which way led there.
 */
reached: ReachedBy | null, };
/**
 * Asks for the graded test of a host.
 */
export type HostTestRequest = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Whether what was refused once may be offered again.
 */
again: boolean, };
/**
 * One step of a graded test.
 */
export type HostTestStep = { 
/**
 * What was tried.
 */
what: WireMessage, 
/**
 * What was found.
 */
found: WireMessage | null, 
/**
 * What speaks against it, without making it fail.
 */
warning: WireMessage | null, 
/**
 * Why it failed; absent when it held.
 */
error: ApiError | null, 
/**
 * How long it took.
 */
duration_ms: number, };
/**
 * Trusts a host key from now on, beside those already trusted.
 */
export type HostTrust = { 
/**
 * The host's name.
 */
host: string, 
/**
 * `SHA256:…`.
 */
fingerprint: string, 
/**
 * Whether the key is an authority's: then host certificates that it signed are trusted.
 */
authority: boolean, };
/**
 * Makes an identity in the open vault.
 */
export type IdentityCreate = { 
/**
 * The person.
 */
name: string, };
/**
 * Writes the card of this vault's own identity to a file, or takes in somebody else's card from one.
 */
export type IdentityFile = { 
/**
 * The file. For an export it must not exist.
 */
path: string, };
/**
 * The public half of a person's identity.
 */
export type IdentityInfo = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * The person.
 */
name: string, 
/**
 * `SHA256:…` of its two public keys: compare it by voice.
 */
fingerprint: string, 
/**
 * Whether its private half is in this vault.
 */
own: boolean, 
/**
 * When it was made, in milliseconds since 1970.
 */
created_ms: number, 
/**
 * Its card: one line of text, to be given to others.
 */
card: string, 
/**
 * What age encrypts for it with: `age1…`.
 */
recipient: string, };
/**
 * The identities that a vault knows.
 */
export type IdentityList = { 
/**
 * By name.
 */
identities: Array<IdentityInfo>, };
/**
 * Takes a file in.
 */
export type ImportApply = { 
/**
 * What it waits under.
 */
id: string, 
/**
 * What comes where.
 */
rules: ImportRules, 
/**
 * What becomes of those where both changed: `mine` or `theirs`; when absent, the vault's stays and the question too.
 */
all: ImportChoice | null, 
/**
 * What becomes of rows.
 */
rows: Array<ImportRowChoice>, };
/**
 * What a person says of a row.
 */
export type ImportChoice = "skip" | "take" | "mine" | "theirs";
/**
 * The columns of a file, and what they seem to be.
 */
export type ImportColumns = { 
/**
 * Their names, as the first row has them.
 */
headers: Array<string>, 
/**
 * What they seem to be.
 */
suggested: ImportMapping, };
/**
 * Names a file of separated values.
 */
export type ImportColumnsOf = { 
/**
 * Its path.
 */
path: string, };
/**
 * What was taken in.
 */
export type ImportDone = { 
/**
 * Secrets that are new.
 */
added: number, 
/**
 * Secrets of which something was taken.
 */
changed: number, 
/**
 * Secrets that were as they should be.
 */
same: number, 
/**
 * Secrets where both changed, of which the vault's were kept for good.
 */
kept: number, 
/**
 * Secrets where both changed, and nobody said what should be.
 */
conflicts: number, 
/**
 * Entries that were left out.
 */
left: number, 
/**
 * Entries and hosts that cannot be kept.
 */
refused: number, 
/**
 * Hosts that are new.
 */
hosts_added: number, 
/**
 * Hosts of which something changed.
 */
hosts_changed: number, 
/**
 * Hosts that were given no credential, since it is of another stage or account.
 */
unbound: Array<string>, };
/**
 * What a row comes to on a host.
 */
export type ImportEffect = { 
/**
 * The host.
 */
host: string, 
/**
 * `made`, `changed`, `left`, `not-surveyed`.
 */
effect: string, 
/**
 * The columns that are changed.
 */
columns: Array<string>, };
/**
 * An entry of a file, compared with the vault.
 */
export type ImportEntry = { 
/**
 * Its number.
 */
row: number, 
/**
 * Its groups.
 */
path: Array<string>, 
/**
 * Its title.
 */
title: string, 
/**
 * The account.
 */
user: string | null, 
/**
 * `private-key`, `password`, `token`, `note` or `certificate`.
 */
kind: string, 
/**
 * What it is called in the vault, or would be.
 */
name: string, 
/**
 * Hosts that it is for.
 */
hosts: Array<string>, 
/**
 * Whether the file says that it opens them: those that log in with nothing are given it.
 */
opens: boolean, 
/**
 * Its stage.
 */
stage: string, 
/**
 * How it stands.
 */
standing: ImportStanding, 
/**
 * Why it is refused: the end of `import.refused.…`.
 */
why: string | null, 
/**
 * What of it changes, or was changed on both sides: `value`, `user`, `field:…`, `file:…`.
 */
fields: Array<string>, 
/**
 * What is seen of it.
 */
findings: Array<ImportFinding>, };
/**
 * Something that is wrong with a list.
 */
export type ImportFault = { 
/**
 * The line, counted from 1.
 */
line: number, 
/**
 * The column; empty where it is about the line.
 */
column: string, 
/**
 * What: its sentence is `import.WHAT` of the message catalogs.
 */
what: string, };
/**
 * Something about a secret that should be looked at.
 */
export type ImportFinding = { 
/**
 * What: the end of `import.finding.…`.
 */
key: string, 
/**
 * How much.
 */
value: number, };
/**
 * The formats that are read and written, as they are typed.
 */
export type ImportFormats = { 
/**
 * Those that are read, in the order in which they are tried.
 */
read: Array<string>, 
/**
 * Those that are written.
 */
written: Array<string>, 
/**
 * What a column of separated values can be.
 */
columns: Array<string>, };
/**
 * A host of a file, compared with the vault.
 */
export type ImportHost = { 
/**
 * Its number.
 */
row: number, 
/**
 * Its name in the file.
 */
title: string, 
/**
 * Its name in the vault.
 */
name: string, 
/**
 * Its address.
 */
address: string, 
/**
 * Its port.
 */
port: number, 
/**
 * The account.
 */
user: string | null, 
/**
 * The hosts to go through.
 */
jump: Array<string>, 
/**
 * Its stage.
 */
stage: string, 
/**
 * How it stands.
 */
standing: ImportStanding, 
/**
 * Why it is refused: the end of `import.host-refused.…`.
 */
why: string | null, 
/**
 * The row of what it logs in with.
 */
credential: number | null, 
/**
 * Names of what its source says that there is no place for.
 */
notes: Array<string>, };
/**
 * Shows a file that was read.
 */
export type ImportLook = { 
/**
 * What it waits under.
 */
id: string, 
/**
 * What comes where.
 */
rules: ImportRules, };
/**
 * What each column of a file is, in their order.
 */
export type ImportMapping = { 
/**
 * Each column: `skip`, `title`, `user`, `password`, …
 */
columns: Array<string>, 
/**
 * Whether the first row names the columns.
 */
header: boolean, };
/**
 * Something that should be known of a file.
 */
export type ImportNotice = { 
/**
 * What: the end of `import.notice.…`.
 */
key: string, 
/**
 * What it is about; empty when it is the file.
 */
what: string, };
/**
 * A file that was read, compared with the vault. No value is in it.
 */
export type ImportPreview = { 
/**
 * What it waits under, for 30 minutes and not beyond the lock of the vault.
 */
id: string, 
/**
 * The file's name.
 */
name: string, 
/**
 * Its format.
 */
format: string, 
/**
 * Its entries.
 */
rows: Array<ImportEntry>, 
/**
 * Its hosts.
 */
hosts: Array<ImportHost>, 
/**
 * How many keys of hosts it has.
 */
host_keys: number, 
/**
 * How many of them are not trusted: they are of no host that is new with this file.
 */
host_keys_left: number, 
/**
 * What was left out of it.
 */
refused: Array<ImportRefused>, 
/**
 * What should be known of it.
 */
notices: Array<ImportNotice>, 
/**
 * Secrets that came from it once and are not in it any more: they stay.
 */
vanished: Array<string>, 
/**
 * Its groups.
 */
groups: Array<string>, 
/**
 * Who signed it, where it is a parcel.
 */
signer: ImportSigner | null, };
/**
 * Reads a file or a folder.
 */
export type ImportRead = { 
/**
 * Its path.
 */
path: string, 
/**
 * Its format; told by what is in it when absent.
 */
format: string | null, 
/**
 * Its password or passphrase.
 */
password: SecretInput | null, 
/**
 * Path of its key file.
 */
key_file: string | null, 
/**
 * Paths of private keys that may open it.
 */
identities: Array<string>, 
/**
 * What its columns are.
 */
mapping: ImportMapping | null, 
/**
 * For a parcel of somebody whom the vault does not know: their fingerprint, once it was compared.
 */
from: string | null, 
/**
 * What comes where.
 */
rules: ImportRules, };
/**
 * Something that was left out.
 */
export type ImportRefused = { 
/**
 * Which, as its source names it.
 */
what: string, 
/**
 * Why: the end of `import.refused.…`.
 */
why: string, };
/**
 * A row of a list.
 */
export type ImportRow = { 
/**
 * Its line in the file.
 */
line: number, 
/**
 * The login.
 */
login: string, 
/**
 * First and last name.
 */
fullname: string, 
/**
 * What it comes to, host by host.
 */
effects: Array<ImportEffect>, };
/**
 * What a person says of one row.
 */
export type ImportRowChoice = { 
/**
 * The row.
 */
row: number, 
/**
 * What becomes of it.
 */
choice: ImportChoice, };
/**
 * What comes where, and what is meant.
 */
export type ImportRules = { 
/**
 * The stage of what nothing else is said of; dev when absent.
 */
stage: string | null, 
/**
 * The stage of groups.
 */
stage_of: Array<ImportStageOf>, 
/**
 * Whether what lies in a bin or an archive there is taken too.
 */
discarded: boolean, 
/**
 * Only entries that have this in their names, or match a pattern with `*`.
 */
only: string | null, 
/**
 * No entries, and no hosts, that are called so: as above.
 */
without: Array<string>, 
/**
 * No hosts of these numbers in the file. What is only reached through one of them cannot come either.
 */
without_hosts: Array<number>, 
/**
 * No key of a host of the file is trusted.
 */
without_host_keys: boolean, 
/**
 * A folder before every name.
 */
under: string | null, };
/**
 * Who signed a parcel.
 */
export type ImportSigner = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their fingerprint.
 */
fingerprint: string, 
/**
 * Whether the vault knows them; else somebody said that the fingerprint is theirs.
 */
known: boolean, 
/**
 * When it was made, in milliseconds since 1970, as their machine said.
 */
made_ms: number, 
/**
 * Whom it was made for.
 */
readers: Array<string>, 
/**
 * When the one was made that was opened before, where this one is older: nothing is changed unasked then.
 */
newer_ms: number | null, };
/**
 * The stage of a group.
 */
export type ImportStageOf = { 
/**
 * Its name, or its path with slashes.
 */
group: string, 
/**
 * The stage.
 */
stage: string, };
/**
 * How something of a file stands against the vault.
 */
export type ImportStanding = "new" | "known" | "changed" | "same" | "conflict" | "differs" | "trashed" | "discarded" | "refused" | "sealed";
/**
 * Names a file that was read.
 */
export type ImportWaiting = { 
/**
 * What it waits under.
 */
id: string, };
/**
 * The backups of an instance.
 */
export type InstanceBackups = { 
/**
 * The host.
 */
host: string, 
/**
 * How many archives of YunoHost lie there; absent where that is not known.
 */
archives: number | null, 
/**
 * Bytes of them all.
 */
bytes: number, 
/**
 * The newest of them.
 */
newest: string | null, 
/**
 * When it was made, in milliseconds since 1970.
 */
newest_ms: number | null, 
/**
 * Applications that make backups.
 */
programs: Array<BackupProgram>, };
/**
 * A network interface.
 */
export type Interface = { 
/**
 * Its name.
 */
name: string, 
/**
 * `up`, `down`, `unknown`, as the kernel says.
 */
state: string, 
/**
 * The hardware address; empty where there is none.
 */
hardware_address: string, 
/**
 * Addresses with the length of their prefix, such as `192.0.2.1/24`, sorted.
 */
addresses: Array<string>, };
/**
 * What other programs are told.
 */
export type Inventory = { 
/**
 * The name under which a file has the key that every end for programs proves itself by.
 */
key_name: string, 
/**
 * That file, of the machine of who answers.
 */
known_hosts: string, 
/**
 * Hosts and guests that are there, by name.
 */
hosts: Array<InventoryHost>, };
/**
 * Asks for what other programs are told.
 */
export type InventoryAsked = { 
/**
 * A selector; all when absent.
 */
on: string | null, };
/**
 * A host, or a guest of one.
 */
export type InventoryHost = { 
/**
 * Its name in the catalog.
 */
name: string, 
/**
 * The same without a slash, the guest first; no other host is called so.
 */
alias: string, 
/**
 * Its address; empty for a guest.
 */
address: string, 
/**
 * The port of its SSH server; 0 for a guest.
 */
port: number, 
/**
 * As whom one is there.
 */
user: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * Whether it is sealed for now.
 */
sealed: boolean, 
/**
 * What its last survey found it to be.
 */
roles: Array<string>, 
/**
 * Its tags.
 */
tags: Array<string>, 
/**
 * Who drives it, for a guest: `lxc`, `incus`, `lxd`, `proxmox`.
 */
driver: string | null, 
/**
 * The host that it is a guest of, or behind.
 */
through: string | null, };
/**
 * Jobs, newest first.
 */
export type JobList = { 
/**
 * At most 200.
 */
jobs: Array<JobView>, };
/**
 * Names a job.
 */
export type JobName = { 
/**
 * Its identifier.
 */
job: string, };
/**
 * A job's output, in order of arrival.
 */
export type JobOutput = { 
/**
 * At most 1 MiB of text at a time.
 */
pieces: Array<OutputPiece>, 
/**
 * Whether there is more now.
 */
more: boolean, };
/**
 * Asks for a job's output from a piece on.
 */
export type JobOutputRequest = { 
/**
 * The job.
 */
job: string, 
/**
 * Pieces with a greater ordinal are given; 0 for all.
 */
after: number, };
/**
 * Begins a job again that failed.
 */
export type JobRetry = { 
/**
 * Its identifier.
 */
job: string, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * A step of a job.
 */
export type JobStepView = { 
/**
 * Counted from 1.
 */
number: number, 
/**
 * What it does.
 */
what: WireMessage, 
/**
 * The exact command, word by word: shown with one space between.
 */
command: Array<CommandPartView>, 
/**
 * `pending`, `running`, `done`, `failed` or `skipped`.
 */
state: string, 
/**
 * The command's exit status, when it had one.
 */
exit_code: number | null, 
/**
 * The signal that ended it.
 */
signal: string | null, 
/**
 * When it began, in milliseconds since 1970.
 */
started_ms: number | null, 
/**
 * When it ended.
 */
ended_ms: number | null, };
/**
 * A job.
 */
export type JobView = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * The jobs that came of one plan share this.
 */
run: string, 
/**
 * The host's name.
 */
host: string, 
/**
 * The host's stage.
 */
stage: string, 
/**
 * What it is for.
 */
title: WireMessage, 
/**
 * `queued`, `running`, `changed`, `done`, `failed` or `cancelled`.
 */
state: string, 
/**
 * Whether this process follows it now. A job that is `running` and not attached goes on at its host.
 */
attached: boolean, 
/**
 * When it was recorded, in milliseconds since 1970.
 */
created_ms: number, 
/**
 * When it ended.
 */
ended_ms: number | null, 
/**
 * Its steps.
 */
steps: Array<JobStepView>, 
/**
 * Why it failed, or why it is not attached.
 */
error: ApiError | null, };
/**
 * Several jobs.
 */
export type JobsStarted = { 
/**
 * One per host of the plan.
 */
jobs: Array<JobView>, };
/**
 * A chain of the journal: what one person did on one device.
 */
export type JournalChain = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * The person's account.
 */
person: string, 
/**
 * The device's identifier.
 */
device: string, 
/**
 * Its entries.
 */
entries: number, 
/**
 * The last entry that is signed; 0 when none is.
 */
signed: number, 
/**
 * The fingerprint of who signed it.
 */
signer: string | null, 
/**
 * The name on the signer's card.
 */
signer_name: string | null, };
/**
 * Checks an exported journal: no vault is needed.
 */
export type JournalCheck = { 
/**
 * The file.
 */
path: string, 
/**
 * The fingerprint that must have signed it, known from elsewhere; of several people, parted by commas.
 */
signer: string | null, };
/**
 * Writes the journal to a file.
 */
export type JournalExport = { 
/**
 * The file to make: one JSON object a line. Must not exist.
 */
path: string, };
/**
 * A journal that was written to a file.
 */
export type JournalExported = { 
/**
 * The file.
 */
path: string, 
/**
 * Entries in it.
 */
entries: number, };
/**
 * A page of the journal, newest first.
 */
export type JournalPage = { 
/**
 * The entries.
 */
entries: Array<JournalRow>, 
/**
 * Entries in all.
 */
total: number, };
/**
 * Asks for a page of the journal, newest first.
 */
export type JournalPageRequest = { 
/**
 * Entries before this sequence number; the newest when absent.
 */
before: number | null, 
/**
 * 100 when absent, at most 1,000.
 */
limit: number | null, };
/**
 * What checking the journal found.
 */
export type JournalReport = { 
/**
 * Whether every entry is chained to the one before it and the anchor agrees.
 */
intact: boolean, 
/**
 * Entries that were checked.
 */
entries: number, 
/**
 * The first entry that is wrong.
 */
broken_at: number | null, 
/**
 * The chain's value at the last entry, in hexadecimal.
 */
head: string, 
/**
 * One row per person and device.
 */
chains: Array<JournalChain>, };
/**
 * An entry of the journal.
 */
export type JournalRow = { 
/**
 * Counted from 1, without gaps.
 */
sequence: number, 
/**
 * Milliseconds since 1970.
 */
at_ms: number, 
/**
 * The account that did it.
 */
person: string, 
/**
 * What happened.
 */
event: WireMessage, 
/**
 * What it happened to, where that is more than one: each path that was removed.
 */
items: Array<string>, 
/**
 * The host it concerns, by its name today, else by its identifier.
 */
host: string | null, 
/**
 * The chain's value at this entry, in hexadecimal.
 */
mac: string, 
/**
 * The chain it belongs to: one for each person and device.
 */
chain: string, 
/**
 * Counted from 1 in its chain.
 */
number: number, };
/**
 * Makes a key to log in with, of Ed25519, and stores it.
 */
export type KeyGenerate = { 
/**
 * A name that no secret has.
 */
name: string, 
/**
 * Its stage; dev when absent.
 */
stage: string | null, 
/**
 * Which key; Ed25519 when absent.
 */
key: KeyKind, 
/**
 * What is seen beside it on hosts; its name when absent.
 */
comment: string | null, };
/**
 * Which key is made.
 */
export type KeyKind = "ed25519" | "ecdsa-p256" | "rsa-3072" | "rsa-4096";
/**
 * Writes what is trusted to a `known_hosts` file.
 */
export type KnownHostsExport = { 
/**
 * The file to make.
 */
destination: string, 
/**
 * Which hosts; all when absent.
 */
on: string | null, 
/**
 * Whether names are hashed, so that the file tells nobody which hosts there are.
 */
hashed: boolean, };
/**
 * What was written.
 */
export type KnownHostsExported = { 
/**
 * The file.
 */
path: string, 
/**
 * Lines that were written.
 */
lines: number, 
/**
 * Hosts that trust a fingerprint whose key was never seen: it cannot be written. A test of the host sees it.
 */
unseen: Array<string>, };
/**
 * Takes trusted keys in from a `known_hosts` file: for hosts of the catalog whose address stands in it.
 */
export type KnownHostsImport = { 
/**
 * The file.
 */
file: string, 
/**
 * Only these hosts; all when absent. The same address at two clients is two hosts: name the one that is meant.
 */
on: string | null, 
/**
 * Whether to change nothing, and only say what would be.
 */
dry_run: boolean, };
/**
 * What a `known_hosts` file brought.
 */
export type KnownHostsImported = { 
/**
 * Hosts of the catalog that stand in it, by name.
 */
hosts: Array<KnownHostsOfHost>, 
/**
 * Entries for no host of the catalog.
 */
unused: number, 
/**
 * Lines that are not understood: their number, and why.
 */
not_understood: Array<KnownHostsLine>, };
/**
 * A line of a `known_hosts` file that is not understood.
 */
export type KnownHostsLine = { 
/**
 * Counted from 1.
 */
line: number, 
/**
 * Why, in technical words.
 */
reason: string, };
/**
 * What a `known_hosts` file brought for one host.
 */
export type KnownHostsOfHost = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Keys that it now trusts and did not.
 */
trusted: Array<string>, 
/**
 * Authorities that it now trusts and did not.
 */
authorities: Array<string>, 
/**
 * Keys that are now refused.
 */
revoked: Array<string>, 
/**
 * Why nothing was changed for it.
 */
error: ApiError | null, };
/**
 * A vault that this machine has seen.
 */
export type KnownVault = { 
/**
 * Its folder.
 */
path: string, 
/**
 * The folder's name without `.beffroi`; the true name is known once it is open.
 */
name: string, 
/**
 * Its identifier, when it is open in this process: requests name it.
 */
open: string | null, 
/**
 * Whether the folder is there now.
 */
present: boolean, 
/**
 * When it was last opened here, in milliseconds since 1970.
 */
opened_ms: number | null, };
/**
 * How leaked passwords were looked up.
 */
export type LeakedBy = "order" | "reading" | "folder";
/**
 * Something that lies on a host.
 */
export type LedgerEntry = { 
/**
 * `job-folder`, `published` or `authorized-key`.
 */
kind: string, 
/**
 * Which: `JOB.STEP`, or a fingerprint.
 */
what: string, 
/**
 * Whether this catalog put it there.
 */
ours: boolean, 
/**
 * Of a job's folder, as the host says: `staged`, `running`, `ended` or `vanished`.
 */
state: string | null, 
/**
 * Bytes that it takes.
 */
bytes: number | null, 
/**
 * When its command started, in seconds since 1970 by the host's clock.
 */
started_s: number | null, };
/**
 * Old algorithms that one host may use, and nobody else.
 */
export type Legacy = { 
/**
 * Their SSH names, such as `diffie-hellman-group14-sha1`; none takes the leave away.
 */
algorithms: Array<string>, 
/**
 * Why they are needed.
 */
why: string, 
/**
 * Until when, in milliseconds since 1970.
 */
until_ms: number, };
/**
 * What listens for connections or datagrams.
 */
export type Listener = { 
/**
 * TCP or UDP.
 */
protocol: Protocol, 
/**
 * The address, such as `0.0.0.0`, `::`, `127.0.0.1`.
 */
address: string, 
/**
 * The port.
 */
port: number, 
/**
 * The program; `None` where the account may not know.
 */
process: string | null, };
/**
 * Gives a file or folder of this machine another name or place.
 */
export type LocalFileRename = { 
/**
 * What is renamed.
 */
from: string, 
/**
 * Its new path, where nothing is yet.
 */
to: string, };
/**
 * Asks what lies in a folder of this machine.
 */
export type LocalFiles = { 
/**
 * The folder; home when it is absent.
 */
path: string | null, };
/**
 * Makes a folder on this machine.
 */
export type LocalFolderMake = { 
/**
 * The folder.
 */
path: string, };
/**
 * A permission that an account has.
 */
export type MatrixAccess = { 
/**
 * The permission.
 */
permission: string, 
/**
 * Why, the widest reason first.
 */
why: Array<MatrixReason>, };
/**
 * An account of a host.
 */
export type MatrixAccount = { 
/**
 * Its login.
 */
login: string, 
/**
 * The name that the host has.
 */
fullname: string, 
/**
 * Whose it is, once somebody said so.
 */
person: string | null, 
/**
 * Its groups, without that of everybody.
 */
groups: Array<string>, 
/**
 * The permissions that it has.
 */
access: Array<MatrixAccess>, };
/**
 * A host of a matrix.
 */
export type MatrixHost = { 
/**
 * Its name.
 */
host: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * When it was surveyed, in milliseconds since 1970.
 */
taken_ms: number, 
/**
 * Its permissions, those of the system first.
 */
permissions: Array<MatrixPermission>, 
/**
 * Its accounts, by login.
 */
accounts: Array<MatrixAccount>, 
/**
 * Its groups that people can be put into.
 */
groups: Array<string>, };
/**
 * A permission of a host.
 */
export type MatrixPermission = { 
/**
 * Its name, such as `nextcloud.main`.
 */
name: string, 
/**
 * What people see.
 */
label: string, 
/**
 * Whether anybody has it, without an account.
 */
visitors: boolean, 
/**
 * Whether everybody who has an account has it.
 */
all_users: boolean, };
/**
 * Why somebody has a permission.
 */
export type MatrixReason = { "kind": "visitors" } | { "kind": "all_users" } | { "kind": "group", 
/**
 * The group.
 */
name: string, } | { "kind": "direct" };
/**
 * Asks who can use what.
 */
export type MatrixRequest = { 
/**
 * A selector.
 */
on: string, 
/**
 * Of this person only.
 */
person: string | null, };
/**
 * A thing that both copies changed.
 */
export type MergeConflict = { 
/**
 * What it is resolved by.
 */
key: string, 
/**
 * As in [`MergeTaken`].
 */
what: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Where they differ; empty where its stage is sealed.
 */
fields: Array<MergeField>, 
/**
 * Whether it is gone here.
 */
removed_here: boolean, 
/**
 * Whether it is gone in the other copy.
 */
removed_there: boolean, 
/**
 * Which side is kept, once it was said.
 */
kept: MergeKeep | null, };
/**
 * What becomes of a thing here.
 */
export type MergeEffect = "added" | "changed" | "removed";
/**
 * A field that is not the same in both copies.
 */
export type MergeField = { 
/**
 * Its name.
 */
field: string, 
/**
 * What it says here; absent where it is not there, or not told.
 */
mine: string | null, 
/**
 * What it says in the other copy.
 */
theirs: string | null, 
/**
 * Whether it is a value that is not told.
 */
hidden: boolean, };
/**
 * Which side is kept of what both copies changed.
 */
export type MergeKeep = "mine" | "theirs";
/**
 * Something that got another name.
 */
export type MergeRename = { 
/**
 * `host` or `secret`.
 */
what: string, 
/**
 * The name it had.
 */
from: string, 
/**
 * The name it has.
 */
to: string, };
/**
 * What is kept of one thing that both copies changed.
 */
export type MergeResolved = { 
/**
 * Its key, or what it is and its name, as in `secret:acme/key`.
 */
key: string, 
/**
 * Which side is kept.
 */
keep: MergeKeep, };
/**
 * A thing that is taken from the other copy.
 */
export type MergeTaken = { 
/**
 * `host`, `secret`, `document`, `stage`, `policy`, `recipe` or `identity`.
 */
what: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * What becomes of it here.
 */
effect: MergeEffect, };
/**
 * Why a part of the facts is not there, or not whole.
 */
export type Missing = "not_readable" | "no_tool" | "cut" | "failed" | "not_asked" | "not_answered";
/**
 * A request without parameters.
 */
export type Nothing = Record<symbol, never>;
/**
 * What became of an account.
 */
export type OffboardAccount = { 
/**
 * The host.
 */
host: string, 
/**
 * The login.
 */
login: string, 
/**
 * What it could use before.
 */
permissions: Array<string>, 
/**
 * The groups that it was in.
 */
groups: Array<string>, 
/**
 * Whether it is gone.
 */
removed: boolean, 
/**
 * Whether its home and its mail were deleted, and looked for afterwards.
 */
purged: boolean, 
/**
 * What was done, step by step.
 */
done: Array<OffboardStep>, 
/**
 * Why it is not gone; of one that is, what may be left of it.
 */
why: ApiError | null, };
/**
 * How a person was off-boarded: what was removed, and what cannot be.
 */
export type OffboardReport = { 
/**
 * The name of the card.
 */
person: string, 
/**
 * First and last name.
 */
fullname: string, 
/**
 * When the first plan of it was run, in milliseconds since 1970.
 */
planned_ms: number, 
/**
 * When the report was made.
 */
made_ms: number, 
/**
 * Whether the homes and the mail of every account were deleted, and looked for afterwards.
 */
purge: boolean, 
/**
 * What became of each account that is theirs, also of those that no plan had.
 */
accounts: Array<OffboardAccount>, 
/**
 * Hosts with an account of the same login that nobody said to be theirs: left alone.
 */
not_linked: Array<string>, 
/**
 * Passwords that an administrator of a host could see there, by the names of the secrets: to be changed.
 */
shared: Array<string>, 
/**
 * How many accounts are under stages that were sealed: some may be theirs, and were left alone.
 */
sealed: number, 
/**
 * What cannot be taken back.
 */
remains: Array<WireMessage>, 
/**
 * The last entry of the journal when it was made.
 */
journal_entry: number, 
/**
 * The value of the journal's chain at it.
 */
journal_head: string, 
/**
 * The same in English, for whoever reads the file without Beffroi.
 */
text_en: string, 
/**
 * The same in French.
 */
text_fr: string, };
/**
 * Something that was done.
 */
export type OffboardStep = { 
/**
 * What.
 */
what: WireMessage, 
/**
 * When it ended, in milliseconds since 1970.
 */
at_ms: number, };
/**
 * The host key that an address shows.
 */
export type OfferedKey = { 
/**
 * `SHA256:…`.
 */
fingerprint: string, 
/**
 * Such as `ssh-ed25519`.
 */
algorithm: string, };
/**
 * A one-time code.
 */
export type OneTimeCode = { 
/**
 * The secret.
 */
name: string, 
/**
 * The code.
 */
code: SecretOutput, 
/**
 * Until when it is the current one, in milliseconds since 1970.
 */
until_ms: number, 
/**
 * For how many seconds each is.
 */
period_s: number, };
/**
 * A piece of output. It need not end at a line's end.
 */
export type OutputPiece = { 
/**
 * Grows by one from piece to piece of a job.
 */
ordinal: number, 
/**
 * The step that wrote it.
 */
step: number, 
/**
 * When it arrived, in milliseconds since 1970.
 */
at_ms: number, 
/**
 * `stdout`, `stderr` or `note`.
 */
stream: string, 
/**
 * Byte offset of its start in its stream.
 */
offset: number, 
/**
 * Text, secrets redacted; bytes that are not UTF-8 are replaced. For a note, empty.
 */
text: string, 
/**
 * For a note: that the link was lost, that it was attached again.
 */
note: WireMessage | null, };
/**
 * What a parcel holds, or would hold. No value is in it.
 */
export type ParcelContent = { 
/**
 * The file.
 */
path: string, 
/**
 * Its id; absent before it is made.
 */
id: string | null, 
/**
 * When it was made, in milliseconds since 1970.
 */
made_ms: number | null, 
/**
 * Who signs it.
 */
signer: string, 
/**
 * Their fingerprint: they can be asked for it.
 */
fingerprint: string, 
/**
 * Who can open it.
 */
readers: Array<ParcelReader>, 
/**
 * Its hosts.
 */
hosts: Array<ParcelHost>, 
/**
 * Its secrets.
 */
secrets: Array<ParcelSecret>, 
/**
 * What is not in it.
 */
left: Array<ImportRefused>, };
/**
 * Makes a parcel: hosts and secrets for somebody, signed and encrypted; or says what would be in it.
 */
export type ParcelCreate = { 
/**
 * Proves that it may be done: what opens the vault. Nothing is made when absent.
 */
authority: Authority | null, 
/**
 * The file to make.
 */
path: string, 
/**
 * Whom it is for: names or fingerprints of identities, public keys of age or SSH, files with one or with a card.
 */
readers: Array<string>, 
/**
 * The person whom it is given to.
 */
person: string | null, 
/**
 * Selectors of hosts.
 */
hosts: Array<string>, 
/**
 * Names of secrets.
 */
secrets: Array<string>, 
/**
 * Stages of which everything goes.
 */
stages: Array<string>, 
/**
 * Whether hosts go without the secrets that open them and without the hosts that they are reached through.
 */
only_named: boolean, };
/**
 * A parcel that was made here.
 */
export type ParcelGiven = { 
/**
 * Its id.
 */
id: string, 
/**
 * When it was made, in milliseconds since 1970.
 */
made_ms: number, 
/**
 * The file that was made.
 */
file: string, 
/**
 * Who it was said to be for.
 */
person: string | null, 
/**
 * Who can open it.
 */
readers: Array<ParcelReader>, 
/**
 * Its hosts.
 */
hosts: Array<string>, 
/**
 * How many secrets are in it.
 */
secrets: number, 
/**
 * How many of them still are what was handed over.
 */
open: number, };
/**
 * A secret that somebody could read.
 */
export type ParcelHanded = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * When it could last be read, in milliseconds since 1970.
 */
since_ms: number, 
/**
 * Whether it still is what they could read.
 */
standing: ParcelStanding, 
/**
 * What of it is: `value`, `totp`, `field:…`.
 */
parts: Array<string>, 
/**
 * Whether it was in a parcel; else it was in the vault.
 */
in_parcel: boolean, 
/**
 * Whether it is rotated from here; else it is changed by hand, where it is used.
 */
rotatable: boolean, 
/**
 * Hosts that are given it.
 */
hosts: Array<string>, };
/**
 * A host of a parcel.
 */
export type ParcelHost = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * Whether it goes along only because another one is reached through it.
 */
through: boolean, };
/**
 * Merges another copy of the open vault into it, or says what that would do.
 */
export type ParcelMerge = { 
/**
 * The folder of the other copy.
 */
other: string, 
/**
 * What is kept of all that both changed and that `resolved` does not name.
 */
keep: MergeKeep | null, 
/**
 * What is kept of single things.
 */
resolved: Array<MergeResolved>, 
/**
 * Whether to stop before anything is written.
 */
rehearse: boolean, };
/**
 * What a merge did, or would do.
 */
export type ParcelMerged = { 
/**
 * The other copy.
 */
other: string, 
/**
 * Whether anything was written.
 */
merged: boolean, 
/**
 * What is taken from the other copy.
 */
taken: Array<MergeTaken>, 
/**
 * What both changed.
 */
conflicts: Array<MergeConflict>, 
/**
 * What got another name, since the other copy has one of the same.
 */
renames: Array<MergeRename>, 
/**
 * Entries of its journal that are new here.
 */
entries: number, 
/**
 * Surveys that were copied; 0 before it is done, as the next two.
 */
surveys: number, 
/**
 * Jobs that ended.
 */
jobs: number, 
/**
 * Results of runs.
 */
runs: number, 
/**
 * Whether the other copy has other ways in. Those are not merged.
 */
other_ways: boolean, };
/**
 * Somebody who can open a parcel.
 */
export type ParcelReader = { 
/**
 * What they are called; may be empty.
 */
name: string, 
/**
 * Their public key: `age1…`, or one of SSH.
 */
key: string, };
/**
 * A secret of a parcel.
 */
export type ParcelSecret = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * `private-key`, `password` or `note`.
 */
kind: string, 
/**
 * Hosts of the parcel that log in with it.
 */
opens: Array<string>, };
/**
 * Whether a secret still is what somebody could read.
 */
export type ParcelStanding = "same" | "changed" | "gone";
/**
 * A way into the vault that somebody has or had.
 */
export type ParcelWay = { 
/**
 * Its slot, while it is there.
 */
slot: string | null, 
/**
 * Its kind.
 */
kind: string, 
/**
 * What it is called.
 */
label: string, 
/**
 * Since when, in milliseconds since 1970.
 */
since_ms: number | null, 
/**
 * Until when; it is there when absent.
 */
until_ms: number | null, };
/**
 * Asks what was handed over.
 */
export type ParcelWhom = { 
/**
 * To whom: a person, an identity, a key, a fingerprint; to everybody when absent.
 */
who: string | null, };
/**
 * What was handed over, and what of it still is what it was.
 */
export type ParcelsGiven = { 
/**
 * The parcels, the newest first.
 */
parcels: Array<ParcelGiven>, 
/**
 * The secrets that could be read.
 */
secrets: Array<ParcelHanded>, 
/**
 * Ways into the vault itself that whoever was asked for has or had: everything could be read with one.
 */
ways: Array<ParcelWay>, 
/**
 * Stages with a secret of their own, where there is such a way.
 */
protected: Array<string>, 
/**
 * Parts of parcels that are under sealed stages, and not told.
 */
sealed: number, };
/**
 * Makes a passphrase of words.
 */
export type PassphraseGenerate = { 
/**
 * Its words, from 4 to 24.
 */
words: number, 
/**
 * Where they are from.
 */
list: WordList, 
/**
 * What stands between them: one sign, a space, or nothing where each begins with a capital.
 */
separator: string, 
/**
 * Whether each word begins with a capital.
 */
capitals: boolean, 
/**
 * Whether a digit follows one of the words.
 */
digit: boolean, };
/**
 * The state of a password.
 */
export type Password = "locked" | "set" | "empty";
/**
 * An upgrade on a host.
 */
export type PendingAt = { 
/**
 * The host.
 */
host: string, 
/**
 * The instance of the application, the package, the migration.
 */
id: string, 
/**
 * The version that is installed; empty for a migration.
 */
version: string, 
/**
 * What it touches: where the application answers; YunoHost's group of the package, such as `databases`.
 */
touches: string | null, };
/**
 * Something that can be upgraded on one host or several.
 */
export type PendingUpgrade = { 
/**
 * `app`, `package` or `migration`.
 */
kind: string, 
/**
 * The application by its name in the catalog, the package, the migration.
 */
name: string, 
/**
 * The version that would be there; absent where the host does not know of one.
 */
new_version: string | null, 
/**
 * What YunoHost says of it: `upgradable`, `url_required`, `fail_requirements`…; empty for what is no application.
 */
status: string, 
/**
 * Whether YunoHost gets another first or second number there: its notes are to be read before.
 */
important: boolean, 
/**
 * Where.
 */
hosts: Array<PendingAt>, };
/**
 * Where hosts and cards disagree.
 */
export type PeopleDrift = { 
/**
 * Host by host.
 */
drift: Array<DriftView>, };
/**
 * Who can use what, and why, as the last surveys have it.
 */
export type PeopleMatrix = { 
/**
 * The hosts, by name. One that was not surveyed, or is sealed, is not among them.
 */
hosts: Array<MatrixHost>, };
/**
 * An account of a person, or one that may be theirs.
 */
export type PersonAccount = { 
/**
 * The host.
 */
host: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * What the account is called there.
 */
login: string, 
/**
 * `linked`; `gone` when it is not on the host any more; `not-seen` when the host was not surveyed; `not-linked` when it
 * only has the same login.
 */
standing: string, 
/**
 * What the host's last survey says of it.
 */
seen: SeenAccount | null, 
/**
 * The secret that holds its password.
 */
secret: string | null, };
/**
 * What is done for a person.
 */
export type PersonAction = { "kind": "add", 
/**
 * First and last name: of somebody who has no card, which is made with the first account.
 */
fullname: string | null, 
/**
 * The login of their accounts, where it is not that of the card: on a host where they have one already, another one.
 */
login: string | null, 
/**
 * The domain of its address; the host's main one when absent.
 */
domain: string | null, 
/**
 * The most that its mail may take.
 */
mailbox_quota: string | null, 
/**
 * Groups that it is put into.
 */
groups: Array<string>, } | { "kind": "grant", 
/**
 * Which.
 */
permissions: Array<string>, } | { "kind": "revoke", 
/**
 * Which.
 */
permissions: Array<string>, } | { "kind": "join", 
/**
 * Which.
 */
groups: Array<string>, } | { "kind": "leave", 
/**
 * Which.
 */
groups: Array<string>, } | { "kind": "add_key", 
/**
 * The public key.
 */
key: string, } | { "kind": "remove_key", 
/**
 * The line of the key.
 */
key: string, } | { "kind": "rotate", } | { "kind": "offboard", 
/**
 * Whether its home and its mail are deleted.
 */
purge: boolean, };
/**
 * A card to be made or changed; what is absent stays as it is.
 */
export type PersonCard = { 
/**
 * What the person is called here: as a login.
 */
name: string, 
/**
 * First and last name; a new card needs one.
 */
fullname: string | null, 
/**
 * The login; the name for a new card.
 */
login: string | null, 
/**
 * An address outside of the hosts.
 */
mail: string | null, 
/**
 * Whatever is worth knowing.
 */
notes: string | null, };
/**
 * A change for one person on some hosts.
 */
export type PersonChange = { 
/**
 * The name of the card.
 */
person: string, 
/**
 * A selector. All but `add` are for the accounts that are theirs there, and for no others.
 */
on: string, 
/**
 * What is done.
 */
change: PersonAction, };
/**
 * Asks for a file for a spreadsheet.
 */
export type PersonExport = { 
/**
 * `people`, `accounts` (as YunoHost's own import has them, without passwords), or `matrix`.
 */
what: string, 
/**
 * A selector.
 */
on: string, 
/**
 * A new file to write it to.
 */
path: string | null, };
/**
 * A list of users to be taken in.
 */
export type PersonImport = { 
/**
 * The file's text; it may have passwords.
 */
text: SecretInput, 
/**
 * A selector.
 */
on: string, 
/**
 * Whether accounts that are there are changed to what the list says.
 */
update: boolean, };
/**
 * What taking in a list would do.
 */
export type PersonImportView = { 
/**
 * Its rows and what each comes to.
 */
rows: Array<ImportRow>, 
/**
 * What is wrong with it. While anything is, there is no plan.
 */
faults: Array<ImportFault>, 
/**
 * The plan; nothing when there is nothing to do.
 */
plan: PlanView | null, };
/**
 * Accounts of hosts that are a person's, or are not any more.
 */
export type PersonLink = { 
/**
 * The name of the card.
 */
name: string, 
/**
 * A selector.
 */
on: string, 
/**
 * The login: of an account that is to be theirs, where it is not that of the card; of those that are not to be any more, where
 * not all of these hosts'.
 */
login: string | null, };
/**
 * Everybody who has a card.
 */
export type PersonList = { 
/**
 * By name.
 */
people: Array<PersonView>, };
/**
 * Names a person.
 */
export type PersonName = { 
/**
 * The name of the card.
 */
name: string, };
/**
 * Asks for one plan of changes for people. Nothing is changed on any host.
 */
export type PersonPlan = { 
/**
 * The changes, at most 2,000.
 */
changes: Array<PersonChange>, };
/**
 * A report, and who signed it.
 */
export type PersonReport = { 
/**
 * What it says.
 */
report: OffboardReport, 
/**
 * The fingerprint of who signed.
 */
signer: string, 
/**
 * The signed file's content.
 */
file: string, 
/**
 * Where it was written to.
 */
path: string | null, };
/**
 * Asks for a report to be checked, without any vault.
 */
export type PersonReportCheck = { 
/**
 * The file.
 */
path: string, 
/**
 * The fingerprint of the identity that must have signed it.
 */
signer: string | null, };
/**
 * Asks for the signed report of an off-boarding.
 */
export type PersonReportRequest = { 
/**
 * The name of the card.
 */
name: string, 
/**
 * A new file to write it to.
 */
path: string | null, };
/**
 * A text, and where it was written to.
 */
export type PersonText = { 
/**
 * The text.
 */
text: string, 
/**
 * The file that it was written to.
 */
path: string | null, };
/**
 * A person, with their accounts.
 */
export type PersonView = { 
/**
 * What the person is called here.
 */
name: string, 
/**
 * The login that their accounts have.
 */
login: string, 
/**
 * First and last name.
 */
fullname: string, 
/**
 * An address outside of the hosts; may be empty.
 */
mail: string, 
/**
 * Whatever is worth knowing; may be empty.
 */
notes: string, 
/**
 * When the card was made, in milliseconds since 1970.
 */
created_ms: number, 
/**
 * When the person was last off-boarded.
 */
left_ms: number | null, 
/**
 * Their accounts by host, and those that only have the same login.
 */
accounts: Array<PersonAccount>, 
/**
 * How many accounts are under stages that are sealed: some may be theirs.
 */
sealed: number, };
/**
 * What a host said of a secret when it was asked.
 */
export type PlaceCheck = { 
/**
 * Whether the value opens.
 */
state: PlaceState, 
/**
 * Of a key: how many of its earlier values still stand among the account's authorized keys.
 */
earlier_keys: number | null, 
/**
 * Why nothing is known.
 */
error: ApiError | null, };
/**
 * Whether a value opens an account.
 */
export type PlaceState = "opens" | "unasked" | "refused" | "unknown";
/**
 * Asks for the plan of an action on hosts. Nothing is changed; each host is read first, so that guards can speak.
 */
export type PlanMake = { 
/**
 * A selector.
 */
on: string, 
/**
 * What to do.
 */
action: ActionRequest, 
/**
 * Makes a snapshot of the guest first that each host is: nothing begins there before.
 */
snapshot?: SnapshotFirst, };
/**
 * Names a plan.
 */
export type PlanName = { 
/**
 * Its identifier.
 */
plan: string, };
/**
 * Runs a plan.
 */
export type PlanRun = { 
/**
 * Its identifier.
 */
plan: string, 
/**
 * What the person typed, where a stage asks for it.
 */
typed: string | null, 
/**
 * The host on which it is run first: the others begin once it succeeded there.
 */
pilot?: string, };
/**
 * A plan that can be run.
 */
export type PlanView = { 
/**
 * Names it; it is forgotten after 30 minutes or when the vault is locked.
 */
id: string, 
/**
 * What it is for.
 */
title: WireMessage, 
/**
 * What must be typed before it is run: any one of these names. Empty when a yes is enough.
 */
confirm: Array<string>, 
/**
 * One part per host that it would change.
 */
hosts: Array<HostPlanView>, 
/**
 * Hosts it leaves alone, and why: a guard refused, or they cannot be reached.
 */
refused: Array<RefusedHost>, };
/**
 * A process that is kept, or may be.
 */
export type Process = { 
/**
 * Who keeps it.
 */
keeper: ProcessKeeper, 
/**
 * Its name there: of a unit of systemd without `.service`.
 */
name: string, 
/**
 * The account whose pm2 keeps it; absent for the keepers of the system.
 */
owner: string | null, 
/**
 * What it does now.
 */
state: ProcessState, 
/**
 * The keeper's own words for that, such as `auto-restart`, `crashed` or `errored`.
 */
says: string, 
/**
 * Whether it is started when the machine starts. `None` where that is not for anybody to set: a unit without an
 * installation section, which others pull in.
 */
at_boot: boolean | null, 
/**
 * What has it started then: runlevels of OpenRC, targets of systemd.
 */
boot_by: Array<string>, 
/**
 * Whether its account's pm2 has it in the list that it brings back; absent for the other keepers.
 */
saved: boolean | null, 
/**
 * Whether it does one thing and ends: it is not meant to be found running.
 */
is_oneshot: boolean, 
/**
 * Whether nothing may start it: a masked unit.
 */
masked: boolean, 
/**
 * Its first process.
 */
pid: number | null, 
/**
 * The memory that it takes, in bytes: of its control group where it has one, else of its first process.
 */
memory_bytes: number | null, 
/**
 * How often it was started again by its keeper.
 */
restarts: number | null, 
/**
 * How many of it run (pm2 in cluster mode); 1 elsewhere.
 */
instances: number, 
/**
 * Since when it is in this state, in seconds since 1970.
 */
since_seconds: number | null, 
/**
 * What it is, in its own words.
 */
description: string, 
/**
 * Other names that it goes by.
 */
aliases: Array<string>, 
/**
 * What starts it by itself when it is wanted, such as a socket or a timer: it may be there again soon after it was stopped.
 */
triggered_by: Array<string>, 
/**
 * The file that says what it is.
 */
definition: string | null, 
/**
 * Files that it writes to; empty where the journal has what it says.
 */
logs: Array<string>, };
/**
 * What is done to a process.
 */
export type ProcessChange = "start" | "stop" | "restart" | "enable" | "disable";
/**
 * One process.
 */
export type ProcessDetail = { 
/**
 * `HOST` or `HOST/GUEST`.
 */
host: string, 
/**
 * It, as it was just now.
 */
process: Process, };
/**
 * The processes of a host.
 */
export type ProcessHost = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * Whether it could be read.
 */
status: HostStatus, 
/**
 * Why not.
 */
error: ApiError | null, 
/**
 * How long reading took.
 */
duration_ms: number, 
/**
 * When it was read, in milliseconds since 1970.
 */
taken_ms: number, 
/**
 * The keepers that are there.
 */
keepers: Array<ProcessKeeperThere>, 
/**
 * What could not be read.
 */
missing: Array<ProcessMissing>, 
/**
 * How many there are, shown or not.
 */
total: number, 
/**
 * Those that were asked for, by keeper, owner and name.
 */
processes: Array<Process>, };
/**
 * Who keeps processes running.
 */
export type ProcessKeeper = "systemd" | "openrc" | "pm2";
/**
 * A keeper that is on a host.
 */
export type ProcessKeeperThere = { 
/**
 * Which.
 */
keeper: ProcessKeeper, 
/**
 * Its version; empty where it does not tell.
 */
version: string, 
/**
 * The account whose pm2 it is; absent for the keepers of the system.
 */
owner: string | null, 
/**
 * That account's home folder.
 */
home: string | null, 
/**
 * Whether it runs: pm2 is there with its list also while it does not.
 */
runs: boolean, 
/**
 * Whether it is started when the machine starts.
 */
at_boot: boolean, };
/**
 * Processes, by host.
 */
export type ProcessList = { 
/**
 * Each host, by name.
 */
hosts: Array<ProcessHost>, };
/**
 * Asks for the processes of hosts and guests. Each is read now, in one round trip, and nothing of it is stored.
 */
export type ProcessListRequest = { 
/**
 * Of which hosts and guests, by a selector.
 */
on: string, 
/**
 * Of one keeper only.
 */
keeper?: ProcessKeeper, 
/**
 * In one state only.
 */
state?: ProcessState, 
/**
 * Also those that neither run, failed nor start with the machine, and those of the system that did what they were for.
 */
all: boolean, };
/**
 * What a process wrote.
 */
export type ProcessLogs = { 
/**
 * `HOST` or `HOST/GUEST`.
 */
host: string, 
/**
 * Where it was read: files of the host, or a command.
 */
from: string, 
/**
 * The lines, the oldest first in each place.
 */
lines: Array<string>, };
/**
 * Asks for what a process wrote.
 */
export type ProcessLogsRequest = { 
/**
 * Which process.
 */
process: ProcessOf, 
/**
 * How many lines from the end, 10,000 at most.
 */
lines: number, };
/**
 * Something that could not be read.
 */
export type ProcessMissing = { 
/**
 * Of which keeper; absent where it is the whole.
 */
keeper: ProcessKeeper | null, 
/**
 * The account whose pm2 it is.
 */
owner: string | null, 
/**
 * Why.
 */
why: ProcessWhy, };
/**
 * Which process of a host.
 */
export type ProcessOf = { 
/**
 * `HOST` or `HOST/GUEST`.
 */
host: string, 
/**
 * Its name, or another one that it goes by.
 */
name: string, 
/**
 * Who keeps it, where several keepers have one of that name.
 */
keeper?: ProcessKeeper, 
/**
 * Whose pm2 keeps it, where several have one of that name.
 */
owner?: string, };
/**
 * Asks for the plan of a change of a process. Nothing is changed; the host is read first, so that guards can speak.
 */
export type ProcessPlan = { 
/**
 * Which process.
 */
process: ProcessOf, 
/**
 * What to do.
 */
change: ProcessChange, };
/**
 * What a process does now.
 */
export type ProcessState = "running" | "starting" | "stopping" | "stopped" | "failed";
/**
 * Why something is not known.
 */
export type ProcessWhy = "not-allowed" | "no-program" | "failed" | "cut";
/**
 * A protocol with ports.
 */
export type Protocol = "tcp" | "udp";
/**
 * The public part of a key.
 */
export type PublicKey = { 
/**
 * The secret.
 */
name: string, 
/**
 * As `authorized_keys` has it.
 */
line: string, 
/**
 * `SHA256:…`
 */
fingerprint: string, };
/**
 * Which way led to a host.
 */
export type ReachedBy = { 
/**
 * The way, as `USER@ADDRESS:PORT`.
 */
way: string, 
/**
 * The host that it leads through.
 */
jump: string | null, 
/**
 * The ways before it, and the technical reason why they did not lead there.
 */
passed_over: Array<WayNotTaken>, };
/**
 * Whether the machine waits for a restart.
 */
export type Reboot = { 
/**
 * Whether it does.
 */
required: boolean, 
/**
 * Packages that asked for it.
 */
packages: Array<string>, };
/**
 * What a recipe would run on one host.
 */
export type RecipeHostPlan = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * In which wave its turn comes, counted from 1; the canary is the first.
 */
wave: number, 
/**
 * In order, with the values put in.
 */
steps: Array<RecipeStep>, 
/**
 * Why nothing would be done there.
 */
error: ApiError | null, };
/**
 * The recipes, by name.
 */
export type RecipeList = { 
/**
 * One row per recipe.
 */
recipes: Array<RecipeRow>, };
/**
 * Names a recipe.
 */
export type RecipeName = { 
/**
 * Its name.
 */
name: string, };
/**
 * A parameter of a recipe.
 */
export type RecipeParameter = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it takes.
 */
kind: RecipeParameterKind, 
/**
 * What it is for.
 */
description: string, 
/**
 * Whether it must be given.
 */
required: boolean, 
/**
 * What is taken when it is not given.
 */
default: string | null, 
/**
 * Of a text: what it must match as a whole, a regular expression.
 */
pattern: string | null, 
/**
 * Of an integer: the least. Of a text: the fewest characters.
 */
min: number | null, 
/**
 * Of an integer: the most. Of a text: the most characters.
 */
max: number | null, 
/**
 * Of a choice: what can be chosen.
 */
choices: Array<string>, };
/**
 * What a parameter of a recipe takes.
 */
export type RecipeParameterKind = "text" | "integer" | "choice" | "boolean" | "host";
/**
 * What a recipe would run.
 */
export type RecipePlan = { 
/**
 * The recipe's name.
 */
recipe: string, 
/**
 * Whether it is run as root, by sudo.
 */
sudo: boolean, 
/**
 * Seconds for each host.
 */
timeout_s: number, 
/**
 * How it goes through the hosts.
 */
pace: RunPace, 
/**
 * One per host, by name.
 */
hosts: Array<RecipeHostPlan>, };
/**
 * A recipe in a line.
 */
export type RecipeRow = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it is for.
 */
description: string, 
/**
 * The names of its parameters.
 */
parameters: Array<string>, 
/**
 * How many steps it has.
 */
steps: number, 
/**
 * Whether it is run as root, by sudo.
 */
sudo: boolean, 
/**
 * Why it cannot be run: it is not what was written with this vault's key.
 */
error: ApiError | null, };
/**
 * Runs a recipe on hosts, or asks what that would be.
 */
export type RecipeRun = { 
/**
 * The recipe's name.
 */
recipe: string, 
/**
 * A selector.
 */
on: string, 
/**
 * Values of its parameters. Never a secret: they stand in the command.
 */
values: { [key in string]: string }, 
/**
 * Whether it is run as root, by sudo; what the recipe says when false.
 */
sudo: boolean, 
/**
 * Seconds for each host; what the recipe says when absent.
 */
timeout_s: number | null, 
/**
 * How it goes through the hosts; what is absent, the recipe says.
 */
pace: RunPace, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * Stores a recipe, in the place of one of the same name.
 */
export type RecipeSet = { 
/**
 * The recipe's file: TOML, at most 64 KiB. Its name stands in it.
 */
text: string, };
/**
 * A step of a recipe.
 */
export type RecipeStep = { 
/**
 * What it does, in words.
 */
title: string, 
/**
 * Shell text with placeholders.
 */
command: string, };
/**
 * A recipe.
 */
export type RecipeView = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it is for.
 */
description: string, 
/**
 * What can be given, in the order of the file.
 */
parameters: Array<RecipeParameter>, 
/**
 * What is run, in order; on each host up to the first that fails.
 */
steps: Array<RecipeStep>, 
/**
 * Whether it is run as root, by sudo.
 */
sudo: boolean, 
/**
 * Seconds for each host.
 */
timeout_s: number, 
/**
 * How it goes through the hosts, unless asked otherwise.
 */
pace: RunPace, 
/**
 * Grows with every change.
 */
revision: number, 
/**
 * The file, as it was given.
 */
text: string, };
/**
 * A host that a plan leaves alone.
 */
export type RefusedHost = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Why.
 */
error: ApiError, };
/**
 * A removal that goes on.
 */
export type RemovalName = { 
/**
 * What it was called in its request.
 */
name: string, };
/**
 * A cell of a table.
 */
export type ReportCell = { 
/**
 * In words; one thing on each line, empty for nothing.
 */
text: string, 
/**
 * The moment that it is, in milliseconds since 1970.
 */
at_ms: number | null, 
/**
 * The number that it is; of a size, bytes.
 */
number: number | null, };
/**
 * Asks whether files are what was signed.
 */
export type ReportCheck = { 
/**
 * The statement; the files lie beside it.
 */
path: string, 
/**
 * Fingerprint of the identity that must have signed it.
 */
signer: string | null, };
/**
 * A statement that holds, and how the files beside it are.
 */
export type ReportChecked = { 
/**
 * The fingerprint of who signed.
 */
signer: string, 
/**
 * Their name, as their card has it.
 */
name: string, 
/**
 * When, in milliseconds since 1970.
 */
at_ms: number, 
/**
 * The files.
 */
files: Array<ReportFileChecked>, };
/**
 * A column of a table.
 */
export type ReportColumn = { 
/**
 * Its name.
 */
name: string, 
/**
 * The same in words.
 */
title: string, };
/**
 * A host of which nothing is told.
 */
export type ReportExcluded = { 
/**
 * Its name.
 */
host: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * `sealed` or `forged`.
 */
why: string, };
/**
 * A file of a report.
 */
export type ReportFile = { 
/**
 * Where it is.
 */
path: string, 
/**
 * Its size.
 */
bytes: number, 
/**
 * Its SHA-256, in hexadecimal.
 */
sha256: string, };
/**
 * A file that a statement is about.
 */
export type ReportFileChecked = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its SHA-256 when it was signed, in hexadecimal.
 */
sha256: string, 
/**
 * `same`, `changed` or `missing`.
 */
state: string, };
/**
 * Asks for a report.
 */
export type ReportRequest = { 
/**
 * What it is about: `interventions`, `state` or `dossier`.
 */
kind: string, 
/**
 * Which hosts.
 */
on: string, 
/**
 * Of interventions: from when, in milliseconds since 1970.
 */
since_ms: number | null, 
/**
 * Until when, that moment not included.
 */
until_ms: number | null, 
/**
 * Of a dossier: files that are handed over with it.
 */
handed: Array<string>, 
/**
 * Its language: `fr` or `en`.
 */
language: string, };
/**
 * A part of a report.
 */
export type ReportSection = { 
/**
 * Its name.
 */
name: string, 
/**
 * The same in words.
 */
title: string, 
/**
 * Sentences.
 */
notes: Array<string>, 
/**
 * Things to do, in order.
 */
steps: Array<ReportStep>, 
/**
 * Tables.
 */
tables: Array<ReportTable>, 
/**
 * Whether it is a page to be signed.
 */
signed: boolean, };
/**
 * Something to do.
 */
export type ReportStep = { 
/**
 * What.
 */
text: string, 
/**
 * What is typed; may have several lines, and may be empty.
 */
code: string, };
/**
 * A table of a report.
 */
export type ReportTable = { 
/**
 * Its name, which no other of the report has.
 */
name: string, 
/**
 * The same in words.
 */
title: string, 
/**
 * Its columns.
 */
columns: Array<ReportColumn>, 
/**
 * Its rows, with a cell for each column.
 */
rows: Array<Array<ReportCell>>, };
/**
 * A report in words.
 */
export type ReportView = { 
/**
 * What it is about.
 */
kind: string, 
/**
 * Its language.
 */
language: string, 
/**
 * What it is called.
 */
title: string, 
/**
 * The vault's name: whose hosts they are.
 */
vault: string, 
/**
 * Hosts that it is about, by name.
 */
hosts: Array<string>, 
/**
 * Hosts that were selected and of which nothing is told.
 */
excluded: Array<ReportExcluded>, 
/**
 * From when, in milliseconds since 1970.
 */
since_ms: number | null, 
/**
 * Until when.
 */
until_ms: number | null, 
/**
 * When it was made.
 */
made_ms: number, 
/**
 * What stands under its title: names and values.
 */
about: Array<[string, string]>, 
/**
 * What it says.
 */
sections: Array<ReportSection>, };
/**
 * Asks for a report in files.
 */
export type ReportWrite = { 
/**
 * Which.
 */
report: ReportRequest, 
/**
 * `pdf`, `csv` (a file for each table) or `json`.
 */
format: string, 
/**
 * The file. Of several tables as CSV, the name of each stands before its ending.
 */
path: string, 
/**
 * Of CSV: this table only, in just that file.
 */
table: string | null, 
/**
 * Files of these names are replaced.
 */
force: boolean, 
/**
 * A statement of what was written is signed and written beside.
 */
sign: boolean, };
/**
 * A report that was written.
 */
export type ReportWritten = { 
/**
 * The files.
 */
files: Array<ReportFile>, 
/**
 * The signed statement of their SHA-256.
 */
statement: string | null, 
/**
 * The fingerprint of who signed.
 */
signer: string | null, };
/**
 * What a machine is used for, by what is installed.
 */
export type Role = "yunohost" | "lxc" | "lxd" | "incus" | "proxmox" | "libvirt" | "docker" | "podman" | "kubernetes" | "nginx" | "apache" | "caddy" | "haproxy" | "mariadb" | "postgresql" | "redis" | "postfix" | "dovecot" | "dns" | "ldap" | "nfs" | "samba" | "wireguard" | "fail2ban" | "backup";
/**
 * What is rotated.
 */
export type RotatedKind = "key" | "password";
/**
 * A rotation, and where every host stands.
 */
export type Rotation = { 
/**
 * The secret.
 */
name: string, 
/**
 * The secret that holds the new value until every host has it.
 */
next: string, 
/**
 * What it is.
 */
kind: RotatedKind, 
/**
 * Whether it goes back.
 */
back: boolean, 
/**
 * Whether the old key goes on opening.
 */
keep_old: boolean, 
/**
 * When it began, in milliseconds since 1970.
 */
began_ms: number, 
/**
 * Whether it is over: the secret has its value, and there is only one.
 */
over: boolean, 
/**
 * Whether one of its two values is gone from the vault, so that it can only be given up, by going back.
 */
lost: boolean, 
/**
 * Its hosts, by name.
 */
hosts: Array<RotationHost>, };
/**
 * A host of a rotation.
 */
export type RotationHost = { 
/**
 * Its name.
 */
host: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * The accounts whose password or key it is.
 */
accounts: Array<string>, 
/**
 * How far it is.
 */
step: RotationStep, 
/**
 * Whether it was switched on the host's own word: nothing there asked for the value.
 */
unproven: boolean, 
/**
 * What is to be done there yet, in order.
 */
steps: Array<WireMessage>, 
/**
 * What kept it from going further.
 */
error: ApiError | null, };
/**
 * What a rotation would do.
 */
export type RotationPlan = { 
/**
 * It, as it would begin or go on.
 */
rotation: Rotation, 
/**
 * Names, any one of which must be typed before it is done. Empty when a yes is enough.
 */
confirm: Array<string>, };
/**
 * How far a host of a rotation is. On the way back the two values change their parts.
 */
export type RotationStep = "waiting" | "deploying" | "deployed" | "switched" | "revoking" | "done";
/**
 * What is to be done with a rotation.
 */
export type RotationWay = "begin" | "resume" | "back";
/**
 * A default route.
 */
export type Route = { 
/**
 * The next host; empty where the route is the interface alone.
 */
gateway: string, 
/**
 * The interface.
 */
interface: string, 
/**
 * The lower, the sooner it is taken.
 */
metric: number, };
/**
 * Runs a command on hosts, attached: it ends when the link does.
 */
export type Run = { 
/**
 * A selector.
 */
on: string, 
/**
 * Shell text, as typed.
 */
command: string, 
/**
 * Whether it is run as root, by sudo.
 */
sudo: boolean, 
/**
 * Seconds for each host; 60 when absent.
 */
timeout_s: number | null, 
/**
 * How it goes through the hosts.
 */
pace: RunPace, 
/**
 * Hosts at a time; what `pace` says when absent.
 */
parallel: number | null, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * How many hosts of a run have which result.
 */
export type RunCounts = { 
/**
 * Hosts in all.
 */
hosts: number, 
/**
 * It succeeded.
 */
ok: number, 
/**
 * It failed.
 */
failed: number, 
/**
 * They were not reached.
 */
unreachable: number, 
/**
 * Their stage is, or was, sealed.
 */
sealed: number, 
/**
 * Their turn did not come.
 */
skipped: number, 
/**
 * It was cancelled there.
 */
cancelled: number, };
/**
 * Hosts that gave the same: the same exit, the same output.
 */
export type RunGroup = { 
/**
 * Their names.
 */
hosts: Array<string>, 
/**
 * The command's exit status, when it had one.
 */
exit_code: number | null, 
/**
 * The signal that ended it, when one did.
 */
signal: string | null, 
/**
 * Standard output as text.
 */
stdout: string, 
/**
 * Standard error as text.
 */
stderr: string, 
/**
 * What differs from the standard output of the largest group, as a unified diff. Absent for that group, for one with
 * another exit, and where the texts are too large to be compared.
 */
diff: string | null, };
/**
 * The last runs, newest first.
 */
export type RunList = { 
/**
 * At most 100.
 */
runs: Array<RunRow>, };
/**
 * Names a run.
 */
export type RunName = { 
/**
 * Its identifier, or an ending of it that no other has.
 */
run: string, };
/**
 * How a run goes through its hosts, which come by name.
 */
export type RunPace = { 
/**
 * Hosts at a time; 32 when absent, at most 256.
 */
parallel: number | null, 
/**
 * So many hosts come first and alone; it goes on only when it succeeded on all of them.
 */
canary: number | null, 
/**
 * The sizes of the waves, such as `1,10%,50%`; the last one is repeated. One wave when absent.
 */
waves: string | null, 
/**
 * On so many hosts, `3` or `10%`, it may fail; after one more nothing new is started. Without it, a run in waves stops
 * at the first wave with a failure, and any other at none.
 */
budget: string | null, };
/**
 * A run, with what there is of its results.
 */
export type RunReport = { 
/**
 * Its identifier: `run_retry` and `run_show` take it.
 */
run: string, 
/**
 * When it began, in milliseconds since 1970.
 */
started_ms: number, 
/**
 * Whether it goes on.
 */
running: boolean, 
/**
 * The recipe that was run.
 */
recipe: string | null, 
/**
 * What is run, one shell text after the other.
 */
commands: Array<string>, 
/**
 * Whether it is run as root, by sudo.
 */
sudo: boolean, 
/**
 * How many hosts have which result.
 */
counts: RunCounts, 
/**
 * One per host, by name. While it runs, hosts whose result is not there yet have the status `running`.
 */
results: Array<RunResult>, 
/**
 * Hosts that gave the same, the largest group first; only of hosts whose output is still there.
 */
groups: Array<RunGroup>, };
/**
 * What work on one host gave.
 */
export type RunResult = { 
/**
 * The host's name.
 */
host: string, 
/**
 * How it went.
 */
status: HostStatus, 
/**
 * The command's exit status, when it had one.
 */
exit_code: number | null, 
/**
 * The signal that ended it, when one did.
 */
signal: string | null, 
/**
 * From connecting to the end.
 */
duration_ms: number, 
/**
 * Standard output as text; bytes that are not UTF-8 are replaced.
 */
stdout: string, 
/**
 * Standard error as text.
 */
stderr: string, 
/**
 * Whether a stream went over 1 MiB and was cut.
 */
cut: boolean, 
/**
 * Why it failed.
 */
error: ApiError | null, };
/**
 * Runs the same again on the hosts on which it did not succeed: that failed, were not reached, were skipped or cancelled.
 */
export type RunRetry = { 
/**
 * The run's identifier, or an ending of it that no other has.
 */
run: string, 
/**
 * Seconds for each host; those of that run when absent.
 */
timeout_s: number | null, 
/**
 * How it goes through the hosts.
 */
pace: RunPace, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * A run in a line.
 */
export type RunRow = { 
/**
 * Its identifier.
 */
run: string, 
/**
 * When it began, in milliseconds since 1970.
 */
started_ms: number, 
/**
 * Whether it goes on.
 */
running: boolean, 
/**
 * The recipe that was run.
 */
recipe: string | null, 
/**
 * What was run; absent when every host of it is of a stage that is sealed.
 */
command: string | null, 
/**
 * How many hosts have which result.
 */
counts: RunCounts, };
/**
 * A command of several.
 */
export type RunStep = { 
/**
 * What it is for, in the words of who wrote it.
 */
title: string | null, 
/**
 * Shell text.
 */
command: string, };
/**
 * A secret in a file, by its place.
 */
export type ScanFinding = { 
/**
 * The rule's name; `known-secret` for a value of the vault.
 */
rule: string, 
/**
 * The file, below what was scanned. Whoever wrote it named it: show it as text.
 */
path: string, 
/**
 * Its line, from 1.
 */
line: number, 
/**
 * Its byte in the line, from 1.
 */
column: number, 
/**
 * What stands before the secret, and a mask in its place. Show it as text.
 */
masked: string, 
/**
 * How many bytes it has.
 */
length: number, 
/**
 * The secret of the vault that it is.
 */
known: string | null, 
/**
 * The first commit that has it, of a history.
 */
commit: string | null, 
/**
 * Names the finding in a baseline. Nothing of the secret is in it.
 */
fingerprint: string, };
/**
 * The hook that looks through what is about to be committed.
 */
export type ScanHook = { 
/**
 * A place in the git repository. Absolute.
 */
path: string, 
/**
 * Takes it away.
 */
remove: boolean, };
/**
 * What became of the hook.
 */
export type ScanHooked = { 
/**
 * Its file.
 */
path: string, 
/**
 * Whether anything was done.
 */
changed: boolean, };
/**
 * Names a scan.
 */
export type ScanName = { 
/**
 * What its order called it.
 */
name: string, };
/**
 * What was found in files. No secret is in it.
 */
export type ScanReport = { 
/**
 * By path and line.
 */
findings: Array<ScanFinding>, 
/**
 * Findings that are not told because there are too many.
 */
untold: number, 
/**
 * Findings that the baseline has.
 */
accepted: number, 
/**
 * Files, or versions of files, that were looked into.
 */
files: number, 
/**
 * Their bytes.
 */
bytes: number, 
/**
 * Files that are not text.
 */
binary: number, 
/**
 * Files of more than 10 MiB.
 */
large: number, 
/**
 * Files that could not be read.
 */
unreadable: number, 
/**
 * Links and what is no file.
 */
others: number, 
/**
 * Whether it was told to stop before its end.
 */
stopped: boolean, 
/**
 * How many secrets' values were looked for; nothing when only the rules were asked.
 */
values: number | null, };
/**
 * What is looked through.
 */
export type ScanWhat = "files" | "all_files" | "staged" | "history";
/**
 * Finds hosts by a part of their name, and secrets by their names, titles, accounts, addresses, tags, groups, visible fields
 * and hosts.
 */
export type SearchRequest = { 
/**
 * Words; case does not matter. For secrets accents do not either, every word is somewhere, and one of four letters may have
 * a mistake.
 */
text: string, 
/**
 * How many of each: 20 when absent, at most 500.
 */
limit: number | null, 
/**
 * Only these; both when absent.
 */
only: FoundKind | null, };
/**
 * What was found: hosts first, those whose name begins with the text before the others; then secrets, the nearest first.
 */
export type SearchResults = { 
/**
 * What was found.
 */
found: Array<Found>, };
/**
 * A secret with what stands beside it.
 */
export type SecretAbout = { 
/**
 * What the list has of it.
 */
secret: SecretRow, 
/**
 * Its title; empty when it has its name only.
 */
title: string, 
/**
 * Its groups, the outermost first.
 */
path: Array<string>, 
/**
 * The account.
 */
user: string, 
/**
 * Addresses it is for.
 */
urls: Array<string>, 
/**
 * Words it is marked with.
 */
tags: Array<string>, 
/**
 * Whether it has notes.
 */
has_notes: boolean, 
/**
 * Whether it makes one-time codes.
 */
has_totp: boolean, 
/**
 * Whether the passphrase of its key is kept.
 */
has_passphrase: boolean, 
/**
 * Its fields.
 */
fields: Array<SecretField>, 
/**
 * Its files.
 */
attachments: Array<SecretAttachment>, 
/**
 * Until when each of its earlier values was used, the oldest first, in milliseconds since 1970; 0 where nobody knows.
 */
past: Array<number>, 
/**
 * When it should no longer be used, in milliseconds since 1970.
 */
expires_ms: number | null, 
/**
 * The file that it came from, such as `kdbx:customers.kdbx`.
 */
origin: string | null, };
/**
 * An account of a person on a YunoHost.
 */
export type SecretAccount = { 
/**
 * The person.
 */
person: string, 
/**
 * The host.
 */
host: string, 
/**
 * The account.
 */
login: string, };
/**
 * Asks where a secret lives.
 */
export type SecretAsk = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whether every host is asked if the value opens there. Nothing is changed on any.
 */
check: boolean, };
/**
 * Puts a file of this machine to a secret.
 */
export type SecretAttach = { 
/**
 * The secret's name.
 */
name: string, 
/**
 * The file, of at most 8 MiB.
 */
path: string, };
/**
 * A file of a secret.
 */
export type SecretAttachment = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its bytes.
 */
size: number, };
/**
 * Changes what stands beside a secret's value. What is absent stays; an empty text or list takes it away.
 */
export type SecretEdit = { 
/**
 * The secret's name.
 */
name: string, 
/**
 * Its title.
 */
title: string | null, 
/**
 * Its groups.
 */
path: Array<string> | null, 
/**
 * The account.
 */
user: string | null, 
/**
 * Addresses it is for.
 */
urls: Array<string> | null, 
/**
 * Words it is marked with.
 */
tags: Array<string> | null, 
/**
 * Notes.
 */
notes: SecretInput | null, 
/**
 * What one-time codes are made of: an `otpauth://` address.
 */
totp: SecretInput | null, 
/**
 * The passphrase of its key.
 */
passphrase: SecretInput | null, 
/**
 * When it should no longer be used, in milliseconds since 1970; 0 takes it away.
 */
expires_ms: number | null, 
/**
 * Fields that are set; an empty value takes one away.
 */
fields: Array<SecretFieldSet>, };
/**
 * Writes secrets for another program.
 */
export type SecretExport = { 
/**
 * Proves that it may be done: what opens the vault.
 */
authority: Authority, 
/**
 * The file to make.
 */
path: string, 
/**
 * Its format.
 */
format: string, 
/**
 * Secrets that these hosts are given, and the hosts themselves.
 */
on: string | null, 
/**
 * Secrets of this stage.
 */
stage: string | null, 
/**
 * Secrets whose names have this in them.
 */
find: string | null, 
/**
 * The password of the file, where the format has one.
 */
password: SecretInput | null, 
/**
 * Who can read it, where the format has readers.
 */
recipients: Array<string>, 
/**
 * Whether a file that is there is replaced.
 */
force: boolean, };
/**
 * What was written.
 */
export type SecretExported = { 
/**
 * The file.
 */
path: string, 
/**
 * Its format.
 */
format: string, 
/**
 * Secrets in it.
 */
secrets: number, 
/**
 * Hosts in it.
 */
hosts: number, 
/**
 * What the format has no place for: names of secrets, and what is not there (`attachments`, `history`, …).
 */
left: Array<ImportRefused>, };
/**
 * What is wrong, the worst first.
 */
export type SecretFault = "leaked" | "weak" | "expired" | "reused" | "weak_key" | "password_login" | "shared_key" | "old" | "unused";
/**
 * A field of a secret.
 */
export type SecretField = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its value; null for one that is shown only when it is asked for.
 */
value: string | null, };
/**
 * A field that is set.
 */
export type SecretFieldSet = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its value.
 */
value: SecretInput, 
/**
 * Whether it is shown only when it is asked for.
 */
hidden: boolean, };
/**
 * Names a file of a secret.
 */
export type SecretFile = { 
/**
 * The secret's name.
 */
name: string, 
/**
 * The file's name.
 */
file: string, };
/**
 * Writes a file of a secret to this machine.
 */
export type SecretFileSave = { 
/**
 * The secret's name.
 */
name: string, 
/**
 * The file's name.
 */
file: string, 
/**
 * Where to.
 */
path: string, 
/**
 * Whether one that is there may be replaced.
 */
replace: boolean, };
/**
 * Something that is wrong with a secret, or with how a host takes secrets.
 */
export type SecretFinding = { 
/**
 * What kind of thing.
 */
fault: SecretFault, 
/**
 * The secret's name; nothing where it is about a host.
 */
secret: string | null, 
/**
 * The host's name; nothing where it is about a secret.
 */
host: string | null, 
/**
 * The stage.
 */
stage: string, 
/**
 * A weak password's strength, in bits.
 */
bits: number | null, 
/**
 * Secrets that are the same have the same number.
 */
group: number | null, 
/**
 * What was found.
 */
what: WireMessage, };
/**
 * Makes a password.
 */
export type SecretGenerate = { 
/**
 * Its characters, from 8 to 256.
 */
length: number, 
/**
 * With `a` to `z`.
 */
lower: boolean, 
/**
 * With `A` to `Z`.
 */
upper: boolean, 
/**
 * With `0` to `9`.
 */
digits: boolean, 
/**
 * With signs.
 */
symbols: boolean, 
/**
 * Also characters that look like others: `0` and `O`, `1`, `l` and `I`.
 */
look_alikes: boolean, };
/**
 * A password or a passphrase that was made.
 */
export type SecretGenerated = { 
/**
 * It.
 */
value: SecretOutput, 
/**
 * log2 of how many could have come out.
 */
bits: number, };
/**
 * What is wrong with secrets.
 */
export type SecretHealth = { 
/**
 * When it was looked, in milliseconds since 1970.
 */
at_ms: number, 
/**
 * How many secrets were looked at.
 */
checked: number, 
/**
 * How many were not, since their stage is sealed, by stage.
 */
sealed: { [key in string]: number }, 
/**
 * Hosts of which is not known whether they take passwords: never surveyed, or not readable.
 */
hosts_unknown: number, 
/**
 * Keys that could not be read, such as those whose passphrase is not kept.
 */
keys_unknown: number, 
/**
 * How leaked passwords were looked up; nothing where none were.
 */
leaked: LeakedBy | null, 
/**
 * Passwords of which is not known whether they were leaked: the folder lacks the file of their range.
 */
leaked_unknown: number, 
/**
 * After how many days a secret is old.
 */
old_days: number, 
/**
 * What is wrong, the worst first.
 */
findings: Array<SecretFinding>, };
/**
 * Asks what is wrong with the secrets of the open stages.
 */
export type SecretHealthRequest = { 
/**
 * A file of hashes of leaked passwords (`SHA1:COUNT` lines, in order or not, gzip or not), or a folder of ranges. Absolute.
 */
leaked: string | null, 
/**
 * After how many days a secret is old; two years when absent.
 */
old_days: number | null, };
export type SecretInput = string & { readonly secret: unique symbol };
/**
 * The secrets of the catalog, by name.
 */
export type SecretList = { 
/**
 * One row per secret.
 */
secrets: Array<SecretRow>, };
/**
 * Names a secret.
 */
export type SecretName = { 
/**
 * Its name.
 */
name: string, };
export type SecretOutput = string;
/**
 * A piece of a secret that is shown when it is asked for.
 */
export type SecretPart = { "is": "value" } | { "is": "notes" } | { "is": "totp" } | { "is": "passphrase" } | { "is": "field", 
/**
 * Its name.
 */
name: string, } | { "is": "past", 
/**
 * From 0, the oldest first.
 */
at: number, };
/**
 * Asks for a piece of a secret.
 */
export type SecretPartName = { 
/**
 * The secret's name.
 */
name: string, 
/**
 * Which piece.
 */
part: SecretPart, };
/**
 * A host and an account that a secret opens.
 */
export type SecretPlace = { 
/**
 * The host.
 */
host: string, 
/**
 * The host's stage.
 */
stage: string, 
/**
 * The account.
 */
user: string, 
/**
 * What it is there.
 */
used: SecretUse, 
/**
 * Whether the host has the value that is to take the other's place.
 */
next: boolean, 
/**
 * When its value was last seen to open there, in milliseconds since 1970.
 */
taken_ms: number | null, 
/**
 * When the host refused its value, unless it was allowed again since: the host has another one.
 */
refused_ms: number | null, 
/**
 * When an earlier value was last seen to open there, where this one never was: the host may have that one yet.
 */
earlier_ms: number | null, 
/**
 * What the host said when it was asked just now.
 */
check: PlaceCheck | null, };
/**
 * Gives a secret another name.
 */
export type SecretRename = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it is called from now on.
 */
to: string, };
/**
 * Gives a secret back from the trash.
 */
export type SecretRestore = { 
/**
 * Its name, of several the last; or its identifier.
 */
name: string, 
/**
 * Another name for it.
 */
to: string | null, };
/**
 * A secret and its value.
 */
export type SecretRevealed = { 
/**
 * Its name.
 */
name: string, 
/**
 * `private-key` or `password`.
 */
kind: string, 
/**
 * The secret.
 */
value: SecretOutput, };
/**
 * Names an earlier value of a secret.
 */
export type SecretRevert = { 
/**
 * The secret's name.
 */
name: string, 
/**
 * From 0, the oldest first.
 */
past: number, };
/**
 * Rotates a secret: a new value for it, on every host that takes it.
 */
export type SecretRotate = { 
/**
 * Its name.
 */
name: string, 
/**
 * The hosts that are worked on now; all that take it when absent.
 */
on: string | null, 
/**
 * What is to be done.
 */
way: RotationWay, 
/**
 * Of a new rotation of a key: the old one goes on opening.
 */
keep_old: boolean, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
/**
 * A secret's description.
 */
export type SecretRow = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * `private-key` or `password`.
 */
kind: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * Hosts that are given it.
 */
used_by: Array<string>, 
/**
 * Where it was refused. While there is any, no host is offered it but those that took it before.
 */
held: Array<HeldLogin>, 
/**
 * When it was last changed, in milliseconds since 1970.
 */
changed_ms: number, };
/**
 * Looks for secrets in files of this machine.
 */
export type SecretScan = { 
/**
 * A folder, a file, or a place in a git repository. Absolute.
 */
path: string, 
/**
 * What of it.
 */
what: ScanWhat, 
/**
 * Only by the rules: not for the values of the open vault's secrets.
 */
rules_only: boolean, 
/**
 * A file of findings that are accepted. Absolute.
 */
baseline: string | null, 
/**
 * Writes what is found to the baseline, instead of telling it.
 */
accept: boolean, 
/**
 * What `scan_cancel` takes; its progress is told in events then.
 */
name: string | null, };
/**
 * Stores a secret under a name; replaces the one that has the name.
 */
export type SecretSet = { 
/**
 * Letters, digits and `._/@-`.
 */
name: string, 
/**
 * The secret. A private key is recognised by its first line.
 */
value: SecretInput, 
/**
 * Its stage; when absent, the one it is in, and dev for a new one.
 */
stage: string | null, };
/**
 * A named set of fields beside a value.
 */
export type SecretTemplate = { 
/**
 * What it is called. Of one that everybody has, the words are under `template.NAME`.
 */
name: string, 
/**
 * Whether it is the vault's own.
 */
own: boolean, 
/**
 * Its fields, in their order.
 */
fields: Array<TemplateField>, };
/**
 * What a secret is to a host.
 */
export type SecretUse = "login" | "second" | "one_time" | "sudo";
/**
 * Everything that a secret opens, as far as the catalog knows.
 */
export type SecretWhere = { 
/**
 * The secret.
 */
name: string, 
/**
 * `private-key`, `password` or another kind.
 */
kind: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * When it was last changed, in milliseconds since 1970.
 */
changed_ms: number, 
/**
 * Hosts and accounts that it opens, by host.
 */
places: Array<SecretPlace>, 
/**
 * Accounts of people on YunoHosts whose password it is.
 */
accounts: Array<SecretAccount>, 
/**
 * Its rotation, while one goes on.
 */
rotation: Rotation | null, };
/**
 * An account as a survey has it.
 */
export type SeenAccount = { 
/**
 * The name that the host has.
 */
fullname: string, 
/**
 * Its main address.
 */
mail: string, 
/**
 * Its groups, without that of everybody.
 */
groups: Array<string>, 
/**
 * Permissions that it has by its own name.
 */
permissions: Array<string>, 
/**
 * When it was seen, in milliseconds since 1970.
 */
taken_ms: number, };
/**
 * Adds a way into the open vault.
 */
export type SlotAdd = { 
/**
 * Proves that it may be added.
 */
authority: Authority, 
/**
 * `passphrase`, `passphrase-key-file`, `passphrase-keyring`, `recovery`, `identity` or `keyring`.
 */
kind: string, 
/**
 * The new passphrase, for the kinds that have one.
 */
passphrase: SecretInput | null, 
/**
 * Path of the key file for `passphrase-key-file`: made when it is not there.
 */
key_file: string | null, 
/**
 * For `identity`: the name or fingerprint of an identity that this vault knows (`identity_import`).
 */
identity: string | null, 
/**
 * What people call it.
 */
label: string | null, };
/**
 * A way that was added.
 */
export type SlotAdded = { 
/**
 * It.
 */
slot: SlotInfo, 
/**
 * The words, for kind `recovery`. Shown once, stored nowhere.
 */
recovery_words: string | null, };
/**
 * A way into a vault.
 */
export type SlotInfo = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * `passphrase`, `passphrase-key-file`, `passphrase-keyring`, `recovery`, `identity` or `keyring`.
 */
kind: string, 
/**
 * What people call it.
 */
label: string | null, 
/**
 * When it was added, in milliseconds since 1970, where that is known.
 */
added_ms: number | null, 
/**
 * Memory of its Argon2id, in KiB; absent for kinds that need no stretching.
 */
memory_kib: number | null, 
/**
 * Passes of its Argon2id.
 */
passes: number | null, 
/**
 * Lanes of its Argon2id.
 */
lanes: number | null, 
/**
 * Whether it is the weakest of this vault.
 */
weakest: boolean, };
/**
 * The ways into a vault.
 */
export type SlotList = { 
/**
 * In the order of the header.
 */
slots: Array<SlotInfo>, };
/**
 * Removes a way into the open vault. Copies made before still open with it.
 */
export type SlotRemove = { 
/**
 * Proves that it may be removed.
 */
authority: Authority, 
/**
 * Its identifier.
 */
slot: string, };
/**
 * A snapshot of what a host runs in, made before something is done there.
 */
export type SnapshotFirst = { 
/**
 * The guest, `HOST/GUEST`, that the one selected host is; absent: each host is a guest itself.
 */
guest?: string, };
/**
 * A time during which nothing may be changed in a stage.
 */
export type StageFreeze = { 
/**
 * Its beginning, in milliseconds since 1970.
 */
from_ms: number, 
/**
 * Its end.
 */
until_ms: number, 
/**
 * Why, for those who are refused.
 */
why: string, };
/**
 * A stage.
 */
export type StageInfo = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whether it has a secret of its own. A stage without one is open whenever the vault is.
 */
protected: boolean, 
/**
 * Whether it can be acted on now.
 */
open: boolean, 
/**
 * Seconds until it seals itself; absent for a stage that is sealed, or not protected.
 */
seconds_left: number | null, 
/**
 * What is asked of those who act on it.
 */
policy: StagePolicy, 
/**
 * Hosts in it.
 */
hosts: number, 
/**
 * Secrets in it.
 */
secrets: number, };
/**
 * The stages of a vault, dev first.
 */
export type StageList = { 
/**
 * One row per stage.
 */
stages: Array<StageInfo>, };
/**
 * Names a stage.
 */
export type StageName = { 
/**
 * Its name: `[a-z][a-z0-9-]*`.
 */
stage: string, };
/**
 * Gives a stage another secret. What is sealed stays as it is; copies made before still open with the old secret.
 */
export type StagePasswd = { 
/**
 * The stage.
 */
stage: string, 
/**
 * Its secret until now.
 */
secret: SecretInput, 
/**
 * Its secret from now on, of 75 bits or more; generated when absent.
 */
new: SecretInput | null, };
/**
 * What is asked of those who act on a stage.
 */
export type StagePolicy = { 
/**
 * Whether a plan is run only after the stage's or the host's name was typed.
 */
typed_confirmation: boolean, 
/**
 * Whether a plan with warnings is refused rather than shown with them.
 */
refuse_warnings: boolean, 
/**
 * How long the stage stays unsealed when nothing else is asked for, in seconds.
 */
unsealed_s: number, 
/**
 * When nothing may be changed.
 */
freeze: StageFreeze | null, };
/**
 * Sets what is asked of those who act on a stage. The stage must be unsealed.
 */
export type StagePolicySet = { 
/**
 * The stage.
 */
stage: string, 
/**
 * From now on.
 */
policy: StagePolicy, };
/**
 * Gives a stage a secret of its own; everything in it is sealed anew under it.
 */
export type StageProtect = { 
/**
 * The stage.
 */
stage: string, 
/**
 * Its secret, of 75 bits or more; generated when absent.
 */
secret: SecretInput | null, };
/**
 * A stage with a new secret. It is unsealed.
 */
export type StageProtected = { 
/**
 * The stage.
 */
stage: StageInfo, 
/**
 * The generated secret. Shown once, stored nowhere. Absent when the secret was chosen.
 */
secret: string | null, };
/**
 * Gives a stage a new key, and seals everything in it anew. Its secret stays.
 */
export type StageRekey = { 
/**
 * The stage.
 */
stage: string, 
/**
 * Its secret.
 */
secret: SecretInput, };
/**
 * Unseals a stage for a while.
 */
export type StageUnseal = { 
/**
 * The stage.
 */
stage: string, 
/**
 * Its secret.
 */
secret: SecretInput, 
/**
 * For how long, in seconds; the policy's time when absent, 8 hours at most.
 */
for_s: number | null, };
/**
 * One step of a plan.
 */
export type StepView = { 
/**
 * Counted from 1.
 */
number: number, 
/**
 * Whether it changes the host.
 */
changes: boolean, 
/**
 * What it does.
 */
what: WireMessage, 
/**
 * The exact command, word by word: shown with one space between.
 */
command: Array<CommandPartView>, 
/**
 * How success is checked.
 */
check: WireMessage, 
/**
 * The way back.
 */
undo: UndoView, };
/**
 * Who may become root.
 */
export type Sudo = { 
/**
 * Members of the groups that distributions let use sudo: `sudo`, `wheel`, `admin`.
 */
members: Array<SudoMember>, 
/**
 * Rules of sudoers(5); `None` where they are not readable.
 */
rules: Array<SudoRule> | null, };
/**
 * A member of a group that may use sudo.
 */
export type SudoMember = { 
/**
 * The group.
 */
group: string, 
/**
 * The account.
 */
account: string, };
/**
 * A rule of sudoers(5): not a default, an alias or an include.
 */
export type SudoRule = { 
/**
 * The file it stands in.
 */
file: string, 
/**
 * Whom it is for: an account, `%group` or an alias.
 */
who: string, 
/**
 * The whole rule, spaces made single.
 */
rule: string, 
/**
 * Whether it asks for no password.
 */
no_password: boolean, };
/**
 * A survey of a host.
 */
export type SurveyMoment = { 
/**
 * The host.
 */
host: string, 
/**
 * When it was taken, in milliseconds since 1970.
 */
taken_ms: number, };
/**
 * Reads hosts anew.
 */
export type SurveyRequest = { 
/**
 * A selector.
 */
on: string, 
/**
 * Whether to read again even when a survey younger than 10 minutes is there.
 */
refresh: boolean, };
/**
 * What surveying one host gave.
 */
export type SurveyResult = { 
/**
 * The host's name.
 */
host: string, 
/**
 * `ok`, `failed` or `unreachable`.
 */
status: HostStatus, 
/**
 * How long it took; 0 when a stored survey was given.
 */
duration_ms: number, 
/**
 * The facts.
 */
survey: HostSurvey | null, 
/**
 * Why it failed.
 */
error: ApiError | null, };
/**
 * What surveying hosts gave.
 */
export type SurveyResults = { 
/**
 * One per host, by name.
 */
results: Array<SurveyResult>, };
/**
 * The machine.
 */
export type SystemSurvey = { 
/**
 * Its own name.
 */
hostname: string, 
/**
 * Such as `Debian GNU/Linux 12 (bookworm)`.
 */
os: string, 
/**
 * Kernel release.
 */
kernel: string, 
/**
 * Such as `x86_64`.
 */
architecture: string, 
/**
 * Seconds since it was started.
 */
uptime_s: number | null, 
/**
 * Load over 1, 5 and 15 minutes.
 */
load: [number, number, number] | null, 
/**
 * Processors.
 */
cpus: number | null, 
/**
 * Bytes of memory.
 */
memory_total: number | null, 
/**
 * Bytes of memory that a new program could use.
 */
memory_available: number | null, 
/**
 * Bytes of the root file system.
 */
disk_total: number | null, 
/**
 * Bytes of it that are used.
 */
disk_used: number | null, 
/**
 * Seconds by which its clock is ahead of this machine's.
 */
clock_skew_s: number | null, };
/**
 * A field of a template.
 */
export type TemplateField = { 
/**
 * Where it is kept.
 */
place: TemplatePlace, 
/**
 * What it is called; empty for what has a place of its own, whose words are under `template.PLACE`. Of a template that
 * everybody has, the words are under `template.NAME`.
 */
name: string, };
/**
 * The templates that everybody has, then those of the vault.
 */
export type TemplateList = { 
/**
 * In their order.
 */
templates: Array<SecretTemplate>, };
/**
 * Names a template.
 */
export type TemplateName = { 
/**
 * What it is called.
 */
name: string, };
/**
 * Where the field of a template is kept.
 */
export type TemplatePlace = "account" | "address" | "one-time" | "expires" | "field" | "hidden";
/**
 * Keeps a template of the vault's own; one that has the name is replaced.
 */
export type TemplateSet = { 
/**
 * What it is called: at most 100 characters, and not as one that everybody has.
 */
name: string, 
/**
 * Its fields: from 1 to 32, no two alike.
 */
fields: Array<TemplateField>, };
/**
 * How a terminal ended. Nothing of it is set when it was closed, or the host did not say.
 */
export type TerminalEnd = { 
/**
 * The shell's exit status.
 */
exit: number | null, 
/**
 * The signal that ended the shell.
 */
signal: string | null, 
/**
 * Why it ended before the shell did.
 */
error: ApiError | null, };
/**
 * The terminals whose end was not told yet.
 */
export type TerminalList = { 
/**
 * The oldest first.
 */
terminals: Array<TerminalRow>, };
/**
 * Names a terminal.
 */
export type TerminalName = { 
/**
 * Its identifier.
 */
terminal: string, };
/**
 * Opens a terminal on a host.
 */
export type TerminalOpen = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Characters in a line, 1 to 1000.
 */
cols: number, 
/**
 * Lines, 1 to 1000.
 */
rows: number, 
/**
 * Whether it is root's, by `sudo -i` in the terminal where the account is another: sudo asks there.
 */
root: boolean, 
/**
 * Whether it is the console of the guest `HOST/GUEST`, which its driver opens on the host that has it.
 */
console?: boolean, 
/**
 * What the person typed, where the stage asks for a name.
 */
typed: string | null, };
/**
 * A terminal that was opened.
 */
export type TerminalOpened = { 
/**
 * Its identifier.
 */
terminal: string, 
/**
 * The host's name.
 */
host: string, 
/**
 * The host's stage.
 */
stage: string, 
/**
 * As whom one is there.
 */
account: string, };
/**
 * What a terminal has to show.
 */
export type TerminalOutput = { 
/**
 * Bytes in base64; a character may be cut at either end. Empty when there were none in time.
 */
data: string, 
/**
 * How many bytes are missing before them: nobody read for a while, and the host wrote on.
 */
lost: number, 
/**
 * How it ended, once everything was given. It is told once: then the terminal is forgotten.
 */
ended: TerminalEnd | null, };
/**
 * Asks a terminal for what it has to show. One asks at a time: who asked before is answered at once, with nothing.
 */
export type TerminalRead = { 
/**
 * Its identifier.
 */
terminal: string, 
/**
 * How long to wait for the first byte, in milliseconds; at most 30000.
 */
wait_ms: number, };
/**
 * Tells a terminal another size.
 */
export type TerminalResize = { 
/**
 * Its identifier.
 */
terminal: string, 
/**
 * Characters in a line, 1 to 1000.
 */
cols: number, 
/**
 * Lines, 1 to 1000.
 */
rows: number, };
/**
 * A terminal in a line.
 */
export type TerminalRow = { 
/**
 * Its identifier.
 */
terminal: string, 
/**
 * The name that the host had when it was opened.
 */
host: string, 
/**
 * The host's stage.
 */
stage: string, 
/**
 * As whom one is there.
 */
account: string, 
/**
 * Whether it was asked for as root's.
 */
root: boolean, 
/**
 * When it was opened, in milliseconds since 1970.
 */
opened_ms: number, 
/**
 * Whether it ended.
 */
ended: boolean, };
/**
 * Types into a terminal.
 */
export type TerminalWrite = { 
/**
 * Its identifier.
 */
terminal: string, 
/**
 * Bytes in base64, at most 64 KiB of them. A password may be among them.
 */
data: SecretInput, };
/**
 * A timer of systemd.
 */
export type Timer = { 
/**
 * Its name, such as `apt-daily.timer`.
 */
name: string, 
/**
 * Whether it waits to go off.
 */
active: boolean, };
/**
 * How many were removed for good.
 */
export type TrashEmptied = { 
/**
 * So many.
 */
secrets: number, };
/**
 * Empties the trash.
 */
export type TrashEmpty = { 
/**
 * One secret's name or identifier; all that can be opened when absent.
 */
name: string | null, };
/**
 * What lies in the trash.
 */
export type TrashList = { 
/**
 * The last that was removed first. What a sealed stage holds is not there.
 */
secrets: Array<TrashedSecret>, };
/**
 * A secret in the trash.
 */
export type TrashedSecret = { 
/**
 * Its identifier: two of one name differ by it.
 */
id: string, 
/**
 * The name it had.
 */
name: string, 
/**
 * Its kind.
 */
kind: string, 
/**
 * Its stage.
 */
stage: string, 
/**
 * When it was removed, in milliseconds since 1970.
 */
at_ms: number, 
/**
 * When it is removed for good.
 */
until_ms: number, };
/**
 * A host key that is trusted, or whose host certificates are.
 */
export type TrustedKey = { 
/**
 * `SHA256:…`.
 */
fingerprint: string, 
/**
 * Such as `ssh-ed25519`; empty when only the fingerprint was given.
 */
algorithm: string, 
/**
 * When it was trusted, in milliseconds since 1970; 0 when that is not known.
 */
at_ms: number, 
/**
 * Who said so; empty when that is not known.
 */
by: string, 
/**
 * `given`, `shown`, `known-hosts`, `announced` or `unknown`.
 */
how: string, 
/**
 * Whether it is an authority, whose host certificates are trusted, rather than the host's own key.
 */
authority: boolean, 
/**
 * Of an authority, the addresses for which it is, as in `known_hosts`; whatever the address is when empty.
 */
patterns: Array<string>, };
/**
 * Where a tunnel ends.
 */
export type TunnelEnd = { 
/**
 * A name that the host resolves, or an address.
 */
address: string, 
/**
 * The port, 1 to 65535.
 */
port: number, };
/**
 * The open tunnels.
 */
export type TunnelList = { 
/**
 * The oldest first.
 */
tunnels: Array<TunnelRow>, };
/**
 * Names a tunnel.
 */
export type TunnelName = { 
/**
 * Its identifier.
 */
tunnel: string, };
/**
 * Opens a tunnel through a host. It listens on 127.0.0.1 only.
 */
export type TunnelOpen = { 
/**
 * The host's name.
 */
host: string, 
/**
 * The port of this machine; any that is free when 0 or absent.
 */
port: number, 
/**
 * Where it ends, as the host sees it; each program says it by SOCKS 5 when absent.
 */
end: TunnelEnd | null, 
/**
 * Whether it ends at the web administration of a YunoHost, whatever `end` says.
 */
web_admin: boolean, 
/**
 * Whether it is closed when nobody asks for news of it (`tunnel_watch`) for 90 seconds.
 */
kept: boolean, 
/**
 * What the person typed, where the stage asks for a name.
 */
typed: string | null, };
/**
 * A tunnel.
 */
export type TunnelRow = { 
/**
 * Its identifier.
 */
tunnel: string, 
/**
 * The name that the host had when it was opened.
 */
host: string, 
/**
 * The host's stage.
 */
stage: string, 
/**
 * The port of this machine.
 */
port: number, 
/**
 * Where it ends, `ADDRESS:PORT`; each program says it when absent.
 */
end: string | null, 
/**
 * When it was opened, in milliseconds since 1970.
 */
opened_ms: number, 
/**
 * Connections that go through it now.
 */
open: number, 
/**
 * Connections that went through it.
 */
served: number, 
/**
 * Why the last connection that failed did.
 */
error: ApiError | null, 
/**
 * Whether it is closed.
 */
closed: boolean, 
/**
 * The address of the web administration for a browser of this machine, where it ends at a YunoHost's.
 */
web_admin: string | null, };
/**
 * Asks for news of a tunnel.
 */
export type TunnelWatch = { 
/**
 * Its identifier.
 */
tunnel: string, 
/**
 * How long to wait for a change, in milliseconds; at most 30000.
 */
wait_ms: number, };
/**
 * The way back from a step.
 */
export type UndoView = { "kind": "nothing" } | { "kind": "by", 
/**
 * In words.
 */
how: WireMessage, } | { "kind": "not", 
/**
 * What is lost.
 */
why: WireMessage, };
/**
 * A package that has a newer version.
 */
export type Upgrade = { 
/**
 * Its name.
 */
name: string, 
/**
 * The version that is installed.
 */
installed: string, 
/**
 * The version that could be.
 */
candidate: string, 
/**
 * Whether it comes from a list of security upgrades.
 */
security: boolean, };
/**
 * Packages that have a newer version.
 */
export type Upgrades = { 
/**
 * The state of package lists and installed packages that this was read from. A later survey that finds the same
 * state takes this over instead of asking again.
 */
state: string, 
/**
 * When the package lists were last fetched, in seconds since 1970-01-01 UTC by the host's clock.
 */
lists_seconds: number, 
/**
 * The packages, by name.
 */
packages: Array<Upgrade>, };
/**
 * One check of a vault.
 */
export type VaultCheck = { 
/**
 * What was checked.
 */
what: WireMessage, 
/**
 * Whether it held.
 */
held: boolean, 
/**
 * What was found and what it means; absent when it held.
 */
why: WireMessage | null, };
/**
 * A copy of a vault.
 */
export type VaultCopied = { 
/**
 * Its folder.
 */
path: string, 
/**
 * When it was made, in milliseconds since 1970.
 */
at_ms: number, 
/**
 * Its size.
 */
bytes: number, 
/**
 * The journal's last entry in it.
 */
journal_entries: number, 
/**
 * What opening and checking it found.
 */
report: VaultReport, };
/**
 * Copies the open vault, consistent and verified.
 */
export type VaultCopy = { 
/**
 * The folder to put the copy in: `NAME-YYYY-MM-DD-HHMM.beffroi` is made there.
 */
destination: string, };
/**
 * Makes a vault and opens it.
 */
export type VaultCreate = { 
/**
 * The folder to make; `.beffroi` is added when missing.
 */
path: string, 
/**
 * A name for people; the folder's when absent.
 */
name: string | null, 
/**
 * Opens the vault from now on.
 */
passphrase: SecretInput, };
/**
 * A vault that was just made.
 */
export type VaultCreated = { 
/**
 * The vault, open.
 */
vault: VaultInfo, 
/**
 * 24 words that open it when the passphrase is lost. Shown once, stored nowhere.
 */
recovery_words: string, };
/**
 * How well a vault is kept.
 */
export type VaultHealth = { 
/**
 * What was looked at, the worst first.
 */
findings: Array<HealthFinding>, };
/**
 * An open vault.
 */
export type VaultInfo = { 
/**
 * Its identifier.
 */
id: string, 
/**
 * Its name for people.
 */
name: string, 
/**
 * Its folder.
 */
path: string, 
/**
 * Version of the format.
 */
format: number, 
/**
 * Ways in.
 */
slots: Array<SlotInfo>, 
/**
 * Stages, dev first.
 */
stages: Array<StageInfo>, 
/**
 * Hosts in the catalog.
 */
hosts: number, 
/**
 * Secrets in the catalog.
 */
secrets: number, 
/**
 * Entries of the journal.
 */
journal_entries: number, 
/**
 * When it was last copied, in milliseconds since 1970.
 */
last_copy_ms: number | null, 
/**
 * Why nothing can be changed in it, when that is so.
 */
read_only: WireMessage | null, 
/**
 * What the operator should know at once: old copies, conflict copies of a file synchroniser, a way in that is weak.
 */
warnings: Array<WireMessage>, };
/**
 * The vaults that this machine has seen, the last used first.
 */
export type VaultList = { 
/**
 * One entry per folder.
 */
vaults: Array<KnownVault>, };
/**
 * Gives a vault another passphrase. Copies made before still open with the old one.
 */
export type VaultPasswd = { 
/**
 * Opens the vault until now. With recovery words or an identity, the vault's first passphrase is replaced.
 */
authority: Authority, 
/**
 * From now on.
 */
new: SecretInput, };
/**
 * Makes a new root key and encrypts the whole vault anew.
 */
export type VaultRekey = { 
/**
 * The way in that is kept.
 */
authority: Authority, };
/**
 * A vault under a new root key.
 */
export type VaultRekeyed = { 
/**
 * The vault, open.
 */
vault: VaultInfo, 
/**
 * New recovery words; the old ones open it no more. Shown once, stored nowhere.
 */
recovery_words: string, 
/**
 * Ways in that could not be kept, because their secret was not at hand.
 */
dropped: Array<SlotInfo>, };
/**
 * What `vault verify` found.
 */
export type VaultReport = { 
/**
 * Whether every check held.
 */
intact: boolean, 
/**
 * One entry per check.
 */
checks: Array<VaultCheck>, };
/**
 * Rehearses or makes a restoration: opens a copy, checks it, and says what it holds.
 */
export type VaultRestore = { 
/**
 * The copy.
 */
source: string, 
/**
 * The folder to make; must not exist.
 */
destination: string, 
/**
 * Opens the copy.
 */
authority: Authority, 
/**
 * Whether to stop before anything is written.
 */
rehearse: boolean, };
/**
 * What a copy holds.
 */
export type VaultRestored = { 
/**
 * The folder that was made; absent after a rehearsal.
 */
path: string | null, 
/**
 * The vault's name.
 */
name: string, 
/**
 * Hosts in it.
 */
hosts: number, 
/**
 * Secrets in it.
 */
secrets: number, 
/**
 * The journal's last entry in it.
 */
journal_entries: number, 
/**
 * When that was written, in milliseconds since 1970.
 */
last_entry_ms: number, 
/**
 * Entries that this machine has seen and the copy has not.
 */
missing: number, 
/**
 * What checking it found.
 */
report: VaultReport, };
/**
 * Opens a vault.
 */
export type VaultUnlock = { 
/**
 * Its folder.
 */
path: string, 
/**
 * With what.
 */
with: Authority, };
/**
 * A way that did not lead to a host.
 */
export type WayNotTaken = { 
/**
 * The way, as `USER@ADDRESS:PORT`.
 */
way: string, 
/**
 * Why, in technical words.
 */
reason: string, };
/**
 * A sentence before it has a language: a key of the message catalogs and the values to put in, shown as text.
 */
export type WireMessage = { 
/**
 * Names the sentence.
 */
key: string, 
/**
 * What replaces `{name}` in it.
 */
values: { [key in string]: string }, };
/**
 * A list of words.
 */
export type WordList = "english" | "french";
/**
 * What was found in a catalog.
 */
export type YnhCatalog = { 
/**
 * The nearest first; all by name where nothing was searched for.
 */
apps: Array<YnhCatalogApp>, 
/**
 * How many the whole catalog has.
 */
total: number, 
/**
 * Its categories, with how many applications each has.
 */
categories: Array<YnhCategory>, 
/**
 * When it was read, in milliseconds since 1970.
 */
read_ms: number, 
/**
 * When the host last wrote it, in seconds since 1970 by its clock; absent for a file.
 */
changed_s: number | null, 
/**
 * The catalogs that the host uses; empty for a file.
 */
sources: Array<YnhCatalogSource>, };
/**
 * An application of a catalog.
 */
export type YnhCatalogApp = { 
/**
 * By what it is installed.
 */
id: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * What it is.
 */
description: { [key in string]: string }, 
/**
 * The version that would be installed.
 */
version: string, 
/**
 * Its category.
 */
category: string, 
/**
 * How well it was tested, 0 to 8; absent where nobody did.
 */
level: number | null, 
/**
 * `working`, `notworking`, `inprogress`…
 */
state: string, 
/**
 * What speaks against it.
 */
antifeatures: Array<string>, 
/**
 * Whether somebody takes care of it.
 */
maintained: boolean, 
/**
 * What it needs of YunoHost, `>= 12.0.9`.
 */
yunohost: string, };
/**
 * Asks what can be installed: by a host's catalog, or by a file of this machine. One of the two is given.
 */
export type YnhCatalogRead = { 
/**
 * The host.
 */
host: string | null, 
/**
 * The file.
 */
file: string | null, 
/**
 * Words, all of which are to be found; accents and order do not matter.
 */
search: string, 
/**
 * A category or a narrower word of one.
 */
category: string | null, 
/**
 * Whether a host is asked again, although its catalog was read since the vault was opened.
 */
refresh: boolean, };
/**
 * A catalog that was sent.
 */
export type YnhCatalogSent = { 
/**
 * Where it lies on the hosts: for a plan that keeps it.
 */
path: string, 
/**
 * The hosts.
 */
hosts: Array<string>, 
/**
 * SHA-256 of the file, hexadecimal.
 */
sha256: string, 
/**
 * How many applications are in it.
 */
apps: number, };
/**
 * A catalog that a host uses.
 */
export type YnhCatalogSource = { 
/**
 * Its name.
 */
id: string, 
/**
 * Where it is fetched from; absent where it is only kept.
 */
url: string | null, };
/**
 * A category of a catalog.
 */
export type YnhCategory = { 
/**
 * Its name.
 */
id: string, 
/**
 * Its heading.
 */
title: { [key in string]: string }, 
/**
 * What is in it.
 */
description: { [key in string]: string }, 
/**
 * How many applications.
 */
apps: number, };
/**
 * A value of an entry.
 */
export type YnhCell = boolean | number | string | Array<string>;
/**
 * One of the values that a field may have.
 */
export type YnhChoice = { 
/**
 * What is answered.
 */
value: string, 
/**
 * What people read.
 */
label: string, };
/**
 * A value that entries of a reading have. Its name for people is `field.ynh-NAME` of the message catalogs.
 */
export type YnhField = { 
/**
 * Its name.
 */
name: string, 
/**
 * How it is shown: `text`, `code`, `state`, `number`, `bytes`, `moment`, `switch`, `list`, `lines`.
 */
shows: string, };
/**
 * Views over a fleet, as the last surveys of its hosts have it.
 */
export type YnhFleet = { 
/**
 * The hosts, by name; those that have no YunoHost are left out.
 */
hosts: Array<YnhFleetHost>, 
/**
 * The views. Their texts came from hosts: show them as text.
 */
views: Fleet, };
/**
 * A host of a fleet.
 */
export type YnhFleetHost = { 
/**
 * Its name.
 */
host: string, 
/**
 * `ok`; `sealed`, `unreachable` or `failed` where there is no survey, or no newer one though it was asked for.
 */
status: HostStatus, 
/**
 * Its stage.
 */
stage: string, 
/**
 * Its version of YunoHost.
 */
version: string | null, 
/**
 * When its last survey was taken, in milliseconds since 1970.
 */
taken_ms: number | null, 
/**
 * Why there is none, or no newer one.
 */
error: ApiError | null, };
/**
 * Asks for the views over a fleet.
 */
export type YnhFleetRequest = { 
/**
 * A selector; all hosts that are known to have YunoHost when absent.
 */
on: string | null, 
/**
 * Whether the hosts are read again first. Without it, none is asked anything.
 */
refresh: boolean, };
/**
 * Holds answers against questions, by YunoHost's own rules. Nothing is asked of any host.
 */
export type YnhFormCheck = { 
/**
 * The questions, in their order: whether one is asked depends on those before it.
 */
fields: Array<YnhQuestion>, 
/**
 * The answers that may be shown, by question.
 */
answers: { [key in string]: string }, 
/**
 * The questions whose answer is a secret that was given.
 */
secrets: Array<string>, 
/**
 * Whether these are fields of a panel: what is not answered stays what it is.
 */
panel: boolean, };
/**
 * What answers come to.
 */
export type YnhFormChecked = { 
/**
 * Questions that are not asked with these answers.
 */
hidden: Array<string>, 
/**
 * Answers that do not fit.
 */
wrong: Array<YnhWrong>, };
/**
 * A manifest.
 */
export type YnhManifest = { 
/**
 * The application.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What it is.
 */
description: { [key in string]: string }, 
/**
 * Its version.
 */
version: string, 
/**
 * Whether it may be installed several times.
 */
multi_instance: boolean, 
/**
 * Whether it is one that is installed: its questions were answered.
 */
installed: boolean, 
/**
 * Whether YunoHost installs it without being told to.
 */
vouched_for: boolean, 
/**
 * What it asks, in its order.
 */
questions: Array<YnhQuestion>, 
/**
 * What this host was checked for.
 */
requirements: Array<YnhRequirement>, 
/**
 * What is to be read before it is installed.
 */
before_install: Array<{ [key in string]: string }>, 
/**
 * What is to be read before it is upgraded to this version.
 */
before_upgrade: Array<{ [key in string]: string }>, 
/**
 * How well it was tested, 0 to 8.
 */
level: number | null, 
/**
 * `working`, `thirdparty`…
 */
state: string, 
/**
 * What speaks against it.
 */
antifeatures: Array<string>, };
/**
 * Asks for a manifest: of what could be installed on a host, or of a package of this machine.
 */
export type YnhManifestRead = { 
/**
 * The host; absent for a package of this machine.
 */
host: string | null, 
/**
 * A name of the catalog, a path on the host, an address, an application that is installed; else a path of this machine.
 */
source: string, };
/**
 * An action of YunoHost's administrators. Its sentences are `about.ynh-ID` and `title.ynh-ID` of the message catalogs.
 */
export type YnhOperation = { 
/**
 * Its name, such as `user-add`.
 */
id: string, 
/**
 * YunoHost's own words for it, such as `user create`.
 */
command: string, 
/**
 * What it takes, in the order in which it is asked for.
 */
params: Array<YnhParam>, 
/**
 * What it may cost: `light`, `heavy`, `destroys`, `locks-out`.
 */
weight: string, 
/**
 * Whether something must be given beside what is required.
 */
needs_a_change: boolean, };
/**
 * An operation on one host of several.
 */
export type YnhOrder = { 
/**
 * The host.
 */
host: string, 
/**
 * The operation's name, such as `app-upgrade`.
 */
operation: string, 
/**
 * With what, by parameter.
 */
given: { [key in string]: YnhValue }, };
/**
 * A package that was sent.
 */
export type YnhPackageSent = { 
/**
 * Where it lies on the hosts: a source for `app-install` and `app-upgrade`.
 */
path: string, 
/**
 * The hosts.
 */
hosts: Array<string>, 
/**
 * The application.
 */
id: string, 
/**
 * Its version.
 */
version: string, };
/**
 * A panel.
 */
export type YnhPanel = { 
/**
 * Its name in a key, `main` in `main.general.colour`.
 */
id: string, 
/**
 * Its heading.
 */
name: { [key in string]: string }, 
/**
 * What stands under it.
 */
help: { [key in string]: string }, 
/**
 * Its parts.
 */
sections: Array<YnhSection>, };
/**
 * What has a configuration panel.
 */
export type YnhPanelOf = { "app": string } | { "domain": string } | "settings";
/**
 * The panels of a configuration.
 */
export type YnhPanels = { 
/**
 * The panels.
 */
panels: Array<YnhPanel>, };
/**
 * Asks for a configuration panel of a host.
 */
export type YnhPanelsRead = { 
/**
 * The host.
 */
host: string, 
/**
 * What it is of.
 */
of: YnhPanelOf, };
/**
 * A value that an operation takes. Its name for people is `param.ynh-NAME` of the message catalogs.
 */
export type YnhParam = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it may be, such as `username`, `domain`, `switch`, `choice`.
 */
kind: string, 
/**
 * What it may be, of a choice.
 */
choices: Array<string>, 
/**
 * Whether it is a list.
 */
list: boolean, 
/**
 * Whether it is never shown.
 */
secret: boolean, 
/**
 * Whether it must be given.
 */
required: boolean, 
/**
 * Whether the command line takes it as a word in its place, and not behind a flag.
 */
place: boolean, 
/**
 * Whether it names something that is to be made: not one of those that are there.
 */
makes: boolean, };
/**
 * Asks for one plan of operations that differ from host to host.
 */
export type YnhPlanEach = { 
/**
 * At most 2,000. Several on one host are done one after the other, each whatever became of those before it.
 */
orders: Array<YnhOrder>, };
/**
 * A question, or a field of a panel.
 */
export type YnhQuestion = { 
/**
 * Its name among the answers.
 */
id: string, 
/**
 * What it may be: a type of YunoHost 12, such as `string`, `select`, `domain`; `other` for one that is newer.
 */
kind: string, 
/**
 * The question.
 */
ask: { [key in string]: string }, 
/**
 * What explains it.
 */
help: { [key in string]: string }, 
/**
 * What is taken when nothing is answered.
 */
default: string | null, 
/**
 * What it is now, in a panel. Never that of a secret.
 */
value: string | null, 
/**
 * Whether it may stay empty.
 */
optional: boolean, 
/**
 * Whether it can only be read.
 */
readonly: boolean, 
/**
 * Whether its answer is a secret.
 */
secret: boolean, 
/**
 * What it may be; empty where anything goes.
 */
choices: Array<YnhChoice>, 
/**
 * What it must look like, in Python's words.
 */
pattern: string | null, 
/**
 * What is said when it does not.
 */
pattern_error: { [key in string]: string }, 
/**
 * The smallest number.
 */
min: number | null, 
/**
 * The greatest.
 */
max: number | null, 
/**
 * The step from one to the next.
 */
step: number | null, 
/**
 * The word for yes.
 */
yes: string | null, 
/**
 * The word for no.
 */
no: string | null, 
/**
 * An example.
 */
example: string | null, 
/**
 * The condition under which it is asked; absent for always.
 */
visible: string | null, };
/**
 * Reads something of hosts.
 */
export type YnhRead = { 
/**
 * A selector.
 */
on: string, 
/**
 * What: see [`crate::ynh_readings`].
 */
reading: string, 
/**
 * With what, by parameter.
 */
given: { [key in string]: YnhValue }, 
/**
 * Whether what surveys have is read again even when a survey younger than 10 minutes is there.
 */
refresh: boolean, };
/**
 * What a reading of one host gave.
 */
export type YnhReadResult = { 
/**
 * The host's name.
 */
host: string, 
/**
 * `ok`, `failed`, `unreachable` or `sealed`.
 */
status: HostStatus, 
/**
 * How long it took; 0 when a stored survey has it.
 */
duration_ms: number, 
/**
 * When it was read, in milliseconds since 1970.
 */
taken_ms: number | null, 
/**
 * What was read. Its texts came from the host: show them as text.
 */
entries: Array<{ [key in string]: YnhCell }>, 
/**
 * Why it was not read.
 */
error: ApiError | null, };
/**
 * What a reading gave.
 */
export type YnhReadResults = { 
/**
 * One per host, by name.
 */
results: Array<YnhReadResult>, };
/**
 * Something that can be read of a YunoHost. Its sentence is `reading.ynh-ID` of the message catalogs.
 */
export type YnhReading = { 
/**
 * Its name, such as `service-log`.
 */
id: string, 
/**
 * What it takes.
 */
params: Array<YnhParam>, 
/**
 * What an entry has, in the order in which it is shown.
 */
fields: Array<YnhField>, 
/**
 * Whether an entry is shown by itself, names beside values, and not as a line of a table.
 */
one: boolean, 
/**
 * Whether surveys have it: it is then as old as the last one.
 */
surveyed: boolean, };
/**
 * Something that a host was checked for.
 */
export type YnhRequirement = { 
/**
 * `required_yunohost_version`, `arch`, `install`, `disk`, `ram`.
 */
name: string, 
/**
 * Whether it is met.
 */
passed: boolean, 
/**
 * What is wanted, in YunoHost's words.
 */
message: string, };
/**
 * A part of a panel.
 */
export type YnhSection = { 
/**
 * Its name in a key.
 */
id: string, 
/**
 * Its heading; many have none.
 */
name: { [key in string]: string }, 
/**
 * What stands under it.
 */
help: { [key in string]: string }, 
/**
 * The condition under which it is shown; absent for always.
 */
visible: string | null, 
/**
 * Whether its buttons run actions, for which its other fields are the values.
 */
actions: boolean, 
/**
 * Its fields.
 */
fields: Array<YnhQuestion>, };
/**
 * Sends something of this machine to hosts, where a plan can then use it. It lies in a folder that the ledger knows.
 */
export type YnhSend = { 
/**
 * A selector.
 */
on: string, 
/**
 * A folder or archive of an application, or the file of a catalog.
 */
path: string, 
/**
 * What the person typed, where a stage asks for it.
 */
typed: string | null, };
/**
 * Removes what was sent and of which no job was made.
 */
export type YnhSentDrop = { 
/**
 * A selector.
 */
on: string, 
/**
 * Where it lies on the hosts.
 */
path: string, };
/**
 * A value among [`YnhValue::Settings`].
 */
export type YnhSetting = { "text": string } | { "secret": SecretInput };
/**
 * What an operation is given for one of its parameters.
 */
export type YnhValue = { "text": string } | { "list": Array<string> } | { "switch": boolean } | { "secret": SecretInput } | { "settings": { [key in string]: YnhSetting } };
/**
 * An answer that YunoHost would refuse, or take no notice of.
 */
export type YnhWrong = { 
/**
 * The question.
 */
field: string, 
/**
 * `not_asked`, `missing`, `no_choice`, `form`, `range`, `not_secret`, `hidden`.
 */
why: string, };
/**
 * An installed application.
 */
export type YunohostApp = { 
/**
 * Its instance, such as `nextcloud__2`.
 */
id: string, 
/**
 * What people see.
 */
name: string, 
/**
 * Version with its packaging suffix.
 */
version: string, 
/**
 * Where it answers, when it does.
 */
domain_path: string | null, 
/**
 * `up_to_date`, `upgradable`, `url_required` or another word of YunoHost's.
 */
upgrade: string | null, 
/**
 * The version an upgrade would bring.
 */
new_version: string | null, };
/**
 * A YunoHost group.
 */
export type YunohostGroup = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its accounts.
 */
members: Array<string>, };
/**
 * A YunoHost permission.
 */
export type YunohostPermission = { 
/**
 * Such as `nextcloud.main`.
 */
name: string, 
/**
 * What people see.
 */
label: string, 
/**
 * Groups and accounts it was given to.
 */
allowed: Array<string>, 
/**
 * Accounts that have it in the end.
 */
users: Array<string>, };
/**
 * A service.
 */
export type YunohostService = { 
/**
 * Its name.
 */
name: string, 
/**
 * `running`, `dead`, `failed` or another word of systemd's.
 */
status: string, 
/**
 * `enabled`, `disabled` or another word.
 */
start_on_boot: string, 
/**
 * Date in the host's words, or `unknown`.
 */
last_state_change: string, 
/**
 * What it does.
 */
description: string, 
/**
 * `valid`, `broken` or `unknown`.
 */
configuration: string, };
/**
 * YunoHost's facts. A list is absent when the host would not give it; `failures` says why.
 */
export type YunohostSurvey = { 
/**
 * Version of the package `yunohost`.
 */
version: string | null, 
/**
 * Accounts.
 */
users: Array<YunohostUser> | null, 
/**
 * Groups, without each account's own.
 */
groups: Array<YunohostGroup> | null, 
/**
 * Permissions.
 */
permissions: Array<YunohostPermission> | null, 
/**
 * Applications.
 */
apps: Array<YunohostApp> | null, 
/**
 * Domains, the main one first.
 */
domains: Array<string> | null, 
/**
 * Services.
 */
services: Array<YunohostService> | null, 
/**
 * Names of backup archives.
 */
backups: Array<string> | null, 
/**
 * What could not be read, in the host's words.
 */
failures: Array<string>, };
/**
 * A YunoHost account.
 */
export type YunohostUser = { 
/**
 * The login.
 */
username: string, 
/**
 * The person's name.
 */
fullname: string, 
/**
 * The main e-mail address.
 */
mail: string, 
/**
 * Such as `500M`, or `0` for none.
 */
mailbox_quota: string, 
/**
 * Groups it is in, without its own and `all_users`.
 */
groups: Array<string>, };
