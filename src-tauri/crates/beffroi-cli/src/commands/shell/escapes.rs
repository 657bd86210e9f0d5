//! What is meant for this program in what is typed: `~` at the beginning of a line, as with `ssh`.

/// What the person says to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// `~.`
    HangUp,
    /// `~?`
    Help,
}

/// Looks for words among what is typed.
#[derive(Debug)]
pub(super) struct Escapes {
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// At the beginning of a line.
    Start,
    /// After the `~` there, which is held back.
    Tilde,
    /// Anywhere else.
    Inside,
}

impl Default for Escapes {
    fn default() -> Self {
        Self { at: At::Start }
    }
}

impl Escapes {
    /// Gives what is meant for the host, and the last word among it. Nothing after a [`Word::HangUp`] is looked at.
    pub(super) fn take(&mut self, typed: &[u8]) -> (Vec<u8>, Option<Word>) {
        let (mut plain, mut word) = (Vec::with_capacity(typed.len() + 1), None);
        for byte in typed {
            let at = std::mem::replace(&mut self.at, At::Inside);
            match (at, byte) {
                (At::Start, b'~') => {
                    self.at = At::Tilde;
                    continue;
                }
                (At::Tilde, b'.') => return (plain, Some(Word::HangUp)),
                (At::Tilde, b'?') => {
                    word = Some(Word::Help);
                    self.at = At::Start;
                    continue;
                }
                (At::Tilde, b'~') => {}
                (At::Tilde, _) => plain.push(b'~'),
                (At::Start | At::Inside, _) => {}
            }
            plain.push(*byte);
            if matches!(byte, b'\r' | b'\n') {
                self.at = At::Start;
            }
        }
        (plain, word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_at_the_beginning_of_a_line_only() {
        for (typed, plain, word) in [
            ("ls\r", "ls\r", None),
            ("~.", "", Some(Word::HangUp)),
            ("ls\r~.more", "ls\r", Some(Word::HangUp)),
            ("cd ~.\r", "cd ~.\r", None),
            ("~~x~.", "~x~.", None),
            ("~/bin\r", "~/bin\r", None),
            ("~?~.", "", Some(Word::HangUp)),
            ("a\n~?", "a\n", Some(Word::Help)),
            ("~\r~.", "~\r", Some(Word::HangUp)),
            ("x~.", "x~.", None),
        ] {
            assert_eq!(Escapes::default().take(typed.as_bytes()), (plain.as_bytes().to_vec(), word), "{typed:?}");
            // However it is cut.
            let (mut escapes, mut all, mut last) = (Escapes::default(), Vec::new(), None);
            for byte in typed.as_bytes() {
                if last == Some(Word::HangUp) {
                    break;
                }
                let (plain, word) = escapes.take(&[*byte]);
                all.extend(plain);
                last = word.or(last);
            }
            assert_eq!((all, last), (plain.as_bytes().to_vec(), word), "{typed:?}, one by one");
        }
    }
}
