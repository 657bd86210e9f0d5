//! How hard a password is to guess.

use beffroi_secret::SecretText;
use bip39::Language;
use zxcvbn::matching::patterns::MatchPattern;

/// Passwords below this are weak.
pub(crate) const WEAK_BITS: f64 = 45.0;
/// zxcvbn looks at no more characters.
const MOST_CHARACTERS: usize = 100;
/// How many signs zxcvbn counts for one that it knows nothing of.
const ASSUMED: f64 = 10.0;
/// The shortest word that is looked for.
const LEAST_WORD: usize = 5;

/// What people who speak French choose first, in the order of published lists of leaked passwords.
const CHOSEN: &[&str] = &[
    "azerty",
    "azertyuiop",
    "motdepasse",
    "loulou",
    "doudou",
    "bonjour",
    "soleil",
    "chouchou",
    "marseille",
    "nicolas",
    "camille",
    "chocolat",
    "coucou",
    "jetaime",
    "julien",
    "tiger",
    "princesse",
    "louise",
    "lucas",
    "isabelle",
    "thomas",
    "maxime",
    "alexandre",
    "caroline",
    "vanille",
    "bisous",
    "chipie",
    "coquine",
    "football",
    "poisson",
    "papillon",
    "bienvenue",
    "administrateur",
    "secretariat",
    "mairie",
    "cabinet",
    "comptabilite",
    "bretagne",
    "paris",
    "famille",
    "maison",
    "printemps",
    "automne",
    "hiver",
    "janvier",
    "fevrier",
    "juillet",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
];

/// Estimates passwords; it has the lists of words.
pub(crate) struct Strength {
    words: Vec<String>,
}

impl Strength {
    pub(crate) fn new() -> Self {
        // Without accents, as they are typed.
        let plain = |word: &&str| word.chars().filter(char::is_ascii).collect::<String>();
        let french = Language::French.word_list().iter().map(plain).filter(|word| word.len() >= LEAST_WORD);
        Self { words: CHOSEN.iter().map(|word| (*word).to_owned()).chain(french).collect() }
    }

    /// log2 of the guesses that zxcvbn expects, which knows English words, names, dates and keyboards, and here French words too.
    ///
    /// Where it knows nothing it counts ten signs, so that twelve drawn ones would be called weak: there they are counted by their
    /// kinds.
    ///
    /// It cannot wipe its copies; the allocator of the programs that call this does.
    pub(crate) fn bits(&self, password: &SecretText) -> f64 {
        // To zxcvbn.
        let text = SecretText::new(password.expose().trim_end_matches('\n').chars().take(MOST_CHARACTERS).collect());
        // To the lists, which keep nothing of it.
        let lower = SecretText::new(text.expose().to_lowercase());
        let is_in = |word: &String| lower.expose().contains(word.as_str());
        // The words' places tell how soon each is tried: all are given, where any is in it.
        let words: Vec<&str> = if self.words.iter().any(is_in) { self.words.iter().map(String::as_str).collect() } else { Vec::new() };
        // To zxcvbn.
        let found = zxcvbn::zxcvbn(text.expose(), &words);
        // To the count of its signs.
        let more = (alphabet(text.expose()) / ASSUMED).log2().max(0.0);
        let unknown = found.sequence().iter().filter(|part| matches!(part.pattern, MatchPattern::BruteForce));
        let length: usize = unknown.map(|part| part.j + 1 - part.i).sum();
        more.mul_add(length as f64, (found.guesses().max(1) as f64).log2())
    }
}

/// What tells a kind of sign, and how many there are of it.
type Kind = (fn(char) -> bool, f64);

/// How many signs there are of the kinds that a password has.
fn alphabet(password: &str) -> f64 {
    let kinds: [Kind; 5] = [
        (|sign| sign.is_ascii_lowercase(), 26.0),
        (|sign| sign.is_ascii_uppercase(), 26.0),
        (|sign| sign.is_ascii_digit(), 10.0),
        (|sign| sign.is_ascii_punctuation() || sign == ' ', 33.0),
        (|sign| !sign.is_ascii(), 100.0),
    ];
    kinds.iter().filter(|(is, _)| password.chars().any(is)).map(|(_, count)| count).sum::<f64>().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(text: &str) -> f64 {
        Strength::new().bits(&SecretText::new(text.to_owned()))
    }

    #[test]
    fn what_people_choose_is_weak_in_either_language() {
        for chosen in ["password1", "azertyuiop", "Soleil2024!", "motdepasse22", "Sommer24", "papillon", "mairie2019", "printemps!"] {
            assert!(bits(chosen) < WEAK_BITS, "{chosen}: {}", bits(chosen));
        }
        for made in ["Zk4-wq9RtmE7x", "xk2bq9wvmz", "tA6:vq,2Lw=eRx8!", "copper-lantern-velvet-orbit-tulip-basin"] {
            assert!(bits(made) >= WEAK_BITS, "{made}: {}", bits(made));
        }
    }

    #[test]
    fn a_french_word_is_worth_less_than_its_letters() {
        let without = |text: &str| (zxcvbn::zxcvbn(text, &[]).guesses() as f64).log2();
        let known: Vec<&str> = Language::French.word_list().iter().filter(|word| word.len() == 8 && word.is_ascii()).copied().collect();
        let less = known.iter().step_by(20).filter(|word| bits(word) < without(word)).count();
        assert!(less * 4 > known.len() / 20 * 3, "{less} of {}", known.len() / 20);
    }
}
