//! The message catalogs (`assets/messages/`): every sentence of the core, in English and in French.
//!
//! The page reads the same files. A sentence has `{name}` where a value goes; values are put in as they are, once, so
//! that a value from a host cannot bring in another.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::ApiError;
use crate::wire::WireMessage;

/// A language that Beffroi speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// Reads a tag such as `fr`, `fr_FR.UTF-8` or `en`; other languages are answered in English.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("fr") { Self::French } else { Self::English }
    }

    /// Its tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    fn catalog(self) -> &'static BTreeMap<String, String> {
        static ENGLISH: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
            read([
                include_str!("../../../../assets/messages/en.json"),
                include_str!("../../../../assets/messages/guests-en.json"),
                include_str!("../../../../assets/messages/processes-en.json"),
                include_str!("../../../../assets/messages/yunohost-en.json"),
            ])
        });
        static FRENCH: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
            read([
                include_str!("../../../../assets/messages/fr.json"),
                include_str!("../../../../assets/messages/guests-fr.json"),
                include_str!("../../../../assets/messages/processes-fr.json"),
                include_str!("../../../../assets/messages/yunohost-fr.json"),
            ])
        });
        match self {
            Self::English => &ENGLISH,
            Self::French => &FRENCH,
        }
    }

    /// What stands between a word and what explains it.
    #[must_use]
    pub fn colon(self) -> &'static str {
        match self {
            Self::English => ": ",
            Self::French => "\u{a0}: ",
        }
    }

    /// Whether there is a sentence of that name.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.catalog().contains_key(key)
    }

    /// Puts a message into words. A key that no catalog has is shown as it is.
    #[must_use]
    pub fn say(self, message: &WireMessage) -> String {
        self.sentence(&message.key, &message.values)
    }

    /// The sentence named `key`, with values put in.
    #[must_use]
    pub fn sentence(self, key: &str, values: &BTreeMap<String, String>) -> String {
        match self.catalog().get(key) {
            Some(sentence) => fill(sentence, values),
            None => key.to_owned(),
        }
    }

    /// What a field is called in which two versions of a host or a secret differ: `user`, `field:PIN`, `file:key.pem`. Those that
    /// people named have that name.
    #[must_use]
    pub fn field(self, field: &str) -> String {
        for (start, key) in [("field ", "field-own"), ("field:", "field-own"), ("file:", "field-file")] {
            if let Some(name) = field.strip_prefix(start) {
                return self.sentence(key, &BTreeMap::from([("name".to_owned(), name.to_owned())]));
            }
        }
        let key = format!("field.{field}");
        if self.has(&key) { self.sentence(&key, &BTreeMap::new()) } else { field.to_owned() }
    }

    /// What happened.
    #[must_use]
    pub fn error(self, error: &ApiError) -> String {
        self.about(&format!("error.{}", error.code.name()), error)
    }

    /// What to do about it: the remedy of its own reason goes before that of its code.
    #[must_use]
    pub fn remedy(self, error: &ApiError) -> String {
        let own = error.why.as_ref().map(|why| format!("{}.remedy", why.key)).filter(|key| self.has(key));
        if let Some(key) = own {
            return self.sentence(&key, &error.values);
        }
        self.about(&format!("error.{}.remedy", error.code.name()), error)
    }

    /// A sentence about an error, with its reason in this language too.
    fn about(self, key: &str, error: &ApiError) -> String {
        let Some(why) = &error.why else {
            return self.sentence(key, &error.values);
        };
        let mut values = error.values.clone();
        values.insert("why".to_owned(), self.say(why));
        self.sentence(key, &values)
    }
}

/// Several files, in which no key stands twice.
fn read<const N: usize>(files: [&str; N]) -> BTreeMap<String, String> {
    let mut sentences = BTreeMap::new();
    for json in files {
        let mut more: BTreeMap<String, String> =
            serde_json::from_str(json).expect("the catalogs are part of the program, and a test reads them");
        debug_assert!(more.keys().all(|key| !sentences.contains_key(key)), "a key stands in two catalogs");
        sentences.append(&mut more);
    }
    sentences
}

fn fill(sentence: &str, values: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        filled.push_str(values.get(name).map_or("?", String::as_str));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ErrorCode;

    fn placeholders(sentence: &str) -> BTreeSet<&str> {
        sentence.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn both_catalogs_say_the_same_things_about_the_same_values() {
        let (english, french) = (Language::English.catalog(), Language::French.catalog());
        assert_eq!(english.keys().collect::<Vec<_>>(), french.keys().collect::<Vec<_>>());
        for (key, sentence) in english {
            assert_eq!(placeholders(sentence), placeholders(&french[key]), "{key}");
        }
    }

    #[test]
    fn every_error_has_a_sentence_and_a_remedy() {
        for code in ErrorCode::ALL {
            for key in [format!("error.{}", code.name()), format!("error.{}.remedy", code.name())] {
                assert!(Language::English.catalog().contains_key(&key), "{key}");
            }
        }
    }

    #[test]
    fn a_field_is_called_by_a_word_and_one_of_somebodys_own_by_its_name() {
        let named = |field| (Language::English.field(field), Language::French.field(field));
        let both = |english: &str, french: &str| (english.to_owned(), french.to_owned());
        assert_eq!(named("one-time"), both("one-time code", "code à usage unique"));
        assert_eq!(named("field:{name}"), both("field “{name}”", "champ «\u{a0}{name}\u{a0}»"));
        assert_eq!(named("field PIN"), named("field:PIN"));
        assert_eq!(named("file:key.pem").0, "file “key.pem”");
        assert_eq!(named("fullname"), both("fullname", "fullname"), "what a document has");
    }

    #[test]
    fn every_cause_of_the_catalogs_is_one_and_has_its_remedy() {
        for key in Language::English.catalog().keys().filter(|key| key.starts_with("cause.ynh-") && !key.ends_with(".remedy")) {
            let name = key.trim_start_matches("cause.ynh-").replace('-', "_");
            assert!(serde_json::from_value::<beffroi_yunohost::Cause>(name.into()).is_ok(), "{key}");
            assert!(Language::English.has(&format!("{key}.remedy")), "{key}");
        }
    }

    #[test]
    fn every_check_of_a_host_has_its_sentences_and_no_other_has() {
        let checks: BTreeSet<&str> = beffroi_app::hardening_checks().collect();
        let name = |key: &'static String| key.strip_prefix("hardening.").filter(|id| !id.contains('.'));
        let common = |id: &&str| !id.starts_with("unknown") && *id != "behind-filter";
        assert_eq!(Language::English.catalog().keys().filter_map(name).filter(common).collect::<BTreeSet<_>>(), checks);
        for key in checks.iter().flat_map(|id| ["found", "why", "remedy"].map(|kind| format!("hardening.{id}.{kind}"))) {
            assert!(Language::English.has(&key), "{key}");
        }
    }

    #[test]
    fn french_uses_its_own_spaces_and_apostrophes() {
        for (key, sentence) in Language::French.catalog() {
            for wrong in [" :", " ;", " ?", " !", "« ", " »", "'"] {
                assert!(!sentence.contains(wrong), "{key}: {sentence:?} has {wrong:?}");
            }
        }
    }

    #[test]
    fn a_value_is_put_in_once_and_never_read_as_a_sentence() {
        let values = BTreeMap::from([("a".to_owned(), "{b}".to_owned()), ("b".to_owned(), "secret".to_owned())]);
        assert_eq!(fill("x {a} y {c} {", &values), "x {b} y ? {");
    }
}
