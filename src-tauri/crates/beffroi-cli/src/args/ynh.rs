//! YunoHost: `beffroi ynh CATEGORY VERB`, made of the list of its operations.

use std::collections::BTreeMap;
use std::path::PathBuf;

use beffroi_api::messages::Language;
use beffroi_api::wire::{YnhOperation, YnhParam};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches, Subcommand, value_parser};

/// What a survey lists, by category.
const LISTS: &[&str] = &["user", "group", "permission", "app", "domain", "service", "backup"];

#[derive(Debug)]
pub(crate) enum YnhCommand {
    /// What there is of a category.
    List {
        /// One of [`LISTS`].
        category: String,
        /// Which hosts.
        on: String,
    },
    /// An operation.
    Change {
        /// Which.
        operation: YnhOperation,
        /// With what.
        typed: Typed,
        /// On which hosts.
        on: String,
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
            Self::List { category, .. } => format!("ynh-{category}-list"),
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
        beffroi_api::ynh_operations().iter().any(|operation| parts(&operation.id).0 == name)
    }
}

/// The categories, each with its verbs.
fn with_categories(command: Command) -> Command {
    let mut categories: BTreeMap<String, Vec<Command>> = BTreeMap::new();
    for category in LISTS {
        let about = words(&format!("list.ynh-{category}"));
        categories.entry((*category).to_owned()).or_default().push(Command::new("list").about(about).arg(on()));
    }
    for operation in beffroi_api::ynh_operations() {
        let (category, verb) = parts(&operation.id);
        let about = words(&format!("about.ynh-{}", operation.id));
        let arguments = operation.params.iter().flat_map(arguments);
        categories.entry(category).or_default().push(Command::new(verb).about(about).args(arguments).arg(on()));
    }
    let categories = categories.into_iter().map(|(name, verbs)| {
        let about = words(&format!("category.ynh-{name}"));
        Command::new(name).about(about).subcommand_required(true).arg_required_else_help(true).subcommands(verbs)
    });
    command.subcommands(categories)
}

impl FromArgMatches for YnhCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let missing = || Error::new(ErrorKind::MissingSubcommand);
        let (category, matches) = matches.subcommand().ok_or_else(missing)?;
        let (verb, matches) = matches.subcommand().ok_or_else(missing)?;
        let on = matches.get_one::<String>(ON).cloned().unwrap_or_default();
        if verb == "list" {
            return Ok(Self::List { category: category.to_owned(), on });
        }
        let id = format!("{category}-{verb}");
        let operation = beffroi_api::ynh_operations().into_iter().find(|operation| operation.id == id).ok_or_else(missing)?;
        let mut typed = Typed::default();
        for param in &operation.params {
            typed.take(param, matches)?;
        }
        Ok(Self::Change { operation, typed, on })
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
const SET: &str = "given-set";
const SET_FILE: &str = "given-set-file";

/// The category and the verb of `user-ssh-key-add` are `user` and `ssh-key-add`.
fn parts(operation: &str) -> (String, String) {
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
    for category in LISTS {
        texts.push(both(format!("list.ynh-{category}")));
        texts.push(both(format!("category.ynh-{category}")));
    }
    for operation in beffroi_api::ynh_operations() {
        texts.push(both(format!("about.ynh-{}", operation.id)));
        texts.push(both(format!("category.ynh-{}", parts(&operation.id).0)));
        texts.extend(operation.params.iter().map(|param| (help(param, Language::English), help(param, Language::French))));
    }
    texts
}
