//! What a host said where a change of a guest, or of a process, was not done.

use std::sync::Arc;

use beffroi_domain::StepState;
use beffroi_remote::clean;

use super::follow::Driven;
use super::record::JobAction;
use crate::session::Session;
use crate::{AppError, GuestError, ProcessError};

/// The most lines that are told of what was said.
const MOST_LINES: usize = 3;

impl Session {
    /// Puts what the failed step said last in the place of its exit status.
    pub(super) async fn guest_said(self: &Arc<Self>, driven: &Driven, failed: Option<AppError>) -> Result<Option<AppError>, AppError> {
        if !matches!(failed, Some(AppError::CommandFailed { .. })) {
            return Ok(failed);
        }
        let row = driven.row.clone();
        let said = self
            .blocking(move |session| {
                let steps = session.catalog.read(|reader| reader.steps(row.id))?;
                let failed = steps.iter().find(|step| step.state == StepState::Failed);
                let (_, stderr) = session.streams(&row, failed.map_or(1, |step| step.number))?;
                Ok(last_lines(&stderr))
            })
            .await?;
        Ok(match driven.record.action {
            _ if said.is_empty() => failed,
            JobAction::Process { .. } => Some(ProcessError::NotDone { said }.into()),
            _ => Some(GuestError::NotDone { said }.into()),
        })
    }
}

fn last_lines(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let from = lines.len().saturating_sub(MOST_LINES);
    clean(&lines.get(from..).unwrap_or_default().join(" / "))
}

#[cfg(test)]
mod tests {
    use super::last_lines;

    #[test]
    fn the_end_of_what_was_said_is_told() {
        assert_eq!(last_lines(b"one\ntwo\n\n three \nfour\n"), "two / three / four");
        assert_eq!(last_lines(b"\n"), "");
    }
}
