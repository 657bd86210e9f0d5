//! Terminals.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_app::{TerminalFacts, TerminalOrder};
use beffroi_secret::SecretBytes;

use crate::handlers::host::on;
use crate::handlers::run::exit_of;
use crate::wire::{
    Done, Nothing, TerminalEnd, TerminalList, TerminalName, TerminalOpen, TerminalOpened, TerminalOutput, TerminalRead, TerminalResize,
    TerminalRow, TerminalWrite,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `terminal_open`
    pub async fn terminal_open(&self, request: TerminalOpen) -> Result<TerminalOpened, ApiError> {
        let TerminalOpen { host, cols, rows, root, console, typed } = request;
        let order = TerminalOrder { host, cols, rows, root, console, typed };
        let opened = self.app().open_terminal(&order).await.map_err(|error| on(error, &order.host))?;
        let TerminalFacts { id, host, stage, account, .. } = opened;
        Ok(TerminalOpened { terminal: id.to_string(), host, stage, account })
    }

    /// `terminal_read`
    pub async fn terminal_read(&self, request: TerminalRead) -> Result<TerminalOutput, ApiError> {
        let output = self.app().read_terminal(&request.terminal, Duration::from_millis(request.wait_ms)).await?;
        Ok(TerminalOutput { data: STANDARD.encode(&output.bytes), lost: output.lost, ended: output.ended.map(end) })
    }

    /// `terminal_write`
    pub async fn terminal_write(&self, request: TerminalWrite) -> Result<Done, ApiError> {
        let typed = request.data.into_secret();
        // Straight into a protected value again.
        let bytes = STANDARD.decode(typed.expose()).map(SecretBytes::new);
        // The fault would say which byte is wrong.
        let bytes = bytes.map_err(|_| ApiError::new(ErrorCode::InvalidRequest).with("what", "data in base64"))?;
        self.app().write_terminal(&request.terminal, bytes).await?;
        Ok(Done {})
    }

    /// `terminal_resize`
    pub async fn terminal_resize(&self, request: TerminalResize) -> Result<Done, ApiError> {
        self.app().resize_terminal(&request.terminal, request.cols, request.rows).await?;
        Ok(Done {})
    }

    /// `terminal_close`
    pub async fn terminal_close(&self, request: TerminalName) -> Result<Done, ApiError> {
        self.app().close_terminal(&request.terminal).await?;
        Ok(Done {})
    }

    /// `terminal_list`
    pub async fn terminal_list(&self, _: Nothing) -> Result<TerminalList, ApiError> {
        Ok(TerminalList { terminals: self.app().terminals()?.into_iter().map(row).collect() })
    }
}

fn end(end: beffroi_app::TerminalEnd) -> TerminalEnd {
    let error = end.error().map(ApiError::from);
    let (exit, signal) = if let beffroi_app::TerminalEnd::Exit(exit) = &end { exit_of(exit) } else { (None, None) };
    TerminalEnd { exit, signal, error }
}

fn row(facts: TerminalFacts) -> TerminalRow {
    let TerminalFacts { id, host, stage, account, root, opened_ms, ended } = facts;
    TerminalRow { terminal: id.to_string(), host, stage, account, root, opened_ms, ended }
}
