//! A job of which nothing is left on its host: YunoHost's own journal says how the operation ended.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::Exit;
use beffroi_remote::job::{Offsets, Piece, Stream};
use beffroi_yunohost::ActionRecord;
use beffroi_yunohost::facts::LookedUp;
use jiff::Timestamp;

use super::follow::{Driven, PATIENCE};
use super::follower::Follower;
use super::output::{OutputNote, Recorder};
use crate::AppError;
use crate::session::Session;

const PAUSE: Duration = Duration::from_secs(2);

impl Session {
    /// The end of an operation as its host's journal has it, and in the job's output what it said since the job was lost. `None`
    /// where the journal does not know it, or not how it ended.
    pub(super) async fn look_up(
        self: &Arc<Self>,
        driven: &Driven,
        follower: &Follower,
        action: &ActionRecord,
    ) -> Result<Option<Exit>, AppError> {
        let Some(sent) = driven.first_sent_ms().and_then(|sent| Timestamp::from_millisecond(i64::try_from(sent).ok()?).ok()) else {
            return Ok(None);
        };
        let mut lost_since = None;
        while !follower.is_stopping() {
            let asked = async {
                let remote = self.reach_again(driven).await?;
                Ok::<_, AppError>(LookedUp::ask(remote.as_ref(), action, sent).await?)
            };
            match asked.await {
                Ok(LookedUp::Ended { succeeded, lines }) => {
                    self.record_lines(driven, &lines)?;
                    return Ok(Some(Exit::Status(u32::from(!succeeded))));
                }
                Ok(LookedUp::Unknown) => return Ok(None),
                Ok(LookedUp::Running) => lost_since = None,
                Err(error) if error.is_passing() => {
                    self.connections.close(driven.target.host).await;
                    if lost_since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                        return Err(error);
                    }
                }
                Err(error) => return Err(AppError::JobOutOfReach { why: Box::new(error) }),
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(None)
    }

    /// Adds lines of the journal that did not come before.
    fn record_lines(&self, driven: &Driven, lines: &[String]) -> Result<(), AppError> {
        let (stdout, stderr) = self.streams(&driven.row, 1)?;
        let kept = [String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)];
        let kept: HashSet<&str> = kept.iter().flat_map(|text| text.lines()).collect();
        let steps = self.catalog.read(|reader| reader.steps(driven.row.id))?;
        let stored = steps.first().map_or_else(Offsets::default, |row| Offsets { stdout: row.stdout_offset, stderr: row.stderr_offset });
        let mut recorder = Recorder::new(self, &driven.row, 1, stored, driven.secrets())?;
        recorder.note(OutputNote::FromJournal)?;
        for line in lines.iter().filter(|line| !kept.contains(line.as_str())) {
            let talk = line.starts_with("WARNING ") || line.starts_with("ERROR ");
            let stream = if talk { Stream::Stderr } else { Stream::Stdout };
            recorder.take(&Piece { stream, offset: 0, bytes: format!("{line}\n").into_bytes().into() })?;
        }
        recorder.finish()
    }
}
