//! What a YunoHost has not of what is asked of it here: commands and options differ from one version to the next.
//!
//! Told by the host's own action map, which the survey looks through in the shell of its one round trip; by the version where no
//! map can be read. Held to the sources of 11.3.0.2, 12.0.6 and 12.1.25 (`share/actionsmap.yml`, `src/`) and to those of
//! moulinette 11.2, not to a YunoHost 11 that ran. What differs, and what is done about it:
//!
//! | of 12.1 | 11 and 12.0 | here |
//! | --- | --- | --- |
//! | `firewall open`, `close`, `delete` | `firewall allow`, `disallow`, which keep no reason | said so: [`Operation::older`]; a plan says what is lost |
//! | `firewall list --raw`: rules by protocol and port | lists by IP version and protocol, one more for UPnP | [`super::firewall_rules`] reads both |
//! | `tools update_norefresh` | no reading of what waits without a download | applications that wait from `app list`; `tools-upgrade` refused |
//! | `app info --full`: `upgrade.status` | 11: `upgradable`, one of `yes`, `no`, `url_required`, `bad_quality` | [`super::apps`] reads both |
//! | `app info --with-pre-upgrade-notifications` | – | the plan says that notes were not read |
//! | `app install`, `upgrade`: `--ignore-yunohost-version` | – | refused where it is asked for |
//! | `user permission update`: `--description`, `--order`, `--logo`, `--hide_from_public` | – | refused where it is asked for |
//! | `domain add --install-letsencrypt-cert` | 11: – | refused where it is asked for |
//! | `tools postinstall --i-have-read-terms-of-services` | 11: – | left out: [`Param::spared`] |
//! | panels with `--full`: an option's `value` | 11: `current_value` | both are read |
//! | `settings reset`, `reset-all` | 11: forgets every setting that is kept, and applies none | refused |
//! | lines begin with `ERROR `, `WARNING ` | 11: no level without a terminal | `yunohost.py` puts it there |
//! | `log list`: `started_by`, and `success` without `--with-details` | 11: neither | not shown; the state decides |
//! | the firewall is the service `nftables` | 11: `yunohost-firewall` | whether rules are loaded is not known |
//! | the last administrator is kept by YunoHost | 11: he may go | the guards keep him on both |
//!
//! [`Operation::older`]: crate::Operation::older
//! [`Param::spared`]: crate::Param::spared

use std::collections::BTreeSet;

use beffroi_remote::clean;

use super::YunohostFacts;
use crate::operation::{How, Operation};

/// The host's own list of its commands.
const MAP: &str = "/usr/share/yunohost/actionsmap.yml";
/// How lines of [`script`] begin, among those of others.
const MARK: &str = "BeffroiOffer";
/// The most lines that are read: 12.1.25 has 331.
const MOST: usize = 2_000;

/// Walks the map by its indentation, and prints commands as `user group add` and options as `user create --fullname`.
const WALK: &str = r#"/^ *(#|$|- )/ { next }
{ match($0, /^ */); word = $1; sub(/:$/, "", word)
  while (n && at[n] >= RLENGTH) n--
  at[++n] = RLENGTH; key[n] = word }
key[n-1] == "actions" { name = MARK "=" key[1] (n > 4 ? " " key[3] : "") " " word; print name }
key[n-1] == "arguments" && word ~ /^--/ { print name " " word }
key[n-2] == "arguments" && word == "full" { print name " " $2 }"#;

/// What came after 12.0.
const SINCE_12_1: &[&str] = &[
    "app info --with-pre-upgrade-notifications",
    "app install --ignore-yunohost-version",
    "app upgrade --ignore-yunohost-version",
    "firewall close",
    "firewall delete",
    "firewall open",
    "tools update_norefresh",
    "user permission update --description",
    "user permission update --hide_from_public",
    "user permission update --logo",
    "user permission update --order",
];
/// What came after 11.3.
const SINCE_12: &[&str] = &["domain add --install-letsencrypt-cert", "tools postinstall --i-have-read-terms-of-services"];

/// Shell text that prints what the host offers, one line each; nothing where its map cannot be read.
pub(crate) fn script() -> String {
    format!("awk -v MARK={MARK} '{WALK}' {MAP} 2>/dev/null | head -c 65536\n")
}

/// What the host has not of what operations say, by what [`script`] printed among other lines; `None` where it printed nothing.
pub(crate) fn lacks(output: &[u8]) -> Option<BTreeSet<String>> {
    let lines = output.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"{"));
    let offered = |line: &[u8]| clean(&String::from_utf8_lossy(line)).strip_prefix(MARK)?.strip_prefix('=').map(str::to_owned);
    let offers: BTreeSet<String> = lines.filter_map(offered).take(MOST).collect();
    // A map that knows none of its commands is not understood.
    offers.contains("tools versions").then(|| said().filter(|said| !offers.contains(said)).collect())
}

/// The same by the version alone.
pub(crate) fn lacks_by_version(version: Option<(u64, u64)>) -> BTreeSet<String> {
    let lists: &[&[&str]] = match version {
        Some((..12, _)) => &[SINCE_12_1, SINCE_12],
        Some((12, 0)) => &[SINCE_12_1],
        _ => &[],
    };
    lists.iter().copied().flatten().map(|name| (*name).to_owned()).collect()
}

/// The commands of all operations with their options, and what is only asked.
fn said() -> impl Iterator<Item = String> {
    let of = |operation: &'static Operation| {
        let command = operation.command.join(" ");
        let params = operation.params.iter().filter_map(|param| match param.how {
            How::Option(option) => Some(option),
            How::Place => None,
        });
        let options = params.chain(operation.always.iter().copied()).filter(|word| word.starts_with("--"));
        let options: Vec<String> = options.map(|option| format!("{command} {option}")).collect();
        std::iter::once(command).chain(options)
    };
    let asked = ["tools update_norefresh", "app info --with-pre-upgrade-notifications"];
    Operation::all().flat_map(of).chain(asked.into_iter().map(str::to_owned))
}

impl YunohostFacts {
    /// Whether this YunoHost has not a command, `firewall open`, or an option of one, `app install --label`.
    #[must_use]
    pub fn has_not(&self, name: &str) -> bool {
        self.lacks.contains(name)
    }

    /// Its version's first two numbers, where nothing that it offers tells it from another.
    pub(crate) fn numbers(&self) -> Option<(u64, u64)> {
        let mut numbers = self.version()?.split('.').map(|number| number.parse().ok());
        Some((numbers.next()??, numbers.next()??))
    }

    /// Names something that this YunoHost has not, with its version, for a sentence.
    pub(crate) fn named_here(&self, name: &str) -> String {
        format!("{name} (YunoHost {})", self.version().unwrap_or("?"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map as YunoHost writes them, with its odd indentation.
    const SMALL: &str = "# a comment\n_global:\n    namespace: yunohost\nuser:\n    category_help: Manage\n    actions:\n        ### x\n        create:\n            api: POST\n            arguments:\n                username:\n                    extra:\n                        pattern:\n                            - !!str ^x$\n                            - \"p\"\n                -F:\n                    full: --fullname\n               --odd:\n                    nargs: \"+\"\n    subcategories:\n        group:\n            subcategory_help: G\n            actions:\n                add:\n                    arguments:\n                        --force:\n                            action: store_true\ntools:\n    actions:\n        versions:\n            action_help: V\n";

    #[test]
    fn the_shell_tells_what_a_map_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let map = folder.path().join("map.yml");
        std::fs::write(&map, SMALL).expect("written");
        let text = script().replace(MAP, map.to_str().expect("text"));
        let said = std::process::Command::new("sh").args(["-c", &text]).output().expect("a shell").stdout;
        let lines: Vec<String> = String::from_utf8_lossy(&said).lines().map(str::to_owned).collect();
        let wanted =
            ["user create", "user create --fullname", "user create --odd", "user group add", "user group add --force", "tools versions"];
        assert_eq!(lines, wanted.map(|name| format!("{MARK}={name}")));
        let lacks = lacks(&said).expect("a map");
        assert!(lacks.contains("firewall open") && lacks.contains("user create --password") && !lacks.contains("user create --fullname"));
    }

    #[test]
    fn without_a_map_nothing_is_told_and_the_version_counts() {
        let text = script().replace(MAP, "/nonexistent/map.yml");
        let said = std::process::Command::new("sh").args(["-c", &text]).output().expect("a shell").stdout;
        assert!(said.is_empty() && lacks(&said).is_none());
        assert_eq!(lacks(b"BeffroiOffer=nothing of it\n"), None, "not understood");
        assert_eq!(lacks(b"{\nBeffroiOffer=tools versions\n"), None, "not said by the shell");
        assert!(lacks_by_version(Some((11, 3))).contains("domain add --install-letsencrypt-cert"));
        assert!(lacks_by_version(Some((12, 0))).contains("firewall open"));
        assert!(lacks_by_version(Some((12, 0))).is_disjoint(&lacks_by_version(None)));
        assert!(lacks_by_version(Some((12, 1))).is_empty() && lacks_by_version(Some((13, 0))).is_empty());
    }

    #[test]
    fn what_a_version_lacks_is_said_by_an_operation() {
        let said: BTreeSet<String> = said().collect();
        for name in SINCE_12_1.iter().chain(SINCE_12) {
            assert!(said.contains(*name), "{name}");
        }
    }
}
