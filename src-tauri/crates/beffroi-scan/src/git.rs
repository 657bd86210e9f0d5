//! What git keeps, by its plumbing: no command of a repository's own is run, and nothing is fetched.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use crate::tree::{MOST_BYTES, path_of};
use crate::{Report, ScanError, Scanner};

/// What is kept of the environment: where programs, and the person's own settings of git, are.
const KEPT: &[&str] = &["PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP"];
/// What else a hook is told by git: the index of the commit that is being made, and where it is.
const OF_A_HOOK: &[&str] = &["GIT_INDEX_FILE", "GIT_DIR", "GIT_WORK_TREE"];
/// The most that is told of what git said.
const MOST_SAID: usize = 400;
/// The longest path that is read.
const MOST_PATH: u64 = 64 << 10;

/// Git, at a folder. A file system monitor of the repository's own settings would be a command of somebody else's.
pub(crate) fn git<S: AsRef<OsStr>>(at: &Path, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new("git");
    command.env_clear();
    command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    for (name, value) in [
        ("LC_ALL", "C"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
    ] {
        command.env(name, value);
    }
    command.current_dir(at).args(["--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]);
    command.args(arguments).stdin(Stdio::null());
    command
}

pub(crate) fn output(mut command: Command) -> Result<Output, ScanError> {
    command.output().map_err(ScanError::NoGit)
}

/// What git gave, or what it said instead.
pub(crate) fn given(command: Command) -> Result<Vec<u8>, ScanError> {
    let output = output(command)?;
    if output.status.success() { Ok(output.stdout) } else { Err(ScanError::Git { said: said(&output.stderr) }) }
}

pub(crate) fn said(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim().chars().map(|each| if each.is_control() { ' ' } else { each }).take(MOST_SAID).collect()
}

pub(crate) fn line(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(b"\n").unwrap_or(bytes)
}

/// The folder that a repository is about: that of the work tree, else its own.
pub(crate) fn repository(path: &Path) -> Result<PathBuf, ScanError> {
    let at = if path.is_dir() { path } else { path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")) };
    std::fs::metadata(at).map_err(|error| ScanError::io(at, error))?;
    let found = output(hooked(git(at, ["rev-parse", "--show-toplevel"])))?;
    if found.status.success() && !line(&found.stdout).is_empty() {
        return Ok(path_of(line(&found.stdout)));
    }
    let found = output(git(at, ["rev-parse", "--absolute-git-dir"]))?;
    if found.status.success() {
        return Ok(path_of(line(&found.stdout)));
    }
    Err(ScanError::NoRepository { path: path.to_owned(), said: said(&found.stderr) })
}

/// With what git tells its hooks.
fn hooked(mut command: Command) -> Command {
    for name in OF_A_HOOK {
        let Some(value) = std::env::var_os(name) else { continue };
        // It may be told below the folder of this process, and git runs in another.
        command.env(name, std::path::absolute(&value).unwrap_or_else(|_| value.into()));
    }
    command
}

/// The files below a folder that git tracks or would track; nothing where there is no work tree or no git.
pub(crate) fn tracked(folder: &Path) -> Result<Option<Vec<PathBuf>>, ScanError> {
    let listed = match output(git(folder, ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])) {
        Ok(listed) => listed,
        Err(ScanError::NoGit(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let names = listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(listed.status.success().then(|| names.map(path_of).collect()))
}

/// A version of a file.
struct Version {
    /// What it was made from; nothing for a new file.
    before: Option<String>,
    after: String,
    path: String,
}

/// What the next commit would add. What the version before has already is not told.
pub(crate) fn staged(path: &Path, scanner: &Scanner, stop: &dyn Fn() -> bool, report: &mut Report) -> Result<(), ScanError> {
    let root = repository(path)?;
    let head = output(hooked(git(&root, ["rev-parse", "--verify", "--quiet", "HEAD^{tree}"])))?;
    let tree = if head.status.success() { head.stdout } else { given(git(&root, ["hash-object", "-t", "tree", "--stdin"]))? };
    let tree = String::from_utf8_lossy(line(&tree)).into_owned();
    let raw = ["diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--ignore-submodules", &tree, "--"];
    let listed = given(hooked(git(&root, raw)))?;
    let mut objects = Objects::open(&root)?;
    let mut lines = Fields(listed.as_slice());
    while let Some(version) = lines.version()? {
        if stop() {
            report.stopped = true;
            break;
        }
        let Some(after) = objects.read(&version.after, report)? else { continue };
        let before = match &version.before {
            Some(before) => objects.read(before, &mut Report::default())?,
            None => None,
        };
        let before = before.and_then(|bytes| scanner.scan(&version.path, &bytes)).unwrap_or_default();
        let old: HashSet<(&str, u64)> = before.iter().map(|hit| (hit.rule, hit.same)).collect();
        let places: HashSet<(&str, &str)> = before.iter().map(|hit| (hit.rule, hit.before.as_str())).collect();
        match scanner.scan(&version.path, &after) {
            Some(mut hits) => {
                hits.retain(|hit| !old.contains(&(hit.rule, hit.same)));
                for hit in &mut hits {
                    hit.replaces = places.contains(&(hit.rule, hit.before.as_str()));
                }
                report.files += 1;
                report.bytes += after.len() as u64;
                report.take(&version.path, hits, None);
            }
            None => report.skipped.binary += 1,
        }
    }
    Ok(())
}

/// Every version of every file, the oldest commit first; what a file had before is told once, with the first commit that has it.
pub(crate) fn history(path: &Path, scanner: &Scanner, stop: &dyn Fn() -> bool, report: &mut Report) -> Result<(), ScanError> {
    let root = repository(path)?;
    let mut commits = Running::start(git(&root, ["rev-list", "--all", "--topo-order", "--reverse"]))?;
    let listed = commits.child.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let raw = ["diff-tree", "--stdin", "--raw", "-z", "-r", "-c", "--root", "--no-abbrev", "--no-renames", "--ignore-submodules"];
    let mut command = git(&root, raw);
    command.stdin(listed);
    let mut versions = Running::start(command)?;
    let mut lines = Fields(BufReader::new(versions.child.stdout.take().ok_or_else(broken)?));
    let mut objects = Objects::open(&root)?;
    let (mut seen, mut told) = (HashSet::new(), HashSet::new());
    let mut commit = String::new();
    while let Some(field) = lines.next()? {
        if stop() {
            report.stopped = true;
            return Ok(());
        }
        if !field.starts_with(b":") {
            commit = String::from_utf8_lossy(&field).trim().to_owned();
            continue;
        }
        let Some(version) = lines.of(&field)? else { continue };
        // The same content under another name may be judged otherwise.
        if !seen.insert((version.after.clone(), version.path.clone())) {
            continue;
        }
        let Some(bytes) = objects.read(&version.after, report)? else { continue };
        let Some(mut hits) = scanner.scan(&version.path, &bytes) else {
            report.skipped.binary += 1;
            continue;
        };
        hits.retain(|hit| told.insert((hit.rule, hit.same, version.path.clone())));
        report.files += 1;
        report.bytes += bytes.len() as u64;
        report.take(&version.path, hits, Some(&commit));
    }
    versions.end()?;
    commits.end()
}

fn broken() -> ScanError {
    ScanError::Git { said: "its output is not what it should be".to_owned() }
}

/// Fields that end with a zero byte, as `--raw -z` writes them.
struct Fields<R>(R);

impl<R: io::BufRead> Fields<R> {
    fn next(&mut self) -> Result<Option<Vec<u8>>, ScanError> {
        let mut field = Vec::new();
        Read::take(&mut self.0, MOST_PATH).read_until(0, &mut field).map_err(ScanError::NoGit)?;
        if field.pop_if(|last| *last == 0).is_none() && !field.is_empty() {
            return Err(broken());
        }
        // The very end; an empty field stands nowhere.
        Ok((!field.is_empty()).then_some(field))
    }

    /// The next version of a file, where there are no commits between.
    fn version(&mut self) -> Result<Option<Version>, ScanError> {
        while let Some(field) = self.next()? {
            if let Some(version) = self.of(&field)? {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }

    /// `:100644 100644 OLD NEW M`, and for a merge one colon, mode and object for each parent; then the path. Nothing for a file that
    /// is gone or is none.
    fn of(&mut self, field: &[u8]) -> Result<Option<Version>, ScanError> {
        let path = self.next()?.ok_or_else(broken)?;
        let text = std::str::from_utf8(field).map_err(|_| broken())?;
        let parents = text.bytes().take_while(|byte| *byte == b':').count();
        let words: Vec<&str> = text.trim_start_matches(':').split(' ').collect();
        let (Some(mode), Some(before), Some(after)) = (words.get(parents), words.get(parents + 1), words.get(2 * parents + 1)) else {
            return Err(broken());
        };
        let is_none = |object: &str| object.bytes().all(|byte| byte == b'0');
        if !mode.starts_with("100") || is_none(after) {
            return Ok(None);
        }
        let before = (parents == 1 && !is_none(before)).then(|| (*before).to_owned());
        Ok(Some(Version { before, after: (*after).to_owned(), path: String::from_utf8_lossy(&path).into_owned() }))
    }
}

/// A process that is ended with its handle.
struct Running {
    child: Child,
}

impl Running {
    fn start(mut command: Command) -> Result<Self, ScanError> {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(ScanError::NoGit)?;
        Ok(Self { child })
    }

    fn end(mut self) -> Result<(), ScanError> {
        let status = self.child.wait().map_err(ScanError::NoGit)?;
        if status.success() { Ok(()) } else { Err(ScanError::Git { said: status.to_string() }) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended; then there is nothing to do.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Objects by their names (`git cat-file --batch`).
struct Objects {
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    _running: Running,
}

impl Objects {
    fn open(root: &Path) -> Result<Self, ScanError> {
        let mut command = hooked(git(root, ["cat-file", "--batch"]));
        command.stdin(Stdio::piped());
        let mut running = Running::start(command)?;
        let (ask, answers) = (running.child.stdin.take().ok_or_else(broken)?, running.child.stdout.take().ok_or_else(broken)?);
        Ok(Self { ask, answers: BufReader::new(answers), _running: running })
    }

    /// The bytes of a file's version; nothing for one that is too long or not there, which is counted.
    fn read(&mut self, name: &str, report: &mut Report) -> Result<Option<Vec<u8>>, ScanError> {
        writeln!(self.ask, "{name}").and_then(|()| self.ask.flush()).map_err(ScanError::NoGit)?;
        let mut heading = String::new();
        Read::take(&mut self.answers, 256).read_line(&mut heading).map_err(ScanError::NoGit)?;
        let words: Vec<&str> = heading.trim_end().split(' ').collect();
        let (kind, length) = match words.as_slice() {
            [_, kind, length] => (*kind, length.parse::<u64>().map_err(|_| broken())?),
            [_, "missing"] => {
                report.skipped.unreadable += 1;
                return Ok(None);
            }
            _ => return Err(broken()),
        };
        let mut content = Read::take(&mut self.answers, length + 1);
        if kind != "blob" || length > MOST_BYTES {
            io::copy(&mut content, &mut io::sink()).map_err(ScanError::NoGit)?;
            report.skipped.large += 1;
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length + 1).unwrap_or_default());
        content.read_to_end(&mut bytes).map_err(ScanError::NoGit)?;
        bytes.pop_if(|last| *last == b'\n').ok_or_else(broken)?;
        Ok(Some(bytes))
    }
}
