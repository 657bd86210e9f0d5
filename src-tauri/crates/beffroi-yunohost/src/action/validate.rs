//! Checks before anything is sent. The patterns are those of YunoHost's action map (12.1.25), written out.

use super::Action;

/// An argument that YunoHost would refuse, or that would do harm. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAction {
    /// Not `[a-z0-9_.]+`, over 64 characters, or nothing but dots: its home would be another folder.
    #[error("not a user name: {username:?}")]
    Username {
        /// The name.
        username: String,
    },
    /// A name whose address belongs to the administrators.
    #[error("a reserved user name: {username:?}")]
    ReservedUsername {
        /// The name.
        username: String,
    },
    /// Not words of letters and digits, parted by at most three of ` ,.'-`, 256 characters in all.
    #[error("not a full name: {fullname:?}")]
    Fullname {
        /// The name.
        fullname: String,
    },
    /// Fewer than 3 or more than 126 characters, or with control characters. The host's policy asks for more.
    #[error("a password of {characters} characters")]
    Password {
        /// How many it has.
        characters: usize,
    },
    /// Neither `0` nor a number with one of `b k M G T`.
    #[error("not a mailbox quota: {quota:?}")]
    MailboxQuota {
        /// The quota.
        quota: String,
    },
    /// Not a domain name in lower case.
    #[error("not a domain: {domain:?}")]
    Domain {
        /// The domain.
        domain: String,
    },
    /// Not an e-mail address.
    #[error("not an e-mail address: {address:?}")]
    Address {
        /// The address.
        address: String,
    },
    /// More than 1,000 addresses at once.
    #[error("{count} addresses")]
    TooManyAddresses {
        /// How many.
        count: usize,
    },
    /// Not the name of a systemd unit.
    #[error("not a service name: {name:?}")]
    ServiceName {
        /// The name.
        name: String,
    },
    /// An edit that changes nothing.
    #[error("nothing to change")]
    NothingToChange,
}

/// `ADMIN_ALIASES` of YunoHost 12 (`src/user.py`).
const RESERVED: &[&str] = &["root", "admin", "admins", "webmaster", "postmaster", "abuse"];

/// Keeps a request well under what the host's side of it reads, 1 MiB.
const MOST_ADDRESSES: usize = 1000;

impl Action {
    /// Checks every argument, without the host.
    ///
    /// # Errors
    /// The first [`InvalidAction`].
    pub fn validate(&self) -> Result<(), InvalidAction> {
        match self {
            Self::UserAdd { username, fullname, password, domain, mailbox_quota } => {
                check_username(username)?;
                if RESERVED.contains(&username.as_str()) {
                    return Err(InvalidAction::ReservedUsername { username: username.clone() });
                }
                check_fullname(fullname)?;
                // Looked at here, goes nowhere.
                check_password(password.expose())?;
                domain.as_deref().map_or(Ok(()), check_domain)?;
                mailbox_quota.as_deref().map_or(Ok(()), check_quota)
            }
            Self::UserEdit { username, changes } => {
                check_username(username)?;
                if changes.is_empty() {
                    return Err(InvalidAction::NothingToChange);
                }
                changes.fullname.as_deref().map_or(Ok(()), check_fullname)?;
                // Looked at here, goes nowhere.
                changes.password.as_ref().map_or(Ok(()), |password| check_password(password.expose()))?;
                changes.mailbox_quota.as_deref().map_or(Ok(()), check_quota)?;
                let count = changes.addresses().map(|(_, list)| list.len()).sum();
                if count > MOST_ADDRESSES {
                    return Err(InvalidAction::TooManyAddresses { count });
                }
                changes.addresses().flat_map(|(_, list)| list).try_for_each(|address| check_address(address))
            }
            Self::UserRemove { username, .. } => check_username(username),
            Self::ServiceRestart { name } => check_service(name),
        }
    }
}

/// `^[a-z0-9_\.]+$`
fn check_username(username: &str) -> Result<(), InvalidAction> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
    let fits = (1..=64).contains(&username.len()) && username.chars().all(allowed) && !username.chars().all(|c| c == '.');
    if fits { Ok(()) } else { Err(InvalidAction::Username { username: username.to_owned() }) }
}

/// `^([^\W_]{1,30}[ ,.'-]{0,3})+$`: as the group repeats, what counts is that it begins with a letter or digit and
/// that no more than three separators follow each other. The pattern backtracks without end on what does not match.
fn check_fullname(fullname: &str) -> Result<(), InvalidAction> {
    let mut separators = 3;
    let fits = fullname.chars().count() <= 256
        && !fullname.is_empty()
        && fullname.chars().all(|c| {
            separators = if c.is_alphanumeric() { 0 } else { separators + 1 };
            separators == 0 || (separators <= 3 && matches!(c, ' ' | ',' | '.' | '\'' | '-'))
        });
    if fits { Ok(()) } else { Err(InvalidAction::Fullname { fullname: fullname.to_owned() }) }
}

/// `^.{3,}$`, and the upper limit of YunoHost 12 (`src/utils/password.py`).
fn check_password(password: &str) -> Result<(), InvalidAction> {
    let characters = password.chars().count();
    let fits = (3..127).contains(&characters) && !password.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(InvalidAction::Password { characters }) }
}

/// `^(\d+[bkMGT])|0$`, with the anchors meant for both.
fn check_quota(quota: &str) -> Result<(), InvalidAction> {
    let digits = quota.strip_suffix(['b', 'k', 'M', 'G', 'T']).unwrap_or_default();
    let fits = quota == "0" || ((1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if fits { Ok(()) } else { Err(InvalidAction::MailboxQuota { quota: quota.to_owned() }) }
}

/// `^([^\W_A-Z]+([-]*[^\W_A-Z]+)*\.)+((xn--)?[^\W_]{2,})$`, 253 bytes at most (RFC 1035, 2.3.4).
fn check_domain(domain: &str) -> Result<(), InvalidAction> {
    if is_domain(domain) { Ok(()) } else { Err(InvalidAction::Domain { domain: domain.to_owned() }) }
}

fn is_domain(domain: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() && !c.is_ascii_uppercase();
    let label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(|c| letter(c) || c == '-');
    let Some((labels, last)) = domain.rsplit_once('.') else {
        return false;
    };
    let last = last.strip_prefix("xn--").unwrap_or(last);
    domain.len() <= 253 && labels.split('.').all(label) && last.chars().count() >= 2 && last.chars().all(letter)
}

/// `^[\w\+.-]+@DOMAIN$`; one that begins with `-` would be taken for an option.
fn check_address(address: &str) -> Result<(), InvalidAction> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '+' | '.' | '-');
    let fits = address.split_once('@').is_some_and(|(local, domain)| {
        (1..=64).contains(&local.len()) && !local.starts_with('-') && local.chars().all(allowed) && is_domain(domain)
    });
    if fits { Ok(()) } else { Err(InvalidAction::Address { address: address.to_owned() }) }
}

/// A unit name (systemd.unit(5)) that begins with a letter or digit.
fn check_service(name: &str) -> Result<(), InvalidAction> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.' | '@' | '+');
    let fits = name.len() <= 128 && name.chars().all(allowed) && name.chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
    if fits { Ok(()) } else { Err(InvalidAction::ServiceName { name: name.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names() {
        for good in ["alice", "a.b_c9", "0", ".a"] {
            assert_eq!(check_username(good), Ok(()), "{good}");
        }
        for bad in ["", "Alice", "a b", "a-b", "é", "..", ".", "-x", "a\n", &"a".repeat(65)] {
            assert!(check_username(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn full_names() {
        for good in ["Alice Liddell", "Élise D'Août", "Jean-Luc, fils.", "X", "Alice L. Liddell", "山田 太郎", &"a".repeat(90)] {
            assert_eq!(check_fullname(good), Ok(()), "{good}");
        }
        for bad in ["", " Alice", "-x", "a_b", "a    b", "a\nb", "a\u{0}", "<b>", &"a".repeat(257)] {
            assert!(check_fullname(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords_are_never_in_the_error() {
        assert_eq!(check_password("-x'\"é "), Ok(()));
        assert_eq!(check_password("ab"), Err(InvalidAction::Password { characters: 2 }));
        assert_eq!(check_password("canary\n1"), Err(InvalidAction::Password { characters: 8 }));
        assert!(check_password(&"x".repeat(127)).is_err());
    }

    #[test]
    fn quotas_domains_addresses_and_services() {
        for good in ["0", "500M", "10G"] {
            assert_eq!(check_quota(good), Ok(()));
        }
        for bad in ["", "M", "500", "500m", "0x", "٣M", "1.5G", "00"] {
            assert!(check_quota(bad).is_err(), "{bad:?}");
        }
        for good in ["ynh1.test", "a-b.example.org", "é.xn--p1ai", "1.2.fr"] {
            assert_eq!(check_domain(good), Ok(()));
        }
        for bad in ["", "test", "A.test", "-a.test", "a-.test", "a..test", ".test", "a.t", "a_b.test", "a.test."] {
            assert!(check_domain(bad).is_err(), "{bad:?}");
        }
        for good in ["alias@second.test", "a.b+c@x.org"] {
            assert_eq!(check_address(good), Ok(()));
        }
        for bad in ["", "@x.org", "a@", "-a@x.org", "a b@x.org", "a@b@x.org", "a"] {
            assert!(check_address(bad).is_err(), "{bad:?}");
        }
        for good in ["nginx", "php8.2-fpm", "getty@tty1", "x.service"] {
            assert_eq!(check_service(good), Ok(()));
        }
        for bad in ["", "-x", "a b", "a/b", "../x", "é", "a;b"] {
            assert!(check_service(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_edit_must_change_something() {
        let nothing = Action::UserEdit { username: "alice".to_owned(), changes: crate::UserChanges::default() };
        assert_eq!(nothing.validate(), Err(InvalidAction::NothingToChange));
        let remove_mailalias = vec!["a@x.org".to_owned(); 1001];
        let changes = crate::UserChanges { remove_mailalias, ..crate::UserChanges::default() };
        let many = Action::UserEdit { username: "alice".to_owned(), changes };
        assert_eq!(many.validate(), Err(InvalidAction::TooManyAddresses { count: 1001 }));
    }
}
