//! What was reached, and what was wrong.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Fault;
use crate::image::Image;
use crate::world::Op;

/// One case takes a fraction of a second, a few when it derives keys; this is a hang.
const LONGEST_CASE: Duration = Duration::from_secs(120);
/// After so many, the rest would say nothing new.
const MOST_WRONG: usize = 20;

/// When there is enough.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Enough {
    /// After this time.
    At(Instant),
    /// After this many.
    Count(u64),
}

/// How a changed vault answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It did not open, or what was asked was refused.
    Refused,
    /// It opened and says what is wrong.
    Reported,
    /// It holds exactly what was written.
    Right,
    /// Wrong data, and not a word about it.
    Wrong,
}

/// What was reached.
pub(crate) struct Report {
    kills: Enough,
    mutations: Enough,
    tally: Mutex<Tally>,
    panics: AtomicUsize,
}

#[derive(Default)]
struct Tally {
    kills: u64,
    acknowledged: BTreeMap<String, u64>,
    in_flight: BTreeMap<String, u64>,
    kept_in_flight: u64,
    rehearsed: u64,
    mutations: BTreeMap<&'static str, [u64; 4]>,
    wrong: Vec<String>,
}

impl Report {
    pub(crate) fn new(kills: Enough, mutations: Enough) -> Self {
        Self { kills, mutations, tally: Mutex::default(), panics: AtomicUsize::new(0) }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, enough: Enough, done: impl Fn(&Tally) -> u64) -> bool {
        let tally = self.tally();
        tally.wrong.len() >= MOST_WRONG
            || match enough {
                Enough::At(end) => Instant::now() >= end,
                Enough::Count(count) => done(&tally) >= count,
            }
    }

    pub(crate) fn kills_are_over(&self) -> bool {
        self.is_over(self.kills, |tally| tally.kills)
    }

    pub(crate) fn mutations_are_over(&self) -> bool {
        self.is_over(self.mutations, |tally| tally.mutations.values().flatten().sum())
    }

    pub(crate) fn acknowledged(&self, op: &Op) {
        *self.tally().acknowledged.entry(name(op)).or_default() += 1;
    }

    pub(crate) fn killed(&self, in_flight: &Op) {
        let mut tally = self.tally();
        tally.kills += 1;
        *tally.in_flight.entry(name(in_flight)).or_default() += 1;
    }

    pub(crate) fn kept_in_flight(&self) {
        self.tally().kept_in_flight += 1;
    }

    pub(crate) fn rehearsed(&self) {
        self.tally().rehearsed += 1;
    }

    pub(crate) fn mutated(&self, kind: &'static str, verdict: Verdict) {
        if let Some(count) = self.tally().mutations.entry(kind).or_default().get_mut(verdict as usize) {
            *count += 1;
        }
    }

    pub(crate) fn panicked(&self) {
        self.panics.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn panics(&self) -> usize {
        self.panics.load(Ordering::SeqCst)
    }

    /// Something was wrong. Said at once: whatever happens next, it is known.
    pub(crate) fn wrong(&self, what: &str) {
        say(&format!("WRONG: {what}"));
        self.tally().wrong.push(what.to_owned());
    }

    /// Keeps a vault that answered wrongly.
    pub(crate) fn keep(&self, image: &Image, vault: &str, words: &str) -> Result<(), Fault> {
        let folder = tempfile::Builder::new().prefix("beffroi-soak-wrong-").tempdir()?.keep();
        image.put(&folder, vault)?;
        std::fs::write(folder.join("recovery"), words)?;
        say(&format!("kept in {}", folder.display()));
        Ok(())
    }

    /// Everything, for programs. Nothing is wrong when `wrong` is 0.
    pub(crate) fn data(&self, seed: u64) -> Value {
        let tally = self.tally();
        let verdicts = |counts: &[u64; 4]| json!({"refused": counts[0], "reported": counts[1], "right": counts[2], "wrong": counts[3]});
        let kinds: BTreeMap<_, _> = tally.mutations.iter().map(|(kind, counts)| (*kind, verdicts(counts))).collect();
        json!({
            "seed": seed,
            "kills": tally.kills,
            "acknowledged": tally.acknowledged,
            "killed_during": tally.in_flight,
            "in_flight_and_kept": tally.kept_in_flight,
            "copies_rehearsed": tally.rehearsed,
            "mutations": tally.mutations.values().flatten().sum::<u64>(),
            "mutations_by_kind": kinds,
            "panics": self.panics(),
            "wrong": tally.wrong.len() + self.panics(),
        })
    }
}

fn name(op: &Op) -> String {
    format!("{op:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// Says something to whoever waits.
pub(crate) fn say(text: &str) {
    // Nobody who listens is no reason to stop.
    drop(writeln!(std::io::stderr().lock(), "soak: {text}"));
}

/// A case that is looked at from outside, in case it never ends.
pub(crate) struct Watched {
    case: Mutex<Option<(Instant, String)>>,
}

impl Watched {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { case: Mutex::new(None) })
    }

    fn case(&self) -> MutexGuard<'_, Option<(Instant, String)>> {
        self.case.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, name: &str) {
        *self.case() = Some((Instant::now(), name.to_owned()));
    }

    pub(crate) fn end(&self) {
        *self.case() = None;
    }

    /// The case that hangs, if one does.
    pub(crate) fn hangs(&self) -> Option<String> {
        self.case().as_ref().filter(|(since, _)| since.elapsed() > LONGEST_CASE).map(|(_, name)| name.clone())
    }
}
