//! Copies between here and a host: what is asked, how far it is, and what came of it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Notes that one copy keeps; more are counted only.
const MOST_NOTES: usize = 100;

/// How a file or a tree is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyOptions {
    /// Goes on with what an earlier copy left, block by block as far as the blocks are right; and leaves what can be gone
    /// on with when it fails or is given up, under `NAME.beffroi-part-…` beside the destination. Single files, and the
    /// large ones of a tree that is there already.
    pub resume: bool,
    /// Compares SHA-256 of both sides before the file gets its name, where the host can compute it.
    pub verify: bool,
    /// Sends only what differs from the file that is there, where both sides can and the file is large enough.
    pub delta: bool,
    /// Keeps the time of the last change.
    pub times: bool,
    /// What becomes of symbolic links inside a tree.
    pub links: Links,
}

impl Default for CopyOptions {
    fn default() -> Self {
        Self { resume: false, verify: true, delta: true, times: false, links: Links::Keep }
    }
}

/// What becomes of symbolic links inside a tree. One that is named itself is always followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Links {
    /// They stay links as long as they lead to somewhere in the tree; others are left out with a note.
    #[default]
    Keep,
    /// What they lead to is copied, as far as that is a file.
    Follow,
}

/// How far a copy is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transfer {
    /// Bytes done.
    pub done: u64,
    /// Bytes in all, as far as they are known.
    pub total: u64,
    /// Files done.
    pub files_done: u64,
    /// Files in all, as far as they are known.
    pub files: u64,
    /// The file that is copied now, below what was asked for; harmless text.
    pub current: Arc<str>,
}

/// What came of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    /// Bytes of all files.
    pub bytes: u64,
    /// Files, without folders and links.
    pub files: u64,
    /// SHA-256 of a single file, where it was computed.
    pub sha256: Option<[u8; 32]>,
    /// Whether the content of every file was compared with what the other side holds.
    pub verified: bool,
    /// Bytes that an earlier copy had brought.
    pub resumed: u64,
    /// Bytes that were not sent because the file that was there had them.
    pub unchanged: u64,
    /// What a person should know; at most 100.
    pub notes: Vec<CopyNote>,
    /// Notes that are not kept.
    pub more_notes: u64,
}

impl Copied {
    /// Adds a note, or counts it where there are too many.
    pub fn note(&mut self, note: CopyNote) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(note);
        } else {
            self.more_notes = self.more_notes.saturating_add(1);
        }
    }
}

/// What a person should know of a copy that succeeded. Names are harmless text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyNote {
    /// The host has nothing that computes SHA-256, or runs no commands.
    NotVerified,
    /// No part of an earlier copy could be checked, so all was sent.
    NotResumed,
    /// Differences could not be found, so all was sent.
    NoDifferences,
    /// The host has no `tar`; files went one by one.
    NotPacked,
    /// A device, socket or pipe was left out.
    Special {
        /// Its path in the tree.
        path: String,
    },
    /// A symbolic link that leads out of the tree, or nowhere, was left out.
    LinkOutside {
        /// Its path in the tree.
        path: String,
    },
    /// An entry was left out because its name cannot stand on the other side.
    Name {
        /// Its path in the tree.
        path: String,
    },
}

/// Over how long the rate is smoothed.
const WINDOW: Duration = Duration::from_secs(5);

/// Rate and time left, from what a [`Transfer`] tells at moments that its caller measures.
///
/// The rate is that of the last five seconds: steady against pieces that come in bursts, and not held up by how it went
/// minutes ago.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    seen: VecDeque<(Duration, u64)>,
    left: u64,
}

impl Pace {
    /// Takes what a copy told, so long after its start.
    pub fn at(&mut self, elapsed: Duration, transfer: &Transfer) {
        self.left = transfer.total.saturating_sub(transfer.done);
        let backwards = self.seen.back().is_some_and(|(when, done)| *when > elapsed || *done > transfer.done);
        if backwards {
            self.seen.clear();
        }
        // One for each tenth of a second is enough, and bounds them.
        let close = |at: &(Duration, u64)| elapsed.saturating_sub(at.0) < WINDOW / 50;
        if self.seen.len() > 1 && self.seen.iter().nth_back(1).is_some_and(close) {
            self.seen.pop_back();
        }
        self.seen.push_back((elapsed, transfer.done));
        while self.seen.len() > 2 && self.seen.get(1).is_some_and(|(when, _)| elapsed.saturating_sub(*when) >= WINDOW) {
            self.seen.pop_front();
        }
    }

    /// Bytes each second; `None` before two moments lie apart.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        let ((from, first), (to, last)) = self.seen.front().zip(self.seen.back())?;
        let millis = to.saturating_sub(*from).as_millis();
        if millis == 0 {
            return None;
        }
        u64::try_from(u128::from(last.saturating_sub(*first)) * 1000 / millis).ok()
    }

    /// How long the rest takes at this rate; `None` while nothing moves.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        match self.rate()? {
            0 if self.left > 0 => None,
            0 => Some(Duration::ZERO),
            rate => Some(Duration::from_secs(self.left.div_ceil(rate))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(done: u64) -> Transfer {
        Transfer { done, total: 1_000_000, ..Transfer::default() }
    }

    #[test]
    fn a_steady_rate_is_that_rate_and_gives_the_time_left() {
        let mut pace = Pace::default();
        assert_eq!((pace.rate(), pace.left()), (None, None));
        pace.at(Duration::ZERO, &at(0));
        assert_eq!(pace.rate(), None);
        for step in 1..=40_u64 {
            pace.at(Duration::from_millis(step * 250), &at(step * 2_500));
            assert_eq!(pace.rate(), Some(10_000));
        }
        assert_eq!(pace.left(), Some(Duration::from_secs(90)));
    }

    #[test]
    fn the_rate_follows_the_last_seconds_and_bursts_do_not_shake_it() {
        let mut pace = Pace::default();
        pace.at(Duration::ZERO, &at(0));
        for second in 1..=20_u64 {
            pace.at(Duration::from_secs(second), &at(second * 40_000));
        }
        for second in 21..=30_u64 {
            pace.at(Duration::from_secs(second), &at(800_000 + (second - 20) * 1_000));
        }
        assert_eq!(pace.rate(), Some(1_000));
        // A stall: after the window nothing moves.
        for second in 31..=40_u64 {
            pace.at(Duration::from_secs(second), &at(810_000));
        }
        assert_eq!((pace.rate(), pace.left()), (Some(0), None));
        let mut bursts = Pace::default();
        for piece in 0..100_000_u64 {
            bursts.at(Duration::from_micros(piece * 100), &at(piece));
        }
        assert!(bursts.seen.len() < 100, "{}", bursts.seen.len());
        assert!((9_900..=10_100).contains(&bursts.rate().expect("a rate")), "{:?}", bursts.rate());
    }

    #[test]
    fn what_goes_backwards_begins_again() {
        let mut pace = Pace::default();
        pace.at(Duration::from_secs(5), &at(500_000));
        pace.at(Duration::from_secs(1), &at(10));
        assert_eq!(pace.rate(), None);
        pace.at(Duration::from_secs(2), &at(1_010));
        assert_eq!(pace.rate(), Some(1_000));
    }

    #[test]
    fn notes_are_bounded() {
        let mut copied = Copied::default();
        (0..150).for_each(|_| copied.note(CopyNote::NotVerified));
        assert_eq!((copied.notes.len(), copied.more_notes), (100, 50));
    }
}
