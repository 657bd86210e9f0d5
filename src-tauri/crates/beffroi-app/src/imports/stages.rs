//! The stage of what a file brings.

use std::collections::HashMap;

use beffroi_domain::StageName;

use crate::AppError;
use crate::error::named;
use crate::session::Session;

/// Words that mean the same stage.
const WORDS: [&[&str]; 3] = [
    &["prod", "production"],
    &["staging", "stage", "preprod", "pre-production", "preproduction", "recette", "qualification", "uat"],
    &["dev", "development", "developpement", "développement"],
];

/// Which stage something goes to: said for its group, by its file, by its group's own name, by the host that uses it, else the
/// one that was chosen.
pub(super) struct StageRules {
    of: HashMap<String, StageName>,
    chosen: StageName,
    /// The vault's stages, by each word that means one.
    words: HashMap<String, StageName>,
}

impl StageRules {
    pub(super) fn new(session: &Session, chosen: Option<&str>, of: &[(String, String)]) -> Result<Self, AppError> {
        let read = |name: &str| -> Result<StageName, AppError> {
            let stage: StageName = named("stage", name)?;
            session.stage(&stage).map(|stage| stage.name)
        };
        let mut words = HashMap::new();
        for stage in session.stages.all() {
            let alike = WORDS.iter().find(|words| words.contains(&stage.name.as_str()));
            for word in alike.into_iter().flat_map(|words| words.iter()) {
                words.entry((*word).to_owned()).or_insert_with(|| stage.name.clone());
            }
        }
        // Its own name goes before a word that means another.
        words.extend(session.stages.all().into_iter().map(|stage| (stage.name.to_string(), stage.name)));
        Ok(Self {
            of: of.iter().map(|(group, stage)| Ok((group.to_lowercase(), read(stage)?))).collect::<Result<_, AppError>>()?,
            chosen: chosen.map_or_else(|| Ok(StageName::dev()), read)?,
            words,
        })
    }

    /// What the rules say; `suggested` is the file's own word.
    pub(super) fn of(&self, path: &[String], suggested: Option<&str>) -> Option<&StageName> {
        let whole = path.join("/").to_lowercase();
        let groups = || path.iter().rev().map(|group| group.to_lowercase());
        let said = self.of.get(&whole).or_else(|| groups().find_map(|group| self.of.get(&group)));
        said.or_else(|| self.words.get(&suggested?.to_lowercase())).or_else(|| groups().find_map(|group| self.words.get(&group)))
    }

    /// The one for all else.
    pub(super) fn chosen(&self) -> &StageName {
        &self.chosen
    }
}
