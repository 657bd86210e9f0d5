//! Several SFTP sessions that carry one file.
//!
//! OpenSSH gives a session's channel a window of 2 MiB (`CHAN_SES_WINDOW_DEFAULT`), so that one channel carries at most
//! that much in a round trip. On a long link several channels of the same connection share a file, each with requests of
//! its own under way. A copy begins with one, and takes more when the first is held up by its window.

use std::time::{Duration, Instant};

use beffroi_remote::RemoteError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use russh_sftp::protocol::{FileAttributes, OpenFlags};

use super::failed;
use super::session::Sftp;
use super::wire::Wire;

/// The most sessions for one file.
const MOST_LANES: usize = 4;
/// Below this round trip the window holds nobody up.
const LONG: Duration = Duration::from_millis(4);
/// Opening a session and a file in it takes so many round trips.
const OPENING: u32 = 6;
/// What OpenSSH lets one session's channel send in a round trip.
const THEIR_WINDOW: u64 = 2 << 20;

/// One session with the file open in it.
pub(super) struct Lane {
    pub(super) session: Sftp,
    pub(super) handle: String,
    under_way: u64,
}

/// The sessions of one file, and when there should be more.
pub(super) struct Lanes {
    wire: Wire,
    path: String,
    flags: OpenFlags,
    /// Bytes of requests under way at once in each.
    deep: u64,
    lanes: Vec<Lane>,
    opening: Option<BoxFuture<'static, Vec<Lane>>>,
    begun: Instant,
    moved: u64,
}

impl Lanes {
    /// Begins with a session in which the file is open already.
    pub(super) fn new(wire: &Wire, session: Sftp, handle: String, path: &str, flags: OpenFlags, deep: u64) -> Self {
        Self {
            wire: wire.clone(),
            path: path.to_owned(),
            flags,
            deep,
            lanes: vec![Lane { session, handle, under_way: 0 }],
            opening: None,
            begun: Instant::now(),
            moved: 0,
        }
    }

    /// The session with the least under way, if it takes another request.
    pub(super) fn free(&self) -> Option<usize> {
        let least = self.lanes.iter().enumerate().min_by_key(|(_, lane)| lane.under_way)?;
        (least.1.under_way < self.deep).then_some(least.0)
    }

    /// A session that gets another request.
    pub(super) fn take(&mut self, index: usize, bytes: u64) -> Option<(Sftp, String)> {
        let lane = self.lanes.get_mut(index)?;
        lane.under_way = lane.under_way.saturating_add(bytes);
        Some((lane.session.clone(), lane.handle.clone()))
    }

    /// A request of a session was answered; `left` bytes are still to be asked for.
    pub(super) fn answered(&mut self, index: usize, bytes: u64, left: u64) {
        if let Some(lane) = self.lanes.get_mut(index) {
            lane.under_way = lane.under_way.saturating_sub(bytes);
        }
        self.moved = self.moved.saturating_add(bytes);
        if self.opening.is_none() && self.lanes.len() < MOST_LANES && self.is_held_up(left) {
            self.open_more();
        }
    }

    /// Whether the window holds the sessions up, and there is enough left for more of them to be worth their opening.
    fn is_held_up(&self, left: u64) -> bool {
        let round_trip = self.lanes.first().map_or(Duration::ZERO, |lane| lane.session.round_trip);
        let elapsed = self.begun.elapsed();
        // One round trip to fill the window, one to see what comes of it.
        if round_trip < LONG || elapsed < round_trip * 2 {
            return false;
        }
        let rate = u128::from(self.moved) * 1_000_000 / elapsed.saturating_sub(round_trip).as_micros().max(1);
        let possible = u128::from(THEIR_WINDOW) * self.lanes.len() as u128 * 1_000_000 / round_trip.as_micros().max(1);
        let while_opening = rate * (round_trip * OPENING).as_micros() / 1_000_000;
        rate * 2 > possible && u128::from(left) > while_opening * 2
    }

    fn open_more(&mut self) {
        let mut opening = Vec::new();
        while self.lanes.len() + opening.len() < MOST_LANES
            && let Some(permit) = self.wire.spare()
        {
            let (wire, path, flags) = (self.wire.clone(), self.path.clone(), self.flags);
            opening.push(async move {
                let session = wire.sftp_in(permit).await.ok()?;
                let handle = session.raw.open(path, flags, FileAttributes::empty()).await.ok()?.handle;
                Some(Lane { session, handle, under_way: 0 })
            });
        }
        // A session that does not open is done without.
        self.opening = Some(join_all(opening).map(|lanes| lanes.into_iter().flatten().collect()).boxed());
    }

    /// Waits for the sessions that are being opened; for ever where there are none.
    pub(super) async fn grow(&mut self) {
        match &mut self.opening {
            Some(opening) => {
                let more = opening.await;
                self.lanes.extend(more);
                // What was refused is not asked for again: a copy is short.
                self.opening = Some(std::future::pending().boxed());
            }
            None => std::future::pending().await,
        }
    }

    /// Closes the file in all sessions but the first, which is given back.
    pub(super) async fn end(self) -> Result<(Sftp, String), RemoteError> {
        let mut lanes = self.lanes.into_iter();
        let first = lanes.next();
        let path = &self.path;
        let closing = lanes.map(|lane| async move { lane.session.raw.close(lane.handle).await.map_err(|error| failed(path, error)) });
        join_all(closing).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        match first {
            Some(lane) => Ok((lane.session, lane.handle)),
            None => Err(RemoteError::LinkLost { reason: "no session".to_owned() }),
        }
    }
}
