//! mRemoteNG: `confCons.xml`, a tree of connections with their passwords.
//!
//! A password is Base64 of a salt of 16 bytes, a nonce of 16, the ciphertext and a tag of 16: AES-256 in GCM with the salt as
//! what is authenticated besides, under a key of PBKDF2-HMAC-SHA1 of as many rounds as the file says
//! (`Security/SymmetricEncryption/AeadCryptographyProvider.cs`). `Protected` says whether the password that the program itself
//! has built in opens it, which protects nothing; with `FullFileEncryption` all that is inside is one such text.

use aes_gcm::aead::{AeadInOut, Tag};
use aes_gcm::{AesGcm, KeyInit, aes::Aes256, aes::cipher::consts::U16};
use base64::{Engine, engine::general_purpose::STANDARD};
use beffroi_secret::{SecretBytes, SecretText};
use hmac::Hmac;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::collect::{NamesCount, label};
use crate::limits::{MOST_DEPTH, MOST_ENTRIES, MOST_PBKDF2, MOST_VALUE, affordable, within};
use crate::{Entry, Host, ImportError, Parsed, Reading, Source, decode};

/// What the program uses when nobody chose a password.
const BUILT_IN: &str = "mR3m";
/// Rounds of PBKDF2 for all the passwords of a file together: each has a salt of its own.
const MOST_ROUNDS: u64 = 2 * MOST_PBKDF2;

type Cipher = AesGcm<Aes256, U16>;

/// A file whose first element is that of mRemoteNG.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    let beginning = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let has = |words: &[u8]| beginning.windows(words.len()).any(|part| part == words);
    has(b"Connections") && (has(b"http://mremoteng.org") || has(b"EncryptionEngine") || has(b"ConfVersion"))
}

/// Connections by SSH as hosts with their passwords; others as entries with their address.
///
/// # Errors
/// [`ImportError::Locked`] and [`ImportError::Wrong`] of `password`, [`ImportError::TooExpensive`] before anything is derived,
/// [`ImportError::Unsupported`] for a cipher that is none of those that are read, [`ImportError::Malformed`],
/// [`ImportError::Altered`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let mut reader = Reader::from_str(&text);
    let file = loop {
        match next(&mut reader)? {
            Event::Start(element) | Event::Empty(element) => break File::of(&element, &text)?,
            Event::DocType(_) => return Err(ImportError::Unsupported { what: "DOCTYPE".to_owned() }),
            Event::Eof => return Err(ImportError::Truncated { what: "XML" }),
            _ => {}
        }
    };
    let opening = Opening::new(file, reading)?;
    let mut taking = Taking { opening, parsed: Parsed::default(), names: NamesCount::default(), path: Vec::new(), above: Vec::new() };
    if !taking.opening.own_password {
        taking.parsed.notice("built-in-password", "");
    }
    if taking.opening.file.whole {
        let sealed = match next(&mut reader)? {
            Event::Text(text) => text.to_string(),
            _ => return Err(malformed(&reader)),
        };
        let clear = taking.opening.open(sealed.trim(), "Connections")?.into_text().map_err(|_| malformed(&reader))?;
        // Parsed here.
        taking.tree(&mut Reader::from_str(clear.expose()))?;
    } else {
        taking.tree(&mut reader)?;
    }
    Ok(taking.parsed)
}

fn malformed(reader: &Reader<&[u8]>) -> ImportError {
    ImportError::Malformed { what: "XML", at: reader.buffer_position() }
}

fn next<'a>(reader: &mut Reader<&'a [u8]>) -> Result<Event<'a>, ImportError> {
    reader.read_event().map_err(|_| ImportError::Malformed { what: "XML", at: reader.error_position() })
}

/// What the first element says.
struct File {
    rounds: u32,
    protected: String,
    whole: bool,
}

impl File {
    fn of(element: &BytesStart<'_>, text: &str) -> Result<Self, ImportError> {
        let of = |name: &str| attribute(element, name);
        let engine = of("EncryptionEngine")?.map_or_else(|| "AES".to_owned(), |text| text.to_string());
        let mode = of("BlockCipherMode")?.map_or_else(|| "CBC".to_owned(), |text| text.to_string());
        if engine != "AES" || mode != "GCM" {
            return Err(ImportError::Unsupported { what: format!("EncryptionEngine={engine} BlockCipherMode={mode}") });
        }
        let rounds: u64 = match of("KdfIterations")? {
            Some(rounds) => rounds.parse().map_err(|_| ImportError::Malformed { what: "KdfIterations", at: 1 })?,
            None => 1000,
        };
        affordable("KdfIterations", rounds, MOST_PBKDF2)?;
        // Every password has a salt of its own, and so a derivation.
        let passwords = text.matches(" Password=\"").count() - text.matches(" Password=\"\"").count();
        affordable("KdfIterations", rounds.saturating_mul(passwords as u64 + 1), MOST_ROUNDS)?;
        let whole = of("FullFileEncryption")?.is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let protected = of("Protected")?.map(|text| text.to_string()).unwrap_or_default();
        Ok(Self { rounds: u32::try_from(rounds).unwrap_or(u32::MAX), protected, whole })
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<Zeroizing<String>>, ImportError> {
    let malformed = ImportError::Malformed { what: "attribute", at: 0 };
    let Ok(found) = element.try_get_attribute(name) else { return Err(malformed) };
    let Some(found) = found else { return Ok(None) };
    match quick_xml::escape::unescape(&found.value) {
        Ok(text) => Ok(Some(Zeroizing::new(text.into_owned()))),
        Err(_) => Err(malformed),
    }
}

/// What opens the passwords.
struct Opening<'a> {
    file: File,
    password: Zeroizing<String>,
    own_password: bool,
    reading: &'a Reading<'a>,
}

impl<'a> Opening<'a> {
    /// Tries the password that was given, else the one that is built in, on what the file keeps for that.
    fn new(file: File, reading: &'a Reading<'a>) -> Result<Self, ImportError> {
        // Goes into the key derivation.
        let given = reading.unlock.password.as_ref().map(|password| Zeroizing::new(password.expose().clone()));
        let mut opening = Self { file, password: Zeroizing::new(BUILT_IN.to_owned()), own_password: false, reading };
        let test = opening.file.protected.clone();
        if test.is_empty() || opening.open(&test, "Protected").is_ok() {
            return Ok(opening);
        }
        opening.password = given.filter(|given| !given.is_empty()).ok_or(ImportError::Locked { what: "password" })?;
        opening.own_password = true;
        opening.open(&test, "Protected").map_err(|error| match error {
            ImportError::Altered { .. } => ImportError::Wrong { what: "password" },
            error => error,
        })?;
        Ok(opening)
    }

    fn open(&self, sealed: &str, what: &'static str) -> Result<SecretBytes, ImportError> {
        let malformed = || ImportError::Malformed { what, at: 0 };
        let sealed = STANDARD.decode(sealed).map_err(|_| malformed())?;
        let (salt, rest) = sealed.split_at_checked(16).ok_or_else(malformed)?;
        let (nonce, rest) = rest.split_at_checked(16).ok_or_else(malformed)?;
        let (sealed, tag) = rest.split_at_checked(rest.len().saturating_sub(16)).ok_or_else(malformed)?;
        let nonce: [u8; 16] = nonce.try_into().map_err(|_| malformed())?;
        let tag: [u8; 16] = tag.try_into().map_err(|_| malformed())?;
        let mut key = Zeroizing::new([0; 32]);
        self.reading.work.derives("KdfIterations", u64::from(self.file.rounds), MOST_PBKDF2)?;
        pbkdf2::pbkdf2::<Hmac<Sha1>>(self.password.as_bytes(), salt, self.file.rounds, key.as_mut_slice()).map_err(|_| malformed())?;
        let cipher = Cipher::new_from_slice(key.as_slice()).map_err(|_| malformed())?;
        let mut clear = Zeroizing::new(sealed.to_vec());
        let opened = cipher.decrypt_inout_detached(&nonce.into(), salt, clear.as_mut_slice().into(), &Tag::<Cipher>::from(tag));
        opened.map_err(|_| ImportError::Altered { what })?;
        Ok(SecretBytes::new(clear.to_vec()))
    }
}

/// What a folder or a connection says, for those below it that inherit it.
#[derive(Default, Clone)]
struct Said {
    user: String,
    domain: String,
    password: Zeroizing<String>,
    port: String,
    protocol: String,
    /// What the password is known by: that of the element that says it.
    origin: String,
}

struct Taking<'a> {
    opening: Opening<'a>,
    parsed: Parsed,
    names: NamesCount,
    path: Vec<String>,
    above: Vec<Said>,
}

impl Taking<'_> {
    fn tree(&mut self, reader: &mut Reader<&[u8]>) -> Result<(), ImportError> {
        // One that opened `Connections` itself is closed by it.
        let mut depth = 0_usize;
        loop {
            match next(reader)? {
                Event::Start(element) if element.name().as_ref() == "Node" => {
                    depth += 1;
                    within("depth", depth as u64, MOST_DEPTH as u64)?;
                    let said = self.node(&element)?;
                    self.path.push(attribute(&element, "Name")?.map(|name| label(&name)).unwrap_or_default());
                    self.above.push(said);
                }
                Event::Empty(element) if element.name().as_ref() == "Node" => drop(self.node(&element)?),
                Event::End(element) if element.name().as_ref() == "Node" => {
                    depth = depth.saturating_sub(1);
                    self.path.pop();
                    self.above.pop();
                }
                Event::DocType(_) => return Err(ImportError::Unsupported { what: "DOCTYPE".to_owned() }),
                Event::Eof if depth > 0 => return Err(ImportError::Truncated { what: "XML" }),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn node(&mut self, element: &BytesStart<'_>) -> Result<Said, ImportError> {
        let above = self.above.last().cloned().unwrap_or_default();
        let of = |name: &str| attribute(element, name).map(Option::unwrap_or_default);
        let own = |name: &str, inherited: &str| -> Result<String, ImportError> {
            let inherits = of(&format!("Inherit{name}"))?.eq_ignore_ascii_case("true");
            if inherits { Ok(inherited.to_owned()) } else { Ok(of(name)?.to_string()) }
        };
        let name = of("Name")?.to_string();
        let id = of("Id")?.to_string();
        let id = if id.is_empty() { self.path.iter().map(String::as_str).chain([name.as_str()]).collect::<Vec<_>>().join("/") } else { id };
        let inherits = of("InheritPassword")?.eq_ignore_ascii_case("true");
        let said = Said {
            user: own("Username", &above.user)?,
            domain: own("Domain", &above.domain)?,
            port: own("Port", &above.port)?,
            protocol: own("Protocol", &above.protocol)?,
            password: if inherits { above.password.clone() } else { of("Password")? },
            origin: if inherits { above.origin.clone() } else { id.clone() },
        };
        let is_host = !of("Type")?.eq_ignore_ascii_case("Container");
        let address = of("Hostname")?.to_string();
        self.take(&name, &id, is_host.then_some(address.as_str()), &said, of("Descr")?.as_str())?;
        Ok(said)
    }

    fn take(&mut self, name: &str, id: &str, address: Option<&str>, said: &Said, notes: &str) -> Result<(), ImportError> {
        let counted = self.parsed.entries.len() + self.parsed.hosts.len() + self.parsed.refused.len();
        within("entries", counted as u64 + 1, MOST_ENTRIES as u64)?;
        let user = (!said.user.is_empty()).then(|| said.user.clone());
        let is_ssh = said.protocol.starts_with("SSH");
        let address = address.filter(|address| !address.is_empty());
        let mut credential = None;
        if !said.password.is_empty() {
            credential = self.password(name, id, address, said, is_ssh)?;
        }
        let Some(address) = address else { return Ok(()) };
        if !is_ssh {
            if credential.is_none() {
                self.parsed.refuse(name, "other-protocol");
            }
            return Ok(());
        }
        let port = said.port.parse().ok().filter(|port: &u16| !matches!(port, 0 | 22));
        self.parsed.hosts.push(Host {
            origin: id.to_owned(),
            name: name.to_owned(),
            path: self.path.clone(),
            address: address.to_owned(),
            port,
            user,
            credential,
            notes: (!notes.is_empty()).then(|| ("Descr".to_owned(), notes.to_owned())).into_iter().collect(),
            ..Host::default()
        });
        Ok(())
    }

    /// The entry of a password, which several connections may have inherited.
    fn password(&mut self, name: &str, id: &str, address: Option<&str>, said: &Said, is_ssh: bool) -> Result<Option<String>, ImportError> {
        let scheme = if is_ssh { "ssh".to_owned() } else { said.protocol.to_ascii_lowercase() };
        let url = address.map(|address| format!("{scheme}://{address}{}", port_of(&said.port)));
        let host = || address.filter(|_| is_ssh).map(|_| name.to_owned());
        if said.origin != id {
            let same = |entry: &&mut Entry| entry.origin == said.origin && entry.user.as_deref().unwrap_or_default() == said.user;
            if let Some(entry) = self.parsed.entries.iter_mut().rev().find(same) {
                entry.urls.extend(url);
                entry.hosts.extend(host());
                return Ok(Some(said.origin.clone()));
            }
        }
        let opened = match self.opening.open(&said.password, "Password") {
            Ok(opened) => opened.into_text().ok(),
            Err(ImportError::Altered { .. } | ImportError::Malformed { .. }) => None,
            Err(error) => return Err(error),
        };
        // Its length only.
        let Some(value) = opened.filter(|value: &SecretText| value.expose().len() <= MOST_VALUE) else {
            self.parsed.refuse(name, "damaged");
            return Ok(None);
        };
        let user = match (said.domain.as_str(), said.user.as_str()) {
            (_, "") => None,
            ("", user) => Some(user.to_owned()),
            (domain, user) if !is_ssh => Some(format!("{domain}\\{user}")),
            (_, user) => Some(user.to_owned()),
        };
        let entry = Entry {
            origin: id.to_owned(),
            path: self.path.clone(),
            title: name.to_owned(),
            user,
            value: Some(value),
            urls: url.into_iter().collect(),
            hosts: host().into_iter().collect(),
            ..Entry::default()
        };
        self.names.add(&entry)?;
        self.parsed.entries.push(entry);
        Ok(Some(id.to_owned()))
    }
}

fn port_of(port: &str) -> String {
    match port.parse::<u16>() {
        Ok(port) if port > 0 => format!(":{port}"),
        _ => String::new(),
    }
}
