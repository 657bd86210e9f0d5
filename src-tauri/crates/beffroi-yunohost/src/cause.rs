//! Why YunoHost refused, as a type. Recognised by the English text of YunoHost 12 (`locales/en.json`), which is why
//! every command runs with `LC_ALL=C`.

use serde::{Deserialize, Serialize};

/// Why a command did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The user is there already.
    UserExists,
    /// There is no such user.
    UserUnknown,
    /// The name is one of the host's system accounts.
    SystemNameTaken,
    /// The name or address is kept for the administrators.
    ReservedName,
    /// The last member of `admins` cannot go.
    LastAdmin,
    /// The host does not have that domain.
    DomainUnknown,
    /// There is no such service.
    ServiceUnknown,
    /// The service did not come up again.
    ServiceFailed,
    /// The password is on the list of the most used ones.
    PasswordListed,
    /// The password is too short or too plain for the host's policy.
    PasswordTooSimple,
    /// The password is longer than YunoHost takes.
    PasswordTooLong,
    /// An argument does not have the form that YunoHost wants.
    InvalidArgument,
    /// Another operation holds YunoHost's one lock.
    LockHeld,
    /// YunoHost is there but was never post-installed.
    NotPostInstalled,
    /// The account may not run YunoHost.
    NotRoot,
    /// YunoHost wanted to ask a question.
    NeedsTerminal,
    /// This version of YunoHost does not know the command or an option.
    WrongUsage,
    /// The catalog of applications cannot be downloaded: YunoHost then cannot write the configuration of its portal.
    CatalogUnreachable,
    /// YunoHost itself broke off with an internal error.
    Traceback,
    /// Python or the yunohost command is not on the host.
    ProgramMissing,
    /// The command was ended by a signal.
    Killed,
    /// The command took too long and was stopped; only done to commands that read.
    TimedOut,
    /// How it ended is not known: the link was lost.
    EndUnknown,
    /// The answer went over a limit or is not what this command answers.
    AnswerNotUnderstood,
    /// Something else; the lines say what.
    Other,
}

/// Words of a message, lower case, all of which must be in it in this order.
///
/// The word "password" is in none of them: it may be the password, and is then masked in what is read.
const MESSAGES: &[(&[&str], Cause)] = &[
    (&["there is already a yunohost operation running"], Cause::LockHeld),
    (&["yunohost is not correctly installed"], Cause::NotPostInstalled),
    (&["must be run as root or with sudo"], Cause::NotRoot),
    (&["not a tty, can't do interactive prompts"], Cause::NeedsTerminal),
    (&["is the last user in the group 'admins'"], Cause::LastAdmin),
    (&["last admin"], Cause::LastAdmin),
    (&["unable to download the", "app catalog"], Cause::CatalogUnreachable),
    (&["among the most used"], Cause::PasswordListed),
    (&["needs to be at least", "characters"], Cause::PasswordTooSimple),
    (&["choose a", "shorter than"], Cause::PasswordTooLong),
    (&["already exists in the list of system users"], Cause::SystemNameTaken),
    (&["cannot be used as a username"], Cause::ReservedName),
    (&["e-mail address is reserved"], Cause::ReservedName),
    (&["the user '", "already exists"], Cause::UserExists),
    (&["unknown user:"], Cause::UserUnknown),
    (&["unknown service"], Cause::ServiceUnknown),
    (&["could not restart the service"], Cause::ServiceFailed),
    (&["could not start the service"], Cause::ServiceFailed),
    (&["invalid e-mail address for domain"], Cause::DomainUnknown),
    (&["domain '", "unknown"], Cause::DomainUnknown),
    (&["unknown domain"], Cause::DomainUnknown),
    (&["invalid argument '"], Cause::InvalidArgument),
    (&["pick a valid value for the argument"], Cause::InvalidArgument),
    (&["invalid usage"], Cause::WrongUsage),
    (&["no such file or directory: '", "yunohost'"], Cause::ProgramMissing),
];

/// Recognises a message of YunoHost.
pub(crate) fn recognise(message: &str) -> Option<Cause> {
    let message = message.to_lowercase();
    MESSAGES.iter().find(|(words, _)| in_order(&message, words)).map(|(_, cause)| *cause)
}

fn in_order(message: &str, words: &[&str]) -> bool {
    let mut rest = message;
    words.iter().all(|word| match rest.split_once(word) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_must_come_in_order() {
        assert_eq!(recognise("The user 'alice' already exists"), Some(Cause::UserExists));
        assert_eq!(recognise("already exists: the user 'alice'"), None);
        assert_eq!(recognise("Domain 'x.test' unknown"), Some(Cause::DomainUnknown));
        assert_eq!(recognise(""), None);
    }
}
