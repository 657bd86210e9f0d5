//! What would become of each entry.

use std::collections::{HashMap, HashSet};

use beffroi_domain::StageName;
use beffroi_import::Entry;
use beffroi_secret::SecretText;

use super::hosts::{JudgedHost, judge_hosts};
use super::merge::{Fate, HISTORY, Mark, VALUE, fate, ours, said};
use super::names::{Names, secret_name};
use super::side::{Known, Side, is_of_people};
use super::size::{Room, added, merged};
use super::stages::StageRules;
use super::{ImportRules, ImportStanding, Pending, tidy};
use crate::AppError;
use crate::secrets::MOST_BYTES;
use crate::session::Session;

/// The kind of a secret that is a text without a password.
pub(crate) const NOTE: &str = "note";

/// Bytes that a detail may have beside its files: less than a document's most, since JSON writes some characters longer.
const MOST_DETAIL: usize = 400 << 10;
/// Fields of one entry.
const MOST_FIELDS: usize = 1_000;

/// An entry, compared with the vault.
pub(super) struct Judged {
    /// Its place in the file.
    pub(super) entry: usize,
    pub(super) standing: ImportStanding,
    /// What it is called here, or would be.
    pub(super) name: String,
    pub(super) stage: StageName,
    /// The secret that it is.
    pub(super) known: Option<usize>,
    /// Whether it is that secret only if two files of one name in folders of one name are one, or is of a parcel that is older than
    /// what is here: nothing of it is taken unasked.
    pub(super) named: bool,
    /// What the file says that it did not say before, and what becomes of each.
    pub(super) fates: Vec<(String, Fate)>,
    /// What the file says.
    pub(super) said: Vec<(String, String)>,
    /// Hosts of the vault that it is for.
    pub(super) hosts: Vec<usize>,
    /// Whether the file says that it opens them.
    pub(super) opens: bool,
}

/// A file, compared with the vault.
pub(super) struct View {
    pub(super) side: Side,
    pub(super) rows: Vec<Judged>,
    pub(super) hosts: Vec<JudgedHost>,
    /// Whether keys that the file has of its new hosts are trusted.
    pub(super) trusts_keys: bool,
    /// What came from this very source once and is not in it any more.
    pub(super) vanished: Vec<String>,
}

impl View {
    pub(super) fn new(session: &Session, pending: &Pending, rules: &ImportRules) -> Result<Self, AppError> {
        let side = Side::read(session)?;
        let stages = StageRules::new(session, rules.stage.as_deref(), &rules.stage_of)?;
        let mut names = Names::new(side.by_name.keys().cloned());
        let hosts = judge_hosts(session, &side, pending, &stages, rules);
        // What logs in to a host of the file goes to that host's stage, unless something says otherwise.
        let mut of_hosts: HashMap<&str, (&StageName, Vec<usize>)> = HashMap::new();
        for host in &hosts {
            if let Some(credential) = pending.parsed.hosts.get(host.host).and_then(|host| host.credential.as_deref()) {
                of_hosts.entry(credential).or_insert((&host.stage, Vec::new())).1.extend(host.target);
            }
        }
        let (mut rows, mut met) = (Vec::new(), HashSet::new());
        let mut room = Room::left(session)?;
        for (place, entry) in pending.parsed.entries.iter().enumerate() {
            if !is_meant(rules, entry) {
                continue;
            }
            let exact = side.of_origin(&pending.source, &entry.origin).or_else(|| side.own(pending.format, &entry.origin));
            let named = if exact.is_some() { None } else { side.of_origin(&pending.short, &entry.origin) };
            // A secret is what one row of the file is, not two.
            let found = exact.or(named).or_else(|| side.like(rules, entry)).filter(|found| met.insert(*found));
            let (mut at, opens) = opened(&side, entry);
            let of_host = of_hosts.get(entry.origin.as_str());
            at.extend(of_host.iter().flat_map(|(_, targets)| targets.iter().copied()));
            at.sort_unstable();
            at.dedup();
            let host_stage =
                of_host.map(|(stage, _)| *stage).or_else(|| at.first().and_then(|at| Some(&side.targets.get(*at)?.record.stage)));
            let stage = match found {
                Some(found) => session.stage_of(side.known(found).row.compartment).parse().ok(),
                None => stages.of(&entry.path, entry.stage.as_deref()).or(host_stage.filter(|_| opens || of_host.is_some())).cloned(),
            };
            let mut row = Judged {
                entry: place,
                standing: ImportStanding::New,
                name: String::new(),
                stage: stage.unwrap_or_else(|| stages.chosen().clone()),
                known: found,
                named: found.is_some() && (found == named || pending.is_older()),
                fates: Vec::new(),
                said: Vec::new(),
                hosts: at,
                opens: opens || of_host.is_some(),
            };
            judge(session, &side, pending, rules, entry, &mut row)?;
            room.hold(entry, &mut row);
            row.name = match row.known.filter(|_| row.standing != ImportStanding::Differs) {
                Some(known) => side.known(known).row.name.clone(),
                None => match &row.standing {
                    // Not to be taken: it needs no number. One of the bin gets its own below, after those that are no waste.
                    ImportStanding::Refused(_) | ImportStanding::Discarded => secret_name(&path_of(rules, entry), &entry.title),
                    _ => names.secret(&path_of(rules, entry), &entry.title).to_string(),
                },
            };
            rows.push(row);
        }
        for row in rows.iter_mut().filter(|row| row.standing == ImportStanding::Discarded) {
            if let Some(entry) = pending.parsed.entries.get(row.entry) {
                row.name = names.secret(&path_of(rules, entry), &entry.title).to_string();
            }
        }
        let there: HashSet<&str> = pending.parsed.entries.iter().map(|entry| entry.origin.as_str()).collect();
        let vanished = side.known.iter().filter(|known| {
            let origin = known.detail.as_ref().and_then(|detail| detail.value.origin.as_ref());
            origin.is_some_and(|origin| origin.source == pending.source && !there.contains(origin.id.as_str()))
        });
        let vanished = vanished.map(|known| known.row.name.clone()).collect();
        Ok(Self { rows, hosts, trusts_keys: !rules.without_host_keys, vanished, side })
    }
}

impl Side {
    pub(super) fn known(&self, place: usize) -> &Known {
        &self.known[place]
    }

    /// The secret that has the name that the entry would have, and came from nowhere else.
    fn like(&self, rules: &ImportRules, entry: &Entry) -> Option<usize> {
        let place = *self.by_name.get(&secret_name(&path_of(rules, entry), &entry.title))?;
        let known = self.known(place);
        let came = known.detail.as_ref().is_some_and(|detail| detail.value.origin.is_some());
        (!came && is_of_people(&known.row)).then_some(place)
    }
}

fn path_of(rules: &ImportRules, entry: &Entry) -> Vec<String> {
    rules.under.iter().chain(&entry.path).cloned().collect()
}

/// Whether an entry is one of those that were asked for.
fn is_meant(rules: &ImportRules, entry: &Entry) -> bool {
    let name = entry.path.iter().chain([&entry.title]).cloned().collect::<Vec<_>>().join("/");
    rules.only.as_deref().is_none_or(|only| is_called(&name, only)) && !is_without(rules, &name)
}

/// Whether what is called so is to be left out.
pub(super) fn is_without(rules: &ImportRules, name: &str) -> bool {
    rules.without.iter().any(|pattern| !pattern.is_empty() && is_called(name, pattern))
}

/// Whether a name has this in it, in whatever case, or matches a pattern with `*`.
fn is_called(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.to_lowercase(), pattern.to_lowercase());
    if !pattern.contains('*') {
        return name.contains(&pattern);
    }
    let mut parts = pattern.split('*').peekable();
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// The hosts that an entry is for, and whether its file says that it opens them: an address of a web page does not.
fn opened(side: &Side, entry: &Entry) -> (Vec<usize>, bool) {
    let is_login = |url: &&String| ["ssh://", "sftp://", "scp://"].iter().any(|scheme| url.starts_with(scheme));
    let logins: Vec<usize> = entry.hosts.iter().chain(entry.urls.iter().filter(is_login)).flat_map(|host| side.hosts_at(host)).collect();
    if !logins.is_empty() {
        return (logins, true);
    }
    (entry.urls.iter().flat_map(|url| side.hosts_at(url)).collect(), false)
}

/// Bytes of what stands beside the value of an entry, without its files.
pub(super) fn texts(entry: &Entry) -> usize {
    // Their lengths only.
    let length = |value: &Option<SecretText>| value.as_ref().map_or(0, |value| value.expose().len());
    let fields: usize = entry.fields.iter().map(|field| field.name.len() + field.value.expose().len()).sum();
    let past: usize = entry.history.iter().rev().take(20).map(|past| past.value.expose().len()).sum();
    let texts: usize =
        entry.path.iter().chain(&entry.urls).chain(&entry.tags).chain([&entry.title]).chain(&entry.user).map(String::len).sum();
    length(&entry.notes) + length(&entry.totp) + length(&entry.passphrase) + fields + past + texts
}

/// Why an entry cannot be kept.
fn refusal(entry: &Entry) -> Option<&'static str> {
    // Its length only.
    let value = entry.value.as_ref().map_or(0, |value| value.expose().len());
    if !tidy::has_anything(entry) {
        Some("no-value")
    } else if value > MOST_BYTES || texts(entry) > MOST_DETAIL || entry.fields.len() > MOST_FIELDS {
        Some("too-large")
    } else {
        None
    }
}

fn judge(session: &Session, side: &Side, pending: &Pending, rules: &ImportRules, entry: &Entry, row: &mut Judged) -> Result<(), AppError> {
    row.standing = if let Some(why) = refusal(entry) {
        ImportStanding::Refused(why)
    } else if let Some(known) = row.known {
        let known = side.known(known);
        if !known.open {
            ImportStanding::Sealed
        } else {
            let standing = compare(session, known, entry, row)?;
            if merged(session, known, entry, row)? { standing } else { ImportStanding::Refused("too-large") }
        }
    } else if session.open_stage(&row.stage).is_err() {
        ImportStanding::Sealed
    } else if let Some(name) = side.trashed(&pending.source, &entry.origin).or_else(|| side.trashed(&pending.short, &entry.origin)) {
        row.name = name.to_owned();
        ImportStanding::Trashed
    } else if !added(entry)? {
        ImportStanding::Refused("too-large")
    } else if entry.discarded && !rules.discarded {
        ImportStanding::Discarded
    } else {
        ImportStanding::New
    };
    Ok(())
}

/// Compares an entry with the secret that it is, field by field.
fn compare(session: &Session, known: &Known, entry: &Entry, row: &mut Judged) -> Result<ImportStanding, AppError> {
    let mark = Mark(known.row.id.as_bytes());
    let detail = known.detail.as_ref().map(|stored| &stored.value);
    let origin = detail.and_then(|detail| detail.origin.as_ref());
    let base: HashMap<&str, &str> =
        origin.iter().flat_map(|origin| &origin.said).map(|(field, digest)| (field.as_str(), digest.as_str())).collect();
    row.said = said(entry, mark);
    for (field, theirs) in &row.said {
        let base = base.get(field.as_str()).copied();
        if base == Some(theirs) {
            continue;
        }
        let fate = match field.as_str() {
            HISTORY if row.named => continue,
            HISTORY => Fate::Take,
            VALUE => {
                let value = session.value_of(&known.row)?;
                // Into a digest.
                let ours = value.filter(|value| !value.expose().is_empty()).map(|value| mark.bytes(VALUE, [value.expose().as_slice()]));
                fate(base, theirs, ours.as_deref())
            }
            other => {
                let ours = match other.strip_prefix("file:") {
                    Some(file) => session.file_mark(detail, file, other, mark)?,
                    None => detail.and_then(|detail| ours(detail, other, mark)),
                };
                // What was written from here without a title has the one that its name makes.
                let ours = ours.or_else(|| by_name(&known.row.name, other, mark).filter(|made| made == theirs));
                fate(base, theirs, ours.as_deref())
            }
        };
        row.fates.push((field.clone(), if row.named && fate == Fate::Take { Fate::Conflict } else { fate }));
    }
    let is = |wanted: Fate| row.fates.iter().any(|(_, fate)| *fate == wanted);
    let value_conflicts = row.fates.iter().any(|(field, fate)| field == VALUE && *fate == Fate::Conflict);
    Ok(if origin.is_none() && value_conflicts {
        ImportStanding::Differs
    } else if is(Fate::Conflict) {
        ImportStanding::Conflict
    } else if is(Fate::Take) {
        ImportStanding::Changed
    } else {
        ImportStanding::Same
    })
}

/// The digest of the title or the groups that an export makes of a name.
fn by_name(name: &str, field: &str, mark: Mark<'_>) -> Option<String> {
    let (path, title) = name.rsplit_once('/').map_or((None, name), |(path, title)| (Some(path), title));
    match field {
        "title" => Some(mark.text(field, [title])),
        "path" => Some(mark.text(field, path?.split('/'))),
        _ => None,
    }
}

impl Session {
    /// The digest of a file that a secret has.
    fn file_mark(
        &self,
        detail: Option<&crate::secrets::detail::Detail>,
        file: &str,
        field: &str,
        mark: Mark<'_>,
    ) -> Result<Option<String>, AppError> {
        let line = detail.and_then(|detail| detail.attachments.iter().find(|line| line.name == file));
        // Into a digest.
        line.map(|line| Ok(mark.bytes(field, [self.attached(line)?.expose().as_slice()]))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_a_part_of_a_name_or_a_pattern() {
        let entry = Entry { path: vec!["Morel".to_owned()], title: "root web-1".to_owned(), ..Entry::default() };
        let meant = |only: &str| is_meant(&ImportRules { only: Some(only.to_owned()), ..ImportRules::default() }, &entry);
        for only in ["", "WEB", "morel/*", "*web-1", "*root*", "morel/root web-1", "m*l/r*1"] {
            assert!(meant(only), "{only}");
        }
        for only in ["web-2", "web*", "*morel", "m*x*1"] {
            assert!(!meant(only), "{only}");
        }
        let left = |without: &str| !is_meant(&ImportRules { without: vec![without.to_owned()], ..ImportRules::default() }, &entry);
        assert!(left("WEB-1") && left("morel/*") && !left("") && !left("web*"));
    }
}
