//! Turns at the catalog, which serves one at a time.
//!
//! Were every task that asks something of it given a thread, the fifty hosts of a run would wake fifty threads that wait for
//! each other. A few take what is asked, in its order, and go on to the next without being woken for it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::AppError;

/// What is asked at once. One that takes long, such as checking every page, does not hold up all others.
const MOST: usize = 3;

type Work = Box<dyn FnOnce() + Send>;

/// What waits for its turn.
#[derive(Default)]
pub(crate) struct Turns(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Work>,
    /// Threads that take from it.
    serving: usize,
}

impl Turns {
    /// Does it on a thread that may block, when it is its turn. It is done even if nobody waits for it any more.
    ///
    /// # Errors
    /// [`AppError::Internal`] when it panicked, or this program is about to end.
    pub(crate) async fn take<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
        let (give, done) = oneshot::channel();
        self.add(Box::new(move || drop(give.send(work()))));
        done.await.map_err(|_| AppError::internal("work on the catalog ended in a fault"))
    }

    fn add(&self, work: Work) {
        {
            let mut queue = locked(&self.0);
            queue.waiting.push_back(work);
            if queue.serving == MOST {
                return;
            }
            queue.serving += 1;
        }
        let queue = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            while let Some(work) = next(&queue) {
                // Whoever waits is told by the channel that was dropped; the next one has its turn all the same.
                let _ = catch_unwind(AssertUnwindSafe(work));
            }
        });
    }
}

fn locked(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn next(queue: &Mutex<Queue>) -> Option<Work> {
    let mut queue = locked(queue);
    let work = queue.waiting.pop_front();
    queue.serving -= usize::from(work.is_none());
    work
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn everything_is_done_in_its_order_and_no_more_than_so_much_at_once() {
        let turns = Turns::default();
        let (done, counted) = (Arc::new(Mutex::new(Vec::new())), Arc::new((AtomicUsize::new(0), AtomicUsize::new(0))));
        for number in 0..50 {
            let (done, counted) = (Arc::clone(&done), Arc::clone(&counted));
            turns.add(Box::new(move || {
                let (under_way, most) = &*counted;
                most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                done.lock().expect("nobody panics").push(number);
                under_way.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        // Those before it were begun before it is.
        turns.take(|| ()).await.expect("it is done");
        let begun = done.lock().expect("nobody panics").len();
        assert!((51 - MOST..=50).contains(&begun), "{begun}");
        assert!((1..=MOST).contains(&counted.1.load(Ordering::SeqCst)));
    }

    #[tokio::test]
    async fn a_fault_is_told_and_takes_no_turn_away() {
        let turns = Turns::default();
        for _ in 0..MOST * 2 {
            let ended: Result<(), AppError> = turns.take(|| unreachable!("as a fault would")).await;
            assert!(matches!(ended, Err(AppError::Internal { .. })), "{ended:?}");
        }
        assert_eq!(turns.take(|| 1).await.ok(), Some(1));
    }

    #[tokio::test]
    async fn it_is_done_though_nobody_waits_any_more() {
        let (turns, (give, done)) = (Turns::default(), oneshot::channel());
        tokio::select! {
            biased;
            _ = turns.take(move || give.send(())) => {}
            () = std::future::ready(()) => {}
        }
        done.await.expect("it was done");
    }
}
