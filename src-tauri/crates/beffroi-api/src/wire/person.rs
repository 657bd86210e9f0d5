//! People: cards, who can use what, and what is done for them on hosts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PlanView, SecretInput, WireMessage};
use crate::ApiError;

/// Everybody who has a card.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonList {
    /// By name.
    pub people: Vec<PersonView>,
}

/// A person, with their accounts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonView {
    /// What the person is called here.
    pub name: String,
    /// The login that their accounts have.
    pub login: String,
    /// First and last name.
    pub fullname: String,
    /// An address outside of the hosts; may be empty.
    pub mail: String,
    /// Whatever is worth knowing; may be empty.
    pub notes: String,
    /// When the card was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// When the person was last off-boarded.
    pub left_ms: Option<u64>,
    /// Their accounts by host, and those that only have the same login.
    pub accounts: Vec<PersonAccount>,
    /// How many accounts are under stages that are sealed: some may be theirs.
    pub sealed: usize,
}

/// An account of a person, or one that may be theirs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonAccount {
    /// The host.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// What the account is called there.
    pub login: String,
    /// `linked`; `gone` when it is not on the host any more; `not-seen` when the host was not surveyed; `not-linked` when it
    /// only has the same login.
    pub standing: String,
    /// What the host's last survey says of it.
    pub seen: Option<SeenAccount>,
    /// The secret that holds its password.
    pub secret: Option<String>,
}

/// An account as a survey has it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SeenAccount {
    /// The name that the host has.
    pub fullname: String,
    /// Its main address.
    pub mail: String,
    /// Its groups, without that of everybody.
    pub groups: Vec<String>,
    /// Permissions that it has by its own name.
    pub permissions: Vec<String>,
    /// When it was seen, in milliseconds since 1970.
    pub taken_ms: u64,
}

/// A card to be made or changed; what is absent stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonCard {
    /// What the person is called here: as a login.
    pub name: String,
    /// First and last name; a new card needs one.
    #[serde(default)]
    pub fullname: Option<String>,
    /// The login; the name for a new card.
    #[serde(default)]
    pub login: Option<String>,
    /// An address outside of the hosts.
    #[serde(default)]
    pub mail: Option<String>,
    /// Whatever is worth knowing.
    #[serde(default)]
    pub notes: Option<String>,
}

/// Names a person.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonName {
    /// The name of the card.
    pub name: String,
}

/// Accounts of hosts that are a person's, or are not any more.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonLink {
    /// The name of the card.
    pub name: String,
    /// A selector.
    pub on: String,
    /// The login: of an account that is to be theirs, where it is not that of the card; of those that are not to be any more, where
    /// not all of these hosts'.
    #[serde(default)]
    pub login: Option<String>,
}

/// Asks who can use what.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MatrixRequest {
    /// A selector.
    pub on: String,
    /// Of this person only.
    #[serde(default)]
    pub person: Option<String>,
}

/// Who can use what, and why, as the last surveys have it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PeopleMatrix {
    /// The hosts, by name. One that was not surveyed, or is sealed, is not among them.
    pub hosts: Vec<MatrixHost>,
}

/// A host of a matrix.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MatrixHost {
    /// Its name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// When it was surveyed, in milliseconds since 1970.
    pub taken_ms: u64,
    /// Its permissions, those of the system first.
    pub permissions: Vec<MatrixPermission>,
    /// Its accounts, by login.
    pub accounts: Vec<MatrixAccount>,
    /// Its groups that people can be put into.
    pub groups: Vec<String>,
}

/// A permission of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MatrixPermission {
    /// Its name, such as `nextcloud.main`.
    pub name: String,
    /// What people see.
    pub label: String,
    /// Whether anybody has it, without an account.
    pub visitors: bool,
    /// Whether everybody who has an account has it.
    pub all_users: bool,
}

/// An account of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MatrixAccount {
    /// Its login.
    pub login: String,
    /// The name that the host has.
    pub fullname: String,
    /// Whose it is, once somebody said so.
    pub person: Option<String>,
    /// Its groups, without that of everybody.
    pub groups: Vec<String>,
    /// The permissions that it has.
    pub access: Vec<MatrixAccess>,
}

/// A permission that an account has.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct MatrixAccess {
    /// The permission.
    pub permission: String,
    /// Why, the widest reason first.
    pub why: Vec<MatrixReason>,
}

/// Why somebody has a permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MatrixReason {
    /// Anybody has it, without an account.
    Visitors,
    /// Everybody who has an account has it.
    AllUsers,
    /// A group has it, and the account is in the group.
    Group {
        /// The group.
        name: String,
    },
    /// It was given to the account by its name.
    Direct,
}

/// Asks where hosts and cards disagree.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DriftRequest {
    /// A selector.
    pub on: String,
}

/// Where hosts and cards disagree.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PeopleDrift {
    /// Host by host.
    pub drift: Vec<DriftView>,
}

/// Something that is not as it was left from here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DriftView {
    /// The host.
    pub host: String,
    /// What it is: `account-unknown`, `group-added`…; its sentence is `drift.KIND` of the message catalogs.
    pub kind: String,
    /// The account, or the name that something was given to.
    pub login: String,
    /// The card that it is about.
    pub person: Option<String>,
    /// What differs: a group, a permission, an address; empty where the kind says it all.
    pub what: String,
}

/// Asks for one plan of changes for people. Nothing is changed on any host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonPlan {
    /// The changes, at most 2,000.
    pub changes: Vec<PersonChange>,
}

/// A change for one person on some hosts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonChange {
    /// The name of the card.
    pub person: String,
    /// A selector. All but `add` are for the accounts that are theirs there, and for no others.
    pub on: String,
    /// What is done.
    pub change: PersonAction,
}

/// What is done for a person.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PersonAction {
    /// They get an account, with a password of its own that is kept as a secret of the host's stage.
    Add {
        /// First and last name: of somebody who has no card, which is made with the first account.
        #[serde(default)]
        fullname: Option<String>,
        /// The login of their accounts, where it is not that of the card: on a host where they have one already, another one.
        #[serde(default)]
        login: Option<String>,
        /// The domain of its address; the host's main one when absent.
        #[serde(default)]
        domain: Option<String>,
        /// The most that its mail may take.
        #[serde(default)]
        mailbox_quota: Option<String>,
        /// Groups that it is put into.
        #[serde(default)]
        groups: Vec<String>,
    },
    /// They get permissions by their own name.
    Grant {
        /// Which.
        permissions: Vec<String>,
    },
    /// They have them no more.
    Revoke {
        /// Which.
        permissions: Vec<String>,
    },
    /// They are put into groups.
    Join {
        /// Which.
        groups: Vec<String>,
    },
    /// They are taken out of them.
    Leave {
        /// Which.
        groups: Vec<String>,
    },
    /// They may log in by a key.
    AddKey {
        /// The public key.
        key: String,
    },
    /// They may not any more.
    RemoveKey {
        /// The line of the key.
        key: String,
    },
    /// Each account gets a new password of its own.
    Rotate {},
    /// All of it is taken away, and the account removed.
    Offboard {
        /// Whether its home and its mail are deleted.
        #[serde(default)]
        purge: bool,
    },
}

/// A list of users to be taken in.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonImport {
    /// The file's text; it may have passwords.
    pub text: SecretInput,
    /// A selector.
    pub on: String,
    /// Whether accounts that are there are changed to what the list says.
    #[serde(default)]
    pub update: bool,
}

/// What taking in a list would do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonImportView {
    /// Its rows and what each comes to.
    pub rows: Vec<ImportRow>,
    /// What is wrong with it. While anything is, there is no plan.
    pub faults: Vec<ImportFault>,
    /// The plan; nothing when there is nothing to do.
    pub plan: Option<PlanView>,
}

/// A row of a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportRow {
    /// Its line in the file.
    pub line: usize,
    /// The login.
    pub login: String,
    /// First and last name.
    pub fullname: String,
    /// What it comes to, host by host.
    pub effects: Vec<ImportEffect>,
}

/// What a row comes to on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportEffect {
    /// The host.
    pub host: String,
    /// `made`, `changed`, `left`, `not-surveyed`.
    pub effect: String,
    /// The columns that are changed.
    pub columns: Vec<String>,
}

/// Something that is wrong with a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportFault {
    /// The line, counted from 1.
    pub line: usize,
    /// The column; empty where it is about the line.
    pub column: String,
    /// What: its sentence is `import.WHAT` of the message catalogs.
    pub what: String,
}

/// Asks for a file for a spreadsheet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonExport {
    /// `people`, `accounts` (as YunoHost's own import has them, without passwords), or `matrix`.
    pub what: String,
    /// A selector.
    pub on: String,
    /// A new file to write it to.
    #[serde(default)]
    pub path: Option<String>,
}

/// A text, and where it was written to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonText {
    /// The text.
    pub text: String,
    /// The file that it was written to.
    pub path: Option<String>,
}

/// Asks for the signed report of an off-boarding.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonReportRequest {
    /// The name of the card.
    pub name: String,
    /// A new file to write it to.
    #[serde(default)]
    pub path: Option<String>,
}

/// Asks for a report to be checked, without any vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PersonReportCheck {
    /// The file.
    pub path: String,
    /// The fingerprint of the identity that must have signed it.
    #[serde(default)]
    pub signer: Option<String>,
}

/// A report, and who signed it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PersonReport {
    /// What it says.
    pub report: OffboardReport,
    /// The fingerprint of who signed.
    pub signer: String,
    /// The signed file's content.
    pub file: String,
    /// Where it was written to.
    pub path: Option<String>,
}

/// How a person was off-boarded: what was removed, and what cannot be.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OffboardReport {
    /// The name of the card.
    pub person: String,
    /// First and last name.
    pub fullname: String,
    /// When the first plan of it was run, in milliseconds since 1970.
    pub planned_ms: u64,
    /// When the report was made.
    pub made_ms: u64,
    /// Whether the homes and the mail of every account were deleted, and looked for afterwards.
    pub purge: bool,
    /// What became of each account that is theirs, also of those that no plan had.
    pub accounts: Vec<OffboardAccount>,
    /// Hosts with an account of the same login that nobody said to be theirs: left alone.
    pub not_linked: Vec<String>,
    /// Passwords that an administrator of a host could see there, by the names of the secrets: to be changed.
    pub shared: Vec<String>,
    /// How many accounts are under stages that were sealed: some may be theirs, and were left alone.
    pub sealed: usize,
    /// What cannot be taken back.
    pub remains: Vec<WireMessage>,
    /// The last entry of the journal when it was made.
    pub journal_entry: u64,
    /// The value of the journal's chain at it.
    pub journal_head: String,
    /// The same in English, for whoever reads the file without Beffroi.
    pub text_en: String,
    /// The same in French.
    pub text_fr: String,
}

/// What became of an account.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OffboardAccount {
    /// The host.
    pub host: String,
    /// The login.
    pub login: String,
    /// What it could use before.
    pub permissions: Vec<String>,
    /// The groups that it was in.
    pub groups: Vec<String>,
    /// Whether it is gone.
    pub removed: bool,
    /// Whether its home and its mail were deleted, and looked for afterwards.
    #[serde(default)]
    pub purged: bool,
    /// What was done, step by step.
    pub done: Vec<OffboardStep>,
    /// Why it is not gone; of one that is, what may be left of it.
    pub why: Option<ApiError>,
}

/// Something that was done.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct OffboardStep {
    /// What.
    pub what: WireMessage,
    /// When it ended, in milliseconds since 1970.
    pub at_ms: u64,
}
