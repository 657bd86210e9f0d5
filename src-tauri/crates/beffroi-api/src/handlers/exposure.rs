//! The way from a name to a process in a guest.

use beffroi_app::{ExposureOrder, Hop};

use crate::handlers::host::on;
use crate::wire::{ExposedWay, Exposure, ExposureAsked, ExposureHop, WireMessage};
use crate::{Api, ApiError};

impl Api {
    /// `exposure`
    pub async fn exposure(&self, request: ExposureAsked) -> Result<Exposure, ApiError> {
        let ExposureAsked { guest, name, port, test } = request;
        let order = ExposureOrder { guest, name, port, test };
        let found = self.app().exposure(&order).await.map_err(|error| on(error, &order.guest))?;
        let beffroi_app::Exposure { guest, host, ways } = found;
        Ok(Exposure { guest, host, ways: ways.into_iter().map(way).collect() })
    }
}

fn way(way: beffroi_app::ExposedWay) -> ExposedWay {
    let beffroi_app::ExposedWay { name, port, by, hops, culprit } = way;
    let culprit = culprit.and_then(|at| u32::try_from(at).ok());
    ExposedWay { name, port, by: by.to_owned(), hops: hops.into_iter().map(hop).collect(), culprit }
}

fn hop(hop: Hop) -> ExposureHop {
    let Hop { kind, found, state, why } = hop;
    let why: Option<WireMessage> = why.as_ref().map(WireMessage::from);
    let remedy = why.clone().map(|why| WireMessage { key: format!("{}.remedy", why.key), ..why });
    ExposureHop { hop: kind.name().to_owned(), found, state: state.name().to_owned(), why, remedy }
}
