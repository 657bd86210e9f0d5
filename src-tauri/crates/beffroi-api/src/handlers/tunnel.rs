//! Tunnels.

use std::time::Duration;

use beffroi_app::{TunnelFacts, TunnelOrder};

use crate::handlers::host::on;
use crate::wire::{Done, Nothing, TunnelEnd, TunnelList, TunnelName, TunnelOpen, TunnelRow, TunnelWatch};
use crate::{Api, ApiError, ErrorCode};

/// Where a YunoHost's web administration listens, as the host sees it, and its path (`conf/nginx` of YunoHost 12): any name of
/// a host that has no site of its own leads to it.
const WEB_ADMIN: (&str, u16, &str) = ("127.0.0.1", 443, "/yunohost/admin/");

impl Api {
    /// `tunnel_open`
    pub async fn tunnel_open(&self, request: TunnelOpen) -> Result<TunnelRow, ApiError> {
        let TunnelOpen { host, port, end, web_admin, kept, typed } = request;
        let end = if web_admin { Some(TunnelEnd { address: WEB_ADMIN.0.to_owned(), port: WEB_ADMIN.1 }) } else { end };
        let end = end.map(|end| beffroi_app::TunnelEnd::new(&end.address, end.port).ok_or(end)).transpose();
        let end =
            end.map_err(|_| ApiError::new(ErrorCode::InvalidRequest).with("what", "a tunnel ends at a name or an address, and a port"))?;
        let order = TunnelOrder { host, port, end, kept, typed };
        self.app().open_tunnel(&order).await.map(row).map_err(|error| on(error, &order.host))
    }

    /// `tunnel_list`
    pub async fn tunnel_list(&self, _: Nothing) -> Result<TunnelList, ApiError> {
        Ok(TunnelList { tunnels: self.app().tunnels()?.into_iter().map(row).collect() })
    }

    /// `tunnel_watch`
    pub async fn tunnel_watch(&self, request: TunnelWatch) -> Result<TunnelRow, ApiError> {
        Ok(row(self.app().watch_tunnel(&request.tunnel, Duration::from_millis(request.wait_ms)).await?))
    }

    /// `tunnel_close`
    pub async fn tunnel_close(&self, request: TunnelName) -> Result<Done, ApiError> {
        self.app().close_tunnel(&request.tunnel).await?;
        Ok(Done {})
    }
}

fn row(facts: TunnelFacts) -> TunnelRow {
    let TunnelFacts { id, host, stage, port, end, opened_ms, open, served, trouble, closed } = facts;
    let error = trouble.map(|trouble| on(trouble.error(), &host));
    let end = end.map(|end| end.to_string());
    let (address, at, path) = WEB_ADMIN;
    let is_web_admin = end.as_ref().is_some_and(|end| *end == format!("{address}:{at}"));
    let web_admin = is_web_admin.then(|| format!("https://127.0.0.1:{port}{path}"));
    TunnelRow { tunnel: id.to_string(), stage, port, end, opened_ms, open, served, error, closed, web_admin, host }
}
