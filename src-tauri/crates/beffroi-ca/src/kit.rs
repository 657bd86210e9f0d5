//! What people need to trust an authority on their devices: its certificate in the forms that systems read, small programs, and
//! a page that says step by step what to do. The words are in `assets/trust-kit`; nothing here is secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use time::OffsetDateTime;

use crate::{CaError, CertificateFacts, certificate_pem};

/// A file of a kit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitFile {
    /// Where it goes, below the kit's folder.
    pub path: String,
    /// What it holds.
    pub content: Vec<u8>,
    /// Whether it is a program.
    pub program: bool,
}

/// A language of the instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KitLanguage {
    /// English.
    English,
    /// French.
    French,
}

/// The longest name of a file that is made of an authority's name.
const MOST_FILE_NAME: usize = 40;

macro_rules! asset {
    ($name:literal) => {
        include_str!(concat!("../../../../assets/trust-kit/", $name))
    };
}

/// The kit of an authority (DER), with instructions in these languages; in all when none is named.
///
/// # Errors
/// [`CaError::NotACertificate`] when it is no authority's certificate.
pub fn trust_kit(authority: &[u8], languages: &[KitLanguage]) -> Result<Vec<KitFile>, CaError> {
    let facts = CertificateFacts::read(authority)?;
    if !facts.is_authority {
        return Err(CaError::NotACertificate);
    }
    let words = Words::of(&facts, authority);
    let file = |path: &str, content: Vec<u8>| KitFile { path: path.to_owned(), content, program: false };
    let program = |path: &str, text: &str| KitFile { path: path.to_owned(), content: words.put(text).into_bytes(), program: true };
    let mut files = vec![
        file(&format!("{}.cer", words.file), authority.to_vec()),
        file(&format!("{}.crt", words.file), certificate_pem(authority).into_bytes()),
        file(&format!("{}.mobileconfig", words.file), words.put(asset!("profile.mobileconfig")).into_bytes()),
        file("firefox/policies.json", words.put(asset!("policies.json")).into_bytes()),
        program("linux/install.sh", asset!("linux-install.sh")),
        program("macos/install.command", asset!("macos-install.sh")),
        // What runs it wants its line ends.
        program("windows/install.cmd", &asset!("windows-install.cmd").replace('\n', "\r\n")),
    ];
    for (language, path, page) in
        [(KitLanguage::English, "READ-ME.html", asset!("en.html")), (KitLanguage::French, "LISEZ-MOI.html", asset!("fr.html"))]
    {
        if languages.is_empty() || languages.contains(&language) {
            let (kept, dropped) = if facts.permitted.is_empty() { ("everywhere", "permitted") } else { ("permitted", "everywhere") };
            files.push(file(path, words.put(&without(page, kept, dropped)).into_bytes()));
        }
    }
    Ok(files)
}

/// A page with one of two sentences, without the marks around it.
fn without(page: &str, kept: &str, dropped: &str) -> String {
    let mark = |name: &str| (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let (begin, end) = mark(dropped);
    let page = match (page.split_once(&begin), page.split_once(&end)) {
        (Some((before, _)), Some((_, after))) => format!("{}{}", before.trim_end(), after),
        _ => page.to_owned(),
    };
    let (begin, end) = mark(kept);
    page.replace(&begin, "").replace(&end, "")
}

/// What is put into the files.
struct Words {
    /// A name for files: what shells and systems take as it is.
    file: String,
    values: Vec<(&'static str, String)>,
}

impl Words {
    fn of(facts: &CertificateFacts, authority: &[u8]) -> Self {
        let file = file_name(&facts.subject);
        let sha1: Vec<String> = Sha1::digest(authority).iter().map(|byte| format!("{byte:02X}")).collect();
        let sha256 = facts.fingerprint_text();
        let until = OffsetDateTime::from_unix_timestamp(facts.not_after_s).map(|until| until.date().to_string()).unwrap_or_default();
        let [one, other] = [0x11, 0x22].map(|salt| identifier(&facts.fingerprint, salt));
        let values = vec![
            ("@FILE@", file.clone()),
            ("@NAME@", escaped(&facts.subject)),
            ("@UNTIL@", until),
            ("@PERMITTED@", escaped(&facts.permitted.join(", "))),
            ("@SHA256@", sha256.clone()),
            ("@SHA1PLAIN@", sha1.concat()),
            ("@SHA256LINES@", lines(sha256.split(':'))),
            ("@SHA1LINES@", lines(sha1.iter().map(String::as_str))),
            ("@BASE64@", wrapped(&STANDARD.encode(authority))),
            ("@UUID1@", one),
            ("@UUID2@", other),
        ];
        Self { file, values }
    }

    fn put(&self, text: &str) -> String {
        self.values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

/// Letters, digits and hyphens of a name, in lower case.
fn file_name(name: &str) -> String {
    let mut file = String::new();
    for c in name.chars().take(MOST_FILE_NAME) {
        match c {
            c if c.is_ascii_alphanumeric() => file.push(c.to_ascii_lowercase()),
            _ if file.ends_with('-') || file.is_empty() => {}
            _ => file.push('-'),
        }
    }
    let file = file.trim_end_matches('-');
    if file.is_empty() { "authority".to_owned() } else { file.to_owned() }
}

/// As text of HTML and XML. A mark of ours in a name is none any more.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('@', "&#64;")
}

/// Eight pairs a line, as they are read aloud.
fn lines<'a>(pairs: impl Iterator<Item = &'a str>) -> String {
    let pairs: Vec<&str> = pairs.collect();
    pairs.chunks(8).map(|line| line.join(" ")).collect::<Vec<_>>().join("<br>")
}

fn wrapped(text: &str) -> String {
    text.as_bytes().chunks(64).map(|line| line.iter().map(|byte| char::from(*byte)).collect::<String>()).collect::<Vec<_>>().join("\n")
}

/// A UUID of a certificate's own (RFC 9562, version 8): the same authority gives the same profile, which replaces the one before.
fn identifier(fingerprint: &[u8; 32], salt: u8) -> String {
    let mut bytes = [0_u8; 16];
    for (byte, from) in bytes.iter_mut().zip(fingerprint) {
        *byte = from ^ salt;
    }
    let text: Vec<String> = (0..)
        .zip(bytes)
        .map(|(place, byte)| match place {
            6 => format!("{:02X}", byte & 0x0f | 0x80),
            8 => format!("{:02X}", byte & 0x3f | 0x80),
            _ => format!("{byte:02X}"),
        })
        .collect();
    [0..4, 4..6, 6..8, 8..10, 10..16].map(|part| text.get(part).unwrap_or_default().concat()).join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_harmless_in_files_pages_and_marks() {
        assert_eq!(file_name("Réseau de l’École"), "r-seau-de-l-cole");
        assert_eq!(file_name("../../x"), "x");
        assert_eq!(file_name("日本"), "authority");
        assert_eq!(escaped("<b>@FILE@ & \"x\""), "&lt;b&gt;&#64;FILE&#64; &amp; &quot;x&quot;");
        let uuid = identifier(&[0xff; 32], 0x11);
        assert_eq!(uuid, "EEEEEEEE-EEEE-8EEE-AEEE-EEEEEEEEEEEE");
    }
}
