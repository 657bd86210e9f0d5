//! The one list of commands. The TypeScript bindings, the router and the reference come from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::{Config, TS, TypeVisitor as _};

use crate::agent::Client;
use crate::declarations::{Declarations, GENERATED};
use crate::{Api, ApiError, ErrorCode, wire};

/// What a command does, for whoever decides who may call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Changes nothing.
    Read,
    /// Changes the catalog or a host.
    Write,
    /// Carries a secret, one way or the other.
    Secret,
}

/// A command of the list.
#[derive(Debug, Clone, Copy)]
pub struct CommandInfo {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub class: Class,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident($request:ident) -> $response:ident @ $class:ident,)*) => {
        /// Every command.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo { name: stringify!($name), class: Class::$class },)*];

        /// A request of one of the commands.
        #[expect(non_camel_case_types, reason = "a variant is called as its command is")]
        pub(crate) enum Ask {
            $($name(wire::$request),)*
        }

        impl Ask {
            /// Reads the request of a command, for a caller that may use commands of these classes.
            ///
            /// # Errors
            /// [`ErrorCode::InvalidRequest`] for a command that does not exist or is of another class, and for a request
            /// that has not its form.
            pub(crate) fn read<'de, D: Deserializer<'de>>(classes: &[Class], command: &str, request: D) -> Result<Self, ApiError> {
                let not_allowed = || ApiError::new(ErrorCode::InvalidRequest).with("what", format!("no command {command}"));
                let info = COMMANDS.iter().find(|info| info.name == command).ok_or_else(not_allowed)?;
                if !classes.contains(&info.class) {
                    return Err(not_allowed());
                }
                match command {
                    // The text of the fault may quote the request, which may hold a secret: it is not passed on.
                    $(stringify!($name) => wire::$request::deserialize(request)
                        .map(Self::$name)
                        .map_err(|_| ApiError::new(ErrorCode::InvalidRequest).with("what", stringify!($request))),)*
                    _ => Err(not_allowed()),
                }
            }

            /// What the command does.
            #[cfg(unix)]
            pub(crate) fn class(&self) -> Class {
                match self {
                    $(Self::$name(_) => Class::$class,)*
                }
            }
        }

        /// The response of one of the commands.
        #[expect(non_camel_case_types, reason = "a variant is called as its command is")]
        #[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is written at once")]
        pub(crate) enum Reply {
            $($name(wire::$response),)*
        }

        impl Serialize for Reply {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$name(response) => response.serialize(serializer),)*
                }
            }
        }

        impl Api {
            /// Answers a command by its name, for a caller that may use commands of these classes.
            ///
            /// # Errors
            /// [`ErrorCode::InvalidRequest`] for a command that does not exist or is of another class, and for a request
            /// that has not its form; else those of the command.
            pub async fn call(&self, classes: &[Class], command: &str, request: serde_json::Value) -> Result<serde_json::Value, ApiError> {
                let reply = self.answer(Ask::read(classes, command, request)?).await?;
                serde_json::to_value(reply).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))
            }

            /// Answers a request.
            ///
            /// # Errors
            /// Those of the command.
            pub(crate) async fn answer(&self, ask: Ask) -> Result<Reply, ApiError> {
                match ask {
                    $(Ask::$name(request) => Box::pin(self.$name(request)).await.map(Reply::$name),)*
                }
            }
        }

        /// Who answers: this process, or the one that holds the keys. One method per command, as [`Api`] has.
        #[derive(Clone)]
        pub enum Door {
            /// This process.
            Here(Api),
            /// The process that holds the keys.
            Agent {
                /// The way to it.
                client: Client,
                /// The vault that is meant, by its id, its name or its folder; the only open one when absent.
                vault: Option<String>,
            },
        }

        impl Door {
            $(
                $(#[doc = $doc])*
                ///
                /// # Errors
                /// Those of the command, and of the way to who answers it ([`Client::call`]).
                pub async fn $name(&self, request: wire::$request) -> Result<wire::$response, ApiError> {
                    match self {
                        Self::Here(api) => Box::pin(api.$name(request)).await,
                        Self::Agent { client, vault } => client.call(vault.as_deref(), stringify!($name), &request).await,
                    }
                }
            )*
        }

        /// The bindings for the page: every type of the wire.
        #[must_use]
        pub fn types_typescript() -> String {
            let config = Config::new().with_large_int("number");
            let mut declarations = Declarations { config: &config, found: BTreeMap::new() };
            $(
                declarations.visit::<wire::$request>();
                declarations.visit::<wire::$response>();
            )*
            declarations.visit::<wire::Event>();
            declarations.visit::<ApiError>();
            declarations.visit::<wire::YnhOperation>();
            declarations.visit::<wire::YnhReading>();
            let types: String = declarations.found.into_values().collect();
            format!("{GENERATED}\n{types}")
        }

        /// The bindings for the page: the table of commands, over the types of [`types_typescript`] in `api.ts`.
        #[must_use]
        pub fn commands_typescript() -> String {
            let config = Config::new();
            let schema = [$(
                $(concat!("  /**", $doc, " */\n"),)*
                &format!("  {}: [api.{}, api.{}];\n", stringify!($name), <wire::$request as TS>::name(&config), <wire::$response as TS>::name(&config)),
            )*]
            .concat();
            let classes = [$(format!("  {}: \"{}\",\n", stringify!($name), stringify!($class).to_lowercase()),)*].concat();
            format!(
                "{GENERATED}\nimport type * as api from './api';\n\n\
                 /** Every command: its request and its response. */\nexport interface RpcSchema {{\n{schema}}}\n\n\
                 /** What each command does. */\nexport const commandClass = {{\n{classes}}} as const;\n"
            )
        }
    };
}

commands! {
    /// The vaults that this machine has seen.
    vault_list(Nothing) -> VaultList @ Read,
    /// Makes a vault and opens it.
    vault_create(VaultCreate) -> VaultCreated @ Secret,
    /// Opens a vault.
    vault_unlock(VaultUnlock) -> VaultInfo @ Secret,
    /// Guests of hosts, and what their hosts have to give.
    guest_list(GuestListRequest) -> GuestList @ Read,
    /// One guest.
    guest_show(GuestShow) -> GuestDetail @ Read,
    /// The plan of a change of guests.
    guest_plan(GuestPlan) -> PlanView @ Write,
    /// A guest's snapshots.
    guest_snapshots(GuestSnapshotsRequest) -> GuestSnapshots @ Read,
    /// What speaks against a specification of a guest.
    guest_lint(GuestLint) -> GuestLinted @ Read,
    /// The plan that makes a guest what its specification says.
    guest_make_plan(GuestMake) -> GuestMakePlan @ Write,
    /// The images of a host.
    guest_images(GuestImagesAsked) -> GuestImages @ Read,
    /// The plan that takes files of this machine in as an image.
    guest_image_import(GuestImageImport) -> GuestImagePlan @ Write,
    /// The plan that removes an image.
    guest_image_remove(GuestImageRemove) -> PlanView @ Read,
    /// The plan that makes an image of a guest.
    guest_image_create(GuestImageCreate) -> GuestMakePlan @ Write,
    /// The plan that builds an image of Debian on a host.
    guest_image_build(GuestImageBuild) -> GuestMakePlan @ Write,
    /// Brings an image of a host to this machine.
    guest_image_export(GuestImageExport) -> GuestImageExported @ Write,
    /// The specification that is kept for a guest.
    guest_spec(GuestSpecAsked) -> GuestSpecKept @ Read,
    /// Keeps a specification for a guest that is there or is to be.
    guest_spec_keep(GuestSpecKeep) -> GuestSpecKept @ Write,
    /// Keeps a guest's specification no longer.
    guest_spec_forget(GuestSpecAsked) -> Done @ Write,
    /// What a guest's driver or its console wrote.
    guest_logs(GuestLogsRequest) -> GuestLogs @ Read,
    /// Closes the open vault and forgets its keys.
    vault_lock(Nothing) -> Done @ Write,
    /// The open vault.
    vault_info(Nothing) -> VaultInfo @ Read,
    /// Checks the open vault: database, records, journal, anchor.
    vault_verify(Nothing) -> VaultReport @ Read,
    /// How well the open vault is kept.
    vault_health(Nothing) -> VaultHealth @ Read,
    /// Copies the open vault, consistent and verified.
    vault_copy(VaultCopy) -> VaultCopied @ Write,
    /// Makes a vault from a copy, or rehearses it.
    vault_restore(VaultRestore) -> VaultRestored @ Secret,
    /// Merges another copy of the open vault into it, or says what that would do.
    parcel_merge(ParcelMerge) -> ParcelMerged @ Write,
    /// Makes a parcel for somebody, or says what would be in it.
    parcel_create(ParcelCreate) -> ParcelContent @ Secret,
    /// What was handed over, and what of it still is what it was.
    parcel_given(ParcelWhom) -> ParcelsGiven @ Read,
    /// Gives the open vault another passphrase.
    vault_passwd(VaultPasswd) -> Done @ Secret,
    /// Makes a new root key and encrypts the open vault anew.
    vault_rekey(VaultRekey) -> VaultRekeyed @ Secret,
    /// The ways into the open vault.
    slot_list(Nothing) -> SlotList @ Read,
    /// Adds a way into the open vault.
    slot_add(SlotAdd) -> SlotAdded @ Secret,
    /// Removes a way into the open vault.
    slot_remove(SlotRemove) -> Done @ Secret,
    /// The identities that the open vault knows.
    identity_list(Nothing) -> IdentityList @ Read,
    /// Makes an identity in the open vault.
    identity_create(IdentityCreate) -> IdentityInfo @ Write,
    /// Writes the card of the open vault's own identity to a file.
    identity_export(IdentityFile) -> IdentityInfo @ Write,
    /// Takes in somebody's card from a file.
    identity_import(IdentityFile) -> IdentityInfo @ Write,
    /// The stages of the open vault.
    stage_list(Nothing) -> StageList @ Read,
    /// Adds a stage.
    stage_add(StageName) -> StageInfo @ Write,
    /// Gives a stage a secret of its own.
    stage_protect(StageProtect) -> StageProtected @ Secret,
    /// Unseals a stage for a while.
    stage_unseal(StageUnseal) -> StageInfo @ Secret,
    /// Seals a stage.
    stage_seal(StageName) -> StageInfo @ Write,
    /// Gives a stage another secret.
    stage_passwd(StagePasswd) -> StageProtected @ Secret,
    /// Gives a stage a new key and seals everything in it anew.
    stage_rekey(StageRekey) -> StageInfo @ Secret,
    /// Sets what is asked of those who act on a stage.
    stage_policy(StagePolicySet) -> StageInfo @ Write,
    /// Finds hosts by a part of their name, and secrets by what stands beside their values.
    search(SearchRequest) -> SearchResults @ Read,
    /// The secrets of the catalog.
    secret_list(Nothing) -> SecretList @ Read,
    /// Stores a secret.
    secret_set(SecretSet) -> SecretRow @ Secret,
    /// Gives a secret's value, and says so in the journal.
    secret_reveal(SecretName) -> SecretRevealed @ Secret,
    /// Makes a password; it is stored by whoever asked.
    secret_generate(SecretGenerate) -> SecretGenerated @ Secret,
    /// Makes a passphrase; it is stored by whoever asked.
    passphrase_generate(PassphraseGenerate) -> SecretGenerated @ Secret,
    /// What is wrong with the secrets of the open stages.
    secret_health(SecretHealthRequest) -> SecretHealth @ Read,
    /// Looks for secrets in files of this machine.
    secret_scan(SecretScan) -> ScanReport @ Write,
    /// Tells a scan to stop: it gives what it found so far.
    scan_cancel(ScanName) -> Done @ Write,
    /// Writes the hook that scans before each commit, or takes it away.
    scan_hook(ScanHook) -> ScanHooked @ Write,
    /// Gives the one-time code of a secret, and says so in the journal.
    secret_code(SecretName) -> OneTimeCode @ Secret,
    /// Makes a key to log in with, and stores it.
    key_generate(KeyGenerate) -> PublicKey @ Write,
    /// Gives the public part of a key.
    secret_public(SecretName) -> PublicKey @ Read,
    /// Gives a secret another name.
    secret_rename(SecretRename) -> SecretRow @ Write,
    /// Puts a secret that no host uses into the trash.
    secret_remove(SecretName) -> Done @ Write,
    /// The formats of other programs that are read and written.
    import_formats(Nothing) -> ImportFormats @ Read,
    /// The columns of a file of separated values, and what they seem to be.
    import_columns(ImportColumnsOf) -> ImportColumns @ Read,
    /// Reads a file of another program and shows what would become of it.
    import_read(ImportRead) -> ImportPreview @ Secret,
    /// Shows a file that was read, under other rules.
    import_preview(ImportLook) -> ImportPreview @ Read,
    /// Takes a file in that was read: everything or nothing.
    import_apply(ImportApply) -> ImportDone @ Write,
    /// Forgets a file that was read, and its secrets.
    import_forget(ImportWaiting) -> Done @ Write,
    /// Writes secrets for another program.
    secret_export(SecretExport) -> SecretExported @ Secret,
    /// What stands beside a secret's value.
    secret_about(SecretName) -> SecretAbout @ Read,
    /// Changes what stands beside a secret's value.
    secret_edit(SecretEdit) -> SecretAbout @ Secret,
    /// The templates that everybody has, then those of the vault.
    template_list(Nothing) -> TemplateList @ Read,
    /// Keeps a template of the vault's own; one that has the name is replaced.
    template_set(TemplateSet) -> SecretTemplate @ Write,
    /// Takes a template of the vault's own away.
    template_remove(TemplateName) -> Done @ Write,
    /// Gives a piece of a secret, and says so in the journal.
    secret_part(SecretPartName) -> SecretRevealed @ Secret,
    /// Gives a secret one of its earlier values again.
    secret_revert(SecretRevert) -> SecretRow @ Write,
    /// Puts a file to a secret.
    secret_attach(SecretAttach) -> SecretAbout @ Write,
    /// Writes a file of a secret to this machine.
    secret_file_save(SecretFileSave) -> Done @ Secret,
    /// Takes a file from a secret.
    secret_file_remove(SecretFile) -> SecretAbout @ Write,
    /// What lies in the trash.
    trash_list(Nothing) -> TrashList @ Read,
    /// Gives a secret back from the trash.
    trash_restore(SecretRestore) -> SecretRow @ Write,
    /// Removes secrets from the trash for good.
    trash_empty(TrashEmpty) -> TrashEmptied @ Write,
    /// Where a secret lives, and how far its rotation is; hosts are asked where that is wanted.
    secret_where(SecretAsk) -> SecretWhere @ Read,
    /// What rotating a secret would do.
    rotation_plan(SecretRotate) -> RotationPlan @ Read,
    /// Rotates a secret as far as it goes now, goes on with its rotation, or goes back.
    secret_rotate(SecretRotate) -> Rotation @ Write,
    /// Lets a credential that a host refused be offered again.
    credential_allow(CredentialName) -> CredentialAllowed @ Write,
    /// Everybody who has a card.
    person_list(Nothing) -> PersonList @ Read,
    /// One of them.
    person_show(PersonName) -> PersonView @ Read,
    /// Makes a card.
    person_add(PersonCard) -> PersonView @ Write,
    /// Changes a card.
    person_edit(PersonCard) -> PersonView @ Write,
    /// Removes a card; the accounts stay.
    person_remove(PersonName) -> Done @ Write,
    /// Says that accounts are a person's.
    person_link(PersonLink) -> PersonView @ Write,
    /// Says that they are not any more.
    person_unlink(PersonLink) -> PersonView @ Write,
    /// Takes what hosts have of a person for right.
    person_accept(PersonLink) -> Done @ Write,
    /// Who can use what, and why.
    person_matrix(MatrixRequest) -> PeopleMatrix @ Read,
    /// Where hosts and cards disagree.
    person_drift(DriftRequest) -> PeopleDrift @ Read,
    /// Makes one plan of changes for people.
    person_plan(PersonPlan) -> PlanView @ Write,
    /// What a list of users would do, and the plan of it.
    person_import(PersonImport) -> PersonImportView @ Secret,
    /// A list for a spreadsheet.
    person_export(PersonExport) -> PersonText @ Write,
    /// The signed report of an off-boarding.
    person_report(PersonReportRequest) -> PersonReport @ Write,
    /// Checks one, without any vault.
    person_report_check(PersonReportCheck) -> PersonReport @ Read,
    /// A report for whoever owns the hosts: interventions, state, or what the next administrator needs.
    report_make(ReportRequest) -> ReportView @ Read,
    /// The same in files.
    report_write(ReportWrite) -> ReportWritten @ Write,
    /// Checks the signed statement of such files, without any vault.
    report_check(ReportCheck) -> ReportChecked @ Read,
    /// The views of the fleet that are kept.
    view_list(Nothing) -> FleetViews @ Read,
    /// Keeps these views of the fleet in the place of those that were kept.
    view_keep(FleetViews) -> FleetViews @ Write,
    /// The hosts of the catalog.
    host_list(Nothing) -> HostList @ Read,
    /// Everything about one host.
    host_show(HostName) -> HostDetail @ Read,
    /// Asks an address for its host key.
    host_scan(HostScan) -> OfferedKey @ Read,
    /// Adds a host.
    host_add(HostAdd) -> HostRow @ Write,
    /// Changes how a host is reached and logged in to.
    host_edit(HostEdit) -> HostRow @ Write,
    /// Trusts a host key, or an authority's.
    host_trust(HostTrust) -> HostRow @ Write,
    /// No longer trusts a key of a host.
    host_distrust(HostKeyName) -> HostRow @ Write,
    /// Refuses a key of a host, whatever vouches for it.
    host_revoke(HostKeyName) -> HostRow @ Write,
    /// Takes trusted keys in from a `known_hosts` file.
    known_hosts_import(KnownHostsImport) -> KnownHostsImported @ Write,
    /// Writes what is trusted to a `known_hosts` file.
    known_hosts_export(KnownHostsExport) -> KnownHostsExported @ Write,
    /// Gives a host a key of its own, proves it, and forgets the password.
    host_enrol(HostEnrol) -> HostEnrolled @ Write,
    /// Removes a host from the catalog. The host itself is left alone.
    host_remove(HostName) -> Done @ Write,
    /// Tests a host, from its name to what it is.
    host_test(HostTestRequest) -> HostTest @ Read,
    /// Reads hosts anew and stores what is found.
    host_survey(SurveyRequest) -> SurveyResults @ Read,
    /// Asks who is banned on hosts.
    host_bans(HostBansRequest) -> HostBans @ Read,
    /// What could be safer about hosts, from their last surveys.
    host_hardening(HostHardeningRequest) -> HostHardening @ Read,
    /// Says what differs between two surveys.
    host_diff(HostDiff) -> HostDifferences @ Read,
    /// What lies on a host because of this program.
    host_ledger(HostLedgerRequest) -> HostLedger @ Read,
    /// Removes what ended jobs left on a host.
    host_clean(HostClean) -> HostCleaned @ Write,
    /// Leaves a host as if this program had never been there.
    host_detach(HostDetach) -> HostCleaned @ Write,
    /// What can be installed, by a host's catalog or by a file.
    ynh_catalog(YnhCatalogRead) -> YnhCatalog @ Read,
    /// The manifest of an application: what it asks, needs and wants to be read.
    ynh_manifest(YnhManifestRead) -> YnhManifest @ Read,
    /// Holds answers against questions.
    ynh_form_check(YnhFormCheck) -> YnhFormChecked @ Read,
    /// A configuration panel of a host.
    ynh_panels(YnhPanelsRead) -> YnhPanels @ Read,
    /// Sends a package of this machine to hosts, to be installed there.
    ynh_package_send(YnhSend) -> YnhPackageSent @ Write,
    /// Sends a catalog of this machine to hosts, to be kept there.
    ynh_catalog_send(YnhSend) -> YnhCatalogSent @ Write,
    /// Removes what was sent and of which no job was made.
    ynh_sent_drop(YnhSentDrop) -> Done @ Write,
    /// The backups that lie here, and those of hosts.
    backup_list(BackupList) -> BackupListed @ Read,
    /// A backup that lies here.
    backup_show(BackupName) -> Backup @ Read,
    /// Brings an archive of a host here, sealed.
    backup_pull(BackupPull) -> BackupBrought @ Write,
    /// Has a host make an archive, and brings it here while it is made.
    backup_create(BackupCreate) -> BackupBrought @ Write,
    /// Reads every part of backups that lie here.
    backup_verify(BackupVerify) -> BackupVerified @ Write,
    /// Sends a backup to a host.
    backup_push(BackupPush) -> BackupPushed @ Write,
    /// Plans to send a backup to hosts and to restore it there.
    backup_restore_plan(BackupRestore) -> PlanView @ Read,
    /// Says which backups go and why the others stay; removes them, or plans it.
    backup_prune(BackupPrune) -> BackupPruned @ Write,
    /// Has a host make backups at a calendar time.
    backup_schedule(BackupSchedule) -> Done @ Write,
    /// Brings what is new on hosts.
    backup_collect(BackupCollect) -> BackupCollected @ Write,
    /// Says whether a backup could be restored.
    backup_rehearse(BackupRehearse) -> BackupRehearsal @ Read,
    /// Runs a command on hosts, and waits for the end.
    run(Run) -> RunReport @ Write,
    /// Begins to run a command on hosts.
    run_start(Run) -> RunReport @ Write,
    /// Waits for the end of a run; who stops waiting stops the run.
    run_wait(RunName) -> RunReport @ Read,
    /// The last runs.
    run_list(Nothing) -> RunList @ Read,
    /// A run, with what there is of its results.
    run_show(RunName) -> RunReport @ Read,
    /// Begins to run the same again on the hosts on which it did not succeed.
    run_retry(RunRetry) -> RunReport @ Write,
    /// Stops a run; the hosts that have their result keep it.
    run_cancel(RunName) -> RunReport @ Write,
    /// The recipes.
    recipe_list(Nothing) -> RecipeList @ Read,
    /// One recipe.
    recipe_show(RecipeName) -> RecipeView @ Read,
    /// Stores a recipe, in the place of one of the same name.
    recipe_set(RecipeSet) -> RecipeView @ Write,
    /// Removes a recipe.
    recipe_remove(RecipeName) -> Done @ Write,
    /// What a recipe would run, with its values put in.
    recipe_plan(RecipeRun) -> RecipePlan @ Read,
    /// Begins to run a recipe on hosts.
    recipe_start(RecipeRun) -> RunReport @ Write,
    /// Copies a file to a host.
    put(CopyFile) -> CopiedFile @ Write,
    /// Copies a file of a host here.
    get(CopyFile) -> CopiedFile @ Read,
    /// Cancels a copy; done also where none of this name goes on.
    copy_cancel(CopyName) -> Done @ Write,
    /// What lies in a folder of a host.
    host_files(HostFiles) -> Folder @ Read,
    /// Makes a folder on a host.
    host_folder_make(HostFolderMake) -> Done @ Write,
    /// Gives a file or folder of a host another name or place.
    host_file_rename(HostFileRename) -> Done @ Write,
    /// Removes files and folders of a host.
    host_file_remove(HostFileRemove) -> FilesRemoved @ Write,
    /// Cancels the removals of a name.
    host_file_remove_cancel(RemovalName) -> Done @ Write,
    /// What lies in a folder of this machine.
    local_files(LocalFiles) -> Folder @ Read,
    /// Makes a folder on this machine.
    local_folder_make(LocalFolderMake) -> Done @ Write,
    /// Gives a file or folder of this machine another name or place.
    local_file_rename(LocalFileRename) -> Done @ Write,
    /// Opens a terminal on a host.
    terminal_open(TerminalOpen) -> TerminalOpened @ Write,
    /// What a terminal has to show; waits for it.
    terminal_read(TerminalRead) -> TerminalOutput @ Read,
    /// Types into a terminal.
    terminal_write(TerminalWrite) -> Done @ Secret,
    /// Tells a terminal another size.
    terminal_resize(TerminalResize) -> Done @ Write,
    /// Closes a terminal.
    terminal_close(TerminalName) -> Done @ Write,
    /// The terminals whose end was not told yet.
    terminal_list(Nothing) -> TerminalList @ Read,
    /// Opens a tunnel through a host.
    tunnel_open(TunnelOpen) -> TunnelRow @ Write,
    /// The open tunnels.
    tunnel_list(Nothing) -> TunnelList @ Read,
    /// A tunnel, as soon as something of it changed.
    tunnel_watch(TunnelWatch) -> TunnelRow @ Read,
    /// Closes a tunnel.
    tunnel_close(TunnelName) -> Done @ Write,
    /// What service managers keep on hosts and in guests.
    process_list(ProcessListRequest) -> ProcessList @ Read,
    /// One process that is kept.
    process_show(ProcessOf) -> ProcessDetail @ Read,
    /// The plan of a change of a process.
    process_plan(ProcessPlan) -> PlanView @ Write,
    /// What a process wrote.
    process_logs(ProcessLogsRequest) -> ProcessLogs @ Read,
    /// The ways from names to processes of a guest, tried where asked; changes nothing.
    exposure(ExposureAsked) -> Exposure @ Read,
    /// Makes the plan that leads a port of a host into a guest.
    expose_publish(ExposePublish) -> PlanView @ Write,
    /// Makes the plan by which nothing of ours leads into a guest any more.
    expose_withdraw(ExposeWithdraw) -> PlanView @ Write,
    /// What other programs are told of hosts and guests.
    inventory(InventoryAsked) -> Inventory @ Write,
    /// Reads something of YunoHosts.
    ynh_read(YnhRead) -> YnhReadResults @ Read,
    /// Views over a fleet of YunoHosts, from their last surveys.
    ynh_fleet(YnhFleetRequest) -> YnhFleet @ Read,
    /// Makes one plan of operations of YunoHost that differ from host to host.
    ynh_plan_each(YnhPlanEach) -> PlanView @ Secret,
    /// Makes the plan of an action.
    plan_make(PlanMake) -> PlanView @ Secret,
    /// Runs a plan: one job per host.
    plan_run(PlanRun) -> JobsStarted @ Write,
    /// Forgets a plan.
    plan_forget(PlanName) -> Done @ Write,
    /// The private authorities, and the certificates that they signed.
    ca_list(Nothing) -> CaList @ Read,
    /// Makes a private authority.
    ca_init(CaInit) -> CaAuthority @ Write,
    /// Issues a certificate.
    ca_issue(CaIssue) -> CaCertificate @ Write,
    /// One certificate.
    ca_show(CaName) -> CaCertificate @ Read,
    /// Renews certificates.
    ca_renew(CaRenew) -> CaRenewed @ Write,
    /// Puts a certificate on its authority's list of what is not to be believed.
    ca_revoke(CaName) -> CaCertificate @ Write,
    /// Writes a certificate to a file.
    ca_export(CaExport) -> CaExported @ Write,
    /// Writes a folder with what people need to trust an authority.
    ca_kit(CaKit) -> CaKitWritten @ Write,
    /// Makes the plan that brings certificates to their hosts.
    ca_push(CaPush) -> PlanView @ Write,
    /// The jobs.
    job_list(Nothing) -> JobList @ Read,
    /// One job.
    job_show(JobName) -> JobView @ Read,
    /// A job's output.
    job_output(JobOutputRequest) -> JobOutput @ Read,
    /// Follows a job again, after the link or the program was lost.
    job_attach(JobName) -> JobView @ Write,
    /// Stops a job on its host.
    job_cancel(JobName) -> JobView @ Write,
    /// Begins a job again that failed, from the step that did not succeed.
    job_retry(JobRetry) -> JobView @ Write,
    /// A page of the journal.
    journal_list(JournalPageRequest) -> JournalPage @ Read,
    /// Checks the journal.
    journal_verify(Nothing) -> JournalReport @ Read,
    /// Checks an exported journal, without any vault.
    journal_check(JournalCheck) -> JournalReport @ Read,
    /// Writes the journal to a file.
    journal_export(JournalExport) -> JournalExported @ Write,
}
