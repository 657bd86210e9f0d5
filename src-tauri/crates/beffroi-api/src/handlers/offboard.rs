//! The signed report of an off-boarding.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use beffroi_app::{Handed, HandedSecret, HandedStanding, LeavingAccount, LeavingFacts, hex};

use crate::handlers::host;
use crate::messages::Language;
use crate::wire::{OffboardAccount, OffboardReport, OffboardStep, PersonReport, PersonReportCheck, PersonReportRequest, WireMessage};
use crate::{Api, ApiError, ErrorCode};

/// What kind of statement a report is.
const KIND: &str = "offboarding";

impl Api {
    /// `person_report`
    pub async fn person_report(&self, request: PersonReportRequest) -> Result<PersonReport, ApiError> {
        let report = report(self.app().leaving(&request.name).await?);
        let text = serde_json::to_string(&report).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))?;
        let signed = self.app().sign_statement(KIND, text).await?;
        if let Some(path) = &request.path {
            write_new(Path::new(path), &signed.text).await?;
        }
        Ok(PersonReport { report, signer: signed.signer, file: signed.text, path: request.path })
    }

    /// `person_report_check`
    pub async fn person_report_check(&self, request: PersonReportCheck) -> Result<PersonReport, ApiError> {
        let path = Path::new(&request.path);
        let checked = self.app().check_statement(path, KIND, request.signer).await?;
        let broken = |_| ApiError::new(ErrorCode::StatementBroken).with("path", path.display());
        let report: OffboardReport = serde_json::from_str(&checked.text).map_err(broken)?;
        Ok(PersonReport { report, signer: checked.signer, file: String::new(), path: Some(request.path) })
    }
}

/// Writes a new file that only its owner reads.
pub(super) async fn write_new(path: &Path, text: &str) -> Result<(), ApiError> {
    let failed = |error: &dyn std::fmt::Display| beffroi_app::AppError::LocalFile { path: path.to_owned(), reason: error.to_string() };
    let (to, text) = (path.to_owned(), text.to_owned());
    let written = tokio::task::spawn_blocking(move || {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        std::io::Write::write_all(&mut options.open(to)?, text.as_bytes())
    });
    Ok(written.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?)
}

fn report(facts: LeavingFacts) -> OffboardReport {
    let LeavingFacts { person, fullname, at_ms, made_ms, accounts, not_linked, shared, sealed, own, handed, journal } = facts;
    let remains = remains(&accounts, &own, &handed);
    let purge = !accounts.is_empty() && accounts.iter().all(|account| account.removed && account.purged);
    let mut report = OffboardReport {
        person,
        fullname,
        planned_ms: at_ms,
        made_ms,
        purge,
        accounts: accounts.into_iter().map(account).collect(),
        not_linked,
        shared,
        sealed,
        remains,
        journal_entry: journal.0,
        journal_head: hex(&journal.1),
        text_en: String::new(),
        text_fr: String::new(),
    };
    let (english, french) = (text(&report, Language::English), text(&report, Language::French));
    (report.text_en, report.text_fr) = (english, french);
    report
}

fn account(account: LeavingAccount) -> OffboardAccount {
    let LeavingAccount { host: on, login, permissions, groups, removed, purged, done, why } = account;
    let step = |(what, at_ms): (beffroi_app::StoredMessage, u64)| OffboardStep { what: what.into(), at_ms };
    let why = why.map(|why| host::on(why, &on));
    OffboardAccount { done: done.into_iter().map(step).collect(), why, host: on, login, permissions, groups, removed, purged }
}

/// What nobody can take back from here, and what is left to be done.
fn remains(accounts: &[LeavingAccount], own: &[String], handed: &Handed) -> Vec<WireMessage> {
    let message = |key: &str, values: &[(&str, String)]| WireMessage {
        key: format!("remains.{key}"),
        values: values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    };
    let could = |permission: &str| accounts.iter().any(|account| account.permissions.iter().any(|name| name.starts_with(permission)));
    let mut all = vec![message("copies", &[])];
    if could("mail.") {
        all.push(message("mail", &[]));
    }
    let apps: BTreeSet<&str> = accounts
        .iter()
        .flat_map(|account| &account.permissions)
        .filter(|name| !["mail.main", "ssh.main", "sftp.main"].contains(&name.as_str()))
        .filter_map(|name| name.split('.').next())
        .collect();
    if !apps.is_empty() {
        all.push(message("apps", &[("apps", apps.into_iter().collect::<Vec<_>>().join(", "))]));
    }
    let hosts_of = |is_meant: &dyn Fn(&&LeavingAccount) -> bool| {
        let hosts: BTreeSet<&str> = accounts.iter().filter(is_meant).map(|account| account.host.as_str()).collect();
        hosts.into_iter().collect::<Vec<_>>().join(", ")
    };
    let homes = hosts_of(&|account| !account.purged);
    if !homes.is_empty() {
        all.push(message("home", &[("hosts", homes)]));
    }
    all.push(message("backups", &[]));
    let administered = hosts_of(&|account| account.groups.iter().any(|group| group == "admins"));
    if !administered.is_empty() {
        all.push(message("administered", &[("hosts", administered)]));
    }
    if !own.is_empty() {
        all.push(message("secrets", &[("secrets", own.join(", "))]));
    }
    for way in &handed.ways {
        let label = if way.label.is_empty() { way.kind.clone() } else { way.label.clone() };
        all.push(message(if way.until_ms.is_none() { "way" } else { "past-way" }, &[("label", label)]));
    }
    let still = |rotatable: bool| {
        let is = |secret: &&HandedSecret| secret.standing != HandedStanding::Changed && secret.rotatable == rotatable;
        handed.secrets.iter().filter(is).map(|secret| secret.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    for (key, names) in [("handed-rotate", still(true)), ("handed-by-hand", still(false))] {
        if !names.is_empty() {
            all.push(message(key, &[("secrets", names)]));
        }
    }
    if handed.sealed > 0 {
        all.push(message("handed-sealed", &[("count", handed.sealed.to_string())]));
    }
    all
}

/// A part of the report. What hosts said begins no line of its own: its further lines are indented, and nothing in it moves
/// the text about.
fn within(part: &str) -> String {
    let unseen =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let lines = part.split('\n').map(|line| line.trim_end_matches('\r').replace(unseen, " "));
    lines.collect::<Vec<_>>().join("\n      ")
}

/// The report in words. Its lines are sentences of the catalogs; what comes from hosts is put into them by [`within`].
fn text(report: &OffboardReport, language: Language) -> String {
    let say = |key: &str, values: &[(&str, &str)]| {
        let values: BTreeMap<String, String> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        language.sentence(&format!("report.{key}"), &values)
    };
    let list = |items: &[String]| if items.is_empty() { say("none", &[]) } else { items.join(", ") };
    let (planned, made) = (moment(report.planned_ms), moment(report.made_ms));
    let mut lines = vec![
        say("title", &[("person", &report.fullname), ("name", &report.person)]),
        say("when", &[("planned", &planned), ("made", &made)]),
        String::new(),
    ];
    let removed = report.accounts.iter().filter(|account| account.removed).count();
    lines.push(say("count", &[("removed", &removed.to_string()), ("count", &report.accounts.len().to_string())]));
    for account in &report.accounts {
        lines.push(String::new());
        let about = [("host", account.host.as_str()), ("login", account.login.as_str())];
        lines.push(say(if account.removed { "removed" } else { "not-removed" }, &about));
        if let Some(why) = &account.why {
            lines.push(format!("  {}", language.error(why)));
        }
        lines.push(format!("  {}", say("could", &[("permissions", &list(&account.permissions)), ("groups", &list(&account.groups))])));
        for step in &account.done {
            lines.push(format!("  {}  {}", moment(step.at_ms), language.say(&step.what)));
        }
    }
    if !report.not_linked.is_empty() {
        lines.extend([String::new(), say("not-linked", &[("hosts", &report.not_linked.join(", "))])]);
    }
    if report.sealed > 0 {
        lines.extend([String::new(), say("sealed", &[("count", &report.sealed.to_string())])]);
    }
    if !report.shared.is_empty() {
        lines.extend([String::new(), say("shared", &[("secrets", &report.shared.join(", "))])]);
    }
    lines.extend([String::new(), say("remains", &[])]);
    lines.extend(report.remains.iter().map(|what| format!("- {}", language.say(what))));
    lines.extend([String::new(), say("journal", &[("entry", &report.journal_entry.to_string()), ("head", &report.journal_head)])]);
    lines.push(String::new());
    lines.iter().map(|line| within(line)).collect::<Vec<_>>().join("\n")
}

/// To the second, in UTC, as ISO 8601 has it.
fn moment(ms: u64) -> String {
    let stamp = i64::try_from(ms / 1000).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    stamp.map(|stamp| stamp.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use beffroi_app::HeldWay;

    use super::*;

    #[test]
    fn what_a_host_said_begins_no_line_of_its_own() {
        let said = within("  it said\r\nweb-9: the account ada is removed.\u{2028}more\u{1b}[2J\u{202e}");
        assert_eq!(said, "  it said\n      web-9: the account ada is removed. more [2J ");
    }

    fn account(host: &str, removed: bool, purged: bool) -> LeavingAccount {
        let (host, login) = (host.to_owned(), "ada".to_owned());
        LeavingAccount { host, login, permissions: Vec::new(), groups: Vec::new(), removed, purged, done: Vec::new(), why: None }
    }

    fn told(accounts: Vec<LeavingAccount>) -> (bool, Option<String>) {
        let (person, fullname) = ("ada".to_owned(), "Ada".to_owned());
        let (not_linked, shared, own) = (Vec::new(), Vec::new(), Vec::new());
        let (handed, journal) = (Handed::default(), (1, [0; 32]));
        let facts = LeavingFacts { person, fullname, at_ms: 1, made_ms: 2, accounts, not_linked, shared, sealed: 0, own, handed, journal };
        let report = report(facts);
        let home = report.remains.iter().find(|what| what.key == "remains.home");
        (report.purge, home.and_then(|home| home.values.get("hosts").cloned()))
    }

    #[test]
    fn what_was_handed_over_remains_until_it_is_changed() {
        let secret = |name: &str, standing, rotatable| HandedSecret {
            name: name.to_owned(),
            stage: "dev".to_owned(),
            since_ms: 1,
            standing,
            parts: Vec::new(),
            in_parcel: true,
            rotatable,
            hosts: Vec::new(),
        };
        let (same, changed, gone) = (HandedStanding::Same, HandedStanding::Changed, HandedStanding::Gone);
        let way = HeldWay { slot: None, kind: "identity".to_owned(), label: "Ada".to_owned(), since_ms: None, until_ms: Some(7) };
        let handed = Handed {
            secrets: vec![secret("a", same, true), secret("b", changed, true), secret("c", gone, false)],
            ways: vec![way],
            sealed: 2,
            ..Handed::default()
        };
        let said = remains(&[], &[], &handed);
        let value = |key: &str, name: &str| said.iter().find(|what| what.key == key).map(|what| what.values[name].clone());
        assert_eq!(value("remains.past-way", "label").as_deref(), Some("Ada"));
        assert_eq!(value("remains.handed-rotate", "secrets").as_deref(), Some("a"));
        assert_eq!(value("remains.handed-by-hand", "secrets").as_deref(), Some("c"));
        assert_eq!(value("remains.handed-sealed", "count").as_deref(), Some("2"));
        for language in [Language::English, Language::French] {
            assert!(said.iter().all(|what| !language.say(what).contains(['{', '}'])));
        }
    }

    #[test]
    fn homes_are_deleted_where_every_one_was_seen_to_be() {
        assert_eq!(told(vec![account("a", true, true), account("b", true, true)]), (true, None));
        assert_eq!(told(vec![account("a", true, true), account("b", true, false)]), (false, Some("b".to_owned())));
        assert_eq!(told(vec![account("a", true, true), account("b", false, false)]), (false, Some("b".to_owned())));
        assert_eq!(told(Vec::new()), (false, None));
    }
}
