//! `proxy`: SSH for one host on standard input and output, for the `ProxyCommand` of OpenSSH.

use beffroi_api::agent::Client;
use beffroi_api::{ApiError, ErrorCode, Places};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, stdin, stdout};

use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended};

/// The end in this process, with the vault opened for this one run.
pub(crate) async fn run(context: &Context, host: String) -> Ended {
    context.open().await?;
    let end = context.here.ssh_end(&host, context.global.confirm.as_deref()).await?;
    // As `ssh` sees it, a pipe like any other.
    let (near, far) = tokio::io::duplex(64 << 10);
    let (served, ()) = tokio::join!(end.serve(far), lead(near));
    served.map_err(ApiError::from)?;
    Ok(Answer::nothing())
}

/// The end in the process that holds the keys; nothing where that is not there or has not the vault open. Over one connection:
/// many come at once, and each holds a seat there until it is one.
pub(crate) async fn elsewhere(context: &Context, host: &str) -> Result<Option<Answer>, ApiError> {
    let places = Places::of_this_system();
    let typed = context.global.confirm.as_deref();
    let mut vaults = Vec::new();
    if let Some(named) = &context.global.vault {
        vaults.push(Some(input::absolute(named)?));
        vaults.extend((named.components().count() == 1).then(|| Some(named.display().to_string())));
    } else {
        vaults.push(None);
    }
    for vault in vaults {
        match Client::ssh(&places, vault.as_deref(), host, typed).await {
            Ok(Some(stream)) => {
                lead(stream).await;
                return Ok(Some(Answer::nothing()));
            }
            Ok(None) => return Ok(None),
            Err(error) if error.code == ErrorCode::VaultLocked => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Leads bytes both ways until the end is over, which is told when the input is.
async fn lead(stream: impl AsyncRead + AsyncWrite) {
    let (mut from, mut to) = tokio::io::split(stream);
    let asked = async {
        let _ = copy(&mut stdin(), &mut to).await;
        let _ = to.shutdown().await;
        std::future::pending::<()>().await;
    };
    let mut told = stdout();
    tokio::select! {
        () = asked => {}
        _ = copy(&mut from, &mut told) => {}
    }
}
