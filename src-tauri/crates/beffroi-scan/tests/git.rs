//! Against the real git.

use std::fs;
use std::path::Path;
use std::process::Command;

use beffroi_scan::{Baseline, Known, Report, ScanError, Scanner, What, install_hook, remove_hook, scan};
use beffroi_secret::SecretBytes;

/// A repository of its own, whatever this machine's git is set to.
struct Repository(tempfile::TempDir);

impl Repository {
    fn make() -> Self {
        let made = Self(tempfile::tempdir().expect("a folder"));
        made.git(&["init", "--quiet", "--initial-branch=main"]);
        made
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE").env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        git.current_dir(self.path()).args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgSign=false"]);
        git.args(arguments);
        git
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("git runs");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--no-verify", "--message", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn scan(&self, what: What) -> Report {
        scan(self.path(), what, &Scanner::new(Known::default()), &|| false).expect("a scan")
    }
}

fn places(report: &Report) -> Vec<(String, u64, &'static str)> {
    report.findings.iter().map(|found| (found.path.clone(), found.line, found.rule)).collect()
}

const SECRET: &str = "DB_PASSWORD=Zk4wq9R-tulpe\n";
const OTHER: &str = "DB_PASSWORD=pQ8vn2-krokus\n";

#[test]
fn ignored_files_are_left_out_unless_they_are_wanted() {
    let here = Repository::make();
    here.write(".gitignore", "local/\n*.bak\n");
    here.write("a/.env", SECRET);
    here.write("local/.env", SECRET);
    here.write("x.bak", "password = 'Zk4wq9R!2aB'\n");
    here.write("picture.png", "\u{0}\u{1}password = 'Zk4wq9R!2aB'\n");
    here.write("big.env", &"A=1\n".repeat(3 << 20));
    let report = here.scan(What::Files);
    assert_eq!(places(&report), [("a/.env".to_owned(), 1, "password")]);
    assert_eq!((report.files, report.skipped.binary, report.skipped.large), (2, 1, 1));
    let all: Vec<String> = here.scan(What::AllFiles).findings.into_iter().map(|found| found.path).collect();
    assert_eq!(all, ["a/.env", "local/.env", "x.bak"]);
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    let (here, elsewhere) = (Repository::make(), tempfile::tempdir().expect("a folder"));
    fs::write(elsewhere.path().join(".env"), SECRET).expect("a file");
    std::os::unix::fs::symlink(elsewhere.path().join(".env"), here.path().join("linked.env")).expect("a link");
    std::os::unix::fs::symlink(elsewhere.path(), here.path().join("folder")).expect("a link");
    for what in [What::Files, What::AllFiles] {
        let report = here.scan(what);
        assert_eq!((report.findings.len(), report.skipped.others), (0, 2), "{what:?}");
    }
    here.git(&["add", "--all"]);
    assert_eq!(here.scan(What::Staged).findings, []);
}

#[test]
fn what_is_staged_is_told_and_what_was_there_before_is_not() {
    let here = Repository::make();
    here.write("a/.env", SECRET);
    assert_eq!(here.scan(What::Staged).findings, [], "nothing is staged");
    here.git(&["add", "--all"]);
    // Before the first commit as well; from a folder below as well.
    assert_eq!(places(&here.scan(What::Staged)), [("a/.env".to_owned(), 1, "password")]);
    here.commit();
    here.write("a/.env", &format!("# more\n{SECRET}NAME=x\n"));
    here.git(&["add", "--all"]);
    assert_eq!(here.scan(What::Staged).findings, [], "the same secret on another line");
    here.write("a/.env", OTHER);
    assert_eq!(here.scan(What::Staged).findings, [], "not staged");
    here.git(&["add", "--all"]);
    let report = scan(&here.path().join("a"), What::Staged, &Scanner::new(Known::default()), &|| false).expect("a scan");
    assert_eq!(places(&report), [("a/.env".to_owned(), 1, "password")], "another secret in its place");
    let mut accepted = report.clone();
    accepted.without(&Baseline::of(&report.findings));
    assert_eq!(accepted.findings.len(), 1, "no baseline accepts it there");
    here.git(&["rm", "--quiet", "--force", "a/.env"]);
    assert_eq!(here.scan(What::Staged).findings, [], "deleted");
}

#[test]
fn history_tells_the_first_commit_and_what_a_merge_brought() {
    let here = Repository::make();
    here.write("name with spaces é.txt", "nothing\n");
    here.commit();
    here.write("dir/.env", SECRET);
    let first = here.commit();
    here.write("dir/.env", &format!("{SECRET}MORE=1\n"));
    here.commit();
    here.git(&["rm", "--quiet", "-r", "dir"]);
    here.commit();
    here.git(&["checkout", "--quiet", "-b", "side", "HEAD~3"]);
    here.write("side.env", OTHER);
    let side = here.commit();
    here.git(&["merge", "--quiet", "--no-commit", "--no-ff", "main"]);
    // What stands in no parent.
    here.write("evil.env", "API_TOKEN=Xy7-merged-9qq\n");
    let merged = here.commit();
    let report = here.scan(What::History);
    let told: Vec<_> = report.findings.iter().map(|found| (found.path.as_str(), found.commit.clone().unwrap_or_default())).collect();
    assert_eq!(told, [("dir/.env", first), ("evil.env", merged), ("side.env", side)]);
    assert_eq!(places(&here.scan(What::Files)).len(), 2, "the files of today");
}

#[test]
fn known_values_are_found_by_name_and_are_in_nothing_that_is_given() {
    let here = Repository::make();
    here.write("notes.txt", "call the router with tulpenfeld-77 please\n");
    here.commit();
    let known = Known::new([("office/router".to_owned(), SecretBytes::new(b"tulpenfeld-77\n".to_vec()))]);
    let scanner = Scanner::new(known);
    for what in [What::Files, What::History] {
        let report = scan(here.path(), what, &scanner, &|| false).expect("a scan");
        let found = report.findings.first().expect("one");
        assert_eq!((found.rule, found.known.as_deref(), found.line, found.column), ("known-secret", Some("office/router"), 1, 22));
        assert!(!format!("{report:?}{scanner:?}").contains("tulpenfeld"));
    }
}

#[test]
fn a_baseline_accepts_what_it_has_and_nothing_else() {
    let here = Repository::make();
    here.write(".env", SECRET);
    here.write("b.env", SECRET);
    let file = here.path().join(".beffroi-baseline.json");
    let all = here.scan(What::Files);
    Baseline::of(&all.findings[..1]).write(&file).expect("written");
    let text = fs::read_to_string(&file).expect("text");
    assert!(text.contains("\"beffroi_scan\": 1") && !text.contains("Zk4wq9R"), "{text}");
    // Lines above change nothing.
    here.write(".env", &format!("A=1\nB=2\n{SECRET}"));
    let mut report = here.scan(What::Files);
    report.without(&Baseline::read(&file).expect("read"));
    assert_eq!((places(&report), report.accepted), (vec![("b.env".to_owned(), 1, "password")], 1));
    fs::write(&file, "{}").expect("written");
    assert!(matches!(Baseline::read(&file), Err(ScanError::NoBaseline { .. })));
}

#[test]
fn the_hook_is_written_once_and_never_over_anothers() {
    let here = Repository::make();
    let hook = install_hook(here.path()).expect("installed");
    assert!(hook.changed && hook.path.ends_with(".git/hooks/pre-commit"));
    assert!(!install_hook(here.path()).expect("there").changed);
    // Git runs it: a program of that name that refuses keeps the commit out.
    let programs = tempfile::tempdir().expect("a folder");
    let (program, asked) = (programs.path().join("beffroi"), programs.path().join("asked"));
    fs::write(&program, format!("#!/bin/sh\necho \"$@\" > {}\nexit 1\n", asked.display())).expect("a program");
    #[cfg(unix)]
    fs::set_permissions(&program, <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755)).expect("rights");
    here.write("a.txt", "x\n");
    here.git(&["add", "--all"]);
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").expect("a path"));
    let commit = here.command(&["commit", "--message", "x"]).env("PATH", path).output().expect("git runs");
    assert!(!commit.status.success(), "the commit went through");
    assert_eq!(fs::read_to_string(asked).expect("asked").trim(), "secret scan --staged --rules-only .");
    assert!(remove_hook(here.path()).expect("removed").changed);
    assert!(!remove_hook(here.path()).expect("gone").changed);
    fs::write(&hook.path, "#!/bin/sh\nexit 0\n").expect("another's");
    assert!(matches!(install_hook(here.path()), Err(ScanError::ForeignHook { .. })));
    assert!(matches!(remove_hook(here.path()), Err(ScanError::ForeignHook { .. })));
    here.git(&["config", "core.hooksPath", "/somewhere"]);
    assert!(matches!(install_hook(here.path()), Err(ScanError::SharedHooks { path }) if path == "/somewhere"));
}

#[test]
fn a_linked_work_tree_has_the_hook_of_its_repository() {
    let here = Repository::make();
    here.write("a.txt", "x\n");
    here.commit();
    let beside = tempfile::tempdir().expect("a folder");
    let tree = beside.path().join("tree");
    here.git(&["worktree", "add", "--quiet", tree.to_str().expect("a path"), "-b", "other"]);
    assert!(install_hook(&tree).expect("installed").path.starts_with(here.path().canonicalize().expect("a path")));
    fs::write(tree.join(".env"), SECRET).expect("a file");
    let report = scan(&tree, What::Files, &Scanner::new(Known::default()), &|| false).expect("a scan");
    assert_eq!(report.findings.len(), 1);
}

/// Settings of a repository that name commands are settings of whoever made it.
#[cfg(unix)]
#[test]
fn nothing_that_a_repository_names_is_run() {
    let here = Repository::make();
    here.write("a.env", SECRET);
    here.write(".gitattributes", "*.env diff=x filter=x\n");
    here.commit();
    let mark = here.path().join(".git").join("ran");
    let command = format!("touch {}", mark.display());
    for name in ["core.fsmonitor", "core.pager", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.smudge", "core.sshCommand"]
    {
        here.git(&["config", name, &command]);
    }
    here.write("a.env", OTHER);
    for what in [What::Files, What::AllFiles, What::Staged, What::History] {
        here.scan(what);
    }
    assert!(!mark.exists(), "a command was run");
}

#[test]
fn outside_a_repository_files_are_read_and_the_rest_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("x.env"), SECRET).expect("a file");
    let scanner = Scanner::new(Known::default());
    let report = scan(folder.path(), What::Files, &scanner, &|| false).expect("a scan");
    assert_eq!(report.findings.len(), 1);
    let one = scan(&folder.path().join("x.env"), What::Files, &scanner, &|| false).expect("one file");
    assert_eq!(places(&one), [("x.env".to_owned(), 1, "password")]);
    for what in [What::Staged, What::History] {
        assert!(matches!(scan(folder.path(), what, &scanner, &|| false), Err(ScanError::NoRepository { .. })), "{what:?}");
    }
    assert!(scan(folder.path(), What::Files, &scanner, &|| true).expect("stopped").stopped);
    assert!(matches!(scan(&folder.path().join("none"), What::Files, &scanner, &|| false), Err(ScanError::Io { .. })));
}
