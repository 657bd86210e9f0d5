//! Following a step: its output as it comes, and its end.

use std::time::Duration;

use beffroi_domain::Exit;
use tokio::time::timeout;

use super::answer::{Answer, no_mark};
use super::frames::{Frame, Frames};
use super::{Dropped, Ended, JobError, Offsets, Piece, SinkError, StepOnHost, StepRef, call};
use crate::{Chunk, Limits, Process, Remote, RemoteError, RunRequest};

/// The host gives a sign of life every five seconds.
const SILENCE: Duration = Duration::from_secs(30);

/// One call of the script; long before it, the script has sent its 8 MiB or is asked again.
const CALL: Duration = Duration::from_secs(24 * 3600);

/// The most bytes of standard error that are kept for an error.
const MOST_COMPLAINT: usize = 4096;

/// Gives the output of a step from the offsets on, until it ended and everything was given.
///
/// A call of the script sends 8 MiB at most, and the next is made once the sink took them: a slow sink holds the host
/// back, and what waits here stays bounded. Steps of one job may be followed one after the other, or at once.
///
/// # Errors
/// [`JobError::Remote`] with [`RemoteError::LinkLost`] when the link breaks or is silent for 30 s: follow again from
/// [`Offsets::after`] the last piece. [`JobError::Absent`], [`JobError::NotStarted`], [`JobError::Vanished`],
/// [`JobError::Shortened`], [`JobError::Sink`], [`JobError::Folder`], [`JobError::Missing`], [`JobError::NotUnderstood`].
pub async fn follow(
    remote: &dyn Remote,
    step: &StepRef,
    from: Offsets,
    sink: &mut (dyn FnMut(Piece) -> Result<(), SinkError> + Send),
) -> Result<Ended, JobError> {
    let name = step.to_string();
    let mut at = from;
    loop {
        let words = ["follow", &name, &at.stdout.to_string(), &at.stderr.to_string()];
        let request = RunRequest::new(call(&words)).with_limits(Limits { time: CALL, ..Limits::default() });
        let mut process = remote.start(request).await?;
        let ended = listen(process.as_mut(), &mut at, sink).await;
        if !matches!(ended, Ok(None)) {
            process.cancel().await;
        }
        if let Some(ended) = ended? {
            return Ok(ended);
        }
    }
}

/// One call of the script: the step's end, or `None` when it wants to be asked again.
async fn listen(
    process: &mut dyn Process,
    at: &mut Offsets,
    sink: &mut (dyn FnMut(Piece) -> Result<(), SinkError> + Send),
) -> Result<Option<Ended>, JobError> {
    let mut frames = Frames::new(*at);
    let mut complaint = Vec::new();
    let mut exit = Exit::Unknown;
    let silent = |_| RemoteError::LinkLost { reason: format!("silence for {} s", SILENCE.as_secs()) };
    let (mut verdict, mut dropped) = (None, Dropped::default());
    while let Some(chunk) = timeout(SILENCE, process.next()).await.map_err(silent)?? {
        match chunk {
            Chunk::Stdout(bytes) => frames.push(&bytes),
            Chunk::Stderr(bytes) => {
                let room = MOST_COMPLAINT.saturating_sub(complaint.len());
                complaint.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
            }
            Chunk::Exit(ended) => exit = ended,
        }
        while let Some(frame) = frames.next()? {
            match frame {
                Frame::Piece(piece) => {
                    sink(piece).map_err(JobError::Sink)?;
                    *at = frames.offsets();
                }
                Frame::Answer(Answer::Alive) => {}
                Frame::Answer(Answer::Dropped(told)) => dropped = told,
                Frame::Answer(answer) => verdict = Some(answer),
            }
        }
    }
    match verdict {
        Some(Answer::More) => Ok(None),
        Some(Answer::Step(StepOnHost::Ended(exit))) => Ok(Some(Ended { exit, dropped })),
        Some(Answer::Step(StepOnHost::Vanished { rebooted })) => Err(JobError::Vanished { rebooted }),
        Some(Answer::Step(StepOnHost::Absent)) => Err(JobError::Absent),
        Some(Answer::Step(StepOnHost::Staged)) => Err(JobError::NotStarted),
        Some(other) => Err(other.unexpected()),
        None if frames.is_marked() => Err(RemoteError::LinkLost { reason: "the host stopped telling".to_owned() }.into()),
        None => Err(no_mark(frames.rest(), &complaint, &exit)),
    }
}
