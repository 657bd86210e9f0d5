//! What is read of YunoHost's applications and panels: beside the operations, in their categories.

use std::path::PathBuf;

use clap::{Args, Command, Subcommand};

use super::backup::BackupForms;

/// `beffroi ynh app …`
#[derive(Debug, Subcommand)]
pub(crate) enum AppForms {
    /// What can be installed: by the catalog that a host keeps, or by a file
    Catalog(Catalog),
    /// What an application asks, needs and wants to be read before it is installed
    Manifest {
        /// A name of the catalog, a path on the host, an address, an installed application; or a folder here, ./my_app_ynh
        source: String,
        /// The host whose choices are shown
        #[arg(long, value_name = "HOST")]
        on: Option<String>,
    },
    /// The configuration of an application, without its secrets
    ConfigShow {
        /// The application
        app: String,
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
    },
    /// Write a catalog to hosts that cannot fetch one, and have them fetch none any more
    CatalogKeep {
        /// The apps.json that YunoHost publishes, or the default.json of another host
        file: PathBuf,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
    },
    /// Put back the catalog that hosts had before the first that was written
    CatalogBack {
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
    },
}

/// `beffroi ynh app catalog`
#[derive(Debug, Args)]
pub(crate) struct Catalog {
    /// The host whose catalog is read
    #[arg(long, value_name = "HOST", required_unless_present = "file", conflicts_with = "file")]
    pub(crate) on: Option<String>,
    /// A file here: apps.json or default.json
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    /// Words that are all to be found, in any order, accents or not
    #[arg(long, value_name = "WORDS", default_value = "")]
    pub(crate) search: String,
    /// Only those of a category
    #[arg(long)]
    pub(crate) category: Option<String>,
}

/// `beffroi ynh domain …`
#[derive(Debug, Subcommand)]
pub(crate) enum DomainForms {
    /// The configuration of a domain, without its secrets
    ConfigShow {
        /// The domain
        domain: String,
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
    },
}

/// `beffroi ynh settings …`
#[derive(Debug, Subcommand)]
pub(crate) enum SettingsForms {
    /// The settings of YunoHost itself, without its secrets
    Show {
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
    },
}

/// Any of them.
#[derive(Debug)]
pub(crate) enum Forms {
    App(AppForms),
    Domain(DomainForms),
    Settings(SettingsForms),
    Backup(BackupForms),
}

impl Forms {
    /// The command in one word.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Backup(forms) => forms.name(),
            Self::App(AppForms::Catalog(_)) => "ynh-app-catalog",
            Self::App(AppForms::Manifest { .. }) => "ynh-app-manifest",
            Self::App(AppForms::ConfigShow { .. }) => "ynh-app-config-show",
            Self::App(AppForms::CatalogKeep { .. }) => "ynh-app-catalog-keep",
            Self::App(AppForms::CatalogBack { .. }) => "ynh-app-catalog-back",
            Self::Domain(DomainForms::ConfigShow { .. }) => "ynh-domain-config-show",
            Self::Settings(SettingsForms::Show { .. }) => "ynh-settings-show",
        }
    }

    /// The verbs of a category.
    pub(crate) fn verbs(category: &str) -> Vec<Command> {
        let command = Command::new("forms");
        let with = match category {
            "app" => AppForms::augment_subcommands(command),
            "domain" => DomainForms::augment_subcommands(command),
            "settings" => SettingsForms::augment_subcommands(command),
            "backup" => BackupForms::augment_subcommands(command),
            _ => command,
        };
        with.get_subcommands().cloned().collect()
    }
}
