//! YunoHost: `beffroi ynh CATEGORY VERB`, made of the list of its operations.

use std::collections::BTreeMap;
use std::path::PathBuf;

use beffroi_api::messages::Language;
use beffroi_api::wire::{YnhOperation, YnhParam, YnhReading};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches, Subcommand, value_parser};

use super::backup::BackupForms;
use super::ynh_forms::{AppForms, DomainForms, Forms, SettingsForms};

/// The views over a fleet.
pub(crate) const VIEWS: &[&str] = &["versions", "apps", "upgrades", "certificates", "diagnosis", "backups"];

#[derive(Debug)]
pub(crate) enum YnhCommand {
    /// A form, or what is read for one.
    Forms(Forms),
    /// Something that is read.
    Read {
        /// What.
        reading: YnhReading,
        /// With what.
        typed: Typed,
        /// Of which hosts.
        on: String,
        /// Whether a survey is taken for it.
        refresh: bool,
    },
    /// A view over a fleet.
    Fleet {
        /// One of [`VIEWS`].
        view: String,
        /// Of which hosts; all with YunoHost when absent.
        on: Option<String>,
        /// Whether surveys are taken for it.
        refresh: bool,
    },
    /// An operation.
    Change {
        /// Which.
        operation: YnhOperation,
        /// With what.
        typed: Typed,
        /// On which hosts.
        on: String,
        /// The host on which it is done first.
        pilot: Option<String>,
        /// A snapshot before it: of the guest that is named, else of the guest that each host is.
        snapshot: Option<Option<String>>,
    },
}

/// What was typed for an operation: secrets as files that hold them.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub(crate) texts: BTreeMap<String, Vec<String>>,
    pub(crate) switches: Vec<String>,
    pub(crate) files: BTreeMap<String, PathBuf>,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) setting_files: Vec<(String, PathBuf)>,
}

impl YnhCommand {
    /// The command in one word, such as `ynh-user-add`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Forms(forms) => forms.name().to_owned(),
            Self::Read { reading, .. } => format!("ynh-{}", reading.id),
            Self::Fleet { view, .. } => format!("ynh-fleet-{view}"),
            Self::Change { operation, .. } => format!("ynh-{}", operation.id),
        }
    }
}

impl Subcommand for YnhCommand {
    fn augment_subcommands(command: Command) -> Command {
        // Not made before somebody asks for it: it takes longer than the rest of the command line.
        command.subcommand_required(true).arg_required_else_help(true).defer(with_categories)
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        let mut names = beffroi_api::ynh_operations().into_iter().map(|operation| operation.id);
        let mut read = beffroi_api::ynh_readings().into_iter().map(|reading| reading.id);
        name == FLEET || names.any(|id| parts(&id).0 == name) || read.any(|id| parts(&id).0 == name)
    }
}

/// The categories, each with its verbs.
fn with_categories(command: Command) -> Command {
    let mut categories: BTreeMap<String, Vec<Command>> = BTreeMap::new();
    let mut alone = Vec::new();
    for reading in beffroi_api::ynh_readings() {
        let (category, verb) = parts(&reading.id);
        let arguments: Vec<Arg> = reading.params.iter().flat_map(arguments).chain([on()]).chain(reading.surveyed.then(refresh)).collect();
        let named = |name: String| Command::new(name).about(words(&format!("reading.ynh-{}", reading.id))).args(arguments);
        if verb.is_empty() {
            alone.push(named(category));
        } else {
            categories.entry(category).or_default().push(named(verb));
        }
    }
    for view in VIEWS {
        let arguments = [on().required(false).help(words("flag.ynh-fleet-on")), refresh()];
        let view = Command::new(*view).about(words(&format!("fleet.ynh-{view}"))).args(arguments);
        categories.entry(FLEET.to_owned()).or_default().push(view);
    }
    for operation in beffroi_api::ynh_operations() {
        let (category, verb) = parts(&operation.id);
        let about = words(&format!("about.ynh-{}", operation.id));
        let arguments = operation.params.iter().flat_map(arguments);
        categories.entry(category).or_default().push(Command::new(verb).about(about).args(arguments).args([on(), pilot(), snapshot()]));
    }
    let categories = categories.into_iter().map(|(name, mut verbs)| {
        // A form may stand in the place of what is made of the lists.
        let forms = Forms::verbs(&name);
        verbs.retain(|verb| forms.iter().all(|form| form.get_name() != verb.get_name()));
        verbs.extend(forms);
        let about = words(&format!("category.ynh-{name}"));
        Command::new(name).about(about).subcommand_required(true).arg_required_else_help(true).subcommands(verbs)
    });
    command.subcommands(categories).subcommands(alone)
}

impl FromArgMatches for YnhCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let missing = || Error::new(ErrorKind::MissingSubcommand);
        let (category, matches) = matches.subcommand().ok_or_else(missing)?;
        if let Some((verb, _)) = matches.subcommand()
            && Forms::verbs(category).iter().any(|form| form.get_name() == verb)
        {
            return Ok(Self::Forms(match category {
                "app" => Forms::App(AppForms::from_arg_matches(matches)?),
                "backup" => Forms::Backup(BackupForms::from_arg_matches(matches)?),
                "domain" => Forms::Domain(DomainForms::from_arg_matches(matches)?),
                _ => Forms::Settings(SettingsForms::from_arg_matches(matches)?),
            }));
        }
        let (id, matches) = match matches.subcommand() {
            Some((verb, matches)) => (format!("{category}-{verb}"), matches),
            None => (category.to_owned(), matches),
        };
        let on = matches.get_one::<String>(ON).cloned();
        let refresh = || matches.get_flag(REFRESH);
        if let Some(view) = id.strip_prefix("fleet-") {
            return Ok(Self::Fleet { view: view.to_owned(), on, refresh: refresh() });
        }
        let on = on.unwrap_or_default();
        let typed = |params: &[YnhParam]| {
            let mut typed = Typed::default();
            params.iter().try_for_each(|param| typed.take(param, matches)).map(|()| typed)
        };
        if let Some(reading) = beffroi_api::ynh_readings().into_iter().find(|reading| reading.id == id) {
            return Ok(Self::Read { typed: typed(&reading.params)?, refresh: reading.surveyed && refresh(), reading, on });
        }
        let operation = beffroi_api::ynh_operations().into_iter().find(|operation| operation.id == id).ok_or_else(missing)?;
        let pilot = matches.get_one::<String>(PILOT).cloned();
        let snapshot = matches.contains_id(SNAPSHOT).then(|| matches.get_one::<String>(SNAPSHOT).cloned());
        Ok(Self::Change { typed: typed(&operation.params)?, operation, on, pilot, snapshot })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Typed {
    fn take(&mut self, param: &YnhParam, matches: &ArgMatches) -> Result<(), Error> {
        let name = param.name.clone();
        if param.secret {
            self.files.extend(matches.get_one::<PathBuf>(&id(param)).cloned().map(|file| (name, file)));
        } else if param.kind == "switch" {
            self.switches.extend(matches.get_flag(&id(param)).then_some(name));
        } else if param.kind == "settings" {
            let pairs = |id: &str| -> Result<Vec<(String, String)>, Error> {
                let given = matches.get_many::<String>(id).into_iter().flatten();
                given
                    .map(|pair| pair.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())).ok_or_else(|| unpaired(pair)))
                    .collect()
            };
            self.settings = pairs(SET)?;
            self.setting_files = pairs(SET_FILE)?.into_iter().map(|(key, file)| (key, PathBuf::from(file))).collect();
        } else if let Some(values) = matches.get_many::<String>(&id(param)) {
            self.texts.insert(name, values.cloned().collect());
        }
        Ok(())
    }
}

fn unpaired(pair: &str) -> Error {
    Error::raw(ErrorKind::ValueValidation, format!("“{pair}” is not NAME=VALUE\n"))
}

const ON: &str = "on";
const REFRESH: &str = "refresh";
const PILOT: &str = "pilot";
const SNAPSHOT: &str = "snapshot";
const FLEET: &str = "fleet";
const SET: &str = "given-set";
const SET_FILE: &str = "given-set-file";

/// The category and the verb of `user-ssh-key-add` are `user` and `ssh-key-add`; of a word alone there is no verb.
fn parts(operation: &str) -> (String, String) {
    const TWO_WORDS: &str = "regen-conf";
    if let Some(verb) = operation.strip_prefix(TWO_WORDS).and_then(|rest| rest.strip_prefix('-')) {
        return (TWO_WORDS.to_owned(), verb.to_owned());
    }
    let (category, verb) = operation.split_once('-').unwrap_or((operation, ""));
    (category.to_owned(), verb.to_owned())
}

/// Other than those of the flags that every command has.
fn id(param: &YnhParam) -> String {
    format!("given-{}", param.name)
}

fn on() -> Arg {
    Arg::new(ON).long("on").value_name("SELECTOR").required(true).help("Which hosts")
}

fn pilot() -> Arg {
    Arg::new(PILOT).long("pilot").value_name("HOST").help(words("flag.ynh-pilot"))
}

fn snapshot() -> Arg {
    let named = Arg::new(SNAPSHOT).long("snapshot").value_name("HOST/GUEST").num_args(0..=1).require_equals(true);
    named.help(words("flag.ynh-snapshot"))
}

fn refresh() -> Arg {
    Arg::new(REFRESH).long("refresh").action(ArgAction::SetTrue).help(words("flag.ynh-refresh"))
}

fn arguments(param: &YnhParam) -> Vec<Arg> {
    let argument = Arg::new(id(param)).help(help(param, Language::English));
    let value = param.name.to_uppercase();
    if param.secret {
        // Asked for at a terminal where it is needed and not given.
        return vec![argument.long(format!("{}-file", param.name)).value_name("FILE").value_parser(value_parser!(PathBuf))];
    }
    match param.kind.as_str() {
        "switch" => vec![argument.long(param.name.clone()).action(ArgAction::SetTrue)],
        "settings" => vec![
            Arg::new(SET).long("set").value_name("NAME=VALUE").action(ArgAction::Append).help(words("flag.ynh-set")),
            Arg::new(SET_FILE).long("set-file").value_name("NAME=FILE").action(ArgAction::Append).help(words("flag.ynh-set-file")),
        ],
        _ => {
            let argument = argument.value_name(value).required(param.required);
            let argument = if param.choices.is_empty() { argument } else { argument.value_parser(param.choices.clone()) };
            let argument = if param.place { argument } else { argument.long(param.name.clone()) };
            match (param.list, param.place) {
                (true, true) => vec![argument.num_args(1..).action(ArgAction::Append)],
                (true, false) => vec![argument.action(ArgAction::Append)],
                (false, _) => vec![argument],
            }
        }
    }
}

/// What a parameter is, and what it may be where its name does not say it.
fn help(param: &YnhParam, language: Language) -> String {
    let sentence = |key: String| language.sentence(&key, &BTreeMap::new());
    let label = sentence(format!("param.ynh-{}", param.name));
    if param.secret {
        return format!("{label}{}{}", language.colon(), sentence("flag.ynh-secret-file".to_owned()));
    }
    match param.kind.as_str() {
        "switch" | "choice" | "settings" => label,
        kind => format!("{label}{}{}", language.colon(), sentence(format!("kind.ynh-{kind}"))),
    }
}

fn words(key: &str) -> String {
    Language::English.sentence(key, &BTreeMap::new())
}

/// The texts of the help in English, each with its French.
pub(crate) fn texts() -> Vec<(String, String)> {
    let both = |key: String| (words(&key), Language::French.sentence(&key, &BTreeMap::new()));
    let mut texts = vec![both("flag.ynh-set".to_owned()), both("flag.ynh-set-file".to_owned())];
    texts.extend(
        ["flag.ynh-refresh", "flag.ynh-pilot", "flag.ynh-snapshot", "flag.ynh-fleet-on", "category.ynh-fleet"]
            .map(|key| both(key.to_owned())),
    );
    texts.extend(VIEWS.iter().map(|view| both(format!("fleet.ynh-{view}"))));
    for reading in beffroi_api::ynh_readings() {
        texts.push(both(format!("reading.ynh-{}", reading.id)));
        let (category, verb) = parts(&reading.id);
        texts.extend((!verb.is_empty()).then(|| both(format!("category.ynh-{category}"))));
        texts.extend(reading.params.iter().map(|param| (help(param, Language::English), help(param, Language::French))));
    }
    for operation in beffroi_api::ynh_operations() {
        texts.push(both(format!("about.ynh-{}", operation.id)));
        texts.push(both(format!("category.ynh-{}", parts(&operation.id).0)));
        texts.extend(operation.params.iter().map(|param| (help(param, Language::English), help(param, Language::French))));
    }
    texts
}
