//! Work under a name, so that it can be told to stop.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The work of a kind that goes on in a session and has a name.
#[derive(Debug, Default)]
pub(crate) struct Named(Mutex<Vec<Arc<UnderWay>>>);

#[derive(Debug)]
struct UnderWay {
    name: String,
    stop: Notify,
}

/// Work that goes on, until this is dropped.
#[derive(Debug)]
pub(crate) struct Begun {
    named: Arc<Named>,
    work: Option<Arc<UnderWay>>,
}

impl Named {
    fn locked(&self) -> MutexGuard<'_, Vec<Arc<UnderWay>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins work; what has no name is never told to stop.
    pub(crate) fn begin(self: &Arc<Self>, name: Option<&str>) -> Begun {
        let work = name.map(|name| Arc::new(UnderWay { name: name.to_owned(), stop: Notify::new() }));
        self.locked().extend(work.clone());
        Begun { named: Arc::clone(self), work }
    }

    /// Tells the work of a name to stop. Where none goes on, nothing is done.
    pub(crate) fn stop(&self, name: &str) {
        self.locked().iter().filter(|work| work.name == name).for_each(|work| work.stop.notify_one());
    }
}

impl Begun {
    /// Waits until the work is told to stop; told once, waited for once.
    pub(crate) async fn stopped(&self) {
        match &self.work {
            Some(work) => work.stop.notified().await,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(work) = &self.work {
            self.named.locked().retain(|other| !Arc::ptr_eq(other, work));
        }
    }
}
