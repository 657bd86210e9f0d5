//! Talking with a host about its archives: one line there, one line back, then content.

use std::time::Duration;

use beffroi_domain::{Exit, TargetRecord};
use beffroi_remote::{Chunk, Limits, Process, Remote, RemoteError, RunRequest};
use beffroi_yunohost::Cause;
use beffroi_yunohost::archive::{ArchiveAnswer, ArchiveOrder, HostArchives, archive_command};
use bytes::Bytes;
use std::sync::Arc;

use crate::AppError;
use crate::connect::Rights;
use crate::session::Session;

/// The longest line of an answer.
const MOST_LINE: usize = 8 << 20;
/// What is kept at least of what a host says beside it: its end, where the last line is.
const MOST_SAID: usize = 1 << 20;
/// For what moves a whole archive.
const A_DAY: Duration = Duration::from_secs(24 * 3600);

/// An answer that is followed by content.
pub(super) struct Incoming {
    process: Box<dyn Process>,
    pub(super) answer: ArchiveAnswer,
    /// What came along with the line.
    rest: Option<Bytes>,
    said: Vec<u8>,
    exit: Option<Exit>,
}

/// Gives a host an order; with `feeding`, its input stays open for content.
pub(super) async fn begin(remote: &dyn Remote, order: &ArchiveOrder, feeding: bool) -> Result<Incoming, AppError> {
    let request = RunRequest::new(archive_command()).with_stdin(order.line());
    let request = request.with_limits(Limits { time: A_DAY, ..Limits::default() });
    let process = remote.start(if feeding { request.with_open_input() } else { request }).await?;
    let mut incoming = Incoming { process, answer: ArchiveAnswer::default(), rest: None, said: Vec::new(), exit: None };
    let mut line = Vec::new();
    while let Some(bytes) = incoming.next().await? {
        line.extend_from_slice(&bytes);
        if let Some(end) = line.iter().position(|byte| *byte == b'\n') {
            incoming.rest = Some(Bytes::from(line.split_off(end + 1))).filter(|rest| !rest.is_empty());
            incoming.answer = ArchiveAnswer::read(&line).map_err(|_| not_understood())?;
            return Ok(incoming);
        }
        if line.len() > MOST_LINE {
            return Err(not_understood());
        }
    }
    Err(incoming.refusal())
}

fn not_understood() -> AppError {
    AppError::Remote(RemoteError::NotUnderstood { what: "backup.py".to_owned() })
}

impl Incoming {
    /// The next content; nothing when the host said everything.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, AppError> {
        if let Some(rest) = self.rest.take() {
            return Ok(Some(rest));
        }
        loop {
            match self.process.next().await? {
                Some(Chunk::Stdout(bytes)) => return Ok(Some(bytes)),
                Some(Chunk::Stderr(bytes)) => {
                    self.said.extend_from_slice(&bytes);
                    if self.said.len() > 2 * MOST_SAID {
                        self.said.drain(..self.said.len() - MOST_SAID);
                    }
                }
                Some(Chunk::Exit(exit)) => self.exit = Some(exit),
                None => return Ok(None),
            }
        }
    }

    /// Gives the host leave to send so many MiB more: what comes is not held back by the channel, and waits in memory.
    pub(super) async fn grant(&mut self, mebibytes: u64) -> Result<(), AppError> {
        let leave = vec![b'.'; usize::try_from(mebibytes).unwrap_or(1)];
        match self.process.write(Bytes::from(leave)).await {
            // It sent everything already.
            Ok(()) | Err(RemoteError::InputClosed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Sends content; where the host takes no more, why is told by [`Incoming::end`].
    pub(super) async fn feed(&mut self, bytes: Bytes) -> Result<(), AppError> {
        Ok(self.process.write(bytes).await?)
    }

    pub(super) fn fed(&mut self) {
        self.process.close_input();
    }

    /// Ends it: what the host said last, when it went well.
    pub(super) async fn end(mut self) -> Result<Option<ArchiveAnswer>, AppError> {
        while self.next().await?.is_some() {}
        if self.exit.as_ref().is_some_and(Exit::is_success) { Ok(ArchiveAnswer::last(&self.said)) } else { Err(self.refusal()) }
    }

    pub(super) async fn cancel(&mut self) {
        self.process.cancel().await;
    }

    /// Why it did not go well, by what the host said.
    fn refusal(&self) -> AppError {
        if let Some((code, about)) = ArchiveAnswer::refusal(&self.said) {
            return match code.as_str() {
                "no-yunohost" => AppError::YunohostAbsent,
                "calendar" => AppError::InvalidRequest { what: "not a time of systemd: see systemd.time(7)" },
                _ => AppError::Yunohost { cause: ArchiveAnswer::cause(&code), about, said: code },
            };
        }
        let exit = self.exit.clone().unwrap_or(Exit::Unknown);
        // The archive was changed or removed while it was read.
        if exit == Exit::Status(3) {
            return AppError::Yunohost { cause: Cause::SourceChanged, about: String::new(), said: String::new() };
        }
        let outcome = beffroi_yunohost::Outcome::read(b"", &self.said, &exit);
        let said = outcome.errors.iter().filter(|line| !line.contains("/backup_method/")).cloned().collect::<Vec<_>>().join("\n");
        AppError::Yunohost { cause: outcome.cause.unwrap_or(Cause::Other), about: String::new(), said }
    }
}

impl Session {
    /// The archives of a host, asked for now.
    pub(crate) async fn archives_of(self: &Arc<Self>, target: &TargetRecord) -> Result<HostArchives, AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        let incoming = begin(remote.as_ref(), &ArchiveOrder::List, false).await?;
        let answer = incoming.answer.clone();
        incoming.end().await?;
        Ok(answer.archives())
    }
}
