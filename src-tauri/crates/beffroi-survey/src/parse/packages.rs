//! Upgradable packages.

use super::{cut, text};
use crate::facts::{Area, Facts, Upgrade, Upgrades};
use crate::wire::Answer;

/// Reads what the package manager said, or takes over what was known when the host says that nothing changed since.
pub(super) fn read(answer: &Answer<'_>, known: Option<&Upgrades>, facts: &mut Facts) {
    let Some(state) = answer.lines("upgrades_state").next().and_then(text) else { return };
    if answer.section("upgrades_known").is_some() {
        facts.upgrades = known.filter(|known| known.state == state).cloned();
        return;
    }
    if answer.section("upgrades").is_none_or(|section| section.failed) {
        return;
    }
    let read = if state.starts_with("apk ") { apk } else { apt };
    let mut packages: Vec<Upgrade> = answer.lines("upgrades").filter_map(read).collect();
    packages.sort_by(|one, other| one.name.cmp(&other.name));
    let packages = cut(packages, Area::Packages, facts);
    let lists_seconds = state.split(' ').nth(1).and_then(|time| time.parse().ok()).unwrap_or_default();
    facts.upgrades = Some(Upgrades { state, lists_seconds, packages });
}

/// A line of `apt list --upgradable`: `openssl/stable-security 3.0.2 amd64 [upgradable from: 3.0.1]`.
fn apt(line: &str) -> Option<Upgrade> {
    let (name, rest) = line.split_once('/')?;
    let (rest, installed) = rest.split_once(" [upgradable from: ")?;
    let mut words = rest.split(' ');
    let suites = words.next()?;
    Some(Upgrade {
        name: text(name)?,
        installed: text(installed.trim_end().trim_end_matches(']'))?,
        candidate: words.next().and_then(text)?,
        security: suites.split(',').any(|suite| suite.ends_with("-security")),
    })
}

/// A line of `apk version -l '<'`: `busybox-1.36.1-r0   < 1.36.1-r2`. It does not tell which mend a security hole.
fn apk(line: &str) -> Option<Upgrade> {
    let (package, candidate) = line.split_once('<')?;
    let mut parts = package.trim().rsplitn(3, '-');
    let (revision, version, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Upgrade { name: text(name)?, installed: text(&format!("{version}-{revision}"))?, candidate: text(candidate)?, security: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_package_managers() {
        let openssl = apt("openssl/stable-security,stable 3.0.2-1 amd64 [upgradable from: 3.0.1-1]").expect("a package");
        let expected = Upgrade { name: "openssl".into(), installed: "3.0.1-1".into(), candidate: "3.0.2-1".into(), security: true };
        assert_eq!(openssl, expected);
        assert!(!apt("vim/stable 2 amd64 [upgradable from: 1]").expect("a package").security);
        let busybox = apk("ssl_client-1.36.1-r0     < 1.36.1-r2").expect("a package");
        assert_eq!(
            (busybox.name.as_str(), busybox.installed.as_str(), busybox.candidate.as_str()),
            ("ssl_client", "1.36.1-r0", "1.36.1-r2")
        );
        for bad in ["", "Listing... Done", "a/b", "a/b c", "<", "a < b", "Installed:   Available:"] {
            assert_eq!((apt(bad), apk(bad)), (None, None), "{bad}");
        }
    }
}
