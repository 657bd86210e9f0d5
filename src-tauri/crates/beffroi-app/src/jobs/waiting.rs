//! A job that waits for YunoHost's lock: whoever follows it is told who holds it.

use std::sync::{Arc, Mutex, PoisonError};

use beffroi_remote::job::{self, Ended, StepRef, Stream};
use beffroi_ssh::SshRemote;
use beffroi_yunohost::facts::Running;
use tokio::sync::Notify;

use super::follow::Driven;
use super::output::{OutputNote, Recorder, WAITS};
use super::record::StoredMessage;
use crate::session::Session;
use crate::{AppError, GuardError};

/// What YunoHost says after 15 seconds of waiting, and after 60 and 240 more (`warn_the_user_about_waiting_lock` of moulinette).
const WAITING: [&[u8]; 2] = [b"Another YunoHost command is running right now", b"WARNING Still waiting..."];

/// Follows a step to its end, and notes in its output for whom it waits.
pub(super) async fn follow(remote: &SshRemote, step: &StepRef, recorder: &mut Recorder<'_>) -> Result<Ended, AppError> {
    let (from, waits) = (recorder.offsets(), Notify::new());
    let recorder = Mutex::new(recorder);
    let mut take = |piece: job::Piece| {
        if piece.stream == Stream::Stderr && WAITING.iter().any(|said| piece.bytes.windows(said.len()).any(|part| part == *said)) {
            waits.notify_one();
        }
        Ok(recorder.lock().unwrap_or_else(PoisonError::into_inner).take(&piece)?)
    };
    let followed = job::follow(remote, step, from, &mut take);
    tokio::select! {
        ended = followed => Ok(ended?),
        ended = tell(remote, &waits, &recorder) => ended,
    }
}

/// Tells each time that YunoHost says that it waits; never ends but where it cannot be noted.
async fn tell(remote: &SshRemote, waits: &Notify, recorder: &Mutex<&mut Recorder<'_>>) -> Result<Ended, AppError> {
    loop {
        waits.notified().await;
        // A host that cannot say is no reason to follow no more.
        if let Ok(Some(running)) = Running::ask(remote).await {
            let [alone, with_by] = WAITS;
            let note = OutputNote::Waits((&running.message(alone, with_by)).into());
            recorder.lock().unwrap_or_else(PoisonError::into_inner).note(note)?;
        }
    }
}

impl Session {
    /// Why an operation was not begun that waited for the lock as long as it may: who holds it. `None` where it was let go since.
    pub(super) async fn busy(self: &Arc<Self>, driven: &Driven) -> Option<AppError> {
        let remote = self.reach_again(driven).await.ok()?;
        let running = Running::ask(remote.as_ref()).await.ok()??;
        let running: StoredMessage = (&running.message("running.ynh", "running.ynh-by")).into();
        Some(AppError::Guard(GuardError::Busy { running }))
    }
}
