//! What the next administrator of hosts needs: the *dossier de réversibilité*.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_domain::{Access, Message, SecretId, Sudo};
use sha2::{Digest, Sha256};

use super::handover::{decrypting, removing, restoring};
use super::state::{applications, certificates};
use super::{Ground, ReportCell, ReportSection, ReportStep, ReportTable};
use crate::archives::BACKUP_KEY;
use crate::session::Session;
use crate::{App, AppError, HostFacts, hex};

impl App {
    pub(super) async fn dossier(
        &self,
        session: &Arc<Session>,
        ground: &Ground,
        handed: Vec<PathBuf>,
    ) -> Result<Vec<ReportSection>, AppError> {
        let files = tokio::task::spawn_blocking(move || files(&handed)).await.map_err(AppError::internal)??;
        let kept = self.backups(None).await?.kept;
        let mut sections = vec![ReportSection::new("purpose").with_note(Message::new("paper.note.purpose"))];
        sections.push(ReportSection::new("hosts").with_table(hosts(ground)).with_table(self.stages_of(ground).await?));
        sections.push(ReportSection::new("accesses").with_note(Message::new("paper.note.accesses")).with_table(accesses(ground)));
        sections.push(ReportSection::new("host-keys").with_note(Message::new("paper.note.host-keys")).with_table(host_keys(ground)));
        let secrets = self.secrets_of_hosts(ground).await?;
        sections.push(ReportSection::new("secrets").with_note(Message::new("paper.note.secrets")).with_table(secrets));
        let mut people = ReportSection::new("people").with_note(Message::new("paper.note.people")).with_table(administrators(ground));
        people.tables.push(self.cards_of(ground).await?);
        people.tables.push(keys(ground));
        sections.push(people);
        let mut services = ReportSection::new("services").with_table(applications(ground)).with_table(domains(ground));
        services.tables.push(certificates(ground));
        services.tables.extend(self.authorities_of(ground).await?);
        sections.push(services);
        let mut backups = ReportSection::new("backups").with_note(Message::new("paper.note.backups")).with_table(ground.backups());
        backups.tables.push(ground.kept(&kept));
        sections.push(backups);
        sections.push(restoring());
        sections.push(decrypting());
        sections.push(self.routine().await?);
        let left = session.left_table(ground).await?;
        sections.push(removing(left));
        sections.push(receipt(files));
        Ok(sections)
    }

    async fn stages_of(&self, ground: &Ground) -> Result<ReportTable, AppError> {
        let mut table = ReportTable::new("stages", &["stage", "protected", "hosts"]);
        for stage in self.stages().await? {
            let there = ground.hosts.iter().filter(|host| host.record.stage.as_str() == stage.name);
            let there: Vec<String> = there.map(|host| host.record.name.to_string()).collect();
            if !there.is_empty() {
                let protected = ReportCell::Word(if stage.protected { "yes" } else { "no" });
                table.rows.push(vec![ReportCell::text(&stage.name), protected, ReportCell::text(there.join(", "))]);
            }
        }
        Ok(table)
    }

    /// The secrets that hosts are given, those of accounts there, and the keys of backups: by name.
    async fn secrets_of_hosts(&self, ground: &Ground) -> Result<ReportTable, AppError> {
        let mut table = ReportTable::new("secrets", &["secret", "kind", "stage", "for-what"]);
        let given: BTreeSet<SecretId> = ground.hosts.iter().flat_map(|host| host.record.secrets()).collect();
        let stages: BTreeSet<String> = ground.hosts.iter().map(|host| host.record.stage.to_string()).collect();
        let people = self.people().await?;
        let accounts = people.iter().flat_map(|person| &person.accounts).filter(|account| ground.host(&account.host).is_some());
        let of_accounts: BTreeSet<&str> = accounts.filter_map(|account| account.secret.as_deref()).collect();
        for secret in self.secrets().await? {
            let is_backup = secret.kind == BACKUP_KEY && stages.contains(&secret.stage);
            let used: Vec<String> = secret.used_by.iter().filter(|host| ground.host(host).is_some()).cloned().collect();
            let for_what = if is_backup {
                ReportCell::Word("opens-backups")
            } else if given.contains(&secret.id) {
                ReportCell::text(used.join(", "))
            } else if of_accounts.contains(secret.name.as_str()) {
                ReportCell::Word("account-password")
            } else {
                continue;
            };
            let kind = ReportCell::Word(match secret.kind.as_str() {
                "private-key" => "private-key",
                "backup-key" => "backup-key",
                _ => "password",
            });
            table.rows.push(vec![ReportCell::text(&secret.name), kind, ReportCell::text(&secret.stage), for_what]);
        }
        Ok(table)
    }

    async fn cards_of(&self, ground: &Ground) -> Result<ReportTable, AppError> {
        let mut table = ReportTable::new("people", &["person", "mail", "host", "login"]);
        for person in self.people().await? {
            for account in person.accounts.iter().filter(|account| account.standing == crate::AccountStanding::Linked) {
                if ground.host(&account.host).is_some() {
                    let named = format!("{} ({})", person.fullname, person.name);
                    let cells = [named.as_str(), &person.mail, &account.host, &account.login];
                    table.rows.push(cells.map(ReportCell::text).into());
                }
            }
        }
        Ok(table)
    }

    /// Private authorities that signed for these hosts, and what they signed.
    async fn authorities_of(&self, ground: &Ground) -> Result<Vec<ReportTable>, AppError> {
        let mut issued = ReportTable::new("issued", &["host", "names", "authority", "until", "secret"]);
        let mut signers = BTreeSet::new();
        for one in self.certificates().await? {
            let Some(host) = one.host.as_deref().filter(|host| ground.host(host).is_some() && !one.revoked) else { continue };
            signers.insert(one.authority.clone());
            issued.rows.push(vec![
                ReportCell::text(host),
                ReportCell::texts(&one.names),
                ReportCell::text(&one.authority),
                ReportCell::Day(one.until_ms),
                ReportCell::text(&one.key),
            ]);
        }
        let mut authorities = ReportTable::new("authorities", &["authority", "domains", "until", "fingerprint", "secret"]);
        for one in self.authorities().await?.into_iter().filter(|one| signers.contains(&one.name)) {
            authorities.rows.push(vec![
                ReportCell::text(&one.name),
                ReportCell::texts(&one.permitted),
                ReportCell::Day(one.until_ms),
                ReportCell::text(&one.fingerprint),
                ReportCell::text(&one.key),
            ]);
        }
        Ok([authorities, issued].into_iter().filter(|table| !table.rows.is_empty()).collect())
    }

    /// What is done again and again: the recipes.
    async fn routine(&self) -> Result<ReportSection, AppError> {
        let mut section = ReportSection::new("routine").with_note(Message::new("paper.note.routine"));
        for facts in self.recipes().await?.into_iter().filter_map(|(_, facts)| facts.ok()) {
            let recipe = facts.recipe;
            let rights = if recipe.sudo { "paper.note.recipe-root" } else { "paper.note.recipe-account" };
            let what = Message::new(rights).with("name", &recipe.name).with("description", &recipe.description);
            let commands: Vec<&str> = recipe.steps.iter().map(|step| step.command.as_str()).collect();
            section.steps.push(ReportStep { what: (&what).into(), code: commands.join("\n") });
        }
        if section.steps.is_empty() { Ok(section.with_note(Message::new("paper.note.no-recipes"))) } else { Ok(section) }
    }
}

impl Session {
    /// What the ledger says lies on hosts.
    async fn left_table(self: &Arc<Self>, ground: &Ground) -> Result<ReportTable, AppError> {
        let hosts: Vec<_> = ground.hosts.iter().map(|host| (host.record.host, host.record.name.to_string())).collect();
        let rows = self.blocking(move |session| {
            let of_host = |(host, name): &(_, String)| Ok((name.clone(), session.catalog.read(|reader| reader.left_on(*host))?));
            hosts.iter().map(of_host).collect::<Result<Vec<_>, AppError>>()
        });
        let mut table = ReportTable::new("left", &["host", "kind", "name", "removed-by"]);
        for (host, left) in rows.await? {
            for row in left {
                let (kind, how) = match row.kind.as_str() {
                    "job-folder" => ("job-folder", "remove-job-folder"),
                    "sent" => ("sent", "remove-sent"),
                    "authorized-key" => ("authorized-key", "remove-authorized-key"),
                    "published" => ("published", "remove-published"),
                    "image" => ("image", "remove-image"),
                    "backup-schedule" => ("backup-schedule", "remove-backup-schedule"),
                    _ => ("other", "remove-other"),
                };
                let cells = vec![ReportCell::text(&host), ReportCell::Word(kind), ReportCell::text(row.what), ReportCell::Word(how)];
                table.rows.push(cells);
            }
        }
        Ok(table)
    }
}

fn hosts(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("hosts", &["host", "stage", "system", "yunohost", "machine", "tags", "surveyed"]);
    for host in &ground.hosts {
        let facts = host.survey.as_ref().map(|survey| &survey.facts);
        let machine = |facts: &beffroi_survey::Facts| {
            let hardware = [facts.hardware_vendor.as_deref(), facts.hardware_model.as_deref()].into_iter().flatten();
            let hardware = hardware.collect::<Vec<_>>().join(" ");
            if hardware.is_empty() { facts.virtualisation.clone().unwrap_or_default() } else { hardware }
        };
        let yunohost = host.survey.as_ref().and_then(|survey| survey.yunohost.as_ref()).and_then(|facts| facts.version());
        let tags: Vec<String> = host.record.tags.iter().map(ToString::to_string).collect();
        table.rows.push(vec![
            ReportCell::text(&host.record.name),
            ReportCell::text(&host.record.stage),
            ReportCell::maybe(facts.and_then(|facts| facts.os_name.as_deref())),
            ReportCell::maybe(yunohost),
            ReportCell::maybe(facts.map(machine)),
            ReportCell::text(tags.join(", ")),
            ground.taken(host.record.name.as_str()),
        ]);
    }
    table
}

fn accesses(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("accesses", &["host", "address", "account", "through", "method", "root"]);
    for host in &ground.hosts {
        for (access, (through, login)) in host.record.accesses().zip(&host.names.accesses) {
            table.rows.push(access_row(host, access, through.as_deref(), login.as_deref()));
        }
    }
    table
}

fn access_row(host: &HostFacts, access: &Access, through: Option<&str>, login: Option<&str>) -> Vec<ReportCell> {
    let names = &host.names;
    let secret = |key: &'static str, name: &str| ReportCell::Said((&Message::new(key).with("secret", name)).into());
    let mut methods = Vec::new();
    match login.or(names.identity.as_deref()) {
        Some(name) if name == "agent" || name.starts_with("agent:") => methods.push(secret("paper.note.by-agent", name)),
        Some(name) => methods.push(secret("paper.note.by-secret", name)),
        None => {}
    }
    methods.extend(names.password.as_deref().map(|name| secret("paper.note.by-password", name)));
    methods.extend(names.one_time.as_deref().map(|name| secret("paper.note.by-one-time", name)));
    let root = match (&host.record.sudo, &names.sudo) {
        _ if access.user == "root" => ReportCell::Word("is-root"),
        (Sudo::Never, _) => ReportCell::Word("no-root"),
        (Sudo::WithoutPassword, _) => ReportCell::Word("sudo"),
        (Sudo::Password(_), name) => secret("paper.note.sudo-password", name.as_deref().unwrap_or_default()),
    };
    vec![
        ReportCell::text(&host.record.name),
        ReportCell::text(format!("{}:{}", access.address, access.port)),
        ReportCell::text(&access.user),
        ReportCell::maybe(through),
        if methods.is_empty() { ReportCell::None } else { ReportCell::List(methods) },
        root,
    ]
}

fn host_keys(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("host-keys", &["host", "algorithm", "fingerprint", "trusted-by", "trusted-on"]);
    for host in &ground.hosts {
        for pin in &host.record.pins {
            let how = match pin.provenance.how.name() {
                "given" => "pin-given",
                "shown" => "pin-shown",
                "known-hosts" => "pin-known-hosts",
                "announced" => "pin-announced",
                _ => "pin-unknown",
            };
            table.rows.push(vec![
                ReportCell::text(&host.record.name),
                ReportCell::text(&pin.algorithm),
                ReportCell::text(&pin.fingerprint),
                ReportCell::Word(how),
                ReportCell::moment(Some(pin.provenance.at_ms).filter(|at| *at > 0)),
            ]);
        }
    }
    table
}

/// Who administers: YunoHost's group, and who becomes root by sudo.
fn administrators(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("administrators", &["host", "login", "fullname", "mail", "why"]);
    for host in &ground.hosts {
        let Some(survey) = &host.survey else { continue };
        let facts = survey.yunohost.as_ref();
        let admins = facts.and_then(|facts| facts.groups.value()?.get("admins"));
        for login in admins.into_iter().flat_map(|group| &group.members) {
            let user = facts.and_then(|facts| facts.users.value()?.get(login));
            table.rows.push(vec![
                ReportCell::text(&host.record.name),
                ReportCell::text(login),
                ReportCell::maybe(user.map(|user| &user.fullname)),
                ReportCell::maybe(user.map(|user| &user.mail)),
                ReportCell::Word("yunohost-admin"),
            ]);
        }
        for member in survey.facts.sudo.iter().flat_map(|sudo| &sudo.members) {
            let is_admin = admins.is_some_and(|group| group.members.contains(&member.account));
            if !is_admin {
                let why = ReportCell::Said((&Message::new("paper.note.group").with("group", &member.group)).into());
                let (name, login) = (ReportCell::text(&host.record.name), ReportCell::text(&member.account));
                table.rows.push(vec![name, login, ReportCell::None, ReportCell::None, why]);
            }
        }
    }
    table
}

/// The keys that open accounts, of whoever they are.
fn keys(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("authorized-keys", &["host", "account", "algorithm", "fingerprint", "comment"]);
    for host in &ground.hosts {
        for key in host.survey.iter().flat_map(|survey| survey.facts.authorized_keys.iter().flatten()) {
            let cells = [host.record.name.as_str(), &key.account, &key.algorithm, &key.fingerprint, &key.comment];
            table.rows.push(cells.map(ReportCell::text).into());
        }
    }
    table
}

fn domains(ground: &Ground) -> ReportTable {
    let mut table = ReportTable::new("domains", &["host", "domain", "main"]);
    for host in &ground.hosts {
        let domains = host.survey.as_ref().and_then(|survey| survey.yunohost.as_ref()).and_then(|facts| facts.domains.value());
        for domain in domains.into_iter().flat_map(|domains| &domains.names) {
            let is_main = domains.is_some_and(|domains| domains.main.as_ref() == Some(domain));
            let main = if is_main { ReportCell::Word("yes") } else { ReportCell::None };
            table.rows.push(vec![ReportCell::text(&host.record.name), ReportCell::text(domain), main]);
        }
    }
    table
}

fn receipt(files: Vec<Vec<ReportCell>>) -> ReportSection {
    let mut table = ReportTable::new("receipt", &["file", "size", "sha256"]);
    table.rows = files;
    let mut section = ReportSection::new("receipt").with_note(Message::new("paper.note.receipt")).with_table(table);
    section.signed = true;
    section
}

/// The names, sizes and SHA-256 of files that are handed over.
fn files(paths: &[PathBuf]) -> Result<Vec<Vec<ReportCell>>, AppError> {
    let row = |path: &PathBuf| {
        let failed = |error: std::io::Error| AppError::LocalFile { path: path.clone(), reason: error.to_string() };
        let (bytes, sum) = digest(path).map_err(failed)?;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        Ok(vec![ReportCell::text(name), ReportCell::Bytes(bytes), ReportCell::text(hex(&sum))])
    };
    paths.iter().map(row).collect()
}

fn digest(path: &Path) -> std::io::Result<(u64, [u8; 32])> {
    let (mut file, mut sum) = (std::fs::File::open(path)?, Sha256::new());
    let (mut buffer, mut bytes) = (vec![0; 1 << 16], 0);
    loop {
        let read = std::io::Read::read(&mut file, &mut buffer)?;
        if read == 0 {
            return Ok((bytes, sum.finalize().into()));
        }
        sum.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}
