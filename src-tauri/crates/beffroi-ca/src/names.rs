//! Names of servers, and the domains that an authority is kept to.

use crate::InvalidNames;

/// The most names of one certificate: clients read some kilobytes of it.
const MOST_NAMES: usize = 50;
/// The most domains that an authority is kept to.
const MOST_PERMITTED: usize = 50;

/// Names that a certificate is for: domains in lower case, or wildcards such as `*.lan.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    /// Reads them: checked, in lower case, each once, in their order.
    ///
    /// # Errors
    /// The first [`InvalidNames`].
    pub fn read(names: &[String], permitted: &Permitted) -> Result<Self, InvalidNames> {
        let mut read: Vec<String> = Vec::new();
        for name in names {
            let lower = name.trim().to_ascii_lowercase();
            if !is_server_name(&lower) {
                return Err(InvalidNames::Unfit { name: name.clone() });
            }
            if !permitted.allows(&lower) {
                return Err(InvalidNames::NotPermitted { name: lower, permitted: permitted.0.clone() });
            }
            if !read.contains(&lower) {
                read.push(lower);
            }
        }
        match read.len() {
            0 => Err(InvalidNames::None),
            count if count > MOST_NAMES => Err(InvalidNames::TooMany { count }),
            _ => Ok(Self(read)),
        }
    }

    /// As they stand in the certificate.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// The domains that an authority is kept to: each with everything below it. None means everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permitted(Vec<String>);

impl Permitted {
    /// Reads them. A domain of one label, such as `lan`, is allowed: networks at home have such.
    ///
    /// # Errors
    /// The first [`InvalidNames`].
    pub fn read(domains: &[String]) -> Result<Self, InvalidNames> {
        let mut read: Vec<String> = Vec::new();
        for domain in domains {
            let lower = domain.trim().trim_start_matches('.').to_ascii_lowercase();
            if !is_domain(&lower) {
                return Err(InvalidNames::Unfit { name: domain.clone() });
            }
            if !read.contains(&lower) {
                read.push(lower);
            }
        }
        if read.len() > MOST_PERMITTED { Err(InvalidNames::TooMany { count: read.len() }) } else { Ok(Self(read)) }
    }

    /// The domains.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Whether a name lies in one of them.
    #[must_use]
    pub fn allows(&self, name: &str) -> bool {
        let name = name.strip_prefix("*.").unwrap_or(name);
        let within = |domain: &String| name.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        self.0.is_empty() || self.0.iter().any(within)
    }
}

/// Whether one of the names of a certificate is a server's (RFC 6125, 6.4.3): itself, or a wildcard for its last but one label.
#[must_use]
pub fn covers(names: &[String], server: &str) -> bool {
    let parent = server.split_once('.').map(|(_, parent)| parent);
    names.iter().any(|name| match name.strip_prefix("*.") {
        Some(below) => parent.is_some_and(|parent| parent.eq_ignore_ascii_case(below)),
        None => name.eq_ignore_ascii_case(server),
    })
}

/// A domain of two labels at least. A wildcard has two behind its star: `*.lan` would be for every machine of a network, and
/// many programs refuse it.
fn is_server_name(name: &str) -> bool {
    let domain = name.strip_prefix("*.").unwrap_or(name);
    is_domain(domain) && domain.contains('.')
}

/// Letters, digits and hyphens (RFC 1123, 2.1), 253 bytes at most. Names in other scripts come as `xn--…`, since that is what
/// a certificate holds.
fn is_domain(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label =
        |label: &str| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(letter);
    let last_is_name = name.rsplit('.').next().is_some_and(|last| last.bytes().any(|byte| !byte.is_ascii_digit()));
    name.len() <= 253 && name.split('.').all(is_label) && last_is_name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_domains_and_wildcards_of_them() {
        let all = Permitted::default();
        let read = |names: &[&str]| Names::read(&texts(names), &all);
        assert_eq!(read(&["Maison.TEST", "maison.test", "*.maison.test"]), Ok(Names(texts(&["maison.test", "*.maison.test"]))));
        for wrong in
            ["", "lan", "*.lan", "*", "a.*.test", "**.a.test", "a_b.test", "-a.test", "a..test", "é.test", "192.168.1.1", "a b.test"]
        {
            assert_eq!(read(&[wrong]), Err(InvalidNames::Unfit { name: wrong.to_owned() }), "{wrong}");
        }
        assert_eq!(read(&[]), Err(InvalidNames::None));
        let many: Vec<String> = (0..51).map(|number| format!("n{number}.test")).collect();
        assert_eq!(Names::read(&many, &all), Err(InvalidNames::TooMany { count: 51 }));
    }

    #[test]
    fn an_authority_is_kept_to_its_domains() {
        let permitted = Permitted::read(&texts(&[".lan.example", "Home"])).expect("domains");
        assert_eq!(permitted.as_slice(), ["lan.example", "home"]);
        for inside in ["lan.example", "a.lan.example", "*.lan.example", "nas.home"] {
            assert!(permitted.allows(inside), "{inside}");
        }
        for outside in ["example", "xlan.example", "lan.example.org", "ahome", "*.example"] {
            assert!(!permitted.allows(outside), "{outside}");
        }
        let refused = Names::read(&texts(&["bank.test"]), &permitted);
        assert!(matches!(refused, Err(InvalidNames::NotPermitted { name, .. }) if name == "bank.test"));
    }

    #[test]
    fn a_wildcard_is_for_one_label() {
        let names = texts(&["maison.test", "*.maison.test"]);
        for inside in ["maison.test", "cloud.maison.test", "Cloud.Maison.Test"] {
            assert!(covers(&names, inside), "{inside}");
        }
        for outside in ["a.cloud.maison.test", "test", "xmaison.test"] {
            assert!(!covers(&names, outside), "{outside}");
        }
    }
}
