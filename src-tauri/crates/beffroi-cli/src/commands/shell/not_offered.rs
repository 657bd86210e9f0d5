//! Systems whose terminals are none of bytes.

use std::convert::Infallible;
use std::io;

use beffroi_api::{ApiError, ErrorCode};

/// There is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local(Infallible);

impl Local {
    /// # Errors
    /// [`ErrorCode::NoTerminal`].
    pub(super) fn here() -> Result<Self, ApiError> {
        Err(ApiError::new(ErrorCode::NoTerminal))
    }

    pub(super) fn size(self) -> (u16, u16) {
        match self.0 {}
    }

    pub(super) fn raw(self) -> io::Result<Infallible> {
        match self.0 {}
    }

    pub(super) fn typed(self) -> io::Result<Typed> {
        match self.0 {}
    }
}

/// Nothing is typed.
pub(super) struct Typed(Infallible);

impl Typed {
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        match self.0 {}
    }
}

/// None come.
pub(super) struct Signals;

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> Option<u8> {
        std::future::pending().await
    }
}
