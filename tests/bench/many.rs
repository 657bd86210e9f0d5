//! A vault of many hosts and secrets, for the benchmark `vault`.
//!
//! `many fill VAULT STATE WORDS HOSTS SECRETS` puts them into a vault that was just made, in one transaction; every other secret
//! has an account, addresses and tags beside its value.
//! `many measure VAULT STATE WORDS` opens it in this process, searches, checks, and prints seconds as JSON.
//! `many ask CALLS` asks the process that holds the keys, and prints seconds as JSON.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use beffroi_api::agent::Client;
use beffroi_api::wire::{Nothing, VaultInfo};
use beffroi_app::{App, Authority, Change, FoundKind, Listener, Places, SecretChange};
use beffroi_domain::{Access, DocumentId, HostId, JournalEntry, Pin, PinSource, Provenance, SecretId, StageName, TargetRecord};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_store::Catalog;
use beffroi_store::table::document::DocumentRow;
use beffroi_store::table::journal::JournalRow;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::table::target::TargetRow;
use beffroi_vault::{Anchor, DigestRow, Place, Unlock};
use serde_json::{Value, json};

type Done<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: many fill VAULT STATE WORDS HOSTS SECRETS | measure VAULT STATE WORDS | ask CALLS";
const SEARCHES: usize = 500;
const CHANGES: usize = 20;

struct Deaf;

impl Listener for Deaf {
    fn heard(&self, _: Change) {}
}

fn main() -> Done<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let told = match words.as_slice() {
        ["fill", vault, state, words, hosts, secrets] => fill(Path::new(vault), Path::new(state), words, hosts.parse()?, secrets.parse()?)?,
        ["measure", vault, state, words] => runtime.block_on(measure(vault, PathBuf::from(state), words))?,
        ["ask", calls] => runtime.block_on(ask(calls.parse()?))?,
        _ => return Err(USAGE.into()),
    };
    Ok(writeln!(std::io::stdout(), "{told}")?)
}

fn read(words: &str) -> Done<SecretText> {
    Ok(SecretText::new(std::fs::read_to_string(words)?.trim_end().to_owned()))
}

fn fill(folder: &Path, state: &Path, words: &str, hosts: usize, secrets: usize) -> Done<Value> {
    let places = beffroi_vault::Places { anchors: state.join("anchors") };
    let vault = beffroi_vault::open(folder, Unlock::RecoveryWords(&read(words)?), &places)?;
    let catalog = Catalog::open(&vault.catalog_path(), vault.database_key())?;
    let dev = StageName::dev();
    let rows = catalog.read(|reader| reader.compartments())?;
    let row = rows.iter().find(|row| row.stage == dev.as_str()).ok_or("no stage dev")?;
    vault.load_compartment(row.id, &dev, &row.wrapped)?;
    let compartment = row.id;
    let anchor = catalog.write(|writer| {
        for number in 0..secrets {
            let id = SecretId::make();
            let place = Place { compartment, target: None, table: "secret", row: *id.as_bytes(), revision: 1, field: "value" };
            let sealed = vault.seal(&place, &SecretBytes::new(format!("secret number {number}").into_bytes()))?;
            let name = format!("client-{}/password-{number}", number % 97);
            let row = SecretRow { id, name, compartment, kind: "password".to_owned(), revision: 1, created_ms: 1, changed_ms: 1 };
            writer.insert_secret(&row, &sealed)?;
            if number % 2 == 0 {
                // As the application stores it: a document that has the id of its secret.
                let detail = json!({
                    "title": format!("Console n° {number}"), "user": format!("operator-{}", number % 211),
                    "urls": [format!("https://shop-{number}.client-{}.example/login", number % 97)], "tags": ["billing", "été"],
                });
                let row = DocumentRow { id: DocumentId::from_bytes(id.as_bytes())?, kind: "detail".to_owned(), compartment, revision: 1 };
                let place = Place { compartment, target: None, table: "document", row: *id.as_bytes(), revision: 1, field: "detail" };
                writer.insert_document(&row, &vault.seal(&place, &SecretBytes::new(detail.to_string().into_bytes()))?)?;
            }
        }
        for number in 0..hosts {
            let id = HostId::make();
            let name = format!("host-{number:05}.client-{}.example", number % 97).parse()?;
            let address = format!("198.51.100.{}", number % 256);
            let access = Access::new(address, 22, "root");
            let provenance = Provenance { at_ms: 1, by: "bench".to_owned(), how: PinSource::Given };
            let fingerprint = format!("SHA256:{number:0>43}").parse()?;
            let record = TargetRecord {
                pins: vec![Pin { fingerprint, algorithm: String::new(), key: Vec::new(), provenance }],
                tags: vec![format!("rack-{}", number % 40).parse()?],
                ..TargetRecord::new(id, name, dev.clone(), access)
            };
            let place = Place { compartment, target: Some(id), table: "target", row: *id.as_bytes(), revision: 1, field: "record" };
            let encoded = record.to_canonical();
            let mac = vault.row_mac(&place, &encoded)?;
            writer.insert_target(&TargetRow { id, name: record.name.to_string(), compartment, record: encoded, revision: 1, mac })?;
        }
        let last = writer.reader().last_entry()?.ok_or("an empty journal")?;
        let sources = writer.reader().digest_sources(Some(last.chain))?;
        let of = |source: &beffroi_store::DigestSource| DigestRow {
            table: source.table,
            id: source.id,
            revision: source.revision,
            mac: source.mac,
        };
        let header = DigestRow { table: "header", id: *vault.id().as_bytes(), revision: vault.header().revision, mac: [0; 32] };
        let state_digest = vault.state_digest(&sources.iter().map(of).chain([header]).collect::<Vec<_>>());
        let before = JournalEntry::from_canonical(&last.entry)?;
        let entry = JournalEntry {
            sequence: last.number + 1,
            event: "vault-unlocked".to_owned(),
            values: Vec::new(),
            host: None,
            state_digest,
            ..before
        };
        let (entry, sequence) = (entry.to_canonical(), last.sequence + 1);
        let mac = vault.journal_mac(&last.mac, &entry);
        writer.append_entry(&JournalRow { sequence, chain: last.chain, number: last.number + 1, entry, mac })?;
        Ok::<_, Refused>(Anchor { sequence, journal_head: mac, state_digest })
    });
    let anchor = anchor.map_err(|Refused(why)| why)?;
    vault.write_anchor(&anchor)?;
    catalog.close()?;
    Ok(json!({"hosts": hosts, "secrets": secrets}))
}

/// Whatever ends the transaction.
struct Refused(Box<dyn Error>);

impl<E: Into<Box<dyn Error>>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

async fn measure(vault: &str, state: PathBuf, words: &str) -> Done<Value> {
    let app = App::new(Places::new(state), Arc::new(Deaf));
    let words = read(words)?;
    let began = Instant::now();
    let facts = app.unlock_vault(vault, Authority::RecoveryWords(words)).await?;
    let unlock = began.elapsed().as_secs_f64();
    let mut searches = Vec::new();
    for number in 0..SEARCHES {
        // What a person types: a beginning, then more of it; a part from the middle; something that is nowhere.
        let text = match number % 4 {
            0 => format!("host-{}", number % 10),
            1 => format!("host-{:05}", number * 7),
            2 => format!("word-{}", number * 13),
            _ => format!("nowhere{number}"),
        };
        let began = Instant::now();
        std::hint::black_box(app.search(&text, None, 50).await?);
        searches.push(began.elapsed().as_secs_f64());
    }
    let secrets = measure_secrets(&app, facts.secrets > 0).await?;
    let began = Instant::now();
    let held = app.verify_vault().await?.iter().all(|check| check.held);
    let verify = began.elapsed().as_secs_f64();
    app.lock_vault().await?;
    if !held {
        return Err("the vault does not hold".into());
    }
    let (p50, p95) = percentiles(searches);
    let (secret_p50, secret_p95) = percentiles(secrets.searches);
    let (changed_p50, changed_p95) = percentiles(secrets.after_changes);
    Ok(json!({
        "hosts": facts.hosts, "secrets": facts.secrets, "unlock": unlock, "verify": verify, "search_p50": p50, "search_p95": p95,
        "secret_p50": secret_p50, "secret_p95": secret_p95, "changed_p50": changed_p50, "changed_p95": changed_p95,
    }))
}

/// Seconds of searches among secrets.
#[derive(Default)]
struct SecretSearches {
    searches: Vec<f64>,
    /// Those that follow a change of a secret.
    after_changes: Vec<f64>,
}

async fn measure_secrets(app: &App, there_are: bool) -> Done<SecretSearches> {
    let mut measured = SecretSearches::default();
    if !there_are {
        return Ok(measured);
    }
    let search = async |text: &str| {
        let began = Instant::now();
        let found = app.search(text, Some(FoundKind::Secret), 500).await?;
        Ok::<_, Box<dyn Error>>((began.elapsed().as_secs_f64(), found.len()))
    };
    for number in 0..SEARCHES {
        // One letter, which half of them have; an account; an address; two words; a mistake; something that is nowhere.
        let (text, is_there) = match number % 6 {
            0 => ("c".to_owned(), true),
            1 => (format!("operator-{}", number % 211), true),
            2 => (format!("shop-{}.client", number * 2), true),
            3 => ("ETE billing".to_owned(), true),
            4 => ("opertaor".to_owned(), true),
            _ => (format!("nowhere{number}"), false),
        };
        let (seconds, found) = search(&text).await?;
        if (found > 0) != is_there {
            return Err(format!("{text}: {found} found").into());
        }
        measured.searches.push(seconds);
    }
    for number in 0..CHANGES {
        let user = Some(format!("successor-{number}"));
        app.edit_secret("client-0/password-0", SecretChange { user, ..SecretChange::default() }).await?;
        let (seconds, found) = search(&format!("successor-{number}")).await?;
        if found != 1 {
            return Err(format!("change {number}: {found} found").into());
        }
        measured.after_changes.push(seconds);
    }
    Ok(measured)
}

async fn ask(calls: usize) -> Done<Value> {
    let failed = |error: beffroi_api::ApiError| error.code.name();
    let client = Client::connect(&Places::of_this_system()).await.map_err(failed)?.ok_or("no process holds the keys")?;
    let (mut status, mut info) = (Vec::new(), Vec::new());
    for _ in 0..calls {
        let began = Instant::now();
        std::hint::black_box(client.status().await.map_err(failed)?);
        status.push(began.elapsed().as_secs_f64());
        let began = Instant::now();
        let told: VaultInfo = client.call(None, "vault_info", &Nothing {}).await.map_err(failed)?;
        info.push(began.elapsed().as_secs_f64());
        std::hint::black_box(told);
    }
    let ((status_p50, status_p95), (info_p50, info_p95)) = (percentiles(status), percentiles(info));
    Ok(json!({"status_p50": status_p50, "status_p95": status_p95, "info_p50": info_p50, "info_p95": info_p95}))
}

/// The median, and what one in twenty is above.
fn percentiles(mut seconds: Vec<f64>) -> (f64, f64) {
    seconds.sort_by(f64::total_cmp);
    let at = |part: usize| seconds.get((seconds.len() * part / 100).min(seconds.len().saturating_sub(1))).copied().unwrap_or_default();
    (at(50), at(95))
}
