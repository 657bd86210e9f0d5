//! The terminal that this program was started in.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use beffroi_api::{ApiError, ErrorCode};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::stdio::stdin;
use rustix::termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// What is read at once.
const MOST_READ: usize = 32 << 10;
/// Where a terminal does not know its size.
const USUAL: (u16, u16) = (80, 24);
/// The largest that a host is told.
const LARGEST: u16 = 1000;

/// The terminal on standard input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local;

impl Local {
    /// # Errors
    /// [`ErrorCode::NoTerminal`] when there is none.
    pub(super) fn here() -> Result<Self, ApiError> {
        if isatty(stdin()) { Ok(Self) } else { Err(ApiError::new(ErrorCode::NoTerminal)) }
    }

    /// Columns and rows.
    pub(super) fn size(self) -> (u16, u16) {
        match tcgetwinsize(stdin()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.min(LARGEST), size.ws_row.min(LARGEST)),
            _ => USUAL,
        }
    }

    /// Has every key come as it is typed, for as long as what this gives is there.
    pub(super) fn raw(self) -> io::Result<Raw> {
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        // Made first: whatever was changed is changed back.
        let guard = Raw { before };
        tcsetattr(stdin(), OptionalActions::Drain, &raw)?;
        Ok(guard)
    }

    /// Begins to read what is typed. What is typed after the end stays for whoever reads next.
    pub(super) fn typed(self) -> io::Result<Typed> {
        let (stopped, stop) = rustix::pipe::pipe()?;
        let (give, bytes) = channel(1);
        std::thread::Builder::new().name("typing".to_owned()).spawn(move || read(&stopped, &give))?;
        Ok(Typed { bytes, _stop: Arc::new(stop) })
    }
}

/// Puts the terminal back into the modes that it had.
pub(super) struct Raw {
    before: Termios,
}

impl Drop for Raw {
    fn drop(&mut self) {
        // A terminal that is gone has no modes.
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &self.before);
    }
}

/// What is typed.
pub(super) struct Typed {
    bytes: Receiver<Vec<u8>>,
    /// Closed, it ends the reading.
    _stop: Arc<OwnedFd>,
}

impl Typed {
    /// Waits for more; nothing when the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        self.bytes.recv().await
    }
}

fn read(stopped: &OwnedFd, give: &Sender<Vec<u8>>) {
    let mut buffer = vec![0; MOST_READ];
    loop {
        let input = stdin();
        let mut ready = [PollFd::new(&input, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        match poll(&mut ready, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return,
        }
        if !ready[1].revents().is_empty() {
            return;
        }
        match rustix::io::read(input, &mut buffer[..]) {
            Ok(0) => return,
            Ok(length) => {
                if give.blocking_send(buffer.get(..length).unwrap_or_default().to_vec()).is_err() {
                    return;
                }
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return,
        }
    }
}

/// Signals that concern a terminal.
pub(super) struct Signals {
    resized: Signal,
    interrupt: Signal,
    hang_up: Signal,
    terminate: Signal,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            resized: signal(SignalKind::window_change())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The number of a signal to end by; nothing when the terminal has another size.
    pub(super) async fn next(&mut self) -> Option<u8> {
        tokio::select! {
            _ = self.hang_up.recv() => Some(1),
            _ = self.interrupt.recv() => Some(2),
            _ = self.terminate.recv() => Some(15),
            _ = self.resized.recv() => None,
        }
    }
}
