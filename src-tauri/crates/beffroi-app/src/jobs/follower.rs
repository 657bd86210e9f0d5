//! The handle of a task that follows a job.

use tokio::sync::watch;

/// What a task that follows a job is told, and what it tells.
pub(crate) struct Follower {
    stop: watch::Sender<bool>,
    leave: watch::Sender<bool>,
    over: watch::Sender<bool>,
}

impl Follower {
    pub(crate) fn new() -> Self {
        let sender = || watch::channel(false).0;
        Self { stop: sender(), leave: sender(), over: sender() }
    }

    /// Asks for the job to be stopped on its host.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Asks for the job to be left alone: it goes on at its host.
    pub(crate) fn leave(&self) {
        self.leave.send_replace(true);
    }

    /// Says that the task ended.
    pub(crate) fn end(&self) {
        self.over.send_replace(true);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    pub(crate) async fn stopping(&self) {
        came(&self.stop).await;
    }

    pub(crate) async fn leaving(&self) {
        came(&self.leave).await;
    }

    pub(crate) async fn ended(&self) {
        came(&self.over).await;
    }
}

async fn came(sender: &watch::Sender<bool>) {
    // The sender is borrowed, so the channel cannot close.
    drop(sender.subscribe().wait_for(|come| *come).await);
}
