// Generated from beffroi-api by `./dev gen`; not to be edited.

import type * as api from './api';

/** Every command: its request and its response. */
export interface RpcSchema {
  /** The vaults that this machine has seen. */
  vault_list: [api.Nothing, api.VaultList];
  /** Makes a vault and opens it. */
  vault_create: [api.VaultCreate, api.VaultCreated];
  /** Opens a vault. */
  vault_unlock: [api.VaultUnlock, api.VaultInfo];
  /** Guests of hosts, and what their hosts have to give. */
  guest_list: [api.GuestListRequest, api.GuestList];
  /** One guest. */
  guest_show: [api.GuestShow, api.GuestDetail];
  /** The plan of a change of guests. */
  guest_plan: [api.GuestPlan, api.PlanView];
  /** A guest's snapshots. */
  guest_snapshots: [api.GuestSnapshotsRequest, api.GuestSnapshots];
  /** What speaks against a specification of a guest. */
  guest_lint: [api.GuestLint, api.GuestLinted];
  /** The plan that makes a guest what its specification says. */
  guest_make_plan: [api.GuestMake, api.GuestMakePlan];
  /** The images of a host. */
  guest_images: [api.GuestImagesAsked, api.GuestImages];
  /** The plan that takes files of this machine in as an image. */
  guest_image_import: [api.GuestImageImport, api.GuestImagePlan];
  /** The plan that removes an image. */
  guest_image_remove: [api.GuestImageRemove, api.PlanView];
  /** The plan that makes an image of a guest. */
  guest_image_create: [api.GuestImageCreate, api.GuestMakePlan];
  /** The plan that builds an image of Debian on a host. */
  guest_image_build: [api.GuestImageBuild, api.GuestMakePlan];
  /** Brings an image of a host to this machine. */
  guest_image_export: [api.GuestImageExport, api.GuestImageExported];
  /** The specification that is kept for a guest. */
  guest_spec: [api.GuestSpecAsked, api.GuestSpecKept];
  /** Keeps a specification for a guest that is there or is to be. */
  guest_spec_keep: [api.GuestSpecKeep, api.GuestSpecKept];
  /** Keeps a guest's specification no longer. */
  guest_spec_forget: [api.GuestSpecAsked, api.Done];
  /** What a guest's driver or its console wrote. */
  guest_logs: [api.GuestLogsRequest, api.GuestLogs];
  /** Closes the open vault and forgets its keys. */
  vault_lock: [api.Nothing, api.Done];
  /** The open vault. */
  vault_info: [api.Nothing, api.VaultInfo];
  /** Checks the open vault: database, records, journal, anchor. */
  vault_verify: [api.Nothing, api.VaultReport];
  /** How well the open vault is kept. */
  vault_health: [api.Nothing, api.VaultHealth];
  /** Copies the open vault, consistent and verified. */
  vault_copy: [api.VaultCopy, api.VaultCopied];
  /** Makes a vault from a copy, or rehearses it. */
  vault_restore: [api.VaultRestore, api.VaultRestored];
  /** Merges another copy of the open vault into it, or says what that would do. */
  parcel_merge: [api.ParcelMerge, api.ParcelMerged];
  /** Makes a parcel for somebody, or says what would be in it. */
  parcel_create: [api.ParcelCreate, api.ParcelContent];
  /** What was handed over, and what of it still is what it was. */
  parcel_given: [api.ParcelWhom, api.ParcelsGiven];
  /** Gives the open vault another passphrase. */
  vault_passwd: [api.VaultPasswd, api.Done];
  /** Makes a new root key and encrypts the open vault anew. */
  vault_rekey: [api.VaultRekey, api.VaultRekeyed];
  /** The ways into the open vault. */
  slot_list: [api.Nothing, api.SlotList];
  /** Adds a way into the open vault. */
  slot_add: [api.SlotAdd, api.SlotAdded];
  /** Removes a way into the open vault. */
  slot_remove: [api.SlotRemove, api.Done];
  /** The identities that the open vault knows. */
  identity_list: [api.Nothing, api.IdentityList];
  /** Makes an identity in the open vault. */
  identity_create: [api.IdentityCreate, api.IdentityInfo];
  /** Writes the card of the open vault's own identity to a file. */
  identity_export: [api.IdentityFile, api.IdentityInfo];
  /** Takes in somebody's card from a file. */
  identity_import: [api.IdentityFile, api.IdentityInfo];
  /** The stages of the open vault. */
  stage_list: [api.Nothing, api.StageList];
  /** Adds a stage. */
  stage_add: [api.StageName, api.StageInfo];
  /** Gives a stage a secret of its own. */
  stage_protect: [api.StageProtect, api.StageProtected];
  /** Unseals a stage for a while. */
  stage_unseal: [api.StageUnseal, api.StageInfo];
  /** Seals a stage. */
  stage_seal: [api.StageName, api.StageInfo];
  /** Gives a stage another secret. */
  stage_passwd: [api.StagePasswd, api.StageProtected];
  /** Gives a stage a new key and seals everything in it anew. */
  stage_rekey: [api.StageRekey, api.StageInfo];
  /** Sets what is asked of those who act on a stage. */
  stage_policy: [api.StagePolicySet, api.StageInfo];
  /** Finds hosts by a part of their name, and secrets by what stands beside their values. */
  search: [api.SearchRequest, api.SearchResults];
  /** The secrets of the catalog. */
  secret_list: [api.Nothing, api.SecretList];
  /** Stores a secret. */
  secret_set: [api.SecretSet, api.SecretRow];
  /** Gives a secret's value, and says so in the journal. */
  secret_reveal: [api.SecretName, api.SecretRevealed];
  /** Makes a password; it is stored by whoever asked. */
  secret_generate: [api.SecretGenerate, api.SecretGenerated];
  /** Makes a passphrase; it is stored by whoever asked. */
  passphrase_generate: [api.PassphraseGenerate, api.SecretGenerated];
  /** What is wrong with the secrets of the open stages. */
  secret_health: [api.SecretHealthRequest, api.SecretHealth];
  /** Looks for secrets in files of this machine. */
  secret_scan: [api.SecretScan, api.ScanReport];
  /** Tells a scan to stop: it gives what it found so far. */
  scan_cancel: [api.ScanName, api.Done];
  /** Writes the hook that scans before each commit, or takes it away. */
  scan_hook: [api.ScanHook, api.ScanHooked];
  /** Gives the one-time code of a secret, and says so in the journal. */
  secret_code: [api.SecretName, api.OneTimeCode];
  /** Makes a key to log in with, and stores it. */
  key_generate: [api.KeyGenerate, api.PublicKey];
  /** Gives the public part of a key. */
  secret_public: [api.SecretName, api.PublicKey];
  /** Gives a secret another name. */
  secret_rename: [api.SecretRename, api.SecretRow];
  /** Puts a secret that no host uses into the trash. */
  secret_remove: [api.SecretName, api.Done];
  /** The formats of other programs that are read and written. */
  import_formats: [api.Nothing, api.ImportFormats];
  /** The columns of a file of separated values, and what they seem to be. */
  import_columns: [api.ImportColumnsOf, api.ImportColumns];
  /** Reads a file of another program and shows what would become of it. */
  import_read: [api.ImportRead, api.ImportPreview];
  /** Shows a file that was read, under other rules. */
  import_preview: [api.ImportLook, api.ImportPreview];
  /** Takes a file in that was read: everything or nothing. */
  import_apply: [api.ImportApply, api.ImportDone];
  /** Forgets a file that was read, and its secrets. */
  import_forget: [api.ImportWaiting, api.Done];
  /** Writes secrets for another program. */
  secret_export: [api.SecretExport, api.SecretExported];
  /** What stands beside a secret's value. */
  secret_about: [api.SecretName, api.SecretAbout];
  /** Changes what stands beside a secret's value. */
  secret_edit: [api.SecretEdit, api.SecretAbout];
  /** The templates that everybody has, then those of the vault. */
  template_list: [api.Nothing, api.TemplateList];
  /** Keeps a template of the vault's own; one that has the name is replaced. */
  template_set: [api.TemplateSet, api.SecretTemplate];
  /** Takes a template of the vault's own away. */
  template_remove: [api.TemplateName, api.Done];
  /** Gives a piece of a secret, and says so in the journal. */
  secret_part: [api.SecretPartName, api.SecretRevealed];
  /** Gives a secret one of its earlier values again. */
  secret_revert: [api.SecretRevert, api.SecretRow];
  /** Puts a file to a secret. */
  secret_attach: [api.SecretAttach, api.SecretAbout];
  /** Writes a file of a secret to this machine. */
  secret_file_save: [api.SecretFileSave, api.Done];
  /** Takes a file from a secret. */
  secret_file_remove: [api.SecretFile, api.SecretAbout];
  /** What lies in the trash. */
  trash_list: [api.Nothing, api.TrashList];
  /** Gives a secret back from the trash. */
  trash_restore: [api.SecretRestore, api.SecretRow];
  /** Removes secrets from the trash for good. */
  trash_empty: [api.TrashEmpty, api.TrashEmptied];
  /** Where a secret lives, and how far its rotation is; hosts are asked where that is wanted. */
  secret_where: [api.SecretAsk, api.SecretWhere];
  /** What rotating a secret would do. */
  rotation_plan: [api.SecretRotate, api.RotationPlan];
  /** Rotates a secret as far as it goes now, goes on with its rotation, or goes back. */
  secret_rotate: [api.SecretRotate, api.Rotation];
  /** Lets a credential that a host refused be offered again. */
  credential_allow: [api.CredentialName, api.CredentialAllowed];
  /** Everybody who has a card. */
  person_list: [api.Nothing, api.PersonList];
  /** One of them. */
  person_show: [api.PersonName, api.PersonView];
  /** Makes a card. */
  person_add: [api.PersonCard, api.PersonView];
  /** Changes a card. */
  person_edit: [api.PersonCard, api.PersonView];
  /** Removes a card; the accounts stay. */
  person_remove: [api.PersonName, api.Done];
  /** Says that accounts are a person's. */
  person_link: [api.PersonLink, api.PersonView];
  /** Says that they are not any more. */
  person_unlink: [api.PersonLink, api.PersonView];
  /** Takes what hosts have of a person for right. */
  person_accept: [api.PersonLink, api.Done];
  /** Who can use what, and why. */
  person_matrix: [api.MatrixRequest, api.PeopleMatrix];
  /** Where hosts and cards disagree. */
  person_drift: [api.DriftRequest, api.PeopleDrift];
  /** Makes one plan of changes for people. */
  person_plan: [api.PersonPlan, api.PlanView];
  /** What a list of users would do, and the plan of it. */
  person_import: [api.PersonImport, api.PersonImportView];
  /** A list for a spreadsheet. */
  person_export: [api.PersonExport, api.PersonText];
  /** The signed report of an off-boarding. */
  person_report: [api.PersonReportRequest, api.PersonReport];
  /** Checks one, without any vault. */
  person_report_check: [api.PersonReportCheck, api.PersonReport];
  /** A report for whoever owns the hosts: interventions, state, or what the next administrator needs. */
  report_make: [api.ReportRequest, api.ReportView];
  /** The same in files. */
  report_write: [api.ReportWrite, api.ReportWritten];
  /** Checks the signed statement of such files, without any vault. */
  report_check: [api.ReportCheck, api.ReportChecked];
  /** The views of the fleet that are kept. */
  view_list: [api.Nothing, api.FleetViews];
  /** Keeps these views of the fleet in the place of those that were kept. */
  view_keep: [api.FleetViews, api.FleetViews];
  /** The hosts of the catalog. */
  host_list: [api.Nothing, api.HostList];
  /** Everything about one host. */
  host_show: [api.HostName, api.HostDetail];
  /** Asks an address for its host key. */
  host_scan: [api.HostScan, api.OfferedKey];
  /** Adds a host. */
  host_add: [api.HostAdd, api.HostRow];
  /** Changes how a host is reached and logged in to. */
  host_edit: [api.HostEdit, api.HostRow];
  /** Trusts a host key, or an authority's. */
  host_trust: [api.HostTrust, api.HostRow];
  /** No longer trusts a key of a host. */
  host_distrust: [api.HostKeyName, api.HostRow];
  /** Refuses a key of a host, whatever vouches for it. */
  host_revoke: [api.HostKeyName, api.HostRow];
  /** Takes trusted keys in from a `known_hosts` file. */
  known_hosts_import: [api.KnownHostsImport, api.KnownHostsImported];
  /** Writes what is trusted to a `known_hosts` file. */
  known_hosts_export: [api.KnownHostsExport, api.KnownHostsExported];
  /** Gives a host a key of its own, proves it, and forgets the password. */
  host_enrol: [api.HostEnrol, api.HostEnrolled];
  /** Removes a host from the catalog. The host itself is left alone. */
  host_remove: [api.HostName, api.Done];
  /** Tests a host, from its name to what it is. */
  host_test: [api.HostTestRequest, api.HostTest];
  /** Reads hosts anew and stores what is found. */
  host_survey: [api.SurveyRequest, api.SurveyResults];
  /** Asks who is banned on hosts. */
  host_bans: [api.HostBansRequest, api.HostBans];
  /** What could be safer about hosts, from their last surveys. */
  host_hardening: [api.HostHardeningRequest, api.HostHardening];
  /** Says what differs between two surveys. */
  host_diff: [api.HostDiff, api.HostDifferences];
  /** What lies on a host because of this program. */
  host_ledger: [api.HostLedgerRequest, api.HostLedger];
  /** Removes what ended jobs left on a host. */
  host_clean: [api.HostClean, api.HostCleaned];
  /** Leaves a host as if this program had never been there. */
  host_detach: [api.HostDetach, api.HostCleaned];
  /** What can be installed, by a host's catalog or by a file. */
  ynh_catalog: [api.YnhCatalogRead, api.YnhCatalog];
  /** The manifest of an application: what it asks, needs and wants to be read. */
  ynh_manifest: [api.YnhManifestRead, api.YnhManifest];
  /** Holds answers against questions. */
  ynh_form_check: [api.YnhFormCheck, api.YnhFormChecked];
  /** A configuration panel of a host. */
  ynh_panels: [api.YnhPanelsRead, api.YnhPanels];
  /** Sends a package of this machine to hosts, to be installed there. */
  ynh_package_send: [api.YnhSend, api.YnhPackageSent];
  /** Sends a catalog of this machine to hosts, to be kept there. */
  ynh_catalog_send: [api.YnhSend, api.YnhCatalogSent];
  /** Removes what was sent and of which no job was made. */
  ynh_sent_drop: [api.YnhSentDrop, api.Done];
  /** The backups that lie here, and those of hosts. */
  backup_list: [api.BackupList, api.BackupListed];
  /** A backup that lies here. */
  backup_show: [api.BackupName, api.Backup];
  /** Brings an archive of a host here, sealed. */
  backup_pull: [api.BackupPull, api.BackupBrought];
  /** Has a host make an archive, and brings it here while it is made. */
  backup_create: [api.BackupCreate, api.BackupBrought];
  /** Reads every part of backups that lie here. */
  backup_verify: [api.BackupVerify, api.BackupVerified];
  /** Sends a backup to a host. */
  backup_push: [api.BackupPush, api.BackupPushed];
  /** Plans to send a backup to hosts and to restore it there. */
  backup_restore_plan: [api.BackupRestore, api.PlanView];
  /** Says which backups go and why the others stay; removes them, or plans it. */
  backup_prune: [api.BackupPrune, api.BackupPruned];
  /** Has a host make backups at a calendar time. */
  backup_schedule: [api.BackupSchedule, api.Done];
  /** Brings what is new on hosts. */
  backup_collect: [api.BackupCollect, api.BackupCollected];
  /** Says whether a backup could be restored. */
  backup_rehearse: [api.BackupRehearse, api.BackupRehearsal];
  /** Runs a command on hosts, and waits for the end. */
  run: [api.Run, api.RunReport];
  /** Begins to run a command on hosts. */
  run_start: [api.Run, api.RunReport];
  /** Waits for the end of a run; who stops waiting stops the run. */
  run_wait: [api.RunName, api.RunReport];
  /** The last runs. */
  run_list: [api.Nothing, api.RunList];
  /** A run, with what there is of its results. */
  run_show: [api.RunName, api.RunReport];
  /** Begins to run the same again on the hosts on which it did not succeed. */
  run_retry: [api.RunRetry, api.RunReport];
  /** Stops a run; the hosts that have their result keep it. */
  run_cancel: [api.RunName, api.RunReport];
  /** The recipes. */
  recipe_list: [api.Nothing, api.RecipeList];
  /** One recipe. */
  recipe_show: [api.RecipeName, api.RecipeView];
  /** Stores a recipe, in the place of one of the same name. */
  recipe_set: [api.RecipeSet, api.RecipeView];
  /** Removes a recipe. */
  recipe_remove: [api.RecipeName, api.Done];
  /** What a recipe would run, with its values put in. */
  recipe_plan: [api.RecipeRun, api.RecipePlan];
  /** Begins to run a recipe on hosts. */
  recipe_start: [api.RecipeRun, api.RunReport];
  /** Copies a file to a host. */
  put: [api.CopyFile, api.CopiedFile];
  /** Copies a file of a host here. */
  get: [api.CopyFile, api.CopiedFile];
  /** Cancels a copy; done also where none of this name goes on. */
  copy_cancel: [api.CopyName, api.Done];
  /** What lies in a folder of a host. */
  host_files: [api.HostFiles, api.Folder];
  /** Makes a folder on a host. */
  host_folder_make: [api.HostFolderMake, api.Done];
  /** Gives a file or folder of a host another name or place. */
  host_file_rename: [api.HostFileRename, api.Done];
  /** Removes files and folders of a host. */
  host_file_remove: [api.HostFileRemove, api.FilesRemoved];
  /** Cancels the removals of a name. */
  host_file_remove_cancel: [api.RemovalName, api.Done];
  /** What lies in a folder of this machine. */
  local_files: [api.LocalFiles, api.Folder];
  /** Makes a folder on this machine. */
  local_folder_make: [api.LocalFolderMake, api.Done];
  /** Gives a file or folder of this machine another name or place. */
  local_file_rename: [api.LocalFileRename, api.Done];
  /** Opens a terminal on a host. */
  terminal_open: [api.TerminalOpen, api.TerminalOpened];
  /** What a terminal has to show; waits for it. */
  terminal_read: [api.TerminalRead, api.TerminalOutput];
  /** Types into a terminal. */
  terminal_write: [api.TerminalWrite, api.Done];
  /** Tells a terminal another size. */
  terminal_resize: [api.TerminalResize, api.Done];
  /** Closes a terminal. */
  terminal_close: [api.TerminalName, api.Done];
  /** The terminals whose end was not told yet. */
  terminal_list: [api.Nothing, api.TerminalList];
  /** Opens a tunnel through a host. */
  tunnel_open: [api.TunnelOpen, api.TunnelRow];
  /** The open tunnels. */
  tunnel_list: [api.Nothing, api.TunnelList];
  /** A tunnel, as soon as something of it changed. */
  tunnel_watch: [api.TunnelWatch, api.TunnelRow];
  /** Closes a tunnel. */
  tunnel_close: [api.TunnelName, api.Done];
  /** What service managers keep on hosts and in guests. */
  process_list: [api.ProcessListRequest, api.ProcessList];
  /** One process that is kept. */
  process_show: [api.ProcessOf, api.ProcessDetail];
  /** The plan of a change of a process. */
  process_plan: [api.ProcessPlan, api.PlanView];
  /** What a process wrote. */
  process_logs: [api.ProcessLogsRequest, api.ProcessLogs];
  /** The ways from names to processes of a guest, tried where asked; changes nothing. */
  exposure: [api.ExposureAsked, api.Exposure];
  /** Makes the plan that leads a port of a host into a guest. */
  expose_publish: [api.ExposePublish, api.PlanView];
  /** Makes the plan by which nothing of ours leads into a guest any more. */
  expose_withdraw: [api.ExposeWithdraw, api.PlanView];
  /** What other programs are told of hosts and guests. */
  inventory: [api.InventoryAsked, api.Inventory];
  /** Reads something of YunoHosts. */
  ynh_read: [api.YnhRead, api.YnhReadResults];
  /** Views over a fleet of YunoHosts, from their last surveys. */
  ynh_fleet: [api.YnhFleetRequest, api.YnhFleet];
  /** Makes one plan of operations of YunoHost that differ from host to host. */
  ynh_plan_each: [api.YnhPlanEach, api.PlanView];
  /** Makes the plan of an action. */
  plan_make: [api.PlanMake, api.PlanView];
  /** Runs a plan: one job per host. */
  plan_run: [api.PlanRun, api.JobsStarted];
  /** Forgets a plan. */
  plan_forget: [api.PlanName, api.Done];
  /** The private authorities, and the certificates that they signed. */
  ca_list: [api.Nothing, api.CaList];
  /** Makes a private authority. */
  ca_init: [api.CaInit, api.CaAuthority];
  /** Issues a certificate. */
  ca_issue: [api.CaIssue, api.CaCertificate];
  /** One certificate. */
  ca_show: [api.CaName, api.CaCertificate];
  /** Renews certificates. */
  ca_renew: [api.CaRenew, api.CaRenewed];
  /** Puts a certificate on its authority's list of what is not to be believed. */
  ca_revoke: [api.CaName, api.CaCertificate];
  /** Writes a certificate to a file. */
  ca_export: [api.CaExport, api.CaExported];
  /** Writes a folder with what people need to trust an authority. */
  ca_kit: [api.CaKit, api.CaKitWritten];
  /** Makes the plan that brings certificates to their hosts. */
  ca_push: [api.CaPush, api.PlanView];
  /** The jobs. */
  job_list: [api.Nothing, api.JobList];
  /** One job. */
  job_show: [api.JobName, api.JobView];
  /** A job's output. */
  job_output: [api.JobOutputRequest, api.JobOutput];
  /** Follows a job again, after the link or the program was lost. */
  job_attach: [api.JobName, api.JobView];
  /** Stops a job on its host. */
  job_cancel: [api.JobName, api.JobView];
  /** Begins a job again that failed, from the step that did not succeed. */
  job_retry: [api.JobRetry, api.JobView];
  /** A page of the journal. */
  journal_list: [api.JournalPageRequest, api.JournalPage];
  /** Checks the journal. */
  journal_verify: [api.Nothing, api.JournalReport];
  /** Checks an exported journal, without any vault. */
  journal_check: [api.JournalCheck, api.JournalReport];
  /** Writes the journal to a file. */
  journal_export: [api.JournalExport, api.JournalExported];
}

/** What each command does. */
export const commandClass = {
  vault_list: "read",
  vault_create: "secret",
  vault_unlock: "secret",
  guest_list: "read",
  guest_show: "read",
  guest_plan: "write",
  guest_snapshots: "read",
  guest_lint: "read",
  guest_make_plan: "write",
  guest_images: "read",
  guest_image_import: "write",
  guest_image_remove: "read",
  guest_image_create: "write",
  guest_image_build: "write",
  guest_image_export: "write",
  guest_spec: "read",
  guest_spec_keep: "write",
  guest_spec_forget: "write",
  guest_logs: "read",
  vault_lock: "write",
  vault_info: "read",
  vault_verify: "read",
  vault_health: "read",
  vault_copy: "write",
  vault_restore: "secret",
  parcel_merge: "write",
  parcel_create: "secret",
  parcel_given: "read",
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
  secret_health: "read",
  secret_scan: "write",
  scan_cancel: "write",
  scan_hook: "write",
  secret_code: "secret",
  key_generate: "write",
  secret_public: "read",
  secret_rename: "write",
  secret_remove: "write",
  import_formats: "read",
  import_columns: "read",
  import_read: "secret",
  import_preview: "read",
  import_apply: "write",
  import_forget: "write",
  secret_export: "secret",
  secret_about: "read",
  secret_edit: "secret",
  template_list: "read",
  template_set: "write",
  template_remove: "write",
  secret_part: "secret",
  secret_revert: "write",
  secret_attach: "write",
  secret_file_save: "secret",
  secret_file_remove: "write",
  trash_list: "read",
  trash_restore: "write",
  trash_empty: "write",
  secret_where: "read",
  rotation_plan: "read",
  secret_rotate: "write",
  credential_allow: "write",
  person_list: "read",
  person_show: "read",
  person_add: "write",
  person_edit: "write",
  person_remove: "write",
  person_link: "write",
  person_unlink: "write",
  person_accept: "write",
  person_matrix: "read",
  person_drift: "read",
  person_plan: "write",
  person_import: "secret",
  person_export: "write",
  person_report: "write",
  person_report_check: "read",
  report_make: "read",
  report_write: "write",
  report_check: "read",
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
  host_bans: "read",
  host_hardening: "read",
  host_diff: "read",
  host_ledger: "read",
  host_clean: "write",
  host_detach: "write",
  ynh_catalog: "read",
  ynh_manifest: "read",
  ynh_form_check: "read",
  ynh_panels: "read",
  ynh_package_send: "write",
  ynh_catalog_send: "write",
  ynh_sent_drop: "write",
  backup_list: "read",
  backup_show: "read",
  backup_pull: "write",
  backup_create: "write",
  backup_verify: "write",
  backup_push: "write",
  backup_restore_plan: "read",
  backup_prune: "write",
  backup_schedule: "write",
  backup_collect: "write",
  backup_rehearse: "read",
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
  tunnel_open: "write",
  tunnel_list: "read",
  tunnel_watch: "read",
  tunnel_close: "write",
  process_list: "read",
  process_show: "read",
  process_plan: "write",
  process_logs: "read",
  exposure: "read",
  expose_publish: "write",
  expose_withdraw: "write",
  inventory: "write",
  ynh_read: "read",
  ynh_fleet: "read",
  ynh_plan_each: "secret",
  plan_make: "secret",
  plan_run: "write",
  plan_forget: "write",
  ca_list: "read",
  ca_init: "write",
  ca_issue: "write",
  ca_show: "read",
  ca_renew: "write",
  ca_revoke: "write",
  ca_export: "write",
  ca_kit: "write",
  ca_push: "write",
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
