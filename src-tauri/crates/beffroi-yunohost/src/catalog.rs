//! The catalog of applications, as `app catalog --full --with-categories` prints it and as the host keeps it in
//! `/var/cache/yunohost/repo/default.json`: `{"apps": {id: {…, "manifest": {}}}, "categories": [], "antifeatures": []}`.
//!
//! It comes from a host or from a file: hostile text, cleaned and bounded. The public one has some 600 applications in 3 MiB.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::manifest::Texts;
use crate::manifest::read::{texts, words};
use crate::text::{filled, text};

/// The most bytes of a file that is read as a catalog.
const MOST_BYTES: usize = 32 << 20;
const MOST_APPS: usize = 10_000;
const MOST_CATEGORIES: usize = 500;

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
