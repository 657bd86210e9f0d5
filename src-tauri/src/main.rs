//! The desktop: up to four windows around the page, and the few things that a page cannot do by itself.
//!
//! The only crate that knows Tauri, GTK and rfd. It converts, calls [`beffroi_api`], and converts back: no use case, no
//! file format and no key is here. What is deliberately missing: reading the clipboard, windows that
//! a page opens by itself, going to any address, menus, a tray, updates over the network.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod announce;
mod arguments;
mod browser;
mod clipboard;
mod desk;
mod display;
mod keeper;
mod locks;
mod path_dialog;
mod rpc;
mod window;
mod window_state;

use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Arguments, USAGE};
use tracing_subscriber::EnvFilter;

/// What is freed is wiped: libraries leave keys and texts in the memory they give back.
#[global_allocator]
static ALLOCATOR: beffroi_api::WipingAllocator = beffroi_api::WipingAllocator;

fn main() -> ExitCode {
    // Before there is anything to protect. What cannot be had is no reason not to open: `vault health` says so.
    let _ = beffroi_api::harden::process();
    let arguments = match Arguments::read(std::env::args_os().skip(1), std::env::var_os("BEFFROI_VAULT")) {
        Ok(Arguments { help: true, .. }) => {
            let _ = io::stdout().write_all(USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        Ok(arguments) => arguments,
        Err(unknown) => return complain(2, &format!("beffroi-desktop: what is {unknown:?}?\n\n{USAGE}")),
    };
    if !display::is_there() {
        return complain(1, display::MISSING);
    }
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("BEFFROI_LOG").unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(io::stderr)
        .init();
    match window::open(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(1, &format!("beffroi-desktop: the window cannot be opened: {error}\n")),
    }
}

fn complain(status: u8, text: &str) -> ExitCode {
    // Nobody is left to tell when standard error is closed.
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(status)
}
