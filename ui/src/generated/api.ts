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
given: { [key in string]: YnhValue }, } | { "kind": "run", 
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
 * Its comment.
 */
comment: string, 
/**
 * Its options, such as `command="…"`; empty where it has none. `cert-authority` makes it an authority's.
 */
options: string, };
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
 * What went wrong. Each code has a sentence and a remedy in every language (`error.CODE`, `error.CODE.remedy`).
 */
export type ErrorCode = "invalid-request" | "invalid-name" | "invalid-selector" | "flag-missing" | "not-confirmed" | "host-not-found" | "nothing-selected" | "host-exists" | "secret-exists" | "secret-not-found" | "secret-in-use" | "stage-not-found" | "stage-exists" | "stage-unprotectable" | "stage-is-protected" | "stage-not-protected" | "stage-lost-secret" | "stage-sealed" | "stage-frozen" | "stage-wrong-secret" | "stage-secret-weak" | "stage-secret-shared" | "confirmation-needed" | "policy-refused" | "host-record-forged" | "secret-of-other-stage" | "identity-not-found" | "identity-exists" | "identity-not-open" | "slot-not-found" | "slot-last" | "slots-full" | "slot-absent" | "keyring-unavailable" | "keyring-locked" | "keyring-timed-out" | "keyring-other-boot" | "keyring-after-absence" | "key-file-invalid" | "vault-still-open" | "vault-header-changed" | "vault-header-older" | "job-not-found" | "terminal-not-found" | "too-many-terminals" | "no-terminal" | "run-not-found" | "run-nothing-left" | "run-skipped" | "run-cancelled" | "copy-cancelled" | "run-host-gone" | "run-pace-invalid" | "recipe-not-found" | "recipe-syntax" | "recipe-limit" | "recipe-placeholder-unknown" | "recipe-placeholder-misplaced" | "recipe-parameter-unused" | "recipe-parameter-invalid" | "recipe-parameter-secret" | "recipe-value-unknown" | "recipe-value-missing" | "recipe-value-invalid" | "plan-not-found" | "vault-locked" | "several-vaults" | "vault-wrong-passphrase" | "vault-wrong-recovery-words" | "vault-passphrase-weak" | "vault-damaged" | "vault-too-new" | "vault-in-use" | "vault-not-found" | "vault-exists" | "vault-file" | "vault-behind" | "host-key-unknown" | "host-key-changed" | "host-unreachable" | "login-refused" | "no-credential" | "credential-held" | "no-way" | "legacy-expired" | "no-sudo" | "sudo-refused" | "ssh-agent-absent" | "factor-missing" | "one-time-spent" | "no-common-algorithm" | "host-disk-full" | "disk-full" | "copy-differs" | "enrol-failed" | "host-key-revoked" | "host-certificate-refused" | "host-in-use" | "jump-loop" | "key-not-found" | "credential-unusable" | "link-lost" | "timed-out" | "remote-refused" | "not-understood" | "command-failed" | "local-file" | "remote-file" | "copy-nameless" | "file-exists" | "folder-not-empty" | "path-protected" | "several-failed" | "check-failed" | "half-done" | "job-vanished" | "host-rebooted" | "host-folder" | "nothing-to-compare" | "job-not-failed" | "job-input-gone" | "job-not-started" | "job-cancelled" | "job-still-running" | "no-secret-place" | "ynh-absent" | "ynh-not-postinstalled" | "ynh-invalid" | "ynh-missing" | "ynh-user-exists" | "ynh-user-unknown" | "ynh-last-admin" | "ynh-service-unknown" | "ynh-domain-unknown" | "ynh-password-refused" | "ynh-busy" | "ynh-not-possible" | "ynh-refused" | "agent-absent" | "agent-failed" | "agent-lost" | "agent-version" | "agent-not-offered" | "interrupted" | "internal";
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
current: string, } | { "kind": "hosts_changed" } | { "kind": "secrets_changed" } | { "kind": "job_changed", 
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
failed: number, } | { "kind": "recipes_changed" } | { "kind": "journal_changed" };
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
 * `host` or `secret`.
 */
kind: string, 
/**
 * Its name.
 */
name: string, 
/**
 * Its stage.
 */
stage: string, };
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
card: string, };
/**
 * The identities that a vault knows.
 */
export type IdentityList = { 
/**
 * By name.
 */
identities: Array<IdentityInfo>, };
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
 * Something that lies on a host.
 */
export type LedgerEntry = { 
/**
 * `job-folder` or `authorized-key`.
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
 * Why a part of the facts is not there, or not whole.
 */
export type Missing = "not_readable" | "no_tool" | "cut" | "failed" | "not_asked" | "not_answered";
/**
 * A request without parameters.
 */
export type Nothing = Record<symbol, never>;
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
action: ActionRequest, };
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
typed: string | null, };
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
 * A protocol with ports.
 */
export type Protocol = "tcp" | "udp";
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
 * What a machine is used for, by what is installed.
 */
export type Role = "yunohost" | "lxc" | "lxd" | "incus" | "proxmox" | "libvirt" | "docker" | "podman" | "kubernetes" | "nginx" | "apache" | "caddy" | "haproxy" | "mariadb" | "postgresql" | "redis" | "postfix" | "dovecot" | "dns" | "ldap" | "nfs" | "samba" | "wireguard" | "fail2ban" | "backup";
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
 * Finds hosts and secrets by a part of their name.
 */
export type SearchRequest = { 
/**
 * Part of a name; case does not matter.
 */
text: string, 
/**
 * 20 when absent, at most 200.
 */
limit: number | null, };
/**
 * What was found, names that begin with the text first.
 */
export type SearchResults = { 
/**
 * What was found.
 */
found: Array<Found>, };
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
 * A value among [`YnhValue::Settings`].
 */
export type YnhSetting = { "text": string } | { "secret": SecretInput };
/**
 * What an operation is given for one of its parameters.
 */
export type YnhValue = { "text": string } | { "list": Array<string> } | { "switch": boolean } | { "secret": SecretInput } | { "settings": { [key in string]: YnhSetting } };
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

/** Every command: its request and its response. */
export interface RpcSchema {
  /** The vaults that this machine has seen. */
  vault_list: [Nothing, VaultList];
  /** Makes a vault and opens it. */
  vault_create: [VaultCreate, VaultCreated];
  /** Opens a vault. */
  vault_unlock: [VaultUnlock, VaultInfo];
  /** Closes the open vault and forgets its keys. */
  vault_lock: [Nothing, Done];
  /** The open vault. */
  vault_info: [Nothing, VaultInfo];
  /** Checks the open vault: database, records, journal, anchor. */
  vault_verify: [Nothing, VaultReport];
  /** How well the open vault is kept. */
  vault_health: [Nothing, VaultHealth];
  /** Copies the open vault, consistent and verified. */
  vault_copy: [VaultCopy, VaultCopied];
  /** Makes a vault from a copy, or rehearses it. */
  vault_restore: [VaultRestore, VaultRestored];
  /** Gives the open vault another passphrase. */
  vault_passwd: [VaultPasswd, Done];
  /** Makes a new root key and encrypts the open vault anew. */
  vault_rekey: [VaultRekey, VaultRekeyed];
  /** The ways into the open vault. */
  slot_list: [Nothing, SlotList];
  /** Adds a way into the open vault. */
  slot_add: [SlotAdd, SlotAdded];
  /** Removes a way into the open vault. */
  slot_remove: [SlotRemove, Done];
  /** The identities that the open vault knows. */
  identity_list: [Nothing, IdentityList];
  /** Makes an identity in the open vault. */
  identity_create: [IdentityCreate, IdentityInfo];
  /** Writes the card of the open vault's own identity to a file. */
  identity_export: [IdentityFile, IdentityInfo];
  /** Takes in somebody's card from a file. */
  identity_import: [IdentityFile, IdentityInfo];
  /** The stages of the open vault. */
  stage_list: [Nothing, StageList];
  /** Adds a stage. */
  stage_add: [StageName, StageInfo];
  /** Gives a stage a secret of its own. */
  stage_protect: [StageProtect, StageProtected];
  /** Unseals a stage for a while. */
  stage_unseal: [StageUnseal, StageInfo];
  /** Seals a stage. */
  stage_seal: [StageName, StageInfo];
  /** Gives a stage another secret. */
  stage_passwd: [StagePasswd, StageProtected];
  /** Gives a stage a new key and seals everything in it anew. */
  stage_rekey: [StageRekey, StageInfo];
  /** Sets what is asked of those who act on a stage. */
  stage_policy: [StagePolicySet, StageInfo];
  /** Finds hosts and secrets by a part of their name. */
  search: [SearchRequest, SearchResults];
  /** The secrets of the catalog. */
  secret_list: [Nothing, SecretList];
  /** Stores a secret. */
  secret_set: [SecretSet, SecretRow];
  /** Gives a secret's value, and says so in the journal. */
  secret_reveal: [SecretName, SecretRevealed];
  /** Makes a password; it is stored by whoever asked. */
  secret_generate: [SecretGenerate, SecretGenerated];
  /** Makes a passphrase; it is stored by whoever asked. */
  passphrase_generate: [PassphraseGenerate, SecretGenerated];
  /** Gives a secret another name. */
  secret_rename: [SecretRename, SecretRow];
  /** Removes a secret that no host uses. */
  secret_remove: [SecretName, Done];
  /** Lets a credential that a host refused be offered again. */
  credential_allow: [CredentialName, CredentialAllowed];
  /** The views of the fleet that are kept. */
  view_list: [Nothing, FleetViews];
  /** Keeps these views of the fleet in the place of those that were kept. */
  view_keep: [FleetViews, FleetViews];
  /** The hosts of the catalog. */
  host_list: [Nothing, HostList];
  /** Everything about one host. */
  host_show: [HostName, HostDetail];
  /** Asks an address for its host key. */
  host_scan: [HostScan, OfferedKey];
  /** Adds a host. */
  host_add: [HostAdd, HostRow];
  /** Changes how a host is reached and logged in to. */
  host_edit: [HostEdit, HostRow];
  /** Trusts a host key, or an authority's. */
  host_trust: [HostTrust, HostRow];
  /** No longer trusts a key of a host. */
  host_distrust: [HostKeyName, HostRow];
  /** Refuses a key of a host, whatever vouches for it. */
  host_revoke: [HostKeyName, HostRow];
  /** Takes trusted keys in from a `known_hosts` file. */
  known_hosts_import: [KnownHostsImport, KnownHostsImported];
  /** Writes what is trusted to a `known_hosts` file. */
  known_hosts_export: [KnownHostsExport, KnownHostsExported];
  /** Gives a host a key of its own, proves it, and forgets the password. */
  host_enrol: [HostEnrol, HostEnrolled];
  /** Removes a host from the catalog. The host itself is left alone. */
  host_remove: [HostName, Done];
  /** Tests a host, from its name to what it is. */
  host_test: [HostTestRequest, HostTest];
  /** Reads hosts anew and stores what is found. */
  host_survey: [SurveyRequest, SurveyResults];
  /** Says what differs between two surveys. */
  host_diff: [HostDiff, HostDifferences];
  /** What lies on a host because of this program. */
  host_ledger: [HostLedgerRequest, HostLedger];
  /** Removes what ended jobs left on a host. */
  host_clean: [HostClean, HostCleaned];
  /** Leaves a host as if this program had never been there. */
  host_detach: [HostDetach, HostCleaned];
  /** Runs a command on hosts, and waits for the end. */
  run: [Run, RunReport];
  /** Begins to run a command on hosts. */
  run_start: [Run, RunReport];
  /** Waits for the end of a run; who stops waiting stops the run. */
  run_wait: [RunName, RunReport];
  /** The last runs. */
  run_list: [Nothing, RunList];
  /** A run, with what there is of its results. */
  run_show: [RunName, RunReport];
  /** Begins to run the same again on the hosts on which it did not succeed. */
  run_retry: [RunRetry, RunReport];
  /** Stops a run; the hosts that have their result keep it. */
  run_cancel: [RunName, RunReport];
  /** The recipes. */
  recipe_list: [Nothing, RecipeList];
  /** One recipe. */
  recipe_show: [RecipeName, RecipeView];
  /** Stores a recipe, in the place of one of the same name. */
  recipe_set: [RecipeSet, RecipeView];
  /** Removes a recipe. */
  recipe_remove: [RecipeName, Done];
  /** What a recipe would run, with its values put in. */
  recipe_plan: [RecipeRun, RecipePlan];
  /** Begins to run a recipe on hosts. */
  recipe_start: [RecipeRun, RunReport];
  /** Copies a file to a host. */
  put: [CopyFile, CopiedFile];
  /** Copies a file of a host here. */
  get: [CopyFile, CopiedFile];
  /** Cancels a copy; done also where none of this name goes on. */
  copy_cancel: [CopyName, Done];
  /** What lies in a folder of a host. */
  host_files: [HostFiles, Folder];
  /** Makes a folder on a host. */
  host_folder_make: [HostFolderMake, Done];
  /** Gives a file or folder of a host another name or place. */
  host_file_rename: [HostFileRename, Done];
  /** Removes files and folders of a host. */
  host_file_remove: [HostFileRemove, FilesRemoved];
  /** Cancels the removals of a name. */
  host_file_remove_cancel: [RemovalName, Done];
  /** What lies in a folder of this machine. */
  local_files: [LocalFiles, Folder];
  /** Makes a folder on this machine. */
  local_folder_make: [LocalFolderMake, Done];
  /** Gives a file or folder of this machine another name or place. */
  local_file_rename: [LocalFileRename, Done];
  /** Opens a terminal on a host. */
  terminal_open: [TerminalOpen, TerminalOpened];
  /** What a terminal has to show; waits for it. */
  terminal_read: [TerminalRead, TerminalOutput];
  /** Types into a terminal. */
  terminal_write: [TerminalWrite, Done];
  /** Tells a terminal another size. */
  terminal_resize: [TerminalResize, Done];
  /** Closes a terminal. */
  terminal_close: [TerminalName, Done];
  /** The terminals whose end was not told yet. */
  terminal_list: [Nothing, TerminalList];
  /** Makes the plan of an action. */
  plan_make: [PlanMake, PlanView];
  /** Runs a plan: one job per host. */
  plan_run: [PlanRun, JobsStarted];
  /** Forgets a plan. */
  plan_forget: [PlanName, Done];
  /** The jobs. */
  job_list: [Nothing, JobList];
  /** One job. */
  job_show: [JobName, JobView];
  /** A job's output. */
  job_output: [JobOutputRequest, JobOutput];
  /** Follows a job again, after the link or the program was lost. */
  job_attach: [JobName, JobView];
  /** Stops a job on its host. */
  job_cancel: [JobName, JobView];
  /** Begins a job again that failed, from the step that did not succeed. */
  job_retry: [JobRetry, JobView];
  /** A page of the journal. */
  journal_list: [JournalPageRequest, JournalPage];
  /** Checks the journal. */
  journal_verify: [Nothing, JournalReport];
  /** Checks an exported journal, without any vault. */
  journal_check: [JournalCheck, JournalReport];
  /** Writes the journal to a file. */
  journal_export: [JournalExport, JournalExported];
}

/** What each command does. */
export const commandClass = {
  vault_list: "read",
  vault_create: "secret",
  vault_unlock: "secret",
  vault_lock: "write",
  vault_info: "read",
  vault_verify: "read",
  vault_health: "read",
  vault_copy: "write",
  vault_restore: "secret",
  vault_passwd: "secret",
  vault_rekey: "secret",
  slot_list: "read",
  slot_add: "secret",
  slot_remove: "secret",
  identity_list: "read",
  identity_create: "write",
  identity_export: "write",
  identity_import: "write",
  stage_list: "read",
  stage_add: "write",
  stage_protect: "secret",
  stage_unseal: "secret",
  stage_seal: "write",
  stage_passwd: "secret",
  stage_rekey: "secret",
  stage_policy: "write",
  search: "read",
  secret_list: "read",
  secret_set: "secret",
  secret_reveal: "secret",
  secret_generate: "secret",
  passphrase_generate: "secret",
  secret_rename: "write",
  secret_remove: "write",
  credential_allow: "write",
  view_list: "read",
  view_keep: "write",
  host_list: "read",
  host_show: "read",
  host_scan: "read",
  host_add: "write",
  host_edit: "write",
  host_trust: "write",
  host_distrust: "write",
  host_revoke: "write",
  known_hosts_import: "write",
  known_hosts_export: "write",
  host_enrol: "write",
  host_remove: "write",
  host_test: "read",
  host_survey: "read",
  host_diff: "read",
  host_ledger: "read",
  host_clean: "write",
  host_detach: "write",
  run: "write",
  run_start: "write",
  run_wait: "read",
  run_list: "read",
  run_show: "read",
  run_retry: "write",
  run_cancel: "write",
  recipe_list: "read",
  recipe_show: "read",
  recipe_set: "write",
  recipe_remove: "write",
  recipe_plan: "read",
  recipe_start: "write",
  put: "write",
  get: "read",
  copy_cancel: "write",
  host_files: "read",
  host_folder_make: "write",
  host_file_rename: "write",
  host_file_remove: "write",
  host_file_remove_cancel: "write",
  local_files: "read",
  local_folder_make: "write",
  local_file_rename: "write",
  terminal_open: "write",
  terminal_read: "read",
  terminal_write: "secret",
  terminal_resize: "write",
  terminal_close: "write",
  terminal_list: "read",
  plan_make: "secret",
  plan_run: "write",
  plan_forget: "write",
  job_list: "read",
  job_show: "read",
  job_output: "read",
  job_attach: "write",
  job_cancel: "write",
  job_retry: "write",
  journal_list: "read",
  journal_verify: "read",
  journal_check: "read",
  journal_export: "write",
} as const;
