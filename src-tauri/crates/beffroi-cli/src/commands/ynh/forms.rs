//! `ynh app catalog|manifest|config-show|catalog-keep|catalog-back`, `ynh domain config-show`, `ynh settings show`

use std::collections::BTreeMap;

use beffroi_api::messages::Language;
use beffroi_api::wire::{
    ActionRequest, YnhCatalogApp, YnhCatalogRead, YnhManifest, YnhManifestRead, YnhPanelOf, YnhPanels, YnhPanelsRead, YnhQuestion, YnhSend,
};

use crate::args::{AppForms, Catalog, DomainForms, Forms, SettingsForms};
use crate::commands::plan::carry_out;
use crate::context::Context;
use crate::input::absolute;
use crate::output::{Answer, Ended, plain};
use crate::table::table;

pub(super) async fn run(context: &Context, forms: Forms) -> Ended {
    match forms {
        Forms::App(AppForms::Catalog(catalog)) => show_catalog(context, catalog).await,
        Forms::App(AppForms::Manifest { source, on }) => show_manifest(context, source, on).await,
        Forms::App(AppForms::ConfigShow { app, on }) => show_panels(context, on, YnhPanelOf::App(app)).await,
        Forms::App(AppForms::CatalogKeep { file, on }) => {
            context.open().await?;
            let send = YnhSend { on: on.clone(), path: absolute(&file)?, typed: context.global.confirm.clone() };
            let sent = context.api.ynh_catalog_send(send).await?;
            let (path, sha256, apps) = (sent.path, sent.sha256, sent.apps);
            let ended = carry_out(context, on.clone(), ActionRequest::CatalogKeep { path: path.clone(), sha256, apps }).await;
            super::drop_sent(context, on, Some(path)).await;
            ended
        }
        Forms::App(AppForms::CatalogBack { on }) => carry_out(context, on, ActionRequest::CatalogBack).await,
        Forms::Domain(DomainForms::ConfigShow { domain, on }) => show_panels(context, on, YnhPanelOf::Domain(domain)).await,
        Forms::Backup(forms) => super::backup::run(context, forms).await,
        Forms::Settings(SettingsForms::Show { on }) => show_panels(context, on, YnhPanelOf::Settings).await,
    }
}

async fn show_catalog(context: &Context, asked: Catalog) -> Ended {
    context.open().await?;
    let file = asked.file.as_deref().map(absolute).transpose()?;
    let read = YnhCatalogRead { host: asked.on, file, search: asked.search, category: asked.category, refresh: false };
    let catalog = context.api.ynh_catalog(read).await?;
    let heading = ["cli.id", "cli.version", "cli.level", "cli.category", "cli.description"].map(|key| context.words(key));
    let row = |app: &YnhCatalogApp| {
        let level = app.level.map(|level| level.to_string()).unwrap_or_default();
        vec![app.id.clone(), app.version.clone(), level, app.category.clone(), in_language(context, &app.description)]
    };
    let text = table(&heading, &catalog.apps.iter().map(row).collect::<Vec<_>>());
    Answer::new(&catalog, text)
}

async fn show_manifest(context: &Context, source: String, on: Option<String>) -> Ended {
    context.open().await?;
    // A package here has no choices of a host yet.
    let (host, source) = match (on, super::local_source(&source)) {
        (_, Some(path)) => (None, absolute(path)?),
        (None, None) => (None, absolute(source.as_ref())?),
        (on, None) => (on, source),
    };
    let manifest = context.api.ynh_manifest(YnhManifestRead { host, source }).await?;
    let text = manifest_text(context, &manifest);
    Answer::new(&manifest, text)
}

fn manifest_text(context: &Context, manifest: &YnhManifest) -> String {
    let mut text = format!("{} {} ({})\n", plain(&manifest.name), plain(&manifest.version), plain(&manifest.id));
    let description = in_language(context, &manifest.description);
    if !description.is_empty() {
        text.push_str(&format!("{}\n", plain(&description)));
    }
    let notes = manifest.before_install.iter().chain(&manifest.before_upgrade);
    for note in notes.map(|note| in_language(context, note)).filter(|note| !note.is_empty()) {
        text.push_str(&format!("! {}\n", plain(&note).replace('\n', "\n  ")));
    }
    for unmet in manifest.requirements.iter().filter(|requirement| !requirement.passed) {
        text.push_str(&format!("! {}\n", plain(&unmet.message)));
    }
    text.push('\n');
    text.push_str(&questions(context, &manifest.questions, |field| field.default.clone()));
    text
}

/// The questions with what is taken or stands there.
fn questions(context: &Context, fields: &[YnhQuestion], value: impl Fn(&YnhQuestion) -> Option<String>) -> String {
    let heading = ["cli.name", "cli.kind", "cli.value", "cli.choices", "cli.question"].map(|key| context.words(key));
    let row = |field: &YnhQuestion| {
        let choices = field.choices.iter().map(|choice| choice.value.as_str()).take(12).collect::<Vec<_>>().join(" ");
        let shown = if field.secret { context.words("cli.secret") } else { value(field).unwrap_or_default() };
        vec![field.id.clone(), field.kind.clone(), shown, choices, in_language(context, &field.ask)]
    };
    table(&heading, &fields.iter().map(row).collect::<Vec<_>>())
}

async fn show_panels(context: &Context, host: String, of: YnhPanelOf) -> Ended {
    context.open().await?;
    let panels = context.api.ynh_panels(YnhPanelsRead { host, of }).await?;
    let text = panels_text(context, &panels);
    Answer::new(&panels, text)
}

fn panels_text(context: &Context, panels: &YnhPanels) -> String {
    let mut text = String::new();
    for panel in &panels.panels {
        for section in &panel.sections {
            text.push_str(&format!("{}.{}  {}\n", plain(&panel.id), plain(&section.id), plain(&in_language(context, &section.name))));
            text.push_str(&questions(context, &section.fields, |field| field.value.clone()));
            text.push('\n');
        }
    }
    text
}

/// A text in the language of who asks, else in English, else as it is.
fn in_language(context: &Context, texts: &BTreeMap<String, String>) -> String {
    let language = match context.language {
        Language::English => "en",
        Language::French => "fr",
    };
    texts.get(language).or_else(|| texts.get("en")).or_else(|| texts.values().next()).cloned().unwrap_or_default()
}
