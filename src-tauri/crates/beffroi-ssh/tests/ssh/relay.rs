//! A relay before a server, which counts what it takes and hangs up as a test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};

pub(super) struct Relay {
    pub(super) port: u16,
    taken: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    /// Connections go to these ports in turn; to the last one from then on.
    pub(super) async fn to(ports: &[u16]) -> Self {
        let ports = ports.to_vec();
        Self::choosing(move |number| ports.get(number).or(ports.last()).copied()).await
    }

    /// Connections go where it is said for each; without a place they are closed.
    pub(super) async fn choosing(choose: impl Fn(usize) -> Option<u16> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&taken);
        let task = tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let Some(port) = choose(counter.fetch_add(1, Ordering::SeqCst)) else {
                    continue;
                };
                tokio::spawn(async move {
                    let Ok(mut there) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                    let _ = here.set_nodelay(true).and(there.set_nodelay(true));
                    let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
                });
            }
        });
        Self { port, taken, task }
    }

    /// Connections so far.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}
