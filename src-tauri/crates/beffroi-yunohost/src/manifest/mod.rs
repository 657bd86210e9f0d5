//! What an application, a domain or YunoHost itself asks for: questions in YunoHost's own types, as `app manifest`,
//! `app config get --full`, `domain config get --full` and `settings list --full` print them.
//!
//! Everything in it comes from the host or from a package: it is hostile text, cleaned and bounded. The value of a password is
//! never taken: a panel shows it in clear with `--full`. What is not known here is kept as it came, see [`Field::more`].

mod answer;
mod condition;
mod field;
pub(crate) mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use answer::{Checked, Given as Answered, Silent, Unfit, Wrong, check, check_panels};
pub use field::{Choice, Field, FieldKind, Pattern};

/// A text in the languages given, by their codes: `en`, `fr`.
///
/// YunoHost gives some texts in the language of the command only, which is English wherever Beffroi asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<String, String>);

impl Texts {
    /// In this language, else in English, else in the first there is; empty where there is none.
    #[must_use]
    pub fn in_language(&self, language: &str) -> &str {
        let first = || self.0.values().next();
        self.0.get(language).or_else(|| self.0.get("en")).or_else(first).map_or("", String::as_str)
    }
}

/// The manifest of an application, as `app manifest` prints it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The application, such as `hextris`; an instance may be `hextris__2`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Texts,
    /// Its version, `2023.06.09~ynh2`.
    pub version: String,
    /// Whether it may be installed several times.
    pub multi_instance: bool,
    /// What it wants: `yunohost`, `architectures`, `disk`, `ram`, as the package says it.
    pub wants: Wants,
    /// What it asks at installation, in its order.
    pub questions: Vec<Field>,
    /// What this host was checked for, by name: `required_yunohost_version`, `arch`, `install`, `disk`, `ram`.
    pub requirements: BTreeMap<String, Requirement>,
    /// What is to be read, by moment (`PRE_INSTALL`, `POST_INSTALL`, `PRE_UPGRADE`, `POST_UPGRADE`), then by name or version.
    pub notes: BTreeMap<String, BTreeMap<String, Texts>>,
    /// What the catalog says of it: 0 to 8, 8 being the best; `None` where nobody tested it.
    pub level: Option<i64>,
    /// `working`, `notworking`, `inprogress`…; `thirdparty` where it does not come from the catalog.
    pub state: String,
    /// What speaks against it: `non-free-network`, `tracking`…
    pub antifeatures: Vec<String>,
}

/// What a package wants of its host, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wants {
    /// The version of YunoHost, `>= 12.0.9`.
    pub yunohost: String,
    /// The processors it runs on; empty for all.
    pub architectures: Vec<String>,
    /// Room on the disk, `50M`.
    pub disk: String,
    /// Memory while it is installed.
    pub ram_build: String,
    /// Memory while it runs.
    pub ram_runtime: String,
}

/// Something that YunoHost checked of its host.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Requirement {
    /// Whether it is met.
    pub passed: bool,
    /// What is wanted, in YunoHost's words: filled when it is met, too.
    pub message: String,
}

/// A configuration panel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Panel {
    /// Its name in a key, `main` in `main.general.colour`.
    pub id: String,
    /// Its heading.
    pub name: Texts,
    /// What stands under it.
    pub help: Texts,
    /// Its parts.
    pub sections: Vec<Section>,
}

/// A part of a panel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Section {
    /// Its name in a key.
    pub id: String,
    /// Its heading; many have none.
    pub name: Texts,
    /// What stands under it.
    pub help: Texts,
    /// The condition under which it is shown, in YunoHost's language of conditions; `None` for always.
    pub visible: Option<String>,
    /// Whether its buttons run actions, for which its other fields are the values.
    pub actions: bool,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Manifest {
    /// Whether YunoHost asks nothing before it installs it: it is from the catalog, works, and its level is 5 or more
    /// (`_app_quality` in YunoHost's `src/app.py`).
    #[must_use]
    pub fn is_vouched_for(&self) -> bool {
        matches!(self.state.as_str(), "working" | "validated") && self.level.is_some_and(|level| level >= 5)
    }
}

/// The fields of a panel with the keys under which they are set, `main.general.colour`.
pub fn fields(panels: &[Panel]) -> impl Iterator<Item = (String, &Field)> {
    panels.iter().flat_map(|panel| {
        panel
            .sections
            .iter()
            .flat_map(move |section| section.fields.iter().map(move |field| (format!("{}.{}.{}", panel.id, section.id, field.id), field)))
    })
}
