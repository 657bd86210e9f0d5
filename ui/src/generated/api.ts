// Generated from beffroi-api by `./dev gen`; not to be edited.

/**
 * What to do.
 */
export type ActionRequest = { "kind": "ynh_user_add", 
/**
 * The login.
 */
username: string, 
/**
 * The person's name.
 */
fullname: string, 
/**
 * The account's password.
 */
password: SecretInput, 
/**
 * Domain of the e-mail address; the main one when absent.
 */
domain: string | null, 
/**
 * Such as `500M`.
 */
mailbox_quota: string | null, } | { "kind": "ynh_user_edit", 
/**
 * The login.
 */
username: string, 
/**
 * The person's name.
 */
fullname: string | null, 
/**
 * A new password.
 */
password: SecretInput | null, 
/**
 * Such as `500M`, or `0` for none.
 */
mailbox_quota: string | null, } | { "kind": "ynh_user_remove", 
/**
 * The login.
 */
username: string, 
/**
 * Whether its home and mail are deleted as well.
 */
purge: boolean, } | { "kind": "ynh_service_restart", 
/**
 * Its name.
 */
service: string, } | { "kind": "run", 
/**
 * Shell text, as typed.
 */
command: string, };
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
step?: number, };
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
 * A file that was copied.
 */
export type CopiedFile = { 
/**
 * Its size.
 */
bytes: number, 
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
typed: string | null, };
/**
 * The answer of a command that only succeeds or fails.
 */
export type Done = Record<symbol, never>;
/**
 * What went wrong. Each code has a sentence and a remedy in every language (`error.CODE`, `error.CODE.remedy`).
 */
export type ErrorCode = "invalid-request" | "invalid-name" | "invalid-selector" | "flag-missing" | "not-confirmed" | "host-not-found" | "nothing-selected" | "host-exists" | "secret-not-found" | "secret-in-use" | "stage-not-found" | "stage-exists" | "stage-unprotectable" | "stage-is-protected" | "stage-not-protected" | "stage-lost-secret" | "stage-sealed" | "stage-frozen" | "stage-wrong-secret" | "stage-secret-weak" | "stage-secret-shared" | "confirmation-needed" | "policy-refused" | "host-record-forged" | "secret-of-other-stage" | "identity-not-found" | "identity-exists" | "identity-not-open" | "slot-not-found" | "slot-last" | "slots-full" | "slot-absent" | "keyring-unavailable" | "keyring-locked" | "keyring-timed-out" | "keyring-other-boot" | "keyring-after-absence" | "key-file-invalid" | "vault-still-open" | "vault-header-changed" | "vault-header-older" | "job-not-found" | "plan-not-found" | "vault-locked" | "several-vaults" | "vault-wrong-passphrase" | "vault-wrong-recovery-words" | "vault-passphrase-weak" | "vault-damaged" | "vault-too-new" | "vault-in-use" | "vault-not-found" | "vault-exists" | "vault-file" | "vault-behind" | "host-key-unknown" | "host-key-changed" | "host-unreachable" | "login-refused" | "no-credential" | "credential-unusable" | "link-lost" | "timed-out" | "remote-refused" | "not-understood" | "command-failed" | "local-file" | "remote-file" | "several-failed" | "check-failed" | "half-done" | "job-vanished" | "job-not-started" | "job-cancelled" | "job-still-running" | "no-secret-place" | "ynh-absent" | "ynh-not-postinstalled" | "ynh-invalid" | "ynh-user-exists" | "ynh-user-unknown" | "ynh-last-admin" | "ynh-service-unknown" | "ynh-domain-unknown" | "ynh-password-refused" | "ynh-busy" | "ynh-refused" | "agent-absent" | "agent-failed" | "agent-lost" | "agent-version" | "agent-not-offered" | "interrupted" | "internal";
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
total: number, } | { "kind": "hosts_changed" } | { "kind": "secrets_changed" } | { "kind": "job_changed", 
/**
 * The job.
 */
job: string, } | { "kind": "job_output", 
/**
 * The job.
 */
job: string, } | { "kind": "journal_changed" };
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
 * Name of the secret to log in with.
 */
identity: string | null, 
/**
 * Host keys to trust, as `SHA256:…`.
 */
trust: Array<string>, };
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
jobs: Array<JobView>, };
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
 * Name of the secret it logs in with.
 */
identity: string | null, 
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
port: number | null, };
/**
 * How work on one host went (the CLI contract's `status`).
 */
export type HostStatus = "ok" | "changed" | "failed" | "unreachable" | "sealed" | "cancelled" | "running";
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
 * The machine.
 */
system: SystemSurvey, 
/**
 * YunoHost, where it is installed.
 */
yunohost: YunohostSurvey | null, };
/**
 * How a connection test went, step by step.
 */
export type HostTest = { 
/**
 * The host's name.
 */
host: string, 
/**
 * Whether every step held.
 */
passed: boolean, 
/**
 * In order; ends with the first that failed.
 */
steps: Array<HostTestStep>, };
/**
 * One step of a connection test.
 */
export type HostTestStep = { 
/**
 * What was tried.
 */
what: WireMessage, 
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
fingerprint: string, };
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
 * Seconds for each host; 60 when absent.
 */
timeout_s: number | null, 
/**
 * Hosts at a time; 32 when absent, at most 256.
 */
parallel: number | null, 
/**
 * What the person typed, where a stage asks for a name.
 */
typed: string | null, };
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
 * What work on several hosts gave.
 */
export type RunResults = { 
/**
 * One per host, by name.
 */
results: Array<RunResult>, };
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
 * Hosts that log in with it.
 */
used_by: Array<string>, 
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
  /** Removes a secret that no host uses. */
  secret_remove: [SecretName, Done];
  /** The hosts of the catalog. */
  host_list: [Nothing, HostList];
  /** Everything about one host. */
  host_show: [HostName, HostDetail];
  /** Asks an address for its host key. */
  host_scan: [HostScan, OfferedKey];
  /** Adds a host. */
  host_add: [HostAdd, HostRow];
  /** Trusts a host key. */
  host_trust: [HostTrust, HostRow];
  /** Removes a host from the catalog. The host itself is left alone. */
  host_remove: [HostName, Done];
  /** Tests the connection to a host. */
  host_test: [HostName, HostTest];
  /** Reads hosts anew and stores what is found. */
  host_survey: [SurveyRequest, SurveyResults];
  /** Runs a command on hosts. */
  run: [Run, RunResults];
  /** Copies a file to a host. */
  put: [CopyFile, CopiedFile];
  /** Copies a file of a host here. */
  get: [CopyFile, CopiedFile];
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
  secret_remove: "write",
  host_list: "read",
  host_show: "read",
  host_scan: "read",
  host_add: "write",
  host_trust: "write",
  host_remove: "write",
  host_test: "read",
  host_survey: "read",
  run: "write",
  put: "write",
  get: "read",
  plan_make: "secret",
  plan_run: "write",
  plan_forget: "write",
  job_list: "read",
  job_show: "read",
  job_output: "read",
  job_attach: "write",
  job_cancel: "write",
  journal_list: "read",
  journal_verify: "read",
  journal_check: "read",
  journal_export: "write",
} as const;
