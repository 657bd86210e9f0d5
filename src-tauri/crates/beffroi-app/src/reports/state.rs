//! How hosts stand, as their last surveys have it.

use beffroi_domain::Message;
use beffroi_survey::facts::{Firewall, FirewallKind};

use super::{Ground, ReportCell, ReportSection, ReportTable};
use crate::{App, AppError, HostFacts, Survey};

impl App {
    pub(super) async fn state(&self, ground: &Ground) -> Result<Vec<ReportSection>, AppError> {
        let kept = self.backups(None).await?.kept;
        let mut sections = vec![overview(ground)];
        sections.push(ReportSection::new("applications").with_table(applications(ground)));
        sections.push(ReportSection::new("upgrades").with_note(Message::new("paper.note.upgrades")).with_table(upgrades(ground)));
        sections.push(ReportSection::new("certificates").with_table(certificates(ground)));
        let mut backups = ReportSection::new("backups").with_note(Message::new("paper.note.backups")).with_table(ground.backups());
        backups.tables.push(ground.kept(&kept));
        sections.push(backups);
        sections.push(findings(ground));
        sections.push(ReportSection::new("protection").with_note(Message::new("paper.note.protection")).with_table(protection(ground)));
        Ok(sections)
    }
}

/// The hosts that have a survey.
fn surveyed(ground: &Ground) -> impl Iterator<Item = (&HostFacts, &Survey)> {
    ground.hosts.iter().filter_map(|host| Some((host, host.survey.as_ref()?)))
}

fn overview(ground: &Ground) -> ReportSection {
    let fleet = ground.fleet();
    let columns = &["host", "system", "yunohost", "apps", "upgrades", "findings", "last-backup", "surveyed"];
    let mut table = ReportTable::new("overview", columns);
    let mut unknown = Vec::new();
    for host in &ground.hosts {
        let name = host.record.name.as_str();
        let Some(survey) = &host.survey else {
            unknown.push(name);
            let mut cells = vec![ReportCell::text(name)];
            cells.resize_with(columns.len(), || ReportCell::None);
            table.rows.push(cells);
            continue;
        };
        let facts = survey.yunohost.as_ref();
        let waiting = fleet.upgrades.iter().filter(|line| line.hosts.iter().any(|at| at.host == name)).count();
        let packages = survey.facts.upgrades.as_ref().map(|upgrades| ReportCell::count(upgrades.packages.len()));
        let waiting = match facts.map(|facts| facts.upgrades.value()) {
            Some(Some(_)) => ReportCell::count(waiting),
            Some(None) => ReportCell::None,
            None => packages.unwrap_or(ReportCell::None),
        };
        let found = facts.and_then(|facts| facts.diagnosis.value()).map(|diagnosis| diagnosis.troubles().count());
        let backups = fleet.backups.iter().find(|line| line.host == name);
        let ran = backups.into_iter().flat_map(|line| &line.programs).filter(|program| program.result == "success");
        let last = ran.filter_map(|program| program.last_ms).chain(backups.and_then(|line| line.newest_ms)).max();
        table.rows.push(vec![
            ReportCell::text(name),
            ReportCell::maybe(survey.facts.os_name.as_deref()),
            ReportCell::maybe(facts.and_then(|facts| facts.version())),
            facts.and_then(|facts| facts.apps.value()).map_or(ReportCell::None, |apps| ReportCell::count(apps.len())),
            waiting,
            found.map_or(ReportCell::None, ReportCell::count),
            ReportCell::moment(last),
            ReportCell::Moment(survey.taken_ms),
        ]);
    }
    let section = ReportSection::new("overview").with_note(Message::new("paper.note.overview")).with_table(table);
    if unknown.is_empty() { section } else { section.with_note(Message::new("paper.note.not-surveyed").with("hosts", unknown.join(", "))) }
}

/// What is installed.
pub(super) fn applications(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("applications", &["host", "application", "version", "address", "upgrade", "surveyed"]);
    for (host, survey) in surveyed(ground) {
        let apps = survey.yunohost.as_ref().and_then(|facts| facts.apps.value());
        for (id, app) in apps.into_iter().flatten() {
            let named = if app.name.eq_ignore_ascii_case(id) { id.clone() } else { format!("{} ({id})", app.name) };
            let upgrade = match app.upgrade_status.as_deref() {
                Some("up_to_date") => ReportCell::Word("up-to-date"),
                Some("upgradable") => match &app.new_version {
                    Some(version) => ReportCell::text(version),
                    None => ReportCell::Word("upgradable"),
                },
                other => ReportCell::maybe(other),
            };
            table.rows.push(vec![
                ReportCell::text(&host.record.name),
                ReportCell::text(named),
                ReportCell::text(&app.version),
                ReportCell::maybe(app.domain_path.as_deref()),
                upgrade,
                ReportCell::Moment(survey.taken_ms),
            ]);
        }
    }
    table
}

fn upgrades(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("upgrades", &["host", "kind", "name", "installed", "offered", "surveyed"]);
    for host in &ground.hosts {
        let name = host.record.name.as_str();
        let Some(survey) = &host.survey else { continue };
        let mut known = std::collections::BTreeSet::new();
        for line in &ground.fleet().upgrades {
            for at in line.hosts.iter().filter(|at| at.host == name) {
                known.insert(at.id.clone());
                table.rows.push(vec![
                    ReportCell::text(name),
                    ReportCell::Word(match line.kind.as_str() {
                        "app" => "application",
                        "migration" => "migration",
                        _ => "package",
                    }),
                    ReportCell::text(&at.id),
                    ReportCell::text(&at.version),
                    ReportCell::maybe(line.new_version.as_deref()),
                    ReportCell::Moment(survey.taken_ms),
                ]);
            }
        }
        let packages = survey.facts.upgrades.iter().flat_map(|upgrades| &upgrades.packages);
        for package in packages.filter(|package| !known.contains(&package.name)) {
            table.rows.push(vec![
                ReportCell::text(name),
                ReportCell::Word(if package.security { "security" } else { "package" }),
                ReportCell::text(&package.name),
                ReportCell::text(&package.installed),
                ReportCell::text(&package.candidate),
                ReportCell::Moment(survey.taken_ms),
            ]);
        }
    }
    table
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Those of YunoHost's domains; of other hosts, what services show.
pub(super) fn certificates(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("certificates", &["host", "domain", "authority", "until", "state", "surveyed"]);
    let now = i64::try_from(ground.now_ms).unwrap_or(i64::MAX);
    for (host, survey) in surveyed(ground) {
        let taken = i64::try_from(survey.taken_ms).unwrap_or(i64::MAX);
        let state = |until: i64| {
            ReportCell::Word(match until.saturating_sub(now) / DAY_MS {
                _ if until <= now => "ended",
                left if left < 15 => "ends-soon",
                _ => "good",
            })
        };
        let mut row = |names: ReportCell, authority: ReportCell, until: Option<i64>| {
            table.rows.push(vec![
                ReportCell::text(&host.record.name),
                names,
                authority,
                until.map_or(ReportCell::None, ReportCell::Day),
                until.map_or(ReportCell::None, state),
                ReportCell::Moment(survey.taken_ms),
            ]);
        };
        match &survey.yunohost {
            Some(facts) => {
                for (domain, certificate) in facts.certificates.value().into_iter().flatten() {
                    let own = matches!(certificate.issuer_kind.as_str(), "selfsigned" | "self-signed");
                    let authority = if own { ReportCell::Word("self-signed") } else { ReportCell::text(&certificate.issuer) };
                    let until = certificate.days.map(|days| taken.saturating_add(days.saturating_mul(DAY_MS)));
                    row(ReportCell::text(domain), authority, until);
                }
            }
            None => {
                for certificate in survey.facts.certificates.iter().flatten() {
                    let names = if certificate.names.is_empty() {
                        ReportCell::text(&certificate.subject)
                    } else {
                        ReportCell::texts(&certificate.names)
                    };
                    row(names, ReportCell::text(&certificate.issuer), Some(certificate.not_after_seconds.saturating_mul(1000)));
                }
            }
        }
    }
    table
}

fn findings(ground: &Ground) -> ReportSection {
    let mut table = ReportTable::new("findings", &["host", "gravity", "category", "finding", "found"]);
    let (mut ignored, mut offline) = (0, 0);
    for line in &ground.fleet().diagnosis {
        if line.ignored {
            ignored += line.hosts.len();
            continue;
        }
        if line.only_no_internet {
            offline += line.hosts.len();
            continue;
        }
        for at in &line.hosts {
            table.rows.push(vec![
                ReportCell::text(&at.host),
                ReportCell::Word(if line.status == "ERROR" { "error" } else { "warning" }),
                ReportCell::text(&line.category),
                ReportCell::text(&at.summary),
                ReportCell::moment(at.made_ms),
            ]);
        }
    }
    // Errors first stays within each host.
    table.rows.sort_by(|one, other| first(one).cmp(first(other)));
    let mut section = ReportSection::new("findings").with_note(Message::new("paper.note.findings"));
    if ignored > 0 {
        section = section.with_note(Message::new("paper.note.ignored").with("count", ignored));
    }
    if offline > 0 {
        section = section.with_note(Message::new("paper.note.offline").with("count", offline));
    }
    section.with_table(table)
}

fn first(row: &[ReportCell]) -> &str {
    match row.first() {
        Some(ReportCell::Text(text)) => text,
        _ => "",
    }
}

fn protection(ground: &Ground) -> ReportTable {
    let columns = &["host", "root-login", "password-login", "firewall", "clock", "restart", "failed-services", "surveyed"];
    let mut table = ReportTable::new("protection", columns);
    for (host, survey) in surveyed(ground) {
        let facts = &survey.facts;
        let setting = |name: &str| ReportCell::maybe(facts.sshd.as_ref().and_then(|settings| settings.get(name)));
        let clock = facts.clock_synchronised.map(|is| ReportCell::Word(if is { "synchronised" } else { "not-synchronised" }));
        let restart = facts.reboot.as_ref().map(|reboot| ReportCell::Word(if reboot.required { "needed" } else { "not-needed" }));
        let failed = match &facts.failed_services {
            Some(failed) if failed.is_empty() => ReportCell::Word("none"),
            Some(failed) => ReportCell::texts(failed),
            None => ReportCell::None,
        };
        table.rows.push(vec![
            ReportCell::text(&host.record.name),
            setting("permitrootlogin"),
            setting("passwordauthentication"),
            facts.firewall.as_ref().map_or(ReportCell::None, firewall),
            clock.unwrap_or(ReportCell::None),
            restart.unwrap_or(ReportCell::None),
            failed,
            ReportCell::Moment(survey.taken_ms),
        ]);
    }
    table
}

fn firewall(firewall: &Firewall) -> ReportCell {
    let refuses = firewall.input_policies.values().any(|policy| matches!(policy.to_ascii_lowercase().as_str(), "drop" | "reject"));
    match (firewall.kind, firewall.ufw) {
        (_, Some(true)) => ReportCell::Word("firewall-on"),
        (FirewallKind::Unknown, _) => ReportCell::None,
        _ if refuses => ReportCell::Word("firewall-on"),
        _ if firewall.rules == Some(0) => ReportCell::Word("firewall-off"),
        _ => ReportCell::Word("firewall-rules"),
    }
}
