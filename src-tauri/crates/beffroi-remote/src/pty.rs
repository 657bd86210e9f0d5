//! Terminals: an interactive shell on a host, whose bytes nobody here understands.

use async_trait::async_trait;
use beffroi_domain::Exit;
use beffroi_secret::SecretBytes;

use crate::{CommandLine, RemoteError};

/// A host, or a guest of one, that gives terminals.
#[async_trait]
pub trait PtyRemote: Send + Sync {
    /// Opens a terminal. The terminal is dropped, and so closed, with what this gives.
    ///
    /// # Errors
    /// [`RemoteError::Refused`] when the host gives no terminal, and those of the link.
    async fn open_pty(&self, request: PtyRequest) -> Result<Box<dyn PtySession>, RemoteError>;
}

/// An open terminal. Every call may be dropped at any await point; a read that was dropped took nothing.
#[async_trait]
pub trait PtySession: Send + Sync {
    /// The next bytes that are to be shown, as soon as there are any, and at most so many; or the end, once everything was
    /// given. For one reader at a time.
    ///
    /// # Errors
    /// [`RemoteError::LinkLost`] when the connection ended first.
    async fn read(&self, most: usize) -> Result<PtyOutput, RemoteError>;

    /// Writes what was typed, whole and after what was written before; waits while the host takes no more.
    ///
    /// # Errors
    /// [`RemoteError::InputClosed`] when the terminal ended, which [`PtySession::read`] tells.
    async fn write(&self, typed: SecretBytes) -> Result<(), RemoteError>;

    /// Tells the host another size.
    ///
    /// # Errors
    /// [`RemoteError::InputClosed`] when the terminal ended.
    async fn resize(&self, size: PtySize) -> Result<(), RemoteError>;

    /// Closes the terminal: what runs in it is told that it hung up. Returns once the host knows, or after a while.
    async fn close(&self);

    /// Waits for the end, whoever brought it about. What was not read yet can be read still.
    async fn ended(&self);
}

/// What a terminal gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PtyOutput {
    /// Bytes that are to be shown.
    Bytes {
        /// The bytes. A character may be cut at either end.
        bytes: Vec<u8>,
        /// How many bytes are missing before them, because nobody read while the host wrote.
        lost: u64,
    },
    /// It ended, by this exit.
    Ended(Exit),
}

/// A terminal to open.
#[derive(Debug, Clone)]
pub struct PtyRequest {
    /// Its size.
    pub size: PtySize,
    /// What runs in it; the account's own shell, logged in, when absent.
    pub command: Option<CommandLine>,
}

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PtySize {
    cols: u16,
    rows: u16,
}

impl PtySize {
    /// The most columns, and the most rows.
    pub const MOST: u16 = 1000;

    /// Nothing when it is empty or larger than any screen.
    #[must_use]
    pub fn new(cols: u16, rows: u16) -> Option<Self> {
        let fits = |length: u16| (1..=Self::MOST).contains(&length);
        (fits(cols) && fits(rows)).then_some(Self { cols, rows })
    }

    /// Characters in a line.
    #[must_use]
    pub fn cols(self) -> u16 {
        self.cols
    }

    /// Lines.
    #[must_use]
    pub fn rows(self) -> u16 {
        self.rows
    }
}
