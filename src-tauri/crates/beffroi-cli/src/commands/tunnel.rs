//! `tunnel`

use std::collections::HashMap;

use beffroi_api::wire::{Nothing, TunnelName, TunnelOpen, TunnelRow, TunnelWatch};
use beffroi_api::{ApiError, Door, ErrorCode};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::json;

use crate::args::{Local, TunnelArguments};
use crate::commands::run::typing;
use crate::context::Context;
use crate::output::{Answer, Ended, confirmed, error_text, talk};
use crate::table::table;

/// The longest that one question for news waits, in milliseconds.
const WAIT_MS: u64 = 20_000;

pub(crate) async fn run(context: &Context, arguments: TunnelArguments) -> Ended {
    context.open().await?;
    if let Some(tunnel) = arguments.close {
        context.api.tunnel_close(TunnelName { tunnel }).await?;
        confirmed(context, "cli.tunnel-closed", &[]);
        return Answer::new(&json!({}), String::new());
    }
    let Some(host) = &arguments.host else { return list(context).await };
    let order = |port, end, web_admin| TunnelOpen { host: host.clone(), port, end, web_admin, kept: true, typed: None };
    let mut orders: Vec<_> = arguments.local.iter().map(|Local { port, end }| order(*port, Some(end.clone()), false)).collect();
    orders.extend(arguments.dynamic.map(|port| order(port, None, false)));
    orders.extend(arguments.web_admin.then(|| order(0, None, true)));
    let mut opened = Vec::new();
    let kept = async {
        for request in orders {
            opened.push(typing(context, async |typed| context.api.tunnel_open(TunnelOpen { typed, ..request.clone() }).await).await?);
        }
        let line = |row: &TunnelRow| match &row.web_admin {
            Some(address) if arguments.web_admin => format!("{address}\n"),
            _ => format!("127.0.0.1:{} -> {}\n", row.port, row.end.as_deref().unwrap_or("SOCKS 5")),
        };
        let text = opened.iter().map(line).collect();
        let said = Answer::new(&json!({ "tunnels": opened }), text)?.say(context, "tunnel");
        keep(context, &opened).await?;
        Ok(said)
    };
    let ended: Ended = tokio::select! {
        ended = kept => ended,
        // As one ends a tunnel.
        _ = tokio::signal::ctrl_c() => Ok(Answer::nothing()),
    };
    for row in &opened {
        // Whoever answers may be gone, and the tunnel with it.
        drop(context.api.tunnel_close(TunnelName { tunnel: row.tunnel.clone() }).await);
    }
    if ended.is_ok() {
        confirmed(context, "cli.tunnel-closed", &[]);
    }
    ended
}

async fn list(context: &Context) -> Ended {
    let list = context.api.tunnel_list(Nothing {}).await?;
    let heading = ["cli.tunnel", "cli.host", "cli.port", "cli.leads-to", "cli.connections"].map(|key| context.words(key));
    let row = |row: &TunnelRow| {
        let end = row.end.clone().unwrap_or_else(|| "SOCKS 5".to_owned());
        vec![row.tunnel.clone(), row.host.clone(), row.port.to_string(), end, row.open.to_string()]
    };
    let text = table(&heading, &list.tunnels.iter().map(row).collect::<Vec<_>>());
    Answer::new(&list, text)
}

/// Asks for news of tunnels for as long as all are open, and tells why a connection failed.
async fn keep(context: &Context, opened: &[TunnelRow]) -> Result<(), ApiError> {
    let mut told: HashMap<String, ApiError> = HashMap::new();
    let mut news: FuturesUnordered<_> = opened.iter().map(|row| watch(context.api.clone(), row.tunnel.clone())).collect();
    while let Some(row) = news.next().await {
        let row = row.map_err(|error| if error.code == ErrorCode::TunnelNotFound { closed(opened) } else { error })?;
        if row.closed {
            return Err(closed(opened));
        }
        if let Some(error) = &row.error
            && told.get(&row.tunnel) != Some(error)
        {
            talk(&error_text(context.language, error));
            told.insert(row.tunnel.clone(), error.clone());
        }
        news.push(watch(context.api.clone(), row.tunnel));
    }
    Ok(())
}

async fn watch(door: Door, tunnel: String) -> Result<TunnelRow, ApiError> {
    door.tunnel_watch(TunnelWatch { tunnel, wait_ms: WAIT_MS }).await
}

/// Somebody closed it, sealed its stage or locked the vault.
fn closed(opened: &[TunnelRow]) -> ApiError {
    let tunnel = opened.first().map_or("", |row| row.tunnel.as_str());
    ApiError::new(ErrorCode::TunnelNotFound).with("tunnel", tunnel)
}
