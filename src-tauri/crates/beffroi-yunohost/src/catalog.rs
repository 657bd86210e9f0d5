//! The catalog of applications, as `app catalog --full --with-categories` prints it and as the host keeps it in
//! `/var/cache/yunohost/repo/default.json`: `{"apps": {id: {…, "manifest": {}}}, "categories": [], "antifeatures": []}`.
//!
//! It comes from a host or from a file: hostile text, cleaned and bounded. The public one has some 600 applications in 3 MiB.

use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_remote::{CommandLine, Limits, Remote, RemoteError, RunRequest};
use flate2::read::ZlibDecoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::manifest::Texts;
use crate::manifest::read::{texts, words};
use crate::text::{filled, text};

/// The most bytes of a file that is read as a catalog.
const MOST_BYTES: usize = 32 << 20;
const MOST_APPS: usize = 10_000;
const MOST_CATEGORIES: usize = 500;
/// The most bytes of what a host prints of its catalog: compressed, the public one takes 150 KiB.
const MOST_PRINTED: usize = 16 << 20;
const TIME: Duration = Duration::from_secs(60);
/// Runs on the host: see the text itself.
const CATALOG_PY: &str = include_str!("../../../../assets/remote/catalog.py");
const MARK: &[u8] = b"beffroi-catalog 1 ";

/// The applications that can be installed by their name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Catalog {
    /// By name.
    pub apps: BTreeMap<String, Entry>,
    /// The categories, in the order of the catalog.
    pub categories: Vec<Category>,
}

/// An application of a catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// What people call it.
    pub name: String,
    /// What it is.
    pub description: Texts,
    /// The version that would be installed.
    pub version: String,
    /// The category it is in, see [`Category::id`].
    pub category: String,
    /// Narrower words for the same, `website`.
    pub subtags: Vec<String>,
    /// How well it was tested: 0 to 8; `None` where nobody did.
    pub level: Option<i64>,
    /// `working`, `notworking`, `inprogress`…
    pub state: String,
    /// What speaks against it.
    pub antifeatures: Vec<String>,
    /// Whether somebody takes care of it.
    pub maintained: bool,
    /// Whether the catalog recommends it.
    pub featured: bool,
    /// What it is an alternative to: known names of other services.
    pub alternative_to: Vec<String>,
    /// What it needs of YunoHost, `>= 12.0.9`.
    pub yunohost: String,
    /// Where its package comes from; a path where the host has a repository of its own.
    pub repository: String,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Category {
    /// Its name.
    pub id: String,
    /// Its heading.
    pub title: Texts,
    /// What is in it.
    pub description: Texts,
}

/// The catalog that a host keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostCatalog {
    /// What can be installed by its name.
    pub catalog: Catalog,
    /// When the host last wrote it, in seconds since 1970 by its clock.
    pub changed_s: u64,
    /// The catalogs that the host uses, each with the address it is fetched from; none where it is only kept.
    pub sources: Vec<(String, Option<String>)>,
}

/// Why a host's catalog is not there.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The host cannot be asked.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// It keeps none: whatever wants one fails there, unless it can be downloaded.
    #[error("the host keeps no catalog")]
    None,
    /// What it keeps is none, or is too large.
    #[error("the host's catalog is not understood: {message}")]
    NotUnderstood {
        /// The host's own words, cleaned, 4 KiB at most.
        message: String,
    },
}

impl HostCatalog {
    /// Reads what a host keeps, in one round trip that asks nothing of the network: only what is looked up in it, compressed.
    /// The host's files are those under `root`; empty for `/`.
    ///
    /// # Errors
    /// [`CatalogError`].
    pub async fn read(remote: &dyn Remote, root: &str) -> Result<Self, CatalogError> {
        let command = CommandLine::new(["env", "LC_ALL=C", "python3", "-I", "-c", CATALOG_PY, root]);
        let limits = Limits { time: TIME, most_bytes: MOST_PRINTED };
        let output = remote.run(RunRequest::new(command).with_limits(limits)).await?;
        if !output.exit.is_success() || output.cut {
            let message = beffroi_remote::clean(&String::from_utf8_lossy(&output.stderr));
            let none = message.contains("there is no catalog");
            return Err(if none { CatalogError::None } else { CatalogError::NotUnderstood { message } });
        }
        Self::printed(&output.stdout).ok_or(CatalogError::NotUnderstood { message: String::new() })
    }

    fn printed(stdout: &[u8]) -> Option<Self> {
        let line = stdout.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(MARK))?;
        let packed = STANDARD.decode(line.trim_ascii()).ok()?;
        let mut json = Vec::new();
        let most = u64::try_from(MOST_BYTES).ok()?;
        // A few bytes can be made to unpack into any number of them.
        ZlibDecoder::new(packed.as_slice()).take(most + 1).read_to_end(&mut json).ok()?;
        if json.len() > MOST_BYTES {
            return None;
        }
        let json: Value = serde_json::from_slice(&json).ok()?;
        let source = |entry: &Value| {
            let text = |at: usize| entry.get(at).and_then(Value::as_str).map(beffroi_remote::clean);
            Some((text(0)?, text(1)))
        };
        Some(Self {
            catalog: Catalog::read(&json)?,
            changed_s: json.get("changed_s").and_then(Value::as_u64).unwrap_or_default(),
            sources: json.get("sources").and_then(Value::as_array).into_iter().flatten().take(100).filter_map(source).collect(),
        })
    }
}

/// Why a file is no catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCatalog {
    /// More than 32 MiB.
    #[error("the file is too large for a catalog")]
    TooLarge,
    /// Not what the host keeps as a catalog.
    #[error("the file is no catalog of applications")]
    NotUnderstood,
}

/// The version of the catalog's form that YunoHost 12 reads; it fetches another one where this is not said.
const FORM: u64 = 3;

/// A catalog in the form in which YunoHost keeps it: as it was published, it lacks what YunoHost adds when it fetches it.
///
/// # Errors
/// [`NoCatalog`].
pub fn as_kept(bytes: &[u8]) -> Result<Vec<u8>, NoCatalog> {
    Catalog::from_file(bytes)?;
    let mut json: Value = serde_json::from_slice(bytes).map_err(|_| NoCatalog::NotUnderstood)?;
    let catalog = json.as_object_mut().ok_or(NoCatalog::NotUnderstood)?;
    catalog.insert("from_api_version".to_owned(), FORM.into());
    for list in ["categories", "antifeatures"] {
        catalog.entry(list).or_insert_with(|| Value::Array(Vec::new()));
    }
    serde_json::to_vec(&json).map_err(|_| NoCatalog::NotUnderstood)
}

impl Catalog {
    /// Reads a file, as the host keeps it.
    ///
    /// # Errors
    /// [`NoCatalog`].
    pub fn from_file(bytes: &[u8]) -> Result<Self, NoCatalog> {
        if bytes.len() > MOST_BYTES {
            return Err(NoCatalog::TooLarge);
        }
        serde_json::from_slice(bytes).ok().and_then(|json: Value| Self::read(&json)).ok_or(NoCatalog::NotUnderstood)
    }

    /// Reads what `app catalog` prints; without `--full` there are only descriptions and levels.
    #[must_use]
    pub fn read(json: &Value) -> Option<Self> {
        let apps = json.get("apps")?.as_object()?.iter().filter(|(_, entry)| entry.is_object()).take(MOST_APPS);
        let categories = json.get("categories").and_then(Value::as_array).into_iter().flatten().take(MOST_CATEGORIES);
        Some(Self {
            apps: apps.map(|(id, entry)| (beffroi_remote::clean(id), Entry::read(id, entry))).filter(|(id, _)| !id.is_empty()).collect(),
            categories: categories.filter_map(Category::read).collect(),
        })
    }

    /// The applications that have every word of a search in their name, their description or the names of what they replace,
    /// in one language and in English; the nearest first, then by name. Nothing to search for finds all.
    #[must_use]
    pub fn search(&self, words: &str, language: &str, category: Option<&str>) -> Vec<(&str, &Entry)> {
        let words: Vec<String> = words.split_whitespace().take(16).map(plain).collect();
        let within =
            |entry: &Entry| category.is_none_or(|category| entry.category == category || entry.subtags.iter().any(|tag| tag == category));
        let mut found: Vec<(u8, &str, &Entry)> = self
            .apps
            .iter()
            .filter(|(_, entry)| within(entry))
            .filter_map(|(id, entry)| Some((entry.distance(id, &words, language)?, id.as_str(), entry)))
            .collect();
        found.sort_by_key(|(distance, id, _)| (*distance, *id));
        found.into_iter().map(|(_, id, entry)| (id, entry)).collect()
    }
}

impl Entry {
    fn read(id: &str, json: &Value) -> Self {
        let manifest = json.get("manifest").unwrap_or(json);
        let integration = manifest.get("integration").unwrap_or(&Value::Null);
        let git = json.get("git").unwrap_or(&Value::Null);
        let flag = |name: &str| json.get(name).and_then(Value::as_bool).unwrap_or_default();
        Self {
            name: filled(manifest, "name").unwrap_or_else(|| beffroi_remote::clean(id)),
            description: texts(manifest.get("description")),
            version: text(manifest, "version"),
            category: text(json, "category"),
            subtags: words(json.get("subtags")),
            level: json.get("level").and_then(Value::as_i64).filter(|level| *level >= 0),
            state: text(json, "state"),
            antifeatures: words(json.get("antifeatures")),
            maintained: flag("maintained"),
            featured: flag("featured"),
            alternative_to: words(json.get("potential_alternative_to")),
            yunohost: text(integration, "yunohost"),
            repository: text(git, "url"),
        }
    }

    /// How far it is from the words of a search: 0 is its name; `None` where one of them is nowhere in it.
    fn distance(&self, id: &str, words: &[String], language: &str) -> Option<u8> {
        let name = plain(&format!("{id} {}", self.name));
        let others = plain(&self.alternative_to.join(" "));
        let about =
            plain(&format!("{} {} {}", self.description.in_language(language), self.description.in_language("en"), self.subtags.join(" ")));
        let of_word = |word: &String| match word.as_str() {
            word if id == word => Some(0),
            word if name.starts_with(word) => Some(1),
            word if name.contains(word) => Some(2),
            word if others.contains(word) => Some(3),
            word if about.contains(word) => Some(4),
            _ => None,
        };
        words.iter().map(of_word).try_fold(0, |furthest, distance| Some(furthest.max(distance?)))
    }
}

impl Category {
    fn read(json: &Value) -> Option<Self> {
        Some(Self { id: filled(json, "id")?, title: texts(json.get("title")), description: texts(json.get("description")) })
    }
}

/// Lower case without the accents of French, so that `ecriture` finds `Écriture`.
fn plain(text: &str) -> String {
    let letter = |letter: char| match letter {
        'à' | 'â' | 'ä' => 'a',
        'ç' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'î' | 'ï' => 'i',
        'ô' | 'ö' => 'o',
        'ù' | 'û' | 'ü' => 'u',
        '’' => '\'',
        other => other,
    };
    text.chars().flat_map(char::to_lowercase).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use beffroi_remote::LocalRemote;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn packed(json: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(json).expect("into memory");
        [MARK, STANDARD.encode(encoder.finish().expect("into memory")).as_bytes(), b"\n"].concat()
    }

    #[test]
    fn a_hostile_catalog_is_refused() {
        assert!(HostCatalog::printed(&packed(br#"{"apps": {}}"#)).is_some());
        for hostile in [b"".to_vec(), MARK.to_vec(), [MARK, b"AAAA"].concat(), packed(b"[]"), packed(&vec![b' '; MOST_BYTES + 1])] {
            assert_eq!(HostCatalog::printed(&hostile), None);
        }
    }

    #[test]
    fn a_published_catalog_is_kept_as_yunohost_would() {
        let kept: Value = serde_json::from_slice(&as_kept(br#"{"apps": {}}"#).expect("a catalog")).expect("JSON");
        assert_eq!(kept, serde_json::json!({"apps": {}, "categories": [], "antifeatures": [], "from_api_version": 3}));
        assert_eq!(as_kept(b"[]"), Err(NoCatalog::NotUnderstood));
    }

    #[tokio::test]
    async fn a_hosts_catalog_is_read_from_its_cache() {
        let root = tempfile::tempdir().expect("a folder");
        let (cache, list) = (root.path().join("var/cache/yunohost/repo"), root.path().join("etc/yunohost"));
        let at = root.path().to_str().expect("text");
        let remote = LocalRemote::new(root.path());
        assert!(matches!(HostCatalog::read(&remote, at).await, Err(CatalogError::None)));

        std::fs::create_dir_all(&cache).and_then(|()| std::fs::create_dir_all(&list)).expect("folders");
        let recorded = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/fixtures/yunohost/12.1.25/catalog.json");
        std::fs::copy(recorded, cache.join("default.json")).expect("copied");
        let read = HostCatalog::read(&remote, at).await.expect("a catalog");
        let whole = Catalog::from_file(&std::fs::read(recorded).expect("the recording")).expect("a catalog");
        assert_eq!(read.catalog.apps.keys().collect::<Vec<_>>(), whole.apps.keys().collect::<Vec<_>>());
        let (id, entry) = whole.apps.first_key_value().expect("one");
        let of_host = &read.catalog.apps[id];
        assert_eq!(
            (&of_host.name, &of_host.version, &of_host.category, of_host.level),
            (&entry.name, &entry.version, &entry.category, entry.level)
        );
        assert_eq!(
            (of_host.description.in_language("fr"), read.catalog.categories.len()),
            (entry.description.in_language("fr"), whole.categories.len())
        );
        assert!(read.changed_s > 0 && read.sources[0].1.is_some(), "it would be fetched");

        std::fs::write(cache.join("default.json"), "{\"apps\": 5}").expect("written");
        assert!(
            matches!(HostCatalog::read(&remote, at).await, Err(CatalogError::NotUnderstood { message }) if message.contains("cannot be read"))
        );
    }
}
