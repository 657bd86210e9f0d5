//! What a value may be. The patterns are those of YunoHost's action map (12.1.25), written out; where it has none, what its
//! code takes, and never a word that its command line would take for an option.

/// What a value may be. A form shows a field for it, the command line a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Yes when it is given.
    Switch,
    /// A login, `[a-z0-9_.]+`, 64 characters, not only dots: its home would be another folder.
    Username,
    /// A login that does not exist yet: not one of those that belong to the administrators either.
    NewUsername,
    /// First and last name: words parted by at most three of ` ,.'-`, 256 characters.
    Fullname,
    /// A password: 3 to 126 characters (the host's policy asks for more), no control characters. A secret.
    Password,
    /// An e-mail address.
    Address,
    /// Several e-mail addresses.
    Addresses,
    /// `0`, or a number and one of `b k M G T`.
    Quota,
    /// A program of `/etc/shells`, as an absolute path.
    Shell,
    /// A group, `[a-z0-9_]+`.
    Group,
    /// Several users or groups.
    Members,
    /// A permission, `app.name`.
    Permission,
    /// A public SSH key, one line.
    PublicKey,
    /// A domain, in lower case.
    Domain,
    /// Several domains; none means all.
    Domains,
    /// The instance of an application, `hextris__2`.
    App,
    /// Several instances; none means all.
    Apps,
    /// Where an application comes from: a name of the catalog, an absolute path on the host, or an `https://` address.
    AppSource,
    /// Where an application answers, `/` first.
    UrlPath,
    /// Answers to an application's questions, or values of a configuration panel, by name. Each may be a secret.
    Settings,
    /// A systemd unit that YunoHost knows.
    Service,
    /// Several of them.
    Services,
    /// A port, or the first and the last of several: `8000:8010`.
    PortRange,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A key of a configuration panel, `security.ssh.ssh_port`.
    Key,
    /// The name of a backup archive, `[A-Za-z0-9_.-]+`, 50 characters, no dot at its end.
    Archive,
    /// An absolute path on the host.
    Path,
    /// A whole number from 0 to this.
    Number(u32),
    /// One line of text of at most this many characters.
    Line(usize),
    /// Words, each one line of at most 256 characters: categories, identifiers of migrations, filters.
    Words,
}

/// `ADMIN_ALIASES` of YunoHost 12 (`src/user.py`).
const RESERVED: &[&str] = &["root", "admin", "admins", "webmaster", "postmaster", "abuse"];

impl Kind {
    /// Whether its values are lists.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::Addresses | Self::Members | Self::Domains | Self::Apps | Self::Services | Self::Words)
    }

    /// Whether its value is masked wherever it is shown.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Password)
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Username => "username",
            Self::NewUsername => "new-username",
            Self::Fullname => "fullname",
            Self::Password => "password",
            Self::Address => "address",
            Self::Addresses => "addresses",
            Self::Quota => "quota",
            Self::Shell => "shell",
            Self::Group => "group",
            Self::Members => "members",
            Self::Permission => "permission",
            Self::PublicKey => "public-key",
            Self::Domain => "domain",
            Self::Domains => "domains",
            Self::App => "app",
            Self::Apps => "apps",
            Self::AppSource => "app-source",
            Self::UrlPath => "url-path",
            Self::Settings => "settings",
            Self::Service => "service",
            Self::Services => "services",
            Self::PortRange => "port-range",
            Self::Choice(_) => "choice",
            Self::Key => "key",
            Self::Archive => "archive",
            Self::Path => "path",
            Self::Number(_) => "number",
            Self::Line(_) => "line",
            Self::Words => "words",
        }
    }

    /// Whether a single value, or one of a list, fits.
    #[must_use]
    pub fn fits(self, value: &str) -> bool {
        match self {
            Self::Switch | Self::Settings => false,
            Self::Username => is_username(value),
            Self::NewUsername => is_username(value) && !RESERVED.contains(&value),
            Self::Fullname => is_fullname(value),
            Self::Password => (3..127).contains(&value.chars().count()) && !value.chars().any(char::is_control),
            Self::Address | Self::Addresses => is_address(value),
            Self::Quota => is_quota(value),
            Self::Shell | Self::Path => is_path(value),
            Self::Group => named(value, 64, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            Self::Members => is_username(value),
            Self::Permission => value.split_once('.').is_some_and(|(app, name)| is_id(app) && is_id(name)),
            Self::PublicKey => is_public_key(value),
            Self::Domain | Self::Domains => is_domain(value),
            Self::App | Self::Apps => is_id(value),
            Self::AppSource => is_id(value) || is_path(value) || is_https(value),
            Self::UrlPath => value.starts_with('/') && value.len() <= 256 && value.chars().all(|c| c.is_ascii_graphic()),
            Self::Service | Self::Services => is_unit(value),
            Self::PortRange => ports(value).is_some(),
            Self::Choice(choices) => choices.contains(&value),
            Self::Key => named(value, 256, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')),
            Self::Archive => named(value, 50, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) && !value.ends_with('.'),
            Self::Number(most) => value.parse::<u32>().is_ok_and(|number| number <= most),
            Self::Line(most) => is_line(value, most),
            Self::Words => is_line(value, 256) && !value.is_empty(),
        }
    }
}

/// Begins with a letter or digit, so that it is no option, and is of these characters.
fn named(value: &str, most: usize, allowed: impl Fn(char) -> bool) -> bool {
    (1..=most).contains(&value.len()) && value.chars().all(&allowed) && value.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// The id of an application or of one of its permissions: `[a-z0-9_-]`.
fn is_id(value: &str) -> bool {
    named(value, 64, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
}

/// `^[a-z0-9_\.]+$`
fn is_username(value: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
    (1..=64).contains(&value.len()) && value.chars().all(allowed) && !value.chars().all(|c| c == '.')
}

/// `^([^\W_]{1,30}[ ,.'-]{0,3})+$`: as the group repeats, what counts is that it begins with a letter or digit and
/// that no more than three separators follow each other. The pattern backtracks without end on what does not match.
fn is_fullname(value: &str) -> bool {
    let mut separators = 3;
    value.chars().count() <= 256
        && !value.is_empty()
        && value.chars().all(|c| {
            separators = if c.is_alphanumeric() { 0 } else { separators + 1 };
            separators == 0 || (separators <= 3 && matches!(c, ' ' | ',' | '.' | '\'' | '-'))
        })
}

/// `^(\d+[bkMGT])|0$`, with the anchors meant for both.
fn is_quota(value: &str) -> bool {
    let digits = value.strip_suffix(['b', 'k', 'M', 'G', 'T']).unwrap_or_default();
    value == "0" || ((1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `^([^\W_A-Z]+([-]*[^\W_A-Z]+)*\.)+((xn--)?[^\W_]{2,})$`, 253 bytes at most (RFC 1035, 2.3.4).
fn is_domain(value: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() && !c.is_ascii_uppercase();
    let label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(|c| letter(c) || c == '-');
    let Some((labels, last)) = value.rsplit_once('.') else {
        return false;
    };
    let last = last.strip_prefix("xn--").unwrap_or(last);
    value.len() <= 253 && labels.split('.').all(label) && last.chars().count() >= 2 && last.chars().all(letter)
}

/// `^[\w\+.-]+@DOMAIN$`; one that begins with `-` would be taken for an option.
fn is_address(value: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '+' | '.' | '-');
    value.split_once('@').is_some_and(|(local, domain)| {
        (1..=64).contains(&local.len()) && !local.starts_with('-') && local.chars().all(allowed) && is_domain(domain)
    })
}

/// A unit name (systemd.unit(5)) that begins with a letter or digit.
fn is_unit(value: &str) -> bool {
    named(value, 128, |c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.' | '@' | '+'))
}

/// Absolute, without `..` and control characters.
fn is_path(value: &str) -> bool {
    value.starts_with('/') && value.len() <= 4096 && !value.chars().any(char::is_control) && !value.split('/').any(|part| part == "..")
}

fn port(value: &str) -> Option<u16> {
    value.parse().ok().filter(|port: &u16| *port > 0 && port.to_string() == value)
}

/// The first and the last port of a [`Kind::PortRange`].
pub(crate) fn ports(value: &str) -> Option<(u16, u16)> {
    match value.split_once(':') {
        None => port(value).map(|port| (port, port)),
        Some((first, last)) => Some((port(first)?, port(last)?)).filter(|(first, last)| first < last),
    }
}

fn is_https(value: &str) -> bool {
    value.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())
        && value.len() <= 2048
        && value.chars().all(|c| c.is_ascii_graphic())
}

fn is_line(value: &str, most: usize) -> bool {
    value.chars().count() <= most && !value.chars().any(char::is_control) && !value.starts_with('-')
}

/// `kind base64 comment`, as in `authorized_keys`, without options before it (sshd(8)).
fn is_public_key(value: &str) -> bool {
    const KINDS: &[&str] = &[
        "ssh-ed25519",
        "ssh-rsa",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
    ];
    let mut words = value.split(' ');
    let kind = words.next().is_some_and(|kind| KINDS.contains(&kind));
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    kind && words.next().is_some_and(|key| key.len() >= 32 && key.chars().all(base64)) && is_line(value, 16_384)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn takes(kind: Kind, good: &[&str], bad: &[&str]) {
        for value in good {
            assert!(kind.fits(value), "{kind:?} takes {value:?}");
        }
        for value in bad {
            assert!(!kind.fits(value), "{kind:?} does not take {value:?}");
        }
    }

    #[test]
    fn names_of_people() {
        takes(
            Kind::Username,
            &["alice", "a.b_c9", "0", ".a", "root"],
            &["", "Alice", "a b", "a-b", "é", "..", ".", "-x", "a\n", &"a".repeat(65)],
        );
        takes(Kind::NewUsername, &["alice"], &["root", "admin", "-x"]);
        takes(
            Kind::Fullname,
            &["Alice Liddell", "Élise D'Août", "Jean-Luc, fils.", "X", "Alice L. Liddell", "山田 太郎", &"a".repeat(90)],
            &["", " Alice", "-x", "a_b", "a    b", "a\nb", "a\u{0}", "<b>", &"a".repeat(257)],
        );
        takes(Kind::Group, &["family", "a_1"], &["", "Family", "a b", "-a", "_a", "a-b"]);
        takes(Kind::Permission, &["hextris.main", "my_webapp__2.admin"], &["", "hextris", ".main", "a.", "A.b", "a.b.c"]);
    }

    #[test]
    fn quotas_domains_addresses_and_services() {
        takes(Kind::Quota, &["0", "500M", "10G"], &["", "M", "500", "500m", "0x", "٣M", "1.5G", "00"]);
        takes(
            Kind::Domain,
            &["ynh1.test", "a-b.example.org", "é.xn--p1ai", "1.2.fr"],
            &["", "test", "A.test", "-a.test", "a-.test", "a..test", ".test", "a.t", "a_b.test", "a.test."],
        );
        takes(Kind::Address, &["alias@second.test", "a.b+c@x.org"], &["", "@x.org", "a@", "-a@x.org", "a b@x.org", "a@b@x.org", "a"]);
        takes(Kind::Service, &["nginx", "php8.2-fpm", "getty@tty1", "x.service"], &["", "-x", "a b", "a/b", "../x", "é", "a;b"]);
    }

    #[test]
    fn ports_paths_and_places() {
        takes(Kind::PortRange, &["1", "22", "65535"], &["", "0", "65536", "99999999", "-1", "022", "+22", "2 2"]);
        takes(Kind::PortRange, &["22", "8000:8010"], &["", "0", "8000-8010", "8010:8000", "1:65536", ":1", "1:", "5:5", "1:2:3"]);
        takes(Kind::Path, &["/", "/root/app", "/a b"], &["", "app", "~/app", "/a/../b", "/a\nb", "-x"]);
        takes(
            Kind::AppSource,
            &["hextris", "/root/app_ynh", "https://example.org/app_ynh"],
            &["", "Hextris", "http://example.org/a", "https://", "-f", "a b"],
        );
        takes(Kind::UrlPath, &["/", "/wiki", "/a/b"], &["", "wiki", "/a b", "/é"]);
        takes(Kind::Archive, &["20261121-before", "a.b"], &["", "../a", "-a", "a/b", "a b", "a.", &"a".repeat(51)]);
        takes(Kind::Key, &["security.ssh.ssh_port", "a-b"], &["", ".a", "a b", "-a", "a=b"]);
        takes(Kind::Choice(&["tcp", "udp"]), &["tcp"], &["", "TCP", "icmp"]);
        takes(Kind::Number(10), &["0", "10"], &["", "11", "-1", "1.0"]);
    }

    #[test]
    fn passwords_and_lines() {
        takes(Kind::Password, &["-x'\"é ", "abc"], &["ab", "canary\n1", &"x".repeat(127)]);
        takes(Kind::Line(5), &["", "a b", "ééééé"], &["abcdef", "a\nb", "-x", "a\u{7}"]);
        let key = format!("ssh-ed25519 {}", "A".repeat(68));
        takes(
            Kind::PublicKey,
            &[&key, &format!("{key} me@laptop")],
            &["", "ssh-ed25519", "ssh-dss AAAA", &format!("command=\"x\" {key}"), &format!("{key}\nx")],
        );
    }
}
