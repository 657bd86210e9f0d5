//! The walls between the crates, and what must not be in the tree (`src-tauri/ARCHITECTURE.md`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Every crate, its height, and the crates it may use. A new arrow wants a decision record.
const ARROWS: &[(&str, u8, &[&str])] = &[
    ("beffroi-secret", 0, &[]),
    ("beffroi-domain", 1, &["secret"]),
    ("beffroi-remote", 2, &["domain", "secret"]),
    ("beffroi-vault", 3, &["domain", "secret"]),
    ("beffroi-store", 3, &["domain", "secret"]),
    ("beffroi-desk", 3, &["domain", "secret"]),
    ("beffroi-ssh", 3, &["remote", "domain", "secret"]),
    ("beffroi-survey", 3, &["remote", "domain", "secret"]),
    ("beffroi-yunohost", 3, &["remote", "domain", "secret"]),
    ("beffroi-lxc", 3, &["remote", "domain", "secret"]),
    ("beffroi-process", 3, &["remote", "domain", "secret"]),
    ("beffroi-ca", 3, &["secret"]),
    ("beffroi-print", 0, &[]),
    ("beffroi-import", 3, &["secret"]),
    ("beffroi-scan", 1, &["secret"]),
    (
        "beffroi-app",
        4,
        &["vault", "store", "desk", "ssh", "survey", "yunohost", "lxc", "process", "ca", "import", "scan", "remote", "domain", "secret"],
    ),
    ("beffroi-api", 5, &["app", "print", "vault", "store", "desk", "survey", "yunohost", "lxc", "process", "remote", "domain", "secret"]),
    ("beffroi-cli", 6, &["api", "app", "remote", "domain", "secret"]),
    ("beffroi-desktop", 6, &["api"]),
    ("beffroi-tests", 7, &["api", "app", "vault", "store", "desk", "ssh", "survey", "yunohost", "lxc", "remote", "domain", "secret"]),
];

/// Crates of the window. The shell alone may reach them.
const WINDOW: &[&str] = &["tauri", "wry", "tao", "rfd", "gtk", "gdk", "webkit2gtk", "javascriptcore"];

struct Workspace {
    packages: BTreeMap<String, Package>,
    members: BTreeSet<String>,
}

struct Package {
    name: String,
    /// What it uses: id, and whether for its tests only.
    uses: Vec<(String, bool)>,
}

impl Workspace {
    fn read() -> Self {
        let metadata =
            json(Command::new(env!("CARGO")).args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host()]));
        let names: BTreeMap<&str, &str> =
            array(&metadata["packages"]).iter().map(|package| (text(&package["id"]), text(&package["name"]))).collect();
        let packages = array(&metadata["resolve"]["nodes"]).iter().map(|node| {
            let uses = array(&node["deps"]).iter().map(|used| {
                let for_tests = array(&used["dep_kinds"]).iter().all(|kind| kind["kind"] == "dev");
                (text(&used["pkg"]).to_owned(), for_tests)
            });
            let id = text(&node["id"]);
            (id.to_owned(), Package { name: names[id].to_owned(), uses: uses.collect() })
        });
        Self { packages: packages.collect(), members: array(&metadata["workspace_members"]).iter().map(|id| text(id).to_owned()).collect() }
    }

    /// Every crate that a package brings into what is built, its own included.
    fn reach(&self, from: &str) -> BTreeSet<&str> {
        let (mut seen, mut next) = (BTreeSet::from([from.to_owned()]), vec![from.to_owned()]);
        while let Some(id) = next.pop() {
            for (used, for_tests) in &self.packages[&id].uses {
                if !for_tests && seen.insert(used.clone()) {
                    next.push(used.clone());
                }
            }
        }
        seen.iter().map(|id| self.packages[id].name.as_str()).collect()
    }
}

#[test]
fn arrows_point_the_way_they_should() {
    let workspace = Workspace::read();
    let known: BTreeMap<&str, (u8, &[&str])> = ARROWS.iter().map(|(name, height, allowed)| (*name, (*height, *allowed))).collect();
    let mut wrong = Vec::new();
    for id in &workspace.members {
        let package = &workspace.packages[id];
        let Some((height, allowed)) = known.get(package.name.as_str()) else {
            wrong.push(format!("{} is not in the table", package.name));
            continue;
        };
        for (used, for_tests) in package.uses.iter().filter(|(used, _)| workspace.members.contains(used)) {
            let used = workspace.packages[used].name.as_str();
            let right = if *for_tests {
                known.get(used).is_some_and(|(below, _)| below <= height)
            } else {
                used.strip_prefix("beffroi-").is_some_and(|short| allowed.contains(&short))
            };
            if !right {
                wrong.push(format!("{} → {used}{}", package.name, if *for_tests { " (tests)" } else { "" }));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn only_the_shell_knows_the_window() {
    let workspace = Workspace::read();
    for id in &workspace.members {
        let package = &workspace.packages[id];
        let reached: Vec<&str> = workspace.reach(id).into_iter().filter(|name| is_of_the_window(name)).collect();
        assert_eq!(!reached.is_empty(), package.name == "beffroi-desktop", "{} reaches {reached:?}", package.name);
    }
}

fn is_of_the_window(name: &str) -> bool {
    WINDOW.iter().any(|family| name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_'])))
}

#[cfg(target_os = "linux")]
#[test]
fn the_command_line_links_no_window() {
    let output = Command::new("ldd").arg(command_line()).output().expect("ldd is part of the C library");
    let linked = String::from_utf8_lossy(&output.stdout);
    assert!(linked.contains("libc.so"), "{linked}");
    for library in ["gtk", "gdk", "webkit", "javascriptcore", "X11", "wayland"] {
        assert!(!linked.contains(&format!("lib{library}")), "{linked}");
    }
}

/// The binary `beffroi` beside this test, built when it is not there.
fn command_line() -> PathBuf {
    let test = std::env::current_exe().expect("this test");
    let built = test.ancestors().nth(2).expect("target/debug/deps/…").join("beffroi");
    if !built.exists() {
        let status = Command::new(env!("CARGO")).args(["build", "--locked", "-p", "beffroi-cli"]).status().expect("cargo");
        assert!(status.success());
    }
    built
}

#[test]
fn the_tree_holds_nothing_of_one_machine_and_nothing_unfinished() {
    // Written in halves, so that this file does not hold them either.
    let nowhere: &[String] = &[
        ["/wo", "rk/"],
        ["/fa", "rm/"],
        ["deb.deb", "ian."],
        ["registry.np", "m"],
        ["index.cra", "tes"],
        ["static.cra", "tes"],
        ["py", "pi.org"],
        ["pythonhos", "ted"],
        ["/root/.ca", "rgo"],
        ["/root/.ca", "che"],
    ]
    .map(|halves| halves.concat());
    let not_in_rust: &[String] =
        &[["to", "do!("], ["unimple", "mented!("], ["#[ig", "nore"], ["should_", "panic"]].map(|halves| halves.concat());
    let not_in_scripts: &[String] =
        &[["it.sk", "ip("], ["test.sk", "ip("], ["describe.sk", "ip("], ["test.to", "do("]].map(|halves| halves.concat());

    let mut wrong = Vec::new();
    for (name, content) in tree() {
        if name == "Cargo.lock" || name.ends_with("package-lock.json") {
            continue;
        }
        let kind = Path::new(&name).extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let banned = match kind {
            "rs" => not_in_rust,
            "ts" | "svelte" | "mjs" => not_in_scripts,
            _ => &[],
        };
        wrong.extend(nowhere.iter().chain(banned).filter(|word| content.contains(*word)).map(|word| format!("{name}: {word}")));
        let lines = content.lines().count();
        // A list of sentences is one thing, however long.
        let is_list = name.contains("/generated/") || name.starts_with("ui/src/i18n/");
        if ["rs", "ts", "svelte", "mjs", "py", "sh"].contains(&kind) && lines > 600 && !is_list {
            wrong.push(format!("{name}: {lines} lines are two things"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Every text file that is, or could be, in a commit.
fn tree() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let listed = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .expect("git");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).expect("file names are UTF-8");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).ok().map(|content| (name.to_owned(), content));
    let files: Vec<_> = names.split('\0').filter(|name| !name.is_empty()).filter_map(read).collect();
    assert!(files.len() > 20, "the tree was found");
    files
}

fn host() -> String {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc");
    let version = String::from_utf8(version.stdout).expect("UTF-8");
    version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc says its host").to_owned()
}

fn json(command: &mut Command) -> Value {
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}
