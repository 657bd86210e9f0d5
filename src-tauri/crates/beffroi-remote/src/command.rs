//! Commands as typed values, quoted for a POSIX shell in one place.

use std::fmt;

/// A command line for a POSIX shell, in which every word is quoted.
///
/// A secret is never a part of it: it would stand in the host's process list. Secrets go on standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine(String);

impl CommandLine {
    /// A program and its arguments, each word quoted.
    pub fn new<I>(words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut words = words.into_iter();
        let mut line = words.next().map(|program| quote_program(program.as_ref())).unwrap_or_default();
        for word in words {
            line.push(' ');
            line.push_str(&quote(word.as_ref()));
        }
        Self(line)
    }

    /// Text that is already shell, such as what the operator typed to be run on the host.
    #[must_use]
    pub fn shell(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text for the host's shell.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Quotes one word for a POSIX shell (POSIX.1-2017, Shell Command Language, 2.2.2): plain words stay as they are,
/// others go between single quotes, where `'` becomes `'\''`. A NUL byte cannot be in an argument and is dropped.
#[must_use]
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | '=' | ',' | '+' | '@' | '%');
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('=') {
        return word.to_owned();
    }
    between_quotes(word)
}

/// Quotes the word that names the program, where `x=1` would be an assignment, `if` a word of the shell, and
/// `-n` an option of the `sh -c` that gets the line.
fn quote_program(word: &str) -> String {
    let special = word.contains('=') || word.starts_with(['-', '+']) || SHELL_WORDS.contains(&word);
    if special { between_quotes(word) } else { quote(word) }
}

/// Reserved words (POSIX.1-2017, Shell Command Language, 2.4), and those that shells add, as far as they are plain.
const SHELL_WORDS: [&str; 20] = [
    "case",
    "coproc",
    "do",
    "done",
    "elif",
    "else",
    "end",
    "esac",
    "fi",
    "for",
    "foreach",
    "function",
    "if",
    "in",
    "namespace",
    "select",
    "then",
    "time",
    "until",
    "while",
];

fn between_quotes(word: &str) -> String {
    format!("'{}'", word.replace('\0', "").replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_never_an_assignment_or_a_word_of_the_shell() {
        for (program, quoted) in
            [("x=1", "'x=1'"), ("if", "'if'"), ("time", "'time'"), ("~", "'~'"), ("#", "'#'"), ("-n", "'-n'"), ("+x", "'+x'")]
        {
            assert_eq!(CommandLine::new([program, "if", "x=1"]).as_str(), format!("{quoted} if x=1"));
        }
        assert_eq!(CommandLine::new(Vec::<String>::new()).as_str(), "");
    }

    #[test]
    fn plain_words_stay_and_others_are_quoted() {
        let line = CommandLine::new(["echo", "a b", "it's", "", "$HOME", "x=1", "é"]);
        assert_eq!(line.as_str(), r"echo 'a b' 'it'\''s' '' '$HOME' x=1 'é'");
    }
}
