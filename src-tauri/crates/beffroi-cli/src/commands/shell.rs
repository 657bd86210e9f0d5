//! `shell`: a host's terminal in this one. Its bytes go through as they are, both ways, as with `ssh`.

mod escapes;
#[cfg(unix)]
mod local;
#[cfg(not(unix))]
#[path = "shell/not_offered.rs"]
mod local;

use std::io::Write;
use std::pin::pin;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_api::wire::{TerminalEnd, TerminalName, TerminalOpen, TerminalRead, TerminalResize, TerminalWrite};
use beffroi_api::{ApiError, Door, ErrorCode};
use beffroi_secret::{SecretBytes, SecretText};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, channel, unbounded_channel};
use tokio::sync::{oneshot, watch};

use crate::commands::run::typing;
use crate::context::Context;
use crate::output::{Answer, Ended, confirmed, sentence, talk};
use escapes::{Escapes, Word};
use local::{Local, Signals, Typed};

/// The longest that one read of the terminal waits, in milliseconds.
const WAIT_MS: u64 = 30_000;
/// What is sent at once, when more was typed than was taken meanwhile.
const MOST_AT_ONCE: usize = 48 << 10;
/// What may wait to be taken by the host before nothing more is read here; a paste is longer, nobody types so much.
const MOST_WAITING: usize = 1 << 20;
/// As `ssh` exits where there is no exit status.
const NO_STATUS: u8 = 255;

pub(crate) async fn run(context: &Context, host: String, sudo: bool) -> Ended {
    open(context, host, sudo, false).await
}

/// A guest's console, which its driver opens on its host.
pub(crate) async fn console(context: &Context, guest: String) -> Ended {
    open(context, guest, false, true).await
}

async fn open(context: &Context, host: String, sudo: bool, console: bool) -> Ended {
    let local = Local::here()?;
    if context.global.json || context.global.plan {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "shell takes neither --json nor --plan").into());
    }
    let (cols, rows) = local.size();
    let request = TerminalOpen { host, cols, rows, root: sudo, console, typed: None };
    let opening = async {
        context.open().await?;
        typing(context, async |typed| context.api.terminal_open(TerminalOpen { typed, ..request.clone() }).await).await
    };
    let opened = tokio::select! {
        opened = opening => opened?,
        _ = tokio::signal::ctrl_c() => return Err(ApiError::new(ErrorCode::Interrupted).into()),
    };
    let over = Conversation::new(context, local, &opened.terminal).run().await;
    if !matches!(over, Ok(Over::Ended(_))) {
        // Whoever answers may be gone, and the terminal with it.
        drop(context.api.terminal_close(TerminalName { terminal: opened.terminal.clone() }).await);
    }
    let exit = match over? {
        Over::Ended(TerminalEnd { error: Some(error), .. }) => return Err(error.on(&opened.host).into()),
        Over::Ended(end) => end.exit.map_or(NO_STATUS, |exit| u8::try_from(exit).unwrap_or(NO_STATUS)),
        Over::HungUp => NO_STATUS,
        Over::Signal(number) => 128_u8.saturating_add(number),
    };
    confirmed(context, "cli.shell-closed", &[("host", opened.host.clone())]);
    Ok(Answer::new(&Value::Null, String::new())?.exiting(exit))
}

/// Why the conversation is over.
enum Over {
    /// The terminal ended.
    Ended(TerminalEnd),
    /// The person hung up, or their terminal is gone.
    HungUp,
    /// This program was sent a signal.
    Signal(u8),
}

/// What goes to the host, in this order.
enum Order {
    Type(SecretBytes),
    /// This terminal has another size.
    Resize,
}

/// What goes on between the two terminals.
struct Conversation {
    door: Door,
    terminal: String,
    local: Local,
    /// What `~?` shows.
    help: String,
    /// What is shown where bytes are missing, `{}` for how many.
    lost: String,
}

impl Conversation {
    fn new(context: &Context, local: Local, terminal: &str) -> Self {
        Self {
            door: context.api.clone(),
            terminal: terminal.to_owned(),
            local,
            help: format!("\r\n{}\r\n", context.words("cli.shell-help")),
            lost: format!("\r\n{}\r\n", sentence(context, "cli.shell-lost", &[("bytes", "{}".to_owned())])),
        }
    }

    async fn run(self) -> Result<Over, ApiError> {
        let failed = |error: std::io::Error| ApiError::new(ErrorCode::LocalFile).with("path", "terminal").with("reason", error);
        let signals = Signals::new().map_err(failed)?;
        // From here to the end of this function, whatever that is.
        let _raw = self.local.raw().map_err(failed)?;
        let typed = self.local.typed().map_err(failed)?;
        // A task of its own: what comes in is handed on where it comes in, and a panic ends the task and not the program.
        let over = tokio::spawn(self.converse(signals, typed)).await;
        over.unwrap_or_else(|error| Err(ApiError::new(ErrorCode::Internal).with("what", error)))
    }

    async fn converse(self, mut signals: Signals, mut typed: Typed) -> Result<Over, ApiError> {
        let (orders, waiting) = unbounded_channel();
        let (taken, mut room) = watch::channel(0_usize);
        let (mut showing, mut sending) = (pin!(self.show()), pin!(self.send(waiting, taken)));
        let (mut escapes, mut given, mut takes) = (Escapes::default(), 0_usize, true);
        loop {
            tokio::select! {
                shown = &mut showing => return shown.map(Over::Ended),
                // The host takes no more: the end is about to be shown.
                () = &mut sending, if takes => takes = false,
                signal = signals.next() => match signal {
                    None => drop(orders.send(Order::Resize)),
                    Some(number) => return Ok(Over::Signal(number)),
                },
                bytes = typed.next(), if given.saturating_sub(*room.borrow()) < MOST_WAITING => {
                    let Some(bytes) = bytes else { return Ok(Over::HungUp) };
                    let (plain, word) = escapes.take(&bytes);
                    given += plain.len();
                    if !plain.is_empty() {
                        drop(orders.send(Order::Type(SecretBytes::new(plain))));
                    }
                    match word {
                        None => {}
                        Some(Word::HangUp) => return Ok(Over::HungUp),
                        Some(Word::Help) => talk(&self.help),
                    }
                }
                Ok(()) = room.changed(), if given.saturating_sub(*room.borrow()) >= MOST_WAITING => {}
            }
        }
    }

    /// Shows what comes, until the terminal ends.
    async fn show(&self) -> Result<TerminalEnd, ApiError> {
        // A thread of its own: what is typed must get through while this terminal takes its time.
        let (screen, mut pieces) = channel::<Vec<u8>>(1);
        let (done, shown) = oneshot::channel::<()>();
        let write = move || {
            while let Some(bytes) = pieces.blocking_recv() {
                let mut stdout = std::io::stdout().lock();
                if stdout.write_all(&bytes).and_then(|()| stdout.flush()).is_err() {
                    return;
                }
            }
            let _ = done.send(());
        };
        let failed = |what: &dyn std::fmt::Display| ApiError::new(ErrorCode::Internal).with("what", what);
        std::thread::Builder::new().name("screen".to_owned()).spawn(write).map_err(|error| failed(&error))?;
        loop {
            let read = TerminalRead { terminal: self.terminal.clone(), wait_ms: WAIT_MS };
            let output = self.door.terminal_read(read).await?;
            let mut bytes = STANDARD.decode(&output.data).map_err(|error| failed(&error))?;
            if output.lost > 0 {
                bytes.splice(..0, self.lost.replace("{}", &output.lost.to_string()).into_bytes());
            }
            if !bytes.is_empty() && screen.send(bytes).await.is_err() {
                // This terminal is gone.
                return Ok(TerminalEnd { exit: None, signal: None, error: None });
            }
            if let Some(end) = output.ended {
                drop(screen);
                let _ = shown.await;
                return Ok(end);
            }
        }
    }

    /// Sends what was typed, in its order, as one where it can be. A failure is a terminal that ended, which its reader is
    /// told.
    async fn send(&self, mut waiting: UnboundedReceiver<Order>, taken: watch::Sender<usize>) {
        let mut next = None;
        loop {
            let order = match next.take() {
                Some(order) => Some(order),
                None => waiting.recv().await,
            };
            let sent = match order {
                None => return,
                Some(Order::Resize) => {
                    let (cols, rows) = self.local.size();
                    self.door.terminal_resize(TerminalResize { terminal: self.terminal.clone(), cols, rows }).await
                }
                Some(Order::Type(bytes)) => {
                    // To the host's terminal, where they are meant to go.
                    let mut all = bytes.expose().to_vec();
                    while all.len() < MOST_AT_ONCE && next.is_none() {
                        match waiting.try_recv() {
                            Ok(Order::Type(more)) => all.extend_from_slice(more.expose()),
                            Ok(Order::Resize) => next = Some(Order::Resize),
                            Err(_) => break,
                        }
                    }
                    let length = all.len();
                    let data = SecretText::new(STANDARD.encode(SecretBytes::new(all).expose())).into();
                    let sent = self.door.terminal_write(TerminalWrite { terminal: self.terminal.clone(), data }).await;
                    taken.send_modify(|taken| *taken += length);
                    sent
                }
            };
            if sent.is_err() {
                return;
            }
        }
    }
}
