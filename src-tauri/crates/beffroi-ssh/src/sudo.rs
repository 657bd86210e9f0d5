//! Becoming root by sudo before a command starts, without a terminal.
//!
//! `sudo -S` reads the password from the same input as the command, and not at all where it is not asked for: whatever is
//! written too early goes to the wrong reader. So nothing is written before it was asked for:
//! 1. sudo gets a prompt that nobody else writes (`-p`), made for this command. The password is written after that prompt
//!    was seen, once; a second prompt says that it is wrong.
//! 2. sudo runs a shell that says on both streams that it is root's, with another word made for this command. The
//!    command's input is written after that, and its output is what follows.
//!
//! Both words stand in the command line, and a login shell with `set -x` shows it on the same stream. So they stand there
//! in another form: a `%%`, which sudo and sudo-rs show as `%`, and two arguments that the shell joins.
//!
//! `-k`: what sudo remembers of an earlier password is neither used nor changed. A refusal is known by what did not
//! happen and by the exit status; sudo's sentences, in English and French (sudo 1.9.13, sudo-rs 0.2.5), only tell which
//! one it is.

use std::sync::Arc;

use beffroi_domain::Exit;
use beffroi_remote::{CommandLine, Redaction, RemoteError, SudoRefusal};
use beffroi_secret::{SecretBytes, SecretText};
use bytes::Bytes;

use crate::text::harmless;

/// How to become root.
#[derive(Debug)]
pub struct Sudo {
    /// The account's password. Without one, sudo must ask for nothing (`NOPASSWD`).
    pub password: Option<SecretText>,
}

/// The longest password that every sudo takes whole (`SUDO_CONV_REPL_MAX` was 255 up to 1.8).
const LONGEST_PASSWORD: usize = 255;

/// Bytes of a lecture, and of what else is said before the command starts, on each stream.
const MOST_NOISE: usize = 64 << 10;

/// The text that root's shell runs: it says that it is there, takes the mark, and becomes the shell that runs the command.
/// Where nobody listens any more, it ends.
const ROOT_SHELL: &str = r#"printf '%s%s\n' "$1" "$2" && printf '%s%s\n' "$1" "$2" >&2 || exit 125; export "$3"; exec sh -c "$4""#;

impl Sudo {
    /// The line that answers the prompt.
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`] for a password that is more than one line, or too long: its rest would be read
    /// by somebody else.
    fn answer(&self) -> Result<Option<SecretBytes>, RemoteError> {
        let unusable = |reason: &str| Err(RemoteError::CredentialUnusable { reason: reason.to_owned() });
        let Some(password) = &self.password else { return Ok(None) };
        // Into the one line that sudo reads.
        let text = password.expose();
        if text.contains(['\n', '\r', '\0']) {
            return unusable("the password for sudo is not one line");
        }
        if text.len() > LONGEST_PASSWORD {
            return unusable("the password for sudo is too long");
        }
        let mut line = Vec::with_capacity(text.len() + 1);
        line.extend_from_slice(text.as_bytes());
        line.push(b'\n');
        Ok(Some(SecretBytes::new(line)))
    }
}

/// What is to be done after something that the host said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Write the password.
    Answer,
    /// Root's shell is there.
    Ready,
    /// Write nothing more, and end sudo.
    Refused(SudoRefusal),
    /// It says too much.
    Noise,
}

/// One command's way to root.
pub(crate) struct Handshake {
    sudo: Arc<Sudo>,
    answer: Option<SecretBytes>,
    nonce: [String; 2],
    ready: [String; 2],
    stdout: Said,
    stderr: Said,
    exit: Option<Exit>,
    prompts: u8,
    is_root: bool,
}

impl Handshake {
    /// # Errors
    /// [`RemoteError::CredentialUnusable`] for a password that sudo cannot read.
    pub(crate) fn new(sudo: &Arc<Sudo>) -> Result<Self, RemoteError> {
        Ok(Self {
            answer: sudo.answer()?,
            sudo: Arc::clone(sudo),
            nonce: [word()?, word()?],
            ready: [word()?, word()?],
            stdout: Said::default(),
            stderr: Said::default(),
            exit: None,
            prompts: 0,
            is_root: false,
        })
    }

    /// The command as it is sent; it carries the mark.
    pub(crate) fn line(&self, command: &CommandLine, mark: &str) -> String {
        let prompt = self.nonce.join("%%");
        let sudo: &[&str] = if self.sudo.password.is_some() { &["sudo", "-k", "-S", "-p", &prompt] } else { &["sudo", "-k", "-n"] };
        let [first, second] = &self.ready;
        let shell = ["--", "sh", "-c", ROOT_SHELL, "sh", first, second, mark, command.as_str()];
        CommandLine::new(sudo.iter().copied().chain(shell)).as_str().to_owned()
    }

    /// The password's line, once.
    pub(crate) fn take_answer(&mut self) -> Option<SecretBytes> {
        self.answer.take()
    }

    /// Whether root's shell was heard, and the command may run.
    pub(crate) fn is_root(&self) -> bool {
        self.is_root
    }

    /// Whether sudo said that the password is wrong.
    pub(crate) fn is_refused(&self) -> bool {
        self.prompts > 1
    }

    /// Takes from standard output what is not the command's.
    pub(crate) fn stdout(&mut self, data: Bytes) -> (Option<Bytes>, Option<Turn>) {
        if self.stdout.is_over {
            return (Some(data), None);
        }
        self.stdout.hear(&data);
        let ready = self.ready.concat();
        match self.stdout.after(&[&ready, "\n"].concat()) {
            Some(rest) => (Some(rest), self.arrive()),
            None => (None, self.stdout.is_too_much().then_some(Turn::Noise)),
        }
    }

    /// Takes from standard error what is not the command's.
    pub(crate) fn stderr(&mut self, data: Bytes) -> (Option<Bytes>, Option<Turn>) {
        if self.stderr.is_over {
            return (Some(data), None);
        }
        self.stderr.hear(&data);
        let mut turn = None;
        while !self.is_root && self.stderr.pass(&self.nonce.join("%")) {
            self.prompts = self.prompts.saturating_add(1);
            turn = Some(if self.prompts == 1 { Turn::Answer } else { Turn::Refused(SudoRefusal::WrongPassword) });
        }
        if self.is_refused() {
            return (None, turn);
        }
        let ready = self.ready.concat();
        match self.stderr.after(&[&ready, "\n"].concat()) {
            Some(rest) => (Some(rest), self.arrive()),
            None => (None, turn.or_else(|| self.stderr.is_too_much().then_some(Turn::Noise))),
        }
    }

    fn arrive(&mut self) -> Option<Turn> {
        let is_first = !self.is_root;
        self.is_root = true;
        is_first.then_some(Turn::Ready)
    }

    /// An exit came before root's shell was heard: sudo's, or the command's that was faster than its output.
    pub(crate) fn early_exit_is(&mut self, exit: Exit) {
        self.exit.get_or_insert(exit);
    }

    /// That exit, once root's shell was heard.
    pub(crate) fn early_exit(&mut self) -> Option<Exit> {
        self.exit.take()
    }

    /// Why sudo ended without having run the command.
    pub(crate) fn refusal(&self) -> SudoRefusal {
        let text = String::from_utf8_lossy(&self.stderr.bytes).replace(&self.nonce.join("%"), "");
        let says = |sentences: &[&str]| sentences.iter().any(|sentence| text.contains(sentence));
        if self.is_refused() {
            SudoRefusal::WrongPassword
        } else if self.prompts == 0 && self.exit == Some(Exit::Status(127)) {
            // The shell's own word for a command that is not found (POSIX.1-2017, Shell Command Language, 2.8.2).
            SudoRefusal::NotInstalled
        } else if says(&NOT_ALLOWED) {
            SudoRefusal::NotAllowed
        } else if says(&NEEDS_TTY) {
            SudoRefusal::NeedsTty
        } else if self.prompts == 1 && says(&WRONG_PASSWORD) {
            SudoRefusal::WrongPassword
        } else if self.sudo.password.is_none() && self.exit == Some(Exit::Status(1)) && self.is_short_of_a_password(&text) {
            SudoRefusal::PasswordNeeded
        } else {
            SudoRefusal::Other { said: harmless(&self.masked(text.trim())) }
        }
    }

    /// In a language that is not known, one line from `sudo -n` is that line.
    fn is_short_of_a_password(&self, text: &str) -> bool {
        PASSWORD_NEEDED.iter().any(|sentence| text.contains(sentence)) || text.trim().lines().count() == 1
    }

    /// A host may show what it was sent.
    fn masked(&self, text: &str) -> String {
        Redaction::new(self.sudo.password.as_ref().map(SecretText::to_bytes).as_ref()).text(text)
    }
}

const NOT_ALLOWED: [&str; 8] = [
    "is not in the sudoers file",
    "n'est pas dans le fichier sudoers",
    "is not allowed to",
    "n'est pas autorisé à",
    "may not run",
    "ne peut pas utiliser sudo",
    "sudoers specifies that root is not",
    // sudo-rs.
    "I'm afraid I can't do that",
];
const NEEDS_TTY: [&str; 2] = ["you must have a tty to run sudo", "vous devez avoir un terminal tty"];
const WRONG_PASSWORD: [&str; 4] = [
    "incorrect password attempt",
    "saisie de mot de passe incorrecte",
    "saisies de mots de passe incorrectes",
    "incorrect authentication attempt",
];
const PASSWORD_NEEDED: [&str; 3] =
    ["a password is required", "il est nécessaire de saisir un mot de passe", "interactive authentication is required"];

/// What came on one stream before it was the command's.
#[derive(Default)]
struct Said {
    bytes: Vec<u8>,
    /// Where to look from: what is before was looked at.
    from: usize,
    is_over: bool,
}

impl Said {
    fn hear(&mut self, data: &[u8]) {
        self.bytes.extend_from_slice(data);
    }

    fn is_too_much(&self) -> bool {
        self.bytes.len() > MOST_NOISE
    }

    /// Where the next of these words ends.
    fn end_of(&self, word: &str) -> Option<usize> {
        let unseen = self.bytes.get(self.from..).unwrap_or_default();
        let start = unseen.windows(word.len()).position(|window| window == word.as_bytes())?;
        Some(self.from + start + word.len())
    }

    /// Goes past the next of these words.
    fn pass(&mut self, word: &str) -> bool {
        let end = self.end_of(word);
        self.from = end.unwrap_or(self.from);
        end.is_some()
    }

    /// What follows the word, which ends the noise. Otherwise, what cannot be a part of the word is not looked at again.
    fn after(&mut self, word: &str) -> Option<Bytes> {
        let Some(end) = self.end_of(word) else {
            self.from = self.from.max((self.bytes.len() + 1).saturating_sub(word.len()));
            return None;
        };
        self.is_over = true;
        Some(Bytes::from(self.bytes.split_off(end)))
    }
}

/// A word that nobody else writes.
fn word() -> Result<String, RemoteError> {
    let random = getrandom::u64().map_err(|error| RemoteError::Refused { reason: error.to_string() })?;
    Ok(format!("{random:016x}"))
}
