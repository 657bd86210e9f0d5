//! Telling how far a copy is.

use std::sync::Arc;

use beffroi_remote::Transfer;

use crate::text::harmless;

/// Bytes between two reports of progress.
const REPORT_EVERY: u64 = 512 << 10;

/// Reports at the start, every [`REPORT_EVERY`] bytes, and at the end.
pub(super) struct Report<'a> {
    progress: &'a mut (dyn FnMut(Transfer) + Send),
    at: Transfer,
    told: u64,
}

impl<'a> Report<'a> {
    pub(super) fn start(progress: &'a mut (dyn FnMut(Transfer) + Send), total: u64, files: u64) -> Self {
        let at = Transfer { total, files, ..Transfer::default() };
        progress(at.clone());
        Self { progress, at, told: 0 }
    }

    /// The file that is copied from now on.
    pub(super) fn current(&mut self, name: &str) {
        self.at.current = Arc::from(harmless(name));
    }

    /// More bytes are done; all of them are told when nothing else is to come.
    pub(super) fn add(&mut self, bytes: u64) {
        self.at.done = self.at.done.saturating_add(bytes);
        if self.at.done >= self.told.saturating_add(REPORT_EVERY) {
            self.tell();
        }
    }

    /// Files are done.
    pub(super) fn files(&mut self, count: u64) {
        self.at.files_done = self.at.files_done.saturating_add(count);
    }

    /// All is done.
    pub(super) fn end(&mut self) {
        self.at.total = self.at.done;
        self.tell();
    }

    fn tell(&mut self) {
        self.told = self.at.done;
        (self.progress)(self.at.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_reported_at_the_start_now_and_then_and_at_the_end() {
        let mut seen = Vec::new();
        let mut note = |at: Transfer| seen.push((at.done, at.files_done));
        let mut report = Report::start(&mut note, REPORT_EVERY + 12, 1);
        for bytes in [1, REPORT_EVERY - 2, 2, 1, 10] {
            report.add(bytes);
        }
        report.files(1);
        report.end();
        assert_eq!(seen, [(0, 0), (REPORT_EVERY + 1, 0), (REPORT_EVERY + 12, 1)]);
    }
}
