//! Sessions and keys of hosts of PuTTY and KiTTY, as `regedit` exports them: UTF-16 with a mark (version 5), or the code page of
//! the machine (REGEDIT4).

use std::borrow::Cow;
use std::collections::BTreeMap;

use beffroi_secret::SecretText;
use zeroize::Zeroizing;

use super::putty_names::{host_key, unescaped};
use crate::limits::{MOST_ENTRIES, MOST_VALUE, within};
use crate::{Entry, Host, ImportError, Parsed, Reading, Source, decode};

const VERSIONS: &[&str] = &["Windows Registry Editor Version 5.00", "REGEDIT4"];
/// Where sessions lie, in lower case.
const ROOTS: &[&str] = &["\\software\\simontatham\\putty\\", "\\software\\9bis.com\\kitty\\"];
/// `ProxyMethod`: through SSH, as `ssh -J` goes.
const BY_SSH: &str = "6";
const PROXIES: &[&str] = &["none", "SOCKS 4", "SOCKS 5", "HTTP", "Telnet", "Local"];

/// An export with a key of one of them.
pub fn tells(source: &Source) -> bool {
    let Ok(bytes) = source.bytes() else { return false };
    // Only what begins as an export is decoded whole.
    let beginning: Vec<u8> = bytes.iter().take(128).copied().filter(|byte| *byte != 0).collect();
    let is_export = VERSIONS.iter().any(|version| beginning.windows(version.len()).any(|part| part == version.as_bytes()));
    is_export && text_of(bytes).is_ok_and(|text| text.lines().filter(|line| line.starts_with('[')).any(|line| root_of(line).is_some()))
}

/// The export as text; one that is no UTF-8 is taken as Latin-1.
fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    match decode(bytes) {
        Err(ImportError::NotText { .. }) if bytes.starts_with(b"REGEDIT4") => Ok(bytes.iter().copied().map(char::from).collect()),
        decoded => decoded,
    }
}

/// What is below one of the roots.
fn root_of(line: &str) -> Option<&str> {
    let path = line.trim().strip_prefix('[')?.strip_suffix(']')?;
    let lower = path.to_ascii_lowercase();
    ROOTS.iter().find_map(|root| lower.find(root).and_then(|at| path.get(at + root.len()..)))
}

/// Sessions by SSH as hosts, keys of hosts as OpenSSH writes them.
///
/// # Errors
/// [`ImportError::Malformed`] with its line, [`ImportError::NotText`], [`ImportError::TooLarge`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = text_of(reading.source.bytes()?)?;
    let mut parsed = Parsed::default();
    let mut sessions: BTreeMap<String, BTreeMap<String, Zeroizing<String>>> = BTreeMap::new();
    let (mut place, mut count) = (Place::Elsewhere, 0_u64);
    let mut lines = text.lines().zip(1_u64..);
    while let Some((line, number)) = lines.next() {
        let line = line.trim();
        if line.starts_with('[') {
            place = Place::of(line);
            if let Place::Session(name) = &place {
                sessions.entry(name.clone()).or_default();
            }
            continue;
        }
        if !line.starts_with('"') || matches!(place, Place::Elsewhere) {
            continue;
        }
        count += 1;
        within("values", count, 20 * MOST_ENTRIES as u64)?;
        let (name, value) = pair(line).ok_or(ImportError::Malformed { what: "\"name\"=value", at: number })?;
        match &place {
            Place::Session(session) => {
                within("value", value.len() as u64, MOST_VALUE as u64)?;
                sessions.get_mut(session).into_iter().for_each(|said| drop(said.insert(name.to_string(), value.clone())));
            }
            Place::HostKeys => match host_key(&name, &value) {
                Some(key) => parsed.host_keys.push(key),
                None => parsed.refuse(name.as_str(), "unknown-key"),
            },
            Place::Elsewhere => {}
        }
        // `hex:` goes on over lines that end with a backslash: nothing that is read.
        let mut ends = line;
        while ends.ends_with('\\') && !ends.starts_with("\"\"") {
            let Some((next, _)) = lines.next() else { break };
            ends = next.trim();
        }
    }
    within("entries", sessions.len() as u64, MOST_ENTRIES as u64)?;
    sessions.iter().for_each(|(name, said)| session(name, said, &mut parsed));
    Ok(parsed)
}

enum Place {
    Session(String),
    HostKeys,
    Elsewhere,
}

impl Place {
    fn of(line: &str) -> Self {
        let Some(below) = root_of(line) else { return Self::Elsewhere };
        match below.split_once('\\') {
            Some((folder, name)) if folder.eq_ignore_ascii_case("Sessions") => Self::Session(unescaped(name)),
            None if below.eq_ignore_ascii_case("SshHostKeys") => Self::HostKeys,
            _ => Self::Elsewhere,
        }
    }
}

/// `"name"="text"` or `"name"=dword:0000001f`. Others have an empty value.
fn pair(line: &str) -> Option<(Zeroizing<String>, Zeroizing<String>)> {
    let (name, rest) = quoted(line)?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    if rest.starts_with('"') {
        return quoted(rest).map(|(value, _)| (name, value));
    }
    let number = match rest.strip_prefix("dword:") {
        Some(digits) => u32::from_str_radix(digits.trim(), 16).ok()?.to_string(),
        None => String::new(),
    };
    Some((name, Zeroizing::new(number)))
}

/// A text between quotation marks, and what follows it.
fn quoted(text: &str) -> Option<(Zeroizing<String>, &str)> {
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut next = text.strip_prefix('"')?.chars();
    loop {
        match next.next()? {
            '"' => return Some((value, next.as_str())),
            '\\' => value.push(next.next()?),
            read => value.push(read),
        }
    }
}

fn session(name: &str, said: &BTreeMap<String, Zeroizing<String>>, parsed: &mut Parsed) {
    let of = |key: &str| said.get(key).map(|value| value.as_str()).filter(|value| !value.is_empty());
    let protocol = of("Protocol").unwrap_or("ssh");
    let Some(address) = of("HostName") else {
        // What new sessions begin with.
        if name != "Default Settings" {
            parsed.refuse(name, "no-address");
        }
        return;
    };
    if protocol != "ssh" {
        parsed.refuse(name, "other-protocol");
        return;
    }
    let (in_address, address) = address.rsplit_once('@').map_or((None, address), |(user, address)| (Some(user), address));
    // `user@` and nothing after it.
    if address.is_empty() {
        parsed.refuse(name, "no-address");
        return;
    }
    let user = of("UserName").or(in_address).map(str::to_owned);
    let port = |key: &str| of(key).and_then(|port| port.parse::<u16>().ok()).filter(|port| !matches!(port, 0 | 22));
    let mut notes: Vec<(String, String)> =
        ["PublicKeyFile", "RemoteCommand"].iter().filter_map(|key| Some(((*key).to_owned(), of(key)?.to_owned()))).collect();
    let (mut jump, method) = (Vec::new(), of("ProxyMethod").unwrap_or("0"));
    if let Some(proxy) = of("ProxyHost").filter(|_| method != "0") {
        let account = of("ProxyUsername").map(|user| format!("{user}@")).unwrap_or_default();
        let proxy = format!("{account}{proxy}{}", port("ProxyPort").map(|port| format!(":{port}")).unwrap_or_default());
        if method == BY_SSH {
            jump.push(proxy.clone());
        } else {
            let kind = method.parse::<usize>().ok().and_then(|method| PROXIES.get(method)).unwrap_or(&"?");
            notes.push(("ProxyMethod".to_owned(), format!("{kind} {proxy}")));
        }
        if let Some(password) = of("ProxyPassword") {
            parsed.notice("clear-text", name);
            parsed.entries.push(Entry {
                origin: format!("{name}#ProxyPassword"),
                title: format!("{name}: {proxy}"),
                user: of("ProxyUsername").map(str::to_owned),
                value: Some(SecretText::new(password.to_owned())),
                ..Entry::default()
            });
        }
    }
    // KiTTY's own, which its program and the name of the host encrypt.
    if of("Password").is_some() {
        parsed.refuse(format!("{name}: Password"), "not-read");
    }
    parsed.hosts.push(Host {
        origin: name.to_owned(),
        name: name.to_owned(),
        path: of("Folder").filter(|folder| *folder != "Default").map(unescaped).into_iter().collect(),
        address: address.to_owned(),
        port: port("PortNumber"),
        user,
        jump,
        notes,
        ..Host::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, Unlock, Work, detect};

    const TEXT: &str = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\Default%20Settings]\r\n\"HostName\"=\"\"\r\n\r\n[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\web%20%e9t%e9]\r\n\"HostName\"=\"ops@web-1.example.org\"\r\n\"PortNumber\"=dword:000008ae\r\n\"Protocol\"=\"ssh\"\r\n\"PublicKeyFile\"=\"C:\\\\Users\\\\a\\\\k.ppk\"\r\n\"ProxyMethod\"=dword:00000006\r\n\"ProxyHost\"=\"bastion\"\r\n\"ProxyPort\"=dword:00000016\r\n\"ProxyUsername\"=\"jump\"\r\n\"ProxyPassword\"=\"p\\\"w\"\r\n\"Bin\"=hex:01,02,\\\r\n  03\r\n\r\n[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\serial]\r\n\"HostName\"=\"x\"\r\n\"Protocol\"=\"serial\"\r\n\r\n[HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\SshHostKeys]\r\n\"rsa2@22:web-1\"=\"0x10001,0xc0ffee\"\r\n\"what@22:web-1\"=\"0x1\"\r\n";

    fn wide(text: &str) -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn sessions_and_keys_come_in_each_encoding() {
        let ansi = TEXT.replace("Windows Registry Editor Version 5.00", "REGEDIT4").replace("bastion", "b\u{e9}");
        for bytes in
            [wide(TEXT), TEXT.as_bytes().to_vec(), ansi.chars().map(|next| u8::try_from(u32::from(next)).expect("Latin-1")).collect()]
        {
            let (source, unlock, work) = (Source::file("putty.reg", bytes), Unlock::default(), Work::default());
            assert_eq!(detect(&source), Some(Format::PuttyReg));
            let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
            let [host] = parsed.hosts.as_slice() else { panic!("one host: {:?}", parsed.hosts) };
            assert_eq!(
                (host.name.as_str(), host.address.as_str(), host.port, host.user.as_deref()),
                ("web été", "web-1.example.org", Some(2222), Some("ops"))
            );
            assert!(host.jump == ["jump@bastion"] || host.jump == ["jump@bé"], "{:?}", host.jump);
            assert_eq!(host.notes, [("PublicKeyFile".to_owned(), "C:\\Users\\a\\k.ppk".to_owned())]);
            assert_eq!(
                parsed.entries.iter().map(|entry| entry.value.as_ref().expect("a value").expose().as_str()).collect::<Vec<_>>(),
                ["p\"w"]
            );
            assert_eq!(parsed.host_keys.len(), 1);
            let refused: Vec<_> = parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect();
            assert_eq!(refused, [("what@22:web-1", "unknown-key"), ("serial", "other-protocol")]);
        }
    }

    #[test]
    fn sessions_of_kitty_are_read_and_their_passwords_told() {
        let text = "REGEDIT4\n[HKEY_CURRENT_USER\\Software\\9bis.com\\KiTTY\\Sessions\\a]\n\"HostName\"=\"h\"\n\"Password\"=\"xyz\"\n\"Folder\"=\"prod\"\n";
        let (source, unlock, work) = (Source::file("kitty.reg", text), Unlock::default(), Work::default());
        let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
        assert_eq!(parsed.hosts.iter().map(|host| host.path.join("/")).collect::<Vec<_>>(), ["prod"]);
        assert_eq!(parsed.refused.iter().map(|refused| refused.why).collect::<Vec<_>>(), ["not-read"]);
    }
}
