//! Jobs.

use beffroi_app::{JobFacts, OutputText, StoredPart};
use beffroi_domain::Exit;

use crate::handlers::host;
use crate::wire::{CommandPartView, JobList, JobName, JobOutput, JobOutputRequest, JobRetry, JobStepView, JobView, Nothing, OutputPiece};
use crate::{Api, ApiError};

impl Api {
    /// `job_list`
    pub async fn job_list(&self, _: Nothing) -> Result<JobList, ApiError> {
        Ok(JobList { jobs: self.app().jobs().await?.into_iter().map(view).collect() })
    }

    /// `job_show`
    pub async fn job_show(&self, request: JobName) -> Result<JobView, ApiError> {
        Ok(view(self.app().job(&request.job).await?))
    }

    /// `job_output`
    pub async fn job_output(&self, request: JobOutputRequest) -> Result<JobOutput, ApiError> {
        let (pieces, more) = self.app().job_output(&request.job, request.after).await?;
        Ok(JobOutput { pieces: pieces.into_iter().map(piece).collect(), more })
    }

    /// `job_attach`
    pub async fn job_attach(&self, request: JobName) -> Result<JobView, ApiError> {
        Ok(view(self.app().attach_job(&request.job).await?))
    }

    /// `job_cancel`
    pub async fn job_cancel(&self, request: JobName) -> Result<JobView, ApiError> {
        Ok(view(self.app().cancel_job(&request.job).await?))
    }

    /// `job_retry`
    pub async fn job_retry(&self, request: JobRetry) -> Result<JobView, ApiError> {
        Ok(view(self.app().retry_job(&request.job, request.typed.as_deref()).await?))
    }

    /// Waits until this process no longer follows a job; not a command of the wire, where events tell.
    pub async fn job_wait(&self, request: JobName) -> Result<JobView, ApiError> {
        let job = self.app().job(&request.job).await?;
        Ok(view(self.app().wait_for_job(job.id).await?))
    }
}

pub(crate) fn view(job: JobFacts) -> JobView {
    let host = job.host;
    let steps = job.steps.into_iter().map(|(step, row)| {
        let (exit_code, signal) = match row.exit {
            Some(Exit::Status(status)) => (Some(status), None),
            Some(Exit::Signal(signal)) => (None, Some(signal)),
            Some(Exit::Unknown) | None => (None, None),
        };
        let part = |part: StoredPart| match part {
            StoredPart::Text(text) => CommandPartView::Text { text },
            StoredPart::Secret(name) => CommandPartView::Secret { name },
        };
        JobStepView {
            number: row.number,
            what: step.what.into(),
            command: step.command.into_iter().map(part).collect(),
            state: row.state.name().to_owned(),
            exit_code,
            signal,
            started_ms: row.started_ms,
            ended_ms: row.ended_ms,
        }
    });
    JobView {
        id: job.id.to_string(),
        run: job.run.to_string(),
        stage: job.stage,
        title: job.title.into(),
        state: job.state.name().to_owned(),
        attached: job.attached,
        created_ms: job.created_ms,
        ended_ms: job.ended_ms,
        steps: steps.collect(),
        error: job.error.map(|error| host::on(error, &host)),
        host,
    }
}

fn piece(piece: OutputText) -> OutputPiece {
    let note = piece.note.map(|note| note.message().into());
    OutputPiece {
        ordinal: piece.ordinal,
        step: piece.step,
        at_ms: piece.at_ms,
        stream: piece.stream.name().to_owned(),
        offset: piece.offset,
        text: String::from_utf8_lossy(&piece.bytes).into_owned(),
        note,
    }
}
