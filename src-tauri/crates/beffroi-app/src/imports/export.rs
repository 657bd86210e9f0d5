//! Secrets and hosts, written for other programs.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use beffroi_domain::{HostId, SecretId, TargetRecord};
use beffroi_import::write::{age_json, bitwarden, csv, env, kdbx, ssh_config};
use beffroi_import::{Attachment, Entry, Field, Host, ImportError, Kind, Parsed, Past, Refused, Unlock};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_store::table::secret::SecretRow;
use beffroi_vault::{SlotError, UnlockError};

use super::rows::NOTE;
use super::side::Side;
use crate::error::ImportingError;
use crate::secrets::PRIVATE_KEY;
use crate::secrets::detail::Detail;
use crate::session::{Happening, Session};
use crate::{App, AppError, Authority, own_file};

/// What is to be written.
#[derive(Debug)]
pub struct ExportSecrets {
    /// The file to make.
    pub path: PathBuf,
    /// `kdbx`, `bitwarden`, `age`, `env`, `csv` or `ssh-config`.
    pub format: String,
    /// The secrets that these hosts are given, and the hosts themselves.
    pub on: Option<String>,
    /// Those of this stage.
    pub stage: Option<String>,
    /// Those whose names have this in them.
    pub find: Option<String>,
    /// The password of the file.
    pub password: Option<SecretText>,
    /// Who can read it: `age1…`, `ssh-ed25519 …`.
    pub recipients: Vec<String>,
    /// Whether a file that is there is replaced.
    pub force: bool,
}

/// What was written.
#[derive(Debug)]
pub struct ExportedSecrets {
    /// The file.
    pub path: PathBuf,
    /// Its format.
    pub format: &'static str,
    /// Secrets in it.
    pub secrets: u64,
    /// Hosts in it.
    pub hosts: u64,
    /// What is not in it, and why: the end of `import.refused.…`.
    pub left: Vec<(String, &'static str)>,
}

/// A format that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Kdbx,
    Bitwarden,
    Age,
    Env,
    Csv,
    SshConfig,
}

impl Written {
    const ALL: [(&'static str, Self); 6] = [
        ("kdbx", Self::Kdbx),
        ("bitwarden", Self::Bitwarden),
        ("age", Self::Age),
        ("env", Self::Env),
        ("csv", Self::Csv),
        ("ssh-config", Self::SshConfig),
    ];
}

/// The formats that are written.
#[must_use]
pub fn export_formats() -> Vec<&'static str> {
    Written::ALL.iter().map(|(name, _)| *name).collect()
}

impl App {
    /// Writes secrets and hosts for another program, once somebody proved that they may open the vault. The journal says so
    /// before the file is there; only its owner can read it.
    ///
    /// # Errors
    /// When the authority does not open the vault; [`ImportingError::Exists`], [`ImportingError::FormatUnknown`],
    /// [`ImportingError::TwoReaders`], [`ImportingError::NotSealed`], [`ImportingError::Write`]; [`AppError::StageSealed`] when one of them is of a sealed stage.
    pub async fn export_secrets(&self, authority: Authority, order: ExportSecrets) -> Result<ExportedSecrets, AppError> {
        let session = self.session()?;
        let named = Written::ALL.into_iter().find(|(name, _)| *name == order.format);
        let (format, written) = named.ok_or_else(|| ImportingError::FormatUnknown { name: order.format.clone() })?;
        let lacks = |what| Err(ImportingError::Write { format, error: ImportError::Locked { what } }.into());
        match written {
            Written::Kdbx | Written::Bitwarden if order.password.is_none() => return lacks("password"),
            Written::Age if order.password.is_none() && order.recipients.is_empty() => return lacks("identity"),
            // An age file takes one of the two: whoever gave both would think that either opens it.
            Written::Age if order.password.is_some() && !order.recipients.is_empty() => {
                return Err(ImportingError::TwoReaders { format }.into());
            }
            // What would be readable by all, where somebody asked that it be not.
            Written::Env | Written::Csv | Written::SshConfig if order.password.is_some() || !order.recipients.is_empty() => {
                return Err(ImportingError::NotSealed { format }.into());
            }
            _ => {}
        }
        if !order.force && order.path.exists() {
            return Err(ImportingError::Exists { path: order.path }.into());
        }
        let on = match order.on.as_deref() {
            Some(on) => Some(session.select(on).await?),
            None => None,
        };
        let keys = self.keys(session.vault.id(), &session.vault.header(), authority).await?;
        session
            .blocking(move |session| {
                keys.each(|unlock| session.vault.prove(unlock), || SlotError::Unlock(UnlockError::WrongIdentity))?;
                let (parsed, mut left) = session.gathered(&order, on.as_deref(), written)?;
                let (bytes, refused) = write(&parsed, written, &order).map_err(|error| ImportingError::Write { format, error })?;
                left.extend(refused.into_iter().map(|refused| (refused.what, refused.why)));
                let (secrets, hosts) = count(&parsed, written);
                let happening = Happening::new("secrets-exported")
                    .with("format", format)
                    .with("count", secrets)
                    .with("hosts", hosts)
                    .with("path", order.path.display());
                session.commit(happening, |_| Ok(()))?;
                own_file::write(&order.path, &bytes, order.force)?;
                Ok(ExportedSecrets { path: order.path, format, secrets, hosts, left })
            })
            .await
    }
}

/// How many secrets and hosts of what was gathered a format has a place for.
fn count(parsed: &Parsed, written: Written) -> (u64, u64) {
    let secrets = match written {
        Written::SshConfig => 0,
        Written::Env => parsed.entries.iter().filter(|entry| entry.value.is_some()).count(),
        _ => parsed.entries.len(),
    };
    let hosts = if matches!(written, Written::SshConfig | Written::Age) { parsed.hosts.len() } else { 0 };
    (secrets as u64, hosts as u64)
}

fn write(parsed: &Parsed, written: Written, order: &ExportSecrets) -> Result<(SecretBytes, Vec<Refused>), ImportError> {
    let wiped = |bytes: zeroize::Zeroizing<Vec<u8>>| SecretBytes::new(Vec::clone(&bytes));
    let password = || order.password.as_ref().ok_or(ImportError::Locked { what: "password" });
    Ok(match written {
        Written::Kdbx => {
            let unlock = Unlock { password: Some(password()?.duplicate()), ..Unlock::default() };
            (wiped(kdbx::write(parsed, &unlock, kdbx::Cipher::default(), kdbx::Cost::default())?), Vec::new())
        }
        Written::Bitwarden => (wiped(bitwarden::write(parsed, password()?)?), bitwarden::left_out(parsed)),
        Written::Age => {
            let readers = match &order.password {
                Some(password) if order.recipients.is_empty() => age_json::For::Passphrase(password),
                _ => age_json::For::Keys(&order.recipients),
            };
            (SecretBytes::new(age_json::write(parsed, readers)?), Vec::new())
        }
        Written::Env => (wiped(env::write(parsed)?), env::left_out(parsed).into_iter().chain(beside_values(parsed)).collect()),
        Written::Csv => (wiped(csv::write(parsed)?), csv::left_out(parsed)),
        Written::SshConfig => {
            let config = ssh_config::write(parsed);
            (SecretBytes::new(config.text.into_bytes()), config.refused)
        }
    })
}

/// Entries of which a file of names and values has the value, and nothing of what stands beside it.
fn beside_values(parsed: &Parsed) -> impl Iterator<Item = Refused> + '_ {
    let has_more = |entry: &&Entry| {
        entry.notes.is_some()
            || entry.totp.is_some()
            || entry.passphrase.is_some()
            || entry.user.is_some()
            || !(entry.path.is_empty() && entry.urls.is_empty() && entry.fields.is_empty())
            || !(entry.attachments.is_empty() && entry.history.is_empty() && entry.tags.is_empty())
    };
    let entries = parsed.entries.iter().filter(|entry| entry.value.is_some()).filter(has_more);
    entries
        .map(|entry| Refused { what: entry.path.iter().chain([&entry.title]).cloned().collect::<Vec<_>>().join("/"), why: "beside-value" })
}

/// What was gathered, and what cannot be written: its name and why.
type Gathered = (Parsed, Vec<(String, &'static str)>);

impl Session {
    /// What an order means, opened.
    fn gathered(&self, order: &ExportSecrets, on: Option<&[TargetRecord]>, written: Written) -> Result<Gathered, AppError> {
        let side = Side::read(self)?;
        let names: HashMap<HostId, &str> = side.targets.iter().map(|target| (target.record.host, target.record.name.as_str())).collect();
        let mut users: HashMap<SecretId, Vec<String>> = HashMap::new();
        for target in &side.targets {
            for secret in target.record.secrets() {
                users.entry(secret).or_default().push(target.record.name.to_string());
            }
        }
        let given: Option<HashSet<SecretId>> = on.map(|hosts| hosts.iter().flat_map(TargetRecord::secrets).collect());
        let find = order.find.as_deref().map(str::to_lowercase);
        let mut parsed = Parsed::default();
        let mut left = Vec::new();
        let wants_secrets = written != Written::SshConfig;
        for known in side.known.into_iter().filter(|_| wants_secrets) {
            let row = &known.row;
            let stage = self.stage_of(row.compartment);
            let is_meant = given.as_ref().is_none_or(|given| given.contains(&row.id))
                && order.stage.as_ref().is_none_or(|wanted| *wanted == stage)
                && find.as_ref().is_none_or(|find| row.name.to_lowercase().contains(find));
            if !is_meant {
                continue;
            }
            if !known.open {
                return Err(self.sealed(row.compartment));
            }
            let value = self.value_of(row)?.unwrap_or_else(|| SecretBytes::new(Vec::new()));
            let Ok(value) = value.into_text() else {
                left.push((row.name.clone(), "not-text"));
                continue;
            };
            let detail = known.detail.map(|stored| stored.value).unwrap_or_default();
            parsed.entries.push(self.exported_entry(row, stage, value, detail, users.remove(&row.id).unwrap_or_default())?);
        }
        let all = order.stage.is_none() && find.is_none();
        let is_meant = |record: &TargetRecord| match on {
            Some(hosts) => hosts.iter().any(|host| host.host == record.host),
            None => all || order.stage.as_deref() == Some(record.stage.as_str()),
        };
        // A guest has no address that another program could reach.
        let meant = side.targets.iter().map(|target| &target.record).filter(|record| is_meant(record) && record.guest().is_none());
        parsed.hosts = meant.map(|record| host(record, &names)).collect();
        Ok((parsed, left))
    }

    /// A secret with all that stands beside it.
    pub(crate) fn exported_entry(
        &self,
        row: &SecretRow,
        stage: String,
        value: SecretText,
        detail: Detail,
        hosts: Vec<String>,
    ) -> Result<Entry, AppError> {
        let mut parts: Vec<String> = row.name.split('/').map(str::to_owned).collect();
        let last = parts.pop().unwrap_or_default();
        let (path, title) = if detail.title.is_empty() { (parts, last) } else { (detail.path.clone(), detail.title.clone()) };
        let file = |line: &crate::secrets::detail::AttachmentLine| {
            Ok::<_, AppError>(Attachment { name: line.name.clone(), bytes: self.attached(line)? })
        };
        let attachments = detail.attachments.iter().map(file).collect::<Result<_, _>>()?;
        let is_there = |text: String| (!text.is_empty()).then_some(text);
        Ok(Entry {
            origin: row.id.to_string(),
            path,
            title,
            kind: match row.kind.as_str() {
                PRIVATE_KEY => Kind::PrivateKey,
                NOTE => Kind::Note,
                _ => Kind::Password,
            },
            user: is_there(detail.user),
            // Its length only.
            value: Some(value).filter(|value| !value.expose().is_empty()),
            passphrase: detail.passphrase.map(|hidden| hidden.0),
            urls: detail.urls,
            notes: detail.notes.map(|hidden| hidden.0),
            totp: detail.totp.map(|hidden| hidden.0),
            fields: detail.fields.into_iter().map(|field| Field { name: field.name, value: field.value.0, hidden: field.hidden }).collect(),
            attachments,
            history: detail
                .history
                .into_iter()
                .map(|past| Past { value: past.value.0, until_ms: Some(past.until_ms).filter(|at| *at > 0) })
                .collect(),
            tags: detail.tags,
            hosts,
            stage: Some(stage),
            created_ms: Some(row.created_ms),
            changed_ms: Some(row.changed_ms),
            expires_ms: detail.expires_ms,
            discarded: false,
        })
    }
}

/// A host, as far as the neutral shape has a place for it.
pub(crate) fn host(record: &TargetRecord, names: &HashMap<HostId, &str>) -> Host {
    let credential = match &record.login {
        Some(beffroi_domain::Login::Secret(secret)) => Some(secret.to_string()),
        _ => None,
    };
    Host {
        origin: record.host.to_string(),
        name: record.name.to_string(),
        address: record.access.address.clone(),
        port: Some(record.access.port).filter(|port| *port != 22),
        user: Some(record.access.user.clone()),
        jump: record.access.jump.and_then(|jump| names.get(&jump)).map(|name| (*name).to_owned()).into_iter().collect(),
        credential,
        tags: record.tags.iter().map(ToString::to_string).collect(),
        stage: Some(record.stage.to_string()),
        ..Host::default()
    }
}
