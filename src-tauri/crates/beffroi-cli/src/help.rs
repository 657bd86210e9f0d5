//! Help and usage errors in the operator's language.
//!
//! English stands beside the flags, in `args.rs`; French is looked up by the English text (`assets/messages/help-fr.json`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use beffroi_api::messages::Language;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, Command, Error};

static FRENCH: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../assets/messages/help-fr.json")).expect("it is part of the program, and a test reads it")
});

const TEMPLATE: &str = "{about-with-newline}\nUtilisation\u{a0}: {usage}\n\n{all-args}{after-help}";

/// The command as it speaks to people.
pub(crate) fn spoken(command: Command, language: Language) -> Command {
    match language {
        Language::English => command,
        Language::French => in_french(command),
    }
}

fn in_french(mut command: Command) -> Command {
    // Help and version flags exist once the command is built.
    command.build();
    translated(command)
}

fn translated(command: Command) -> Command {
    let about = command.get_about().and_then(french);
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let arguments: Vec<String> = command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    let mut command = command.help_template(TEMPLATE).subcommand_help_heading("Commandes");
    if let Some(about) = about {
        command = command.about(about);
    }
    for name in arguments {
        command = command.mut_arg(name, argument_in_french);
    }
    for name in names {
        command = command.mut_subcommand(name, translated);
    }
    command
}

/// The headings, "Arguments" and "Options", are French as they are.
fn argument_in_french(argument: Arg) -> Arg {
    match argument.get_help().and_then(french) {
        Some(help) => argument.help(help),
        None => argument,
    }
}

fn french(text: &StyledStr) -> Option<String> {
    static OF_OPERATIONS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| crate::args::ynh_texts().into_iter().collect());
    let text = text.to_string();
    FRENCH.get(&text).or_else(|| OF_OPERATIONS.get(&text)).cloned()
}

/// A usage error in one sentence, in French; nothing for the kinds that only clap can word.
pub(crate) fn usage_in_french(error: &Error) -> Option<String> {
    let of = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let sentence = match error.kind() {
        ErrorKind::UnknownArgument => format!("l’argument «\u{a0}{}\u{a0}» n’est pas connu", of(ContextKind::InvalidArg)),
        ErrorKind::MissingRequiredArgument => format!("il manque\u{a0}: {}", of(ContextKind::InvalidArg)),
        ErrorKind::InvalidSubcommand => format!("la commande «\u{a0}{}\u{a0}» n’est pas connue", of(ContextKind::InvalidSubcommand)),
        ErrorKind::InvalidValue if of(ContextKind::InvalidValue).is_empty() => {
            format!("il manque une valeur à «\u{a0}{}\u{a0}»", of(ContextKind::InvalidArg))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("«\u{a0}{}\u{a0}» ne convient pas à «\u{a0}{}\u{a0}»", of(ContextKind::InvalidValue), of(ContextKind::InvalidArg))
        }
        ErrorKind::ArgumentConflict => {
            format!("«\u{a0}{}\u{a0}» ne va pas avec «\u{a0}{}\u{a0}»", of(ContextKind::InvalidArg), of(ContextKind::PriorArg))
        }
        _ => return None,
    };
    Some(format!("erreur\u{a0}: {sentence}\nconseil\u{a0}: essayez --help.\n"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::args::Arguments;

    fn texts(command: &Command, into: &mut Vec<String>) {
        into.extend(command.get_about().map(ToString::to_string));
        into.extend(command.get_arguments().filter_map(|argument| argument.get_help().map(ToString::to_string)));
        command.get_subcommands().for_each(|sub| texts(sub, into));
    }

    #[test]
    fn every_text_of_the_help_has_its_french() {
        let mut all = Vec::new();
        let mut command = Arguments::command();
        command.build();
        texts(&command, &mut all);
        all.sort();
        all.dedup();
        let missing: Vec<_> = all.iter().filter(|text| french(&StyledStr::from((*text).clone())).is_none()).collect();
        assert!(missing.is_empty(), "without French: {missing:#?}");
        let unused: Vec<_> = FRENCH.keys().filter(|text| !all.contains(text)).collect();
        assert!(unused.is_empty(), "French of nothing: {unused:#?}");
    }

    #[test]
    fn usage_errors_speak_french() {
        let error = Arguments::command().try_get_matches_from(["beffroi", "host", "ad"]).expect_err("there is no such command");
        assert!(usage_in_french(&error).is_some_and(|text| text.contains("«\u{a0}ad\u{a0}»")));
    }
}
