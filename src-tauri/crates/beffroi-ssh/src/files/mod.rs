//! Folders of a host, as one looks at them and tidies them.
//!
//! A script asks and changes everything in one round trip, where the host runs commands ([`listing`] reads what it tells of a
//! folder). An account that has SFTP only is served by SFTP, as is a host that lacks `find` and `stat`.

mod listing;

use std::future::pending;
use std::pin::{Pin, pin};
use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{Chunk, CommandLine, Folder, Limits, Remote, RemoteError, RunRequest};
use futures_util::FutureExt;

use crate::SshRemote;
use crate::text::harmless;
use crate::transfer::{Wire, folders, from_home, operand, unreadable};
use listing::Listing;

const SCRIPT: &str = include_str!("../../../../../assets/remote/files.sh");
/// How long reading a folder may take.
const READING: Duration = Duration::from_secs(60);
/// How long a change may take: a tree is removed, or moved to another disk.
const CHANGING: Duration = Duration::from_secs(3600);
/// The most bytes of paths in one command: a host takes 128 KiB (`MAX_ARG_STRLEN` of Linux), and quoting adds to them.
const MOST_PATHS: usize = 24 << 10;
/// The most that is kept of what a change says.
const MOST_SAID: usize = 64 << 10;

/// What came of a removal.
#[derive(Debug)]
pub struct Removal {
    /// How many of the paths are gone: the first ones.
    pub gone: usize,
    /// Whether it went on to the last one; why not, where it was not told to stop.
    pub end: Result<RemovalEnd, RemoteError>,
}

/// How a removal ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovalEnd {
    /// Everything is gone.
    Done,
    /// It was told to stop. Of the path it was at, a part may be gone.
    Stopped,
}

/// What the script said, after the line that shows that it was the script.
struct Said {
    stdout: Vec<u8>,
    stderr: String,
    /// Its exit status, or why it is not known.
    status: Result<u32, RemoteError>,
    /// Whether it was ended when it was told to stop.
    stopped: bool,
}

impl SshRemote {
    /// What lies in a folder, at most [`MOST_ENTRIES`](beffroi_remote::MOST_ENTRIES) of it.
    ///
    /// # Errors
    /// [`RemoteError::RemoteFile`] when it is not there, is no folder or cannot be read; those of the link.
    pub async fn folder(&self, path: &str) -> Result<Folder, RemoteError> {
        let path = place(path);
        let request = RunRequest::new(line(&["list", &path])).with_limits(Limits { time: READING, ..Limits::default() });
        let mut process = match self.start(request).await {
            Err(RemoteError::Refused { .. }) => return folders::list(&Wire::over(self), &path).await,
            started => started?,
        };
        let (mut listing, mut status) = (Listing::default(), None);
        loop {
            match process.next().await {
                Ok(Some(Chunk::Stdout(bytes))) => listing.take(&bytes),
                Ok(Some(Chunk::Exit(Exit::Status(code)))) => status = Some(code),
                Ok(Some(_)) => {}
                Ok(None) => break,
                // It came faster than it was read: what is there is enough.
                Err(RemoteError::TooMuchOutput { .. }) if listing.is_ours() => {
                    listing.cut();
                    break;
                }
                Err(error) => return Err(error),
            }
            if listing.is_full() {
                listing.cut();
                process.cancel().await;
                status = Some(0);
                break;
            }
        }
        match status {
            _ if !listing.is_ours() => folders::list(&Wire::over(self), &path).await,
            Some(0) | None => listing.read().ok_or_else(|| RemoteError::NotUnderstood { what: "what lies in a folder".to_owned() }),
            Some(NO_MEANS) => folders::list(&Wire::over(self), &path).await,
            Some(status) => Err(refusal(status, &path, "")),
        }
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// [`RemoteError::FileExists`]; [`RemoteError::RemoteFile`] when it cannot be made; those of the link.
    pub async fn make_folder(&self, path: &str) -> Result<(), RemoteError> {
        let path = place(path);
        match self.said(&["make", &path], pin!(pending())).await? {
            Some(said) => said.ended(&path),
            None => folders::make(&Wire::over(self), &path).await,
        }
    }

    /// Gives a file or folder another name or place, where nothing is yet.
    ///
    /// # Errors
    /// [`RemoteError::FileExists`], [`RemoteError::PathProtected`]; [`RemoteError::RemoteFile`] when it cannot be done; those
    /// of the link.
    pub async fn rename_file(&self, from: &str, to: &str) -> Result<(), RemoteError> {
        let (from, to) = (place(from), place(to));
        match self.said(&["rename", &from, &to], pin!(pending())).await? {
            Some(said) if matches!(said.status, Ok(EXISTS)) => said.ended(&to),
            Some(said) => said.ended(&from),
            None => folders::rename(&Wire::over(self), &from, &to).await,
        }
    }

    /// Removes files, links (never what they lead to) and folders, one after the other, up to the first that cannot be, or
    /// until `stop` is done; folders that are not empty only with `trees`.
    pub async fn remove_files(&self, paths: &[String], trees: bool, stop: impl Future<Output = ()> + Send) -> Removal {
        let paths: Vec<String> = paths.iter().map(|path| place(path)).collect();
        let mut stop = pin!(stop);
        let mut gone = 0;
        for batch in batches(&paths) {
            if stop.as_mut().now_or_never().is_some() {
                return Removal { gone, end: Ok(RemovalEnd::Stopped) };
            }
            let Removal { gone: removed, end } = self.remove_batch(batch, trees, stop.as_mut()).await;
            gone += removed;
            if !matches!(end, Ok(RemovalEnd::Done)) {
                return Removal { gone, end };
            }
        }
        Removal { gone, end: Ok(RemovalEnd::Done) }
    }

    async fn remove_batch(&self, batch: &[String], trees: bool, mut stop: Pin<&mut (impl Future<Output = ()> + Send)>) -> Removal {
        let said = match self.said(&words("remove", Some(if trees { "tree" } else { "one" }), batch), stop.as_mut()).await {
            Ok(Some(said)) => said,
            Ok(None) => return folders::remove(&Wire::over(self), batch, trees, stop).await,
            Err(error) => return Removal { gone: 0, end: Err(error) },
        };
        let gone = said.lines().min(batch.len());
        let rest = batch.get(gone..).unwrap_or_default();
        if !said.stopped {
            let end = said.ended(rest.first().map_or("", String::as_str));
            return Removal { gone, end: end.map(|()| RemovalEnd::Done) };
        }
        // What it did just before it was ended, it may not have said any more.
        let since = match self.said(&words("missing", None, rest), pin!(pending())).await {
            Ok(Some(said)) => said.lines().min(rest.len()),
            Ok(None) | Err(_) => 0,
        };
        Removal { gone: gone + since, end: Ok(RemovalEnd::Stopped) }
    }

    /// Runs the script, until it ends or `stop` is done; `None` where there is no shell that does.
    async fn said(&self, words: &[&str], mut stop: Pin<&mut (impl Future<Output = ()> + Send)>) -> Result<Option<Said>, RemoteError> {
        let request = RunRequest::new(line(words)).with_limits(Limits { time: CHANGING, ..Limits::default() });
        let mut process = match self.start(request).await {
            Err(RemoteError::Refused { .. }) => return Ok(None),
            started => started?,
        };
        let (mut stdout, mut stderr, mut stopped) = (Vec::new(), Vec::new(), false);
        let mut status = Err(RemoteError::LinkLost { reason: "the command did not end".to_owned() });
        loop {
            let next = tokio::select! {
                next = process.next() => next,
                () = &mut stop => {
                    process.cancel().await;
                    stopped = true;
                    break;
                }
            };
            match next {
                Ok(Some(Chunk::Stdout(bytes))) => keep(&mut stdout, &bytes),
                Ok(Some(Chunk::Stderr(bytes))) => keep(&mut stderr, &bytes),
                Ok(Some(Chunk::Exit(Exit::Status(code)))) => status = Ok(code),
                Ok(Some(Chunk::Exit(_))) => {}
                Ok(None) => break,
                // What was done before is told all the same.
                Err(error) => {
                    status = Err(error);
                    break;
                }
            }
        }
        let said = |stdout: &[u8]| Said {
            stdout: stdout.to_vec(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            status: status.clone(),
            stopped,
        };
        match (stdout.strip_prefix(listing::OURS), &status) {
            (text, _) if stopped => Ok(Some(said(text.unwrap_or_default()))),
            (_, Ok(NO_MEANS)) | (None, Ok(_) | Err(RemoteError::Refused { .. })) => Ok(None),
            (None, Err(error)) => Err(error.clone()),
            (Some(text), _) => Ok(Some(said(text))),
        }
    }
}

impl Said {
    /// How many lines there are.
    fn lines(&self) -> usize {
        self.stdout.iter().filter(|byte| **byte == b'\n').count()
    }

    fn ended(&self, path: &str) -> Result<(), RemoteError> {
        match &self.status {
            Ok(0) => Ok(()),
            Ok(status) => Err(refusal(*status, path, &self.stderr)),
            Err(error) => Err(error.clone()),
        }
    }
}

/// Keeps bytes of a stream, up to what is kept of one.
fn keep(stream: &mut Vec<u8>, bytes: &[u8]) {
    let room = MOST_SAID.saturating_sub(stream.len());
    stream.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
}

/// The exit status of the script where the host has no means for what is asked.
const NO_MEANS: u32 = 3;
/// Where something is there already.
const EXISTS: u32 = 13;

/// What an exit status of the script says.
fn refusal(status: u32, path: &str, said: &str) -> RemoteError {
    let shown = harmless(path);
    match status {
        10 => unreadable(path, "no such file or folder"),
        11 => unreadable(path, "is no folder"),
        12 => unreadable(path, "permission denied"),
        EXISTS => RemoteError::FileExists { path: shown },
        14 => unreadable(path, "names no file"),
        15 => RemoteError::PathProtected { path: shown },
        17 => unreadable(path, "leads through a link: as root, name the folder where it really lies"),
        16 => RemoteError::FolderNotEmpty { path: shown },
        _ => unreadable(path, said.lines().find(|line| !line.trim().is_empty()).unwrap_or("the host did not say why")),
    }
}

/// A path as the script and SFTP take it. A slash at its end would lead through a link.
fn place(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    operand(from_home(if trimmed.is_empty() { path } else { trimmed }))
}

fn line(words: &[&str]) -> CommandLine {
    CommandLine::new(["sh", "-c", SCRIPT, "sh"].iter().chain(words))
}

/// What the script is asked about paths.
fn words<'a>(what: &'a str, flag: Option<&'a str>, paths: &'a [String]) -> Vec<&'a str> {
    [what].into_iter().chain(flag).chain(paths.iter().map(String::as_str)).collect()
}

/// The paths in parts that fit into a command.
fn batches(paths: &[String]) -> Vec<&[String]> {
    let (mut batches, mut rest) = (Vec::new(), paths);
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take_while(|path| {
            bytes += path.len() + 3;
            bytes <= MOST_PATHS
        });
        let (batch, after) = rest.split_at(fitting.count().max(1));
        batches.push(batch);
        rest = after;
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_in_one_batch_and_none_is_too_large() {
        let paths: Vec<String> = (0..300).map(|number| format!("/srv/{number}/{}", "x".repeat(number * 10))).collect();
        let batches = batches(&paths);
        assert_eq!(batches.concat(), paths);
        assert!(batches.len() > 1);
        assert!(batches.iter().all(|batch| batch.iter().map(String::len).sum::<usize>() <= MOST_PATHS));
        let huge = [String::from("/"), "x".repeat(MOST_PATHS * 2), String::from("/b")];
        assert_eq!(super::batches(&huge).iter().map(|batch| batch.len()).collect::<Vec<_>>(), [1, 1, 1]);
        assert!(super::batches(&[]).is_empty());
    }

    #[test]
    fn a_path_is_neither_an_option_nor_led_through_a_link() {
        let places = ["~", "~/a", "-rf", "/a//", "/", "//", "a/"].map(place);
        assert_eq!(places, ["./.", "./a", "./-rf", "/a", "/", "//", "./a"]);
    }

    #[test]
    fn what_the_script_refuses_has_its_own_error() {
        assert!(matches!(refusal(EXISTS, "/a", ""), RemoteError::FileExists { .. }));
        assert!(matches!(refusal(15, "/", ""), RemoteError::PathProtected { .. }));
        assert!(matches!(refusal(16, "/a", ""), RemoteError::FolderNotEmpty { .. }));
        let said = refusal(1, "/a\u{1b}[2J", "\nmv: \u{202e}no\nmore");
        assert!(
            matches!(&said, RemoteError::RemoteFile { path, reason } if !path.contains('\u{1b}') && reason == "mv: \\u{202e}no"),
            "{said}"
        );
    }
}
