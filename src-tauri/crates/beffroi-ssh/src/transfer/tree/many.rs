//! Much small work, some of it at once.

use beffroi_remote::RemoteError;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

/// What is to be done, begun as there is room for it.
pub(super) struct Many<'a, T> {
    work: Box<dyn Iterator<Item = BoxFuture<'a, T>> + Send + 'a>,
    under_way: FuturesUnordered<BoxFuture<'a, T>>,
    at_once: usize,
}

impl<'a, T> Many<'a, T> {
    pub(super) fn new(work: impl Iterator<Item = BoxFuture<'a, T>> + Send + 'a, at_once: usize) -> Self {
        Self { work: Box::new(work), under_way: FuturesUnordered::new(), at_once }
    }

    /// What is done next, in any order; `None` once all is.
    pub(super) async fn next(&mut self) -> Option<T> {
        while self.under_way.len() < self.at_once
            && let Some(work) = self.work.next()
        {
            self.under_way.push(work);
        }
        self.under_way.next().await
    }
}

impl Many<'_, Result<(), RemoteError>> {
    /// Does all, up to the first error.
    pub(super) async fn all(mut self) -> Result<(), RemoteError> {
        while let Some(result) = self.next().await {
            result?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn all_is_done_and_only_so_much_at_once() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let one = |_| {
            async {
                most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::Relaxed);
            }
            .boxed()
        };
        let mut many = Many::new((0..100).map(one), 7);
        let mut done = 0;
        while many.next().await.is_some() {
            done += 1;
        }
        assert_eq!((done, most.load(Ordering::Relaxed)), (100, 7));
    }
}
