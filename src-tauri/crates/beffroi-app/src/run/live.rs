//! Runs in memory: those that go on, and the last that ended, with what they gave.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beffroi_domain::{CompartmentId, HostId, RunId};
use tokio::sync::watch;

use super::{HostResult, RunEnd, RunWhat};
use crate::now_ms;

/// A run in memory.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) run: RunId,
    pub(crate) started_ms: u64,
    pub(crate) what: RunWhat,
    /// Its hosts by name.
    pub(crate) hosts: Vec<LiveHost>,
    /// What is known of each of them, in the same order; then hosts on which it is not run.
    results: Mutex<Vec<HostResult>>,
    /// Whether it is to stop.
    stop: watch::Sender<bool>,
    ended: watch::Sender<bool>,
}

/// A host of a run.
#[derive(Debug, Clone)]
pub(crate) struct LiveHost {
    pub(crate) id: HostId,
    pub(crate) name: String,
    /// What seals its result; nothing when its stage was sealed as the run began.
    pub(crate) compartment: Option<CompartmentId>,
}

impl Live {
    pub(crate) fn new(what: RunWhat, hosts: Vec<LiveHost>, foregone: Vec<(HostId, HostResult)>) -> Self {
        let running = hosts.iter().map(|host| HostResult::without_output(&host.name, RunEnd::Running));
        let results = running.chain(foregone.into_iter().map(|(_, result)| result)).collect();
        Self {
            run: RunId::make(),
            started_ms: now_ms(),
            what,
            hosts,
            results: Mutex::new(results),
            stop: watch::Sender::new(false),
            ended: watch::Sender::new(false),
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<HostResult>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn results(&self) -> Vec<HostResult> {
        self.locked().clone()
    }

    pub(crate) fn put(&self, at: usize, result: HostResult) {
        if let Some(place) = self.locked().get_mut(at) {
            *place = result;
        }
    }

    pub(crate) fn forget_output(&self, host: HostId) {
        if let Some(at) = self.hosts.iter().position(|known| known.id == host)
            && let Some(result) = self.locked().get_mut(at)
        {
            result.output = None;
        }
    }

    /// Asks it to stop. Gives whether it was going on, and not asked before.
    pub(crate) fn stop(&self) -> bool {
        self.is_running() && !self.stop.send_replace(true)
    }

    /// Tells when it is to stop.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    pub(crate) fn is_running(&self) -> bool {
        !*self.ended.borrow()
    }

    pub(crate) fn end(&self) {
        self.ended.send_replace(true);
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) {
        // The sender is ours: it cannot be gone.
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// How much output of it is kept.
    pub(crate) fn bytes(&self) -> usize {
        let bytes = |result: &HostResult| result.output.as_ref().map_or(0, |output| output.stdout.len() + output.stderr.len());
        self.locked().iter().map(bytes).sum()
    }
}

/// Stops a run when it is dropped.
pub(crate) struct Stopper(pub(crate) Arc<Live>);

impl Drop for Stopper {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// The runs of an open vault, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<VecDeque<Arc<Live>>>);

/// Runs that are kept after they ended, and bytes of output of all of them.
const MOST_RUNS: usize = 20;
const MOST_BYTES: usize = 32 << 20;

impl Runs {
    fn locked(&self) -> MutexGuard<'_, VecDeque<Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, live: &Arc<Live>) {
        self.locked().push_back(Arc::clone(live));
        self.let_go();
    }

    /// Lets go of the oldest that ended, as far as there are too many.
    pub(crate) fn let_go(&self) {
        let mut runs = self.locked();
        let mut bytes: usize = runs.iter().map(|live| live.bytes()).sum();
        while runs.len() > MOST_RUNS || bytes > MOST_BYTES {
            let Some(at) = runs.iter().position(|live| !live.is_running()) else { return };
            if let Some(oldest) = runs.remove(at) {
                bytes = bytes.saturating_sub(oldest.bytes());
            }
        }
    }

    pub(crate) fn get(&self, run: RunId) -> Option<Arc<Live>> {
        self.locked().iter().find(|live| live.run == run).cloned()
    }

    /// The run of an id, or of an ending of it that no other has here.
    pub(crate) fn find(&self, run: &str) -> Option<Arc<Live>> {
        let runs = self.locked();
        let is_meant = |live: &&Arc<Live>| {
            let id = live.run.to_string();
            id == run || (run.len() >= 4 && id.ends_with(run))
        };
        let mut meant = runs.iter().filter(is_meant);
        let first = meant.next().cloned();
        if meant.next().is_some() { None } else { first }
    }

    /// Asks every run to stop.
    pub(crate) fn stop_all(&self) {
        for live in self.locked().iter() {
            live.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use beffroi_domain::Exit;
    use beffroi_remote::Output;

    use super::*;

    fn ended(bytes: usize) -> Arc<Live> {
        let what = RunWhat { recipe: None, commands: vec!["true".to_owned()], sudo: false, timeout_s: 1 };
        let host = LiveHost { id: HostId::make(), name: "a".to_owned(), compartment: None };
        let live = Live::new(what, vec![host], Vec::new());
        let output = Output { stdout: vec![0; bytes], stderr: Vec::new(), exit: Exit::Status(0), cut: false };
        let end = RunEnd::Exit(Exit::Status(0));
        live.put(0, HostResult { host: "a".to_owned(), end, step: None, took: Duration::ZERO, output: Some(Arc::new(output)) });
        live.end();
        Arc::new(live)
    }

    #[test]
    fn the_oldest_runs_make_place_for_the_newest() {
        let runs = Runs::default();
        let first = ended(0);
        runs.add(&first);
        (1..MOST_RUNS).for_each(|_| runs.add(&ended(0)));
        assert!(runs.get(first.run).is_some());
        runs.add(&ended(0));
        assert!(runs.get(first.run).is_none());
        let (large, larger) = (ended(MOST_BYTES), ended(1));
        runs.add(&large);
        runs.add(&larger);
        assert!(runs.get(large.run).is_none() && runs.get(larger.run).is_some());
    }

    #[test]
    fn a_run_that_goes_on_is_kept_and_can_be_stopped_once() {
        let runs = Runs::default();
        let live = ended(0);
        live.ended.send_replace(false);
        runs.add(&live);
        (0..MOST_RUNS + 5).for_each(|_| runs.add(&ended(0)));
        assert!(runs.find(&live.run.to_string()).is_some());
        assert!(live.stop() && !live.stop());
        assert!(*live.stopping().borrow());
    }
}
