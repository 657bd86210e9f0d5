//! Applications of YunoHost.

use std::collections::BTreeMap;
use std::path::Path;

use beffroi_app::KnownCatalog;
use beffroi_yunohost::catalog::Entry;
use beffroi_yunohost::manifest::{self, Answered, Choice, Field, FieldKind, Manifest, Panel, Pattern, Section, Texts};
use beffroi_yunohost::{Origin, PanelOf};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::handlers::host::on;
use crate::wire::{
    Done, YnhCatalog, YnhCatalogApp, YnhCatalogRead, YnhCatalogSent, YnhCatalogSource, YnhCategory, YnhChoice, YnhFormCheck,
    YnhFormChecked, YnhManifest, YnhManifestRead, YnhPackageSent, YnhPanel, YnhPanelOf, YnhPanels, YnhPanelsRead, YnhQuestion,
    YnhRequirement, YnhSection, YnhSend, YnhSentDrop, YnhWrong,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `ynh_catalog`
    pub async fn ynh_catalog(&self, request: YnhCatalogRead) -> Result<YnhCatalog, ApiError> {
        let known = match (&request.host, &request.file) {
            (Some(host), None) => self.app().host_catalog(host, request.refresh).await.map_err(|error| on(error, host))?,
            (None, Some(file)) => self.app().file_catalog(Path::new(file)).await?,
            _ => return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "a host or a file")),
        };
        Ok(catalog(&known, &request.search, request.category.as_deref()))
    }

    /// `ynh_manifest`
    pub async fn ynh_manifest(&self, request: YnhManifestRead) -> Result<YnhManifest, ApiError> {
        match &request.host {
            Some(host) => {
                let (manifest, origin) = self.app().manifest(host, &request.source).await.map_err(|error| on(error, host))?;
                Ok(view(manifest, origin))
            }
            None => Ok(view(self.app().local_package(Path::new(&request.source)).await?.manifest, Origin::Package)),
        }
    }

    /// `ynh_form_check`
    pub async fn ynh_form_check(&self, request: YnhFormCheck) -> Result<YnhFormChecked, ApiError> {
        let fields: Vec<Field> = request.fields.into_iter().map(field_of).collect();
        let mut answers: Answered<'_> = request.answers.iter().map(|(name, answer)| (name.as_str(), Some(answer.as_str()))).collect();
        answers.extend(request.secrets.iter().map(|name| (name.as_str(), None)));
        let checked = if request.panel {
            let sections = vec![Section { fields, ..Section::default() }];
            manifest::check_panels(&[Panel { sections, ..Panel::default() }], &answers)
        } else {
            manifest::check(&fields, &answers)
        };
        let wrong = checked.wrong.into_iter().map(|wrong| YnhWrong { field: wrong.field, why: name(wrong.why) });
        Ok(YnhFormChecked { hidden: checked.hidden, wrong: wrong.collect() })
    }

    /// `ynh_panels`
    pub async fn ynh_panels(&self, request: YnhPanelsRead) -> Result<YnhPanels, ApiError> {
        let of = match &request.of {
            YnhPanelOf::App(app) => PanelOf::App(app),
            YnhPanelOf::Domain(domain) => PanelOf::Domain(domain),
            YnhPanelOf::Settings => PanelOf::Settings,
        };
        let panels = self.app().panels(&request.host, of).await.map_err(|error| on(error, &request.host))?;
        Ok(YnhPanels { panels: panels.into_iter().map(panel).collect() })
    }

    /// `ynh_package_send`
    pub async fn ynh_package_send(&self, request: YnhSend) -> Result<YnhPackageSent, ApiError> {
        let sent = self.app().send_package(&request.on, Path::new(&request.path), request.typed.as_deref()).await?;
        let (path, hosts) = (sent.sent.path, sent.sent.hosts);
        Ok(YnhPackageSent { path, hosts, id: sent.manifest.id, version: sent.manifest.version })
    }

    /// `ynh_sent_drop`
    pub async fn ynh_sent_drop(&self, request: YnhSentDrop) -> Result<Done, ApiError> {
        self.app().drop_sent(&request.on, &request.path).await?;
        Ok(Done {})
    }

    /// `ynh_catalog_send`
    pub async fn ynh_catalog_send(&self, request: YnhSend) -> Result<YnhCatalogSent, ApiError> {
        let sent = self.app().send_catalog(&request.on, Path::new(&request.path), request.typed.as_deref()).await?;
        Ok(YnhCatalogSent { path: sent.sent.path, hosts: sent.sent.hosts, sha256: sent.sha256, apps: sent.apps })
    }
}

/// Both languages are searched: a search in French finds what is described in English only.
fn catalog(known: &KnownCatalog, search: &str, category: Option<&str>) -> YnhCatalog {
    let catalog = &known.host.catalog;
    let of = |category: &str| catalog.apps.values().filter(|entry| entry.category == category).count();
    let categories = catalog.categories.iter().map(|category| YnhCategory {
        id: category.id.clone(),
        title: texts(&category.title),
        description: texts(&category.description),
        apps: of(&category.id),
    });
    let sources = known.host.sources.iter().map(|(id, url)| YnhCatalogSource { id: id.clone(), url: url.clone() });
    YnhCatalog {
        apps: catalog.search(search, "fr", category).into_iter().map(|(id, entry)| app(id, entry)).collect(),
        total: catalog.apps.len(),
        categories: categories.collect(),
        read_ms: known.read_ms,
        changed_s: Some(known.host.changed_s).filter(|changed| *changed > 0),
        sources: sources.collect(),
    }
}

fn app(id: &str, entry: &Entry) -> YnhCatalogApp {
    YnhCatalogApp {
        id: id.to_owned(),
        name: entry.name.clone(),
        description: texts(&entry.description),
        version: entry.version.clone(),
        category: entry.category.clone(),
        level: entry.level,
        state: entry.state.clone(),
        antifeatures: entry.antifeatures.clone(),
        maintained: entry.maintained,
        yunohost: entry.yunohost.clone(),
    }
}

fn view(manifest: Manifest, origin: Origin) -> YnhManifest {
    let notes = |moment: &str| manifest.notes.get(moment).into_iter().flat_map(|notes| notes.values()).map(texts).collect();
    let requirements = manifest.requirements.iter().map(|(name, requirement)| YnhRequirement {
        name: name.clone(),
        passed: requirement.passed,
        message: requirement.message.clone(),
    });
    YnhManifest {
        installed: origin == Origin::Installed,
        vouched_for: manifest.is_vouched_for(),
        before_install: notes("PRE_INSTALL"),
        before_upgrade: notes("PRE_UPGRADE"),
        requirements: requirements.collect(),
        description: texts(&manifest.description),
        questions: manifest.questions.into_iter().map(field).collect(),
        id: manifest.id,
        name: manifest.name,
        version: manifest.version,
        multi_instance: manifest.multi_instance,
        level: manifest.level,
        state: manifest.state,
        antifeatures: manifest.antifeatures,
    }
}

fn panel(panel: Panel) -> YnhPanel {
    let section = |section: Section| YnhSection {
        id: section.id,
        name: section.name.0,
        help: section.help.0,
        visible: section.visible,
        actions: section.actions,
        fields: section.fields.into_iter().map(field).collect(),
    };
    YnhPanel { id: panel.id, name: panel.name.0, help: panel.help.0, sections: panel.sections.into_iter().map(section).collect() }
}

fn field(field: Field) -> YnhQuestion {
    let (pattern, pattern_error) = field.pattern.map(|pattern| (pattern.regexp, pattern.error.0)).unzip();
    YnhQuestion {
        id: field.id,
        kind: name(field.kind),
        ask: field.ask.0,
        help: field.help.0,
        default: field.default,
        value: field.value,
        optional: field.optional,
        readonly: field.readonly,
        secret: field.secret,
        choices: field.choices.into_iter().map(|choice| YnhChoice { value: choice.value, label: choice.label }).collect(),
        pattern,
        pattern_error: pattern_error.unwrap_or_default(),
        min: field.min,
        max: field.max,
        step: field.step,
        yes: field.yes,
        no: field.no,
        example: field.example,
        visible: field.visible,
    }
}

/// A field as it was given out, taken back.
fn field_of(field: YnhQuestion) -> Field {
    Field {
        id: field.id,
        kind: named(&field.kind).unwrap_or(FieldKind::Other),
        ask: Texts(field.ask),
        help: Texts(field.help),
        default: field.default,
        value: field.value,
        optional: field.optional,
        readonly: field.readonly,
        secret: field.secret,
        choices: field.choices.into_iter().map(|choice| Choice { value: choice.value, label: choice.label }).collect(),
        pattern: field.pattern.map(|regexp| Pattern { regexp, error: Texts(field.pattern_error) }),
        min: field.min,
        max: field.max,
        step: field.step,
        yes: field.yes,
        no: field.no,
        example: field.example,
        visible: field.visible,
        enabled: None,
        more: BTreeMap::new(),
    }
}

fn texts(texts: &Texts) -> BTreeMap<String, String> {
    texts.0.clone()
}

/// The name of a word of a fixed list, as it is stored.
fn name(word: impl Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(name.into()).ok()
}
