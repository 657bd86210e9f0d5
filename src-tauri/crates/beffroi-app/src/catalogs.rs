//! The catalog of a host without a way to the Internet: written from a file that was sent there, and never fetched again.
//!
//! A YunoHost without a catalog fails at whatever writes the configuration of its portal, by half; one that may fetch its catalog
//! waits for a network that is not there. It reads the file at each call: nothing is restarted.

use beffroi_domain::{CommandPart, Step};
use beffroi_domain::{MaskedCommand, Message, StepKind, Undo};
use beffroi_remote::quote;

/// A change of the catalog that a host keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogChange {
    /// Another one, which was sent there.
    Keep {
        /// Where it lies on the host.
        path: String,
        /// SHA-256 of the file, hexadecimal.
        sha256: String,
        /// How many applications are in it.
        apps: usize,
    },
    /// As it was before the first.
    Back,
}

/// The place in which lies what was there before: see [`crate::sent`].
pub(crate) const BEFORE: &str = "catalog-before";
const PLACE: &str = "/var/lib/beffroi/sent/catalog-before";
/// Each file, and its name in the place.
const CATALOG: (&str, &str) = ("/var/cache/yunohost/repo/default.json", "default.json");
const LIST: (&str, &str) = ("/etc/yunohost/apps_catalog.yml", "apps_catalog.yml");
/// One catalog, which is never fetched.
const KEPT_ONLY: &str = r"- id: default\n  url: null\n";

impl CatalogChange {
    pub(crate) fn title(&self) -> Message {
        match self {
            Self::Keep { apps, .. } => Message::new("title.catalog-keep").with("count", apps),
            Self::Back => Message::new("title.catalog-back"),
        }
    }

    /// Whether it is what sending a catalog gives, and nothing else.
    pub(crate) fn is_valid(&self) -> bool {
        match self {
            Self::Keep { path, sha256, .. } => {
                crate::sent::place_of(path).is_some() && sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            Self::Back => true,
        }
    }

    /// The places that are not needed any more once it is done.
    pub(crate) fn places(&self) -> Vec<String> {
        match self {
            Self::Keep { path, .. } => crate::sent::place_of(path).map(str::to_owned).into_iter().collect(),
            Self::Back => vec![BEFORE.to_owned()],
        }
    }

    /// Its steps, each with its shell text.
    pub(crate) fn steps(&self) -> Vec<(Step, String)> {
        let step = |number, kind, key: &'static str, undo, shell: String| Step {
            number,
            kind,
            what: Message::new(key),
            command: MaskedCommand(vec![CommandPart::Text(shell)]),
            check: Message::new("check.exit"),
            undo,
        };
        let by = |key| Undo::By(Message::new(key));
        let steps = match self {
            Self::Keep { apps, .. } => vec![
                step(1, StepKind::Change, "step.catalog-before", by("undo.catalog-before"), self.shell("", 1)),
                step(2, StepKind::Change, "step.catalog-keep", by("undo.catalog-keep"), self.shell("", 2)),
                step(3, StepKind::Read, "step.catalog-same", Undo::NothingToUndo, self.shell("", 3)),
                step(4, StepKind::Read, "step.catalog-read", Undo::NothingToUndo, read_by_yunohost(*apps)),
            ],
            Self::Back => vec![
                step(1, StepKind::Change, "step.catalog-back", by("undo.catalog-back"), self.shell("", 1)),
                step(2, StepKind::Read, "step.catalog-same", Undo::NothingToUndo, self.shell("", 2)),
            ],
        };
        steps
            .into_iter()
            .map(|step| {
                let shell = step.command.0.iter().map(|part| match part {
                    CommandPart::Text(text) | CommandPart::Secret(text) => text.as_str(),
                });
                let shell = shell.collect();
                (step, shell)
            })
            .collect()
    }

    /// The shell text of a step, on a host whose files are those under `root`.
    fn shell(&self, root: &str, number: usize) -> String {
        let at = |path: &str| quote(&format!("{root}{path}"));
        let (catalog, list, place) = (at(CATALOG.0), at(LIST.0), at(PLACE));
        match (self, number) {
            (Self::Keep { .. }, 1) => format!(
                "set -e; umask 077\nif [ ! -d {place} ]; then\n  rm -rf {place}.new; mkdir -p {place}.new\n  \
                 for file in {catalog} {list}; do [ ! -e \"$file\" ] || cp -p \"$file\" {place}.new/; done\n  mv {place}.new {place}\nfi"
            ),
            (Self::Keep { path, .. }, 2) => format!(
                "set -e; umask 022\nmkdir -p {folder}\ncp {sent} {catalog}.new; chmod 644 {catalog}.new; mv {catalog}.new {catalog}\n\
                 printf -- '{KEPT_ONLY}' >{list}.new; chmod 644 {list}.new; mv {list}.new {list}",
                folder = at("/var/cache/yunohost/repo"),
                sent = quote(path),
            ),
            (Self::Keep { sha256, .. }, _) => {
                format!("echo {sha256}\\ \\ {catalog} | sha256sum -c - && printf -- '{KEPT_ONLY}' | cmp - {list}")
            }
            (Self::Back, 1) => {
                let put = |(path, name): (&str, &str)| {
                    let (file, kept) = (at(path), at(&format!("{PLACE}/{name}")));
                    format!("if [ -e {kept} ]; then cp -p {kept} {file}.new; mv {file}.new {file}; else rm -f {file}; fi")
                };
                format!("set -e\n[ -d {place} ]\n{}\n{}", put(CATALOG), put(LIST))
            }
            (Self::Back, _) => {
                let same = |(path, name): (&str, &str)| {
                    let (file, kept) = (at(path), at(&format!("{PLACE}/{name}")));
                    format!("if [ -e {kept} ]; then cmp {kept} {file}; else [ ! -e {file} ]; fi")
                };
                format!("set -e\n{}\n{}", same(CATALOG), same(LIST))
            }
        }
    }
}

/// YunoHost itself reads it, and sees as many applications.
fn read_by_yunohost(apps: usize) -> String {
    format!(
        "LC_ALL=C yunohost app catalog --output-as json | \
         python3 -I -c 'import json, sys; sys.exit(len(json.load(sys.stdin)[\"apps\"]) != {apps})'"
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;

    #[track_caller]
    fn run(shell: &str) {
        let output = Command::new("sh").arg("-c").arg(shell).output().expect("sh runs");
        assert!(output.status.success(), "{shell}\n{}", String::from_utf8_lossy(&output.stderr));
    }

    fn fails(shell: &str) -> bool {
        !Command::new("sh").arg("-c").arg(shell).output().expect("sh runs").status.success()
    }

    fn keep(root: &Path, content: &str) -> CatalogChange {
        let path = root.join("sent file");
        std::fs::write(&path, content).expect("written");
        let output = Command::new("sha256sum").arg(&path).output().expect("it runs");
        let sha256 = String::from_utf8_lossy(&output.stdout).get(..64).expect("a sum").to_owned();
        CatalogChange::Keep { path: path.display().to_string(), sha256, apps: 0 }
    }

    #[test]
    fn a_catalog_is_kept_and_the_way_back_leads_to_what_was_there() {
        for before in [None, Some(("old catalog", "- id: default\n  url: https://example.org\n"))] {
            let folder = tempfile::tempdir().expect("a folder");
            let root = folder.path().to_str().expect("text");
            let [catalog, list] = [CATALOG, LIST].map(|(path, _)| folder.path().join(path.trim_start_matches('/')));
            std::fs::create_dir_all(list.parent().expect("a folder")).expect("a folder");
            if let Some((old, conf)) = before {
                std::fs::create_dir_all(catalog.parent().expect("a folder")).expect("a folder");
                std::fs::write(&catalog, old).and_then(|()| std::fs::write(&list, conf)).expect("written");
            }
            let first = keep(folder.path(), "{\"apps\": {}}");
            assert!(fails(&first.shell(root, 3)), "nothing was done yet");
            for number in 1..=3 {
                run(&first.shell(root, number));
            }
            assert_eq!(std::fs::read_to_string(&list).expect("a file"), "- id: default\n  url: null\n");
            // Another one later: the way back still leads to what was there first.
            let second = keep(folder.path(), "{\"apps\": {\"a\": {}}}");
            assert!(fails(&second.shell(root, 3)), "it is the first that lies there");
            for number in 1..=3 {
                run(&second.shell(root, number));
            }
            for number in 1..=2 {
                run(&CatalogChange::Back.shell(root, number));
            }
            let now = |path: &Path| std::fs::read_to_string(path).ok();
            assert_eq!((now(&catalog).as_deref(), now(&list).as_deref()), (before.map(|one| one.0), before.map(|one| one.1)));
        }
    }

    #[test]
    fn only_what_was_sent_is_kept() {
        let keep = |path: &str, sha256: &str| CatalogChange::Keep { path: path.to_owned(), sha256: sha256.to_owned(), apps: 1 };
        let sum = "a".repeat(64);
        assert!(keep("/var/lib/beffroi/sent/1-a/catalog.json", &sum).is_valid());
        assert!(!keep("/etc/passwd", &sum).is_valid() && !keep("/var/lib/beffroi/sent/1/c", "$(id)").is_valid());
    }
}
