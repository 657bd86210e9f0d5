//! What a host's prompts ask for (`keyboard-interactive`, RFC 4256). They are hostile text: only ever compared, never shown.

/// Rounds of prompts that are answered.
pub(crate) const MOST_ROUNDS: usize = 8;
/// Prompts of one round.
const MOST_PROMPTS: usize = 8;
/// Characters of a prompt that are looked at.
const MOST_LOOKED_AT: usize = 200;

/// What is still there to answer with.
pub(crate) struct Prompts {
    pub(crate) password: bool,
    pub(crate) code: bool,
}

/// What a prompt wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Password,
    Code,
}

/// A change of the password is nothing that a login does.
const CHANGE: [&str; 6] = ["new password", "retype", "nouveau mot de passe", "retapez", "ressaisissez", "confirmez"];
/// Looked for before the words of a password: "one-time password".
const CODE: [&str; 18] = [
    "one-time",
    "one time",
    "otp",
    "verification code",
    "authenticator",
    "authentication code",
    "security code",
    "access code",
    "passcode",
    "token",
    "2fa",
    "code de vérification",
    "code de sécurité",
    "code d'authentification",
    "code d’authentification",
    "usage unique",
    "jeton",
    "code",
];
const PASSWORD: [&str; 3] = ["password", "mot de passe", "passphrase"];

impl Prompts {
    /// What each prompt of a round wants; `None` when one of them wants what there is not. By its words, else by its place:
    /// the password before the code, and what is shown while it is typed is no password.
    pub(crate) fn judge<'a>(mut self, prompts: impl ExactSizeIterator<Item = (&'a str, bool)>) -> Option<Vec<Want>> {
        if prompts.len() > MOST_PROMPTS {
            return None;
        }
        prompts.map(|(text, echo)| self.one(text, echo)).collect()
    }

    fn one(&mut self, text: &str, echo: bool) -> Option<Want> {
        let text: String = text.chars().take(MOST_LOOKED_AT).collect::<String>().to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let want = if has(&CHANGE) {
            return None;
        } else if has(&CODE) {
            Want::Code
        } else if has(&PASSWORD) || (self.password && !echo) {
            Want::Password
        } else {
            Want::Code
        };
        match want {
            Want::Password => (std::mem::take(&mut self.password) && !echo).then_some(want),
            Want::Code => std::mem::take(&mut self.code).then_some(want),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: (bool, bool) = (true, true);

    fn judge((password, code): (bool, bool), prompts: &[(&str, bool)]) -> Option<Vec<Want>> {
        Prompts { password, code }.judge(prompts.iter().copied())
    }

    #[test]
    fn words_decide_in_english_and_french() {
        for text in ["Password: ", "(admin@host) Password:", "Mot de passe : ", "LDAP PASSWORD"] {
            assert_eq!(judge(BOTH, &[(text, false)]), Some(vec![Want::Password]), "{text}");
        }
        for text in [
            "Verification code: ",
            "One-time password (OATH) for `admin': ",
            "Code à usage unique : ",
            "Passcode or option (1-1): ",
            "Code de vérification : ",
        ] {
            assert_eq!(judge(BOTH, &[(text, false)]), Some(vec![Want::Code]), "{text}");
        }
        assert_eq!(judge(BOTH, &[("Verification code: ", true), ("Password: ", false)]), Some(vec![Want::Code, Want::Password]));
    }

    #[test]
    fn without_words_the_place_and_the_echo_decide() {
        assert_eq!(judge(BOTH, &[("?", false), ("?", false)]), Some(vec![Want::Password, Want::Code]));
        assert_eq!(judge(BOTH, &[("?", true)]), Some(vec![Want::Code]));
        assert_eq!(judge((false, true), &[("?", false)]), Some(vec![Want::Code]));
        assert_eq!(judge((true, false), &[("", false)]), Some(vec![Want::Password]));
    }

    #[test]
    fn nothing_is_given_twice_shown_or_for_a_change() {
        assert_eq!(judge(BOTH, &[("Password:", false), ("Password:", false)]), None);
        assert_eq!(judge(BOTH, &[("Password:", true)]), None);
        assert_eq!(judge(BOTH, &[("New password:", false)]), None);
        assert_eq!(judge(BOTH, &[("Nouveau mot de passe :", false)]), None);
        assert_eq!(judge((true, false), &[("Verification code:", false)]), None);
        assert_eq!(judge((false, true), &[("Password:", false)]), None);
    }

    #[test]
    fn rounds_without_prompts_are_answered_and_hostile_ones_bounded() {
        assert_eq!(judge(BOTH, &[]), Some(Vec::new()));
        assert_eq!(judge(BOTH, &[("?", true); MOST_PROMPTS + 1]), None);
        let long = "x".repeat(1 << 20) + "password";
        assert_eq!(judge(BOTH, &[(&long, true)]), Some(vec![Want::Code]));
    }
}
