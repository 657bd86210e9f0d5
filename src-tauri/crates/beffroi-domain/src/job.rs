//! A job: what a plan became on one host.

/// How a process on a host ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// Its exit status.
    Status(u32),
    /// The signal that ended it, without `SIG`.
    Signal(String),
    /// The link was lost before either was known.
    Unknown,
}

impl Exit {
    /// Whether the process ended with status 0.
    #[must_use]
    pub fn is_success(&self) -> bool {
        *self == Self::Status(0)
    }
}

/// Where a job stands. Stored by its [`JobState::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Recorded, nothing sent yet.
    Queued,
    /// A step runs, or is believed to: after a cut link this is settled by attaching again.
    Running,
    /// Every step is done and its check held; the host was changed.
    Changed,
    /// Every step is done; nothing had to be changed.
    Done,
    /// A step failed or its check did not hold.
    Failed,
    /// Stopped on request.
    Cancelled,
}

impl JobState {
    /// The name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Changed => "changed",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a [`JobState::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Changed, Self::Done, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|state| state.name() == name)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// Where a step stands. Stored by its [`StepState::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Pending,
    /// Begun: recorded before it is sent.
    Running,
    /// Ended, and its check held.
    Done,
    /// Ended badly.
    Failed,
    /// Not run, because an earlier step failed or the job was cancelled.
    Skipped,
}

impl StepState {
    /// The name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Reads a [`StepState::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Running, Self::Done, Self::Failed, Self::Skipped].into_iter().find(|state| state.name() == name)
    }
}
