//! The way from a name to a process in a guest.

use beffroi_app::{ExposureOrder, Hop, PublishOrder, PublishedBy, WithdrawOrder};

use crate::handlers::host::on;
use crate::handlers::plan;
use crate::wire::{ExposePublish, ExposeWithdraw, ExposedWay, Exposure, ExposureAsked, ExposureHop, PlanView, WireMessage};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `exposure`
    pub async fn exposure(&self, request: ExposureAsked) -> Result<Exposure, ApiError> {
        let ExposureAsked { guest, name, port, test } = request;
        let order = ExposureOrder { guest, name, port, test };
        let found = self.app().exposure(&order).await.map_err(|error| on(error, &order.guest))?;
        let beffroi_app::Exposure { guest, host, ways } = found;
        Ok(Exposure { guest, host, ways: ways.into_iter().map(way).collect() })
    }

    /// `expose_publish`
    pub async fn expose_publish(&self, request: ExposePublish) -> Result<PlanView, ApiError> {
        let ExposePublish { guest, by, name, port, to, certificate, key } = request;
        let wrong = |what: &str| ApiError::new(ErrorCode::InvalidRequest).with("what", what);
        let by = by.map(|by| PublishedBy::named(&by).ok_or_else(|| wrong("nginx, proxy or dnat"))).transpose()?;
        let certificate = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(wrong("a certificate and its key go together")),
        };
        let order = PublishOrder { guest, by, name, port, to, certificate };
        Ok(plan::view(self.app().plan_publish(&order).await.map_err(|error| on(error, &order.guest))?))
    }

    /// `expose_withdraw`
    pub async fn expose_withdraw(&self, request: ExposeWithdraw) -> Result<PlanView, ApiError> {
        let ExposeWithdraw { guest, name, port } = request;
        let order = WithdrawOrder { guest, name, port };
        Ok(plan::view(self.app().plan_withdraw(&order).await.map_err(|error| on(error, &order.guest))?))
    }
}

fn way(way: beffroi_app::ExposedWay) -> ExposedWay {
    let beffroi_app::ExposedWay { name, port, by, ours, hops, culprit } = way;
    let culprit = culprit.and_then(|at| u32::try_from(at).ok());
    ExposedWay { name, port, by: by.to_owned(), ours, hops: hops.into_iter().map(hop).collect(), culprit }
}

fn hop(hop: Hop) -> ExposureHop {
    let Hop { kind, found, state, why } = hop;
    let why: Option<WireMessage> = why.as_ref().map(WireMessage::from);
    let remedy = why.clone().map(|why| WireMessage { key: format!("{}.remedy", why.key), ..why });
    ExposureHop { hop: kind.name().to_owned(), found, state: state.name().to_owned(), why, remedy }
}
