//! What foreign names become in a catalog whose names have few characters.

use std::collections::{HashMap, HashSet};

use beffroi_domain::{HostName, SecretName, Tag};

/// Bytes of a secret's name, with room for a number.
const MOST_SECRET: usize = 120;
/// Bytes of a host's name, with room for a number.
const MOST_HOST: usize = 240;

/// Names that are taken, and those that were given out since. Asked in the same order, it gives the same names.
pub(super) struct Names {
    taken: HashSet<String>,
    /// Of each name that was asked for twice, the number to try next.
    next: HashMap<String, u64>,
}

impl Names {
    pub(super) fn new(taken: impl IntoIterator<Item = String>) -> Self {
        Self { taken: taken.into_iter().collect(), next: HashMap::new() }
    }

    /// A name for a secret: its folders and its title, numbered when it is taken.
    pub(super) fn secret(&mut self, path: &[String], title: &str) -> SecretName {
        let wanted = secret_name(path, title);
        self.free(&wanted, |name| name.parse().ok())
    }

    /// A name for a host, numbered when it is taken.
    pub(super) fn host(&mut self, name: &str) -> HostName {
        let wanted = host_name(name);
        self.free(&wanted, |name| name.parse().ok())
    }

    fn free<T>(&mut self, wanted: &str, read: impl Fn(&str) -> Option<T>) -> T {
        let mut number = self.next.get(wanted).copied().unwrap_or(1);
        loop {
            let name = if number == 1 { wanted.to_owned() } else { format!("{wanted}-{number}") };
            number += 1;
            if let Some(read) = read(&name)
                && self.taken.insert(name)
            {
                self.next.insert(wanted.to_owned(), number);
                return read;
            }
        }
    }
}

/// What a secret of these folders and this title is called, before it is numbered: always a name, but for a reserved word.
pub(super) fn secret_name(path: &[String], title: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@');
    let parts = path.iter().map(String::as_str).chain([title]).map(|part| slug(part, is_kept)).filter(|part| !part.is_empty());
    let name = parts.collect::<Vec<_>>().join("/");
    // The title says most: of a name that is too long the beginning goes.
    let from = (name.len().saturating_sub(MOST_SECRET)..name.len()).find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    let name = name.get(from..).unwrap_or_default().trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.is_empty() { "secret".to_owned() } else { name.to_owned() }
}

/// What a host is called, before it is numbered.
pub(super) fn host_name(name: &str) -> String {
    let name = slug(name, |c| c.is_ascii_alphanumeric() || c == '.').to_ascii_lowercase();
    let name: String = name.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).chars().take(MOST_HOST).collect();
    if name.is_empty() { "host".to_owned() } else { name }
}

/// What a label becomes; nothing when nothing of it can stay.
pub(super) fn tag(label: &str) -> Option<Tag> {
    let label = slug(label, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_')).to_ascii_lowercase();
    label.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).chars().take(64).collect::<String>().parse().ok()
}

/// Letters without their accents; whatever cannot stay becomes one dash between what stays.
fn slug(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let mut slug = String::new();
    let mut gap = false;
    for c in text.chars() {
        let plain = plain(c);
        if plain.is_empty() && !is_kept(c) {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) && !slug.is_empty() {
            slug.push('-');
        }
        if plain.is_empty() { slug.push(c) } else { slug.push_str(plain) }
    }
    slug
}

/// A letter of the western European alphabets without what stands on it; empty for all others.
fn plain(c: char) -> &'static str {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' => "A",
        'ç' => "c",
        'Ç' => "C",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'È' | 'É' | 'Ê' | 'Ë' => "E",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'Ì' | 'Í' | 'Î' | 'Ï' => "I",
        'ñ' => "n",
        'Ñ' => "N",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' => "O",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'Ù' | 'Ú' | 'Û' | 'Ü' => "U",
        'ý' | 'ÿ' => "y",
        'œ' => "oe",
        'Œ' => "OE",
        'æ' => "ae",
        'Æ' => "AE",
        'ß' => "ss",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn whatever_a_title_is_its_name_is_one() {
        let cases = [
            (&["Clé de Noël", "Morel"][..], "root @ web-1", "Cle-de-Noel/Morel/root-@-web-1"),
            (&[], "DB_PASSWORD", "DB_PASSWORD"),
            (&["/../"], "  ", "secret"),
            (&[], "密码", "secret"),
            (&[], "--x--", "x"),
        ];
        for (folders, title, name) in cases {
            assert_eq!(secret_name(&path(folders), title), name);
        }
        for title in ["all", "@", "é".repeat(300).as_str(), "a/b\\c:d", "\u{202e}txt"] {
            let mut names = Names::new([]);
            assert!(names.secret(&path(&["x".repeat(200).as_str()]), title).as_str().len() <= 128);
            assert!(!names.host(title).as_str().is_empty());
        }
    }

    #[test]
    fn the_second_of_a_name_has_a_number() {
        let names = || {
            let mut names = Names::new(["root".to_owned(), "root-3".to_owned()]);
            [names.secret(&[], "root"), names.secret(&[], "root"), names.secret(&[], "all")].map(|name| name.to_string())
        };
        assert_eq!(names(), ["root-2", "root-4", "all-2"]);
        assert_eq!(names(), names());
        assert_eq!(host_name("Web 1 (ancien)"), "web-1-ancien");
        assert_eq!(tag("Client Morel").map(|tag| tag.to_string()).as_deref(), Some("client-morel"));
    }
}
