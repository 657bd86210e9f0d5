//! Who can log in, and become root.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::{bounded, cut, text};
use crate::facts::{Account, Area, AuthorizedKey, Facts, HostKey, Password, Sudo, SudoMember, SudoRule};
use crate::wire::Answer;

/// Groups that distributions let use sudo: Debian's, that of most others, and Ubuntu's old one.
const SUDO_GROUPS: [&str; 3] = ["admin", "sudo", "wheel"];

pub(super) fn read(answer: &Answer<'_>, facts: &mut Facts) {
    if answer.section("passwd").is_some() {
        let accounts = accounts(answer);
        facts.user = facts.uid.and_then(|uid| accounts.iter().find(|account| account.uid == uid)).map(|account| account.name.clone());
        facts.accounts = Some(cut(accounts, Area::Accounts, facts));
    }
    if answer.section("groups").is_some() {
        facts.sudo = Some(sudo(answer, facts));
    }
    if let Some(section) = answer.section("keys") {
        let keys = section.lines_of_files().filter_map(|(file, line)| {
            let (account, file) = file.split_once(' ')?;
            let key = public_key(line)?;
            Some(AuthorizedKey {
                account: text(account)?,
                file: text(file)?,
                fingerprint: key.fingerprint,
                algorithm: key.algorithm,
                bits: key.bits,
                comment: key.comment,
                options: key.options,
            })
        });
        let keys = bounded(keys.collect(), Area::AuthorizedKeys, facts);
        facts.authorized_keys = Some(keys);
    }
    if answer.section("host_keys").is_some() {
        let keys = answer.lines("host_keys").filter_map(public_key);
        let keys = keys.map(|key| HostKey { algorithm: key.algorithm, fingerprint: key.fingerprint }).collect();
        facts.host_keys = Some(bounded(keys, Area::HostKeys, facts));
    }
}

/// Joins passwd(5), group(5) and what the probe says of shadow(5).
fn accounts(answer: &Answer<'_>) -> Vec<Account> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for [name, _, number, members] in answer.lines("groups").filter_map(fields::<4>) {
        names.insert(number, name);
        for member in members.split(',').filter(|member| !member.is_empty()) {
            groups.entry(member).or_default().push(name);
        }
    }
    let passwords: BTreeMap<&str, &str> = answer.lines("shadow").filter_map(|line| line.rsplit_once(' ')).collect();
    let mut accounts = Vec::new();
    for [name, password, uid, group, _, home, shell] in answer.lines("passwd").filter_map(fields::<7>) {
        let mut groups = groups.get(name).cloned().unwrap_or_default();
        groups.extend(names.get(group));
        let mut groups: Vec<String> = groups.into_iter().filter_map(text).collect();
        groups.sort();
        groups.dedup();
        let (Some(name_text), Ok(uid)) = (text(name), uid.parse()) else { continue };
        let password = if password.is_empty() { Some(Password::Empty) } else { passwords.get(name).and_then(|word| state(word)) };
        accounts.push(Account {
            name: name_text,
            uid,
            home: text(home).unwrap_or_default(),
            shell: text(shell).unwrap_or_default(),
            groups,
            password,
        });
    }
    accounts.sort_by(|one, other| one.name.cmp(&other.name));
    accounts.dedup_by(|one, other| one.name == other.name);
    accounts
}

fn state(word: &str) -> Option<Password> {
    match word {
        "locked" => Some(Password::Locked),
        "set" => Some(Password::Set),
        "empty" => Some(Password::Empty),
        _ => None,
    }
}

/// The fields of a line of passwd(5) and its like, when it has exactly as many.
fn fields<const COUNT: usize>(line: &str) -> Option<[&str; COUNT]> {
    line.split(':').collect::<Vec<_>>().try_into().ok()
}

fn sudo(answer: &Answer<'_>, facts: &mut Facts) -> Sudo {
    let mut members = Vec::new();
    for [group, _, number, others] in answer.lines("groups").filter_map(fields::<4>).filter(|[group, ..]| SUDO_GROUPS.contains(group)) {
        let own = answer.lines("passwd").filter_map(fields::<7>).filter(|fields| fields[3] == number).map(|fields| fields[0]);
        for account in others.split(',').chain(own).filter_map(text) {
            members.push(SudoMember { group: group.to_owned(), account });
        }
    }
    let members = bounded(members, Area::Sudo, facts);
    let readable = !answer.missing.iter().any(|(section, _)| *section == "sudoers");
    let rules = answer.section("sudoers").filter(|_| readable).map(|section| {
        let files = section.files.iter();
        bounded(files.flat_map(|(file, lines)| rules(file, lines)).collect(), Area::Sudo, facts)
    });
    Sudo { members, rules }
}

/// The rules of a file of sudoers(5); a line that ends in a backslash goes on.
fn rules(file: &str, lines: &[&str]) -> Vec<SudoRule> {
    let mut rules = Vec::new();
    let mut whole = String::new();
    for line in lines {
        if let Some(begun) = line.strip_suffix('\\') {
            whole.push_str(begun);
            continue;
        }
        whole.push_str(line);
        rules.extend(rule(file, &whole));
        whole.clear();
    }
    rules
}

fn rule(file: &str, line: &str) -> Option<SudoRule> {
    let rule = text(&line.split_whitespace().collect::<Vec<_>>().join(" "))?;
    let who = rule.split(' ').next()?;
    if who.starts_with("Defaults") || who.ends_with("_Alias") || who.starts_with(['@', '#']) || !rule.contains('=') {
        return None;
    }
    Some(SudoRule { file: text(file)?, who: who.to_owned(), no_password: rule.contains("NOPASSWD"), rule })
}

/// A line with a public key (sshd(8), "AUTHORIZED_KEYS FILE FORMAT").
struct PublicKey {
    options: String,
    algorithm: String,
    bits: Option<u32>,
    fingerprint: String,
    comment: String,
}

fn public_key(line: &str) -> Option<PublicKey> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    let (options, rest) = if is_algorithm(line.split([' ', '\t']).next()?) { ("", line) } else { split_options(line)? };
    let mut words = rest.splitn(3, [' ', '\t']);
    let (algorithm, key) = (words.next()?, words.next()?);
    if !is_algorithm(algorithm) {
        return None;
    }
    let blob = STANDARD.decode(key).or_else(|_| STANDARD_NO_PAD.decode(key)).ok()?;
    // A key begins with the name of its algorithm (RFC 4253, 6.6).
    let (named, numbers) = field(&blob)?;
    if named != algorithm.as_bytes() {
        return None;
    }
    let bits = if algorithm == "ssh-rsa" { modulus_bits(numbers) } else { None };
    let fingerprint = format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob)));
    let comment = words.next().and_then(text).unwrap_or_default();
    Some(PublicKey { options: text(options).unwrap_or_default(), algorithm: algorithm.to_owned(), bits, fingerprint, comment })
}

/// The first field of a key, and the rest (RFC 4251, 5, "string").
fn field(blob: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = blob.split_at_checked(4)?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?)
}

/// The length of a key of RSA: its exponent, then its modulus, of which the first byte may be a zero (RFC 4253, 6.6).
fn modulus_bits(numbers: &[u8]) -> Option<u32> {
    let (_exponent, rest) = field(numbers)?;
    let (modulus, _) = field(rest)?;
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    (u32::try_from(modulus.len()).ok()? * 8).checked_sub(modulus.first()?.leading_zeros())
}

fn is_algorithm(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|prefix| word.starts_with(prefix))
        && word.len() < 80
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-@.".contains(&byte))
}

/// Options end at the first space outside double quotes.
fn split_options(line: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    let end = line.find(|character: char| {
        let ends = !quoted && matches!(character, ' ' | '\t');
        quoted ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    })?;
    let (options, rest) = line.split_at_checked(end)?;
    Some((options, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIKxAmO3TbHhH1IoaNBkyxqcu4mQRUYzlKmlIEWrLUrzg";

    #[test]
    fn a_key_is_known_by_its_fingerprint() {
        let plain = public_key(&format!("ssh-ed25519 {KEY} anna@laptop two words")).expect("a key");
        assert_eq!(plain.fingerprint, "SHA256:ohM5ptckCZNjiR5CW/4GtQw+wHGGVBqHfFZseEA3LxU");
        assert_eq!((plain.options.as_str(), plain.comment.as_str(), plain.bits), ("", "anna@laptop two words", None));
        let options = r#"command="echo \"a b\"",no-pty"#;
        let forced = public_key(&format!("{options} ssh-ed25519 {KEY}")).expect("a key");
        assert_eq!((forced.options.as_str(), forced.comment.as_str(), forced.fingerprint), (options, "", plain.fingerprint));
        let other = format!("ssh-rsa {KEY}");
        for bad in ["", "#", "ssh-ed25519", "ssh-ed25519 AAAA", "root:$6$x:1::", "\"open ssh-ed25519 AAAA", &other] {
            assert!(public_key(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_key_of_rsa_has_a_length() {
        let of = |first: u8, bytes: usize| {
            let modulus: Vec<u8> = [0, first].into_iter().chain(std::iter::repeat_n(1, bytes - 1)).collect();
            let field = |bytes: &[u8]| [&u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat();
            let blob = [field(b"ssh-rsa"), field(&[1, 0, 1]), field(&modulus)].concat();
            public_key(&format!("ssh-rsa {}", STANDARD.encode(blob))).expect("a key").bits
        };
        assert_eq!((of(0x80, 256), of(0x80, 128), of(0x01, 128)), (Some(2048), Some(1024), Some(1017)));
        let short = STANDARD.encode(b"\0\0\0\x07ssh-rsa\0\0\0\x09x");
        assert_eq!(public_key(&format!("ssh-rsa {short}")).expect("a key").bits, None);
    }

    #[test]
    fn rules_of_sudo_without_defaults_and_aliases() {
        let lines = [
            "Defaults env_reset",
            "User_Alias A = b, c",
            "@includedir /etc/sudoers.d",
            "root\tALL=(ALL:ALL)  ALL",
            "deploy ALL = NOPASSWD: \\",
            "  /usr/bin/systemctl restart x",
            "odd",
        ];
        let rules = rules("/etc/sudoers", &lines);
        let found: Vec<_> = rules.iter().map(|rule| (rule.who.as_str(), rule.rule.as_str(), rule.no_password)).collect();
        let expected = [("root", "root ALL=(ALL:ALL) ALL", false), ("deploy", "deploy ALL = NOPASSWD: /usr/bin/systemctl restart x", true)];
        assert_eq!(found, expected);
    }
}
