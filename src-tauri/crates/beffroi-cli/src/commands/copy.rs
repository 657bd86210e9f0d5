//! `put`, `get`

use std::path::Path;

use beffroi_api::wire::{CopiedFile, CopyFile, CopyName};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_remote::Transfer;
use indicatif::{ProgressBar, ProgressStyle};

use crate::LAST_WORK;
use crate::args::CopyArguments;
use crate::commands::run::typing;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, plain};

pub(crate) async fn put(context: &Context, source: &str, destination: &str, flags: &CopyArguments) -> Ended {
    let (host, remote) = on_host(destination)?;
    context.open().await?;
    let bar = bar(context);
    let request = order(host, input::absolute(Path::new(source))?, remote, flags);
    let ask = async |typed| context.put(CopyFile { typed, ..request.clone() }, &mut |at| tell(&bar, &at)).await;
    let copied = unless_interrupted(context, named(&request), typing(context, ask)).await;
    answer(context, &bar, copied)
}

pub(crate) async fn get(context: &Context, source: &str, destination: &str, flags: &CopyArguments) -> Ended {
    let (host, remote) = on_host(source)?;
    context.open().await?;
    let bar = bar(context);
    let request = order(host, input::absolute(Path::new(destination))?, remote, flags);
    let mut progress = |at| tell(&bar, &at);
    let copied = unless_interrupted(context, named(&request), context.get(request.clone(), &mut progress)).await;
    answer(context, &bar, copied)
}

/// A copy that is cancelled when the program is interrupted, also where another process makes it. It is waited for: then
/// what it left on its host is removed.
pub(crate) async fn unless_interrupted<T>(
    context: &Context,
    name: CopyName,
    copying: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    tokio::pin!(copying);
    tokio::select! {
        copied = &mut copying => return copied,
        _ = tokio::signal::ctrl_c() => {}
    }
    context.api.copy_cancel(name).await?;
    match tokio::time::timeout(LAST_WORK, copying).await {
        // It was done already.
        Ok(Ok(copied)) => Ok(copied),
        _ => Err(ApiError::new(ErrorCode::Interrupted)),
    }
}

/// Tells this copy from others, where another process makes it.
fn named(request: &CopyFile) -> CopyName {
    CopyName { name: request.name.clone().unwrap_or_default() }
}

fn order(host: String, local: String, remote: String, flags: &CopyArguments) -> CopyFile {
    // Tells this copy's progress from that of others, where another process makes it.
    let name = Some(format!("cli-{}", std::process::id()));
    CopyFile { host, local, remote, typed: None, root: flags.sudo, resume: flags.resume, whole: flags.whole, times: flags.times, name }
}

fn answer(context: &Context, bar: &ProgressBar, copied: Result<CopiedFile, ApiError>) -> Ended {
    bar.finish_and_clear();
    let copied = copied?;
    let text = copied.notes.iter().map(|note| format!("! {}\n", plain(&context.say(note)))).collect();
    Answer::new(&copied, text)
}

pub(crate) fn on_host(text: &str) -> Result<(String, String), ApiError> {
    match text.split_once(':') {
        Some((host, path)) if !host.is_empty() && !path.is_empty() => Ok((host.to_owned(), path.to_owned())),
        _ => Err(ApiError::new(ErrorCode::InvalidRequest).with("what", format!("HOST:PATH, not {text}"))),
    }
}

/// A bar on standard error; nothing where that is no terminal.
pub(crate) fn bar(context: &Context) -> ProgressBar {
    if context.global.quiet || context.global.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

pub(crate) fn tell(bar: &ProgressBar, at: &Transfer) {
    // Of what is made while it comes, nobody knows how much it will be.
    bar.set_length(at.total.max(at.done));
    bar.set_position(at.done);
    if at.files > 1 {
        bar.set_message(format!("{}/{}", at.files_done, at.files));
    }
}
