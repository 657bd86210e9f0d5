//! This machine as a host, for tests: commands run by a local `sh`, files copied.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use async_trait::async_trait;
use beffroi_domain::Exit;
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::{Chunk, Copied, CopyOptions, Process, Remote, RemoteError, RunRequest, Transfer};

/// Runs commands on this machine, as [`Remote`] says, by a shell and in an environment of choice.
#[derive(Debug, Clone)]
pub struct LocalRemote {
    shell: Vec<String>,
    environment: Vec<(String, String)>,
    folder: PathBuf,
}

impl LocalRemote {
    /// Commands start in the folder, which is also their `HOME`, with no environment but `PATH`.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let environment = ["PATH"].iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
        let home = ("HOME".to_owned(), folder.to_string_lossy().into_owned());
        Self { shell: vec!["sh".to_owned()], environment, folder }.with_variable(&home.0, &home.1)
    }

    /// Uses another shell as the login shell, such as `["busybox", "ash"]`; it gets `-c` and the command.
    #[must_use]
    pub fn with_shell(mut self, words: &[&str]) -> Self {
        self.shell = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }
}

#[async_trait]
impl Remote for LocalRemote {
    async fn start(&self, request: RunRequest) -> Result<Box<dyn Process>, RemoteError> {
        let refused = |error: std::io::Error| RemoteError::Refused { reason: error.to_string() };
        let (shell, words) = self.shell.split_first().ok_or_else(|| RemoteError::Refused { reason: "no shell".to_owned() })?;
        let mut child = Command::new(shell)
            .args(words)
            .args(["-c", request.command.as_str()])
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(refused)?;
        let (sender, chunks) = channel(16);
        if let Some(mut pipe) = child.stdin.take() {
            tokio::spawn(async move {
                if let Some(stdin) = request.stdin {
                    // To the local command's standard input.
                    let _ = pipe.write_all(stdin.expose()).await;
                }
            });
        }
        let streams = [
            child.stdout.take().map(|pipe| tokio::spawn(pass_on(pipe, sender.clone(), Chunk::Stdout))),
            child.stderr.take().map(|pipe| tokio::spawn(pass_on(pipe, sender.clone(), Chunk::Stderr))),
        ];
        let waiting = tokio::spawn(async move {
            if let Ok(status) = child.wait().await {
                let _ = sender.send(Chunk::Exit(exit(status))).await;
            }
        });
        let tasks = streams.into_iter().flatten().chain([waiting]).collect();
        let limit = request.limits.time;
        Ok(Box::new(LocalProcess { chunks, tasks, deadline: Instant::now() + limit, seconds: limit.as_secs() }))
    }

    async fn put(
        &self,
        local: &Path,
        remote: &str,
        _: &CopyOptions,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Copied, RemoteError> {
        copy(local, &self.folder.join(remote), progress)
    }

    async fn get(
        &self,
        remote: &str,
        local: &Path,
        _: &CopyOptions,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Copied, RemoteError> {
        copy(&self.folder.join(remote), local, progress)
    }
}

/// Copies a file, or a folder and what is in it; links are followed.
fn copy(from: &Path, to: &Path, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<Copied, RemoteError> {
    let mut copied = Copied::default();
    copy_into(from, to, &mut copied).map_err(|error| RemoteError::LocalFile { path: from.to_owned(), reason: error.to_string() })?;
    let Copied { bytes, files, .. } = copied;
    progress(Transfer { done: bytes, total: bytes, files_done: files, files, ..Transfer::default() });
    Ok(copied)
}

fn copy_into(from: &Path, to: &Path, copied: &mut Copied) -> std::io::Result<()> {
    if !from.is_dir() {
        copied.bytes += std::fs::copy(from, to)?;
        copied.files += 1;
        return Ok(());
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        copy_into(&entry.path(), &to.join(entry.file_name()), copied)?;
    }
    Ok(())
}

async fn pass_on(mut pipe: impl AsyncRead + Unpin, sender: Sender<Chunk>, kind: fn(Bytes) -> Chunk) {
    let mut buffer = vec![0; 32 << 10];
    while let Ok(length @ 1..) = pipe.read(&mut buffer).await {
        let bytes = Bytes::copy_from_slice(buffer.get(..length).unwrap_or_default());
        if sender.send(kind(bytes)).await.is_err() {
            return;
        }
    }
}

/// Dropped before its end, the shell is killed, as a session of SSH would.
struct LocalProcess {
    chunks: Receiver<Chunk>,
    tasks: Vec<JoinHandle<()>>,
    deadline: Instant,
    seconds: u64,
}

#[async_trait]
impl Process for LocalProcess {
    async fn next(&mut self) -> Result<Option<Chunk>, RemoteError> {
        match timeout_at(self.deadline, self.chunks.recv()).await {
            Ok(chunk) => Ok(chunk),
            Err(_) => {
                self.cancel().await;
                Err(RemoteError::TimedOut { seconds: self.seconds })
            }
        }
    }

    async fn cancel(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Drop for LocalProcess {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

#[cfg(unix)]
fn exit(status: std::process::ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => u32::try_from(code).map_or(Exit::Unknown, Exit::Status),
        (None, Some(signal)) => Exit::Signal(signal_name(signal)),
        (None, None) => Exit::Unknown,
    }
}

#[cfg(unix)]
fn signal_name(signal: i32) -> String {
    match signal {
        1 => "HUP",
        2 => "INT",
        6 => "ABRT",
        9 => "KILL",
        11 => "SEGV",
        13 => "PIPE",
        15 => "TERM",
        other => return other.to_string(),
    }
    .to_owned()
}

#[cfg(not(unix))]
fn exit(status: std::process::ExitStatus) -> Exit {
    status.code().and_then(|code| u32::try_from(code).ok()).map_or(Exit::Unknown, Exit::Status)
}
