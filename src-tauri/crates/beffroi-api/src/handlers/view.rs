//! Views of the fleet.

use crate::wire::{FleetView, FleetViews, Nothing};
use crate::{Api, ApiError};

impl Api {
    /// `view_list`
    pub async fn view_list(&self, _: Nothing) -> Result<FleetViews, ApiError> {
        Ok(FleetViews { views: self.app().fleet_views().await?.into_iter().map(wire).collect() })
    }

    /// `view_keep`
    pub async fn view_keep(&self, request: FleetViews) -> Result<FleetViews, ApiError> {
        self.app().keep_fleet_views(request.views.into_iter().map(kept).collect()).await?;
        self.view_list(Nothing {}).await
    }
}

fn wire(view: beffroi_app::FleetView) -> FleetView {
    let beffroi_app::FleetView { name, filter, tab, sort, descending, group, columns } = view;
    FleetView { name, filter, tab, sort, descending, group, columns }
}

fn kept(view: FleetView) -> beffroi_app::FleetView {
    let FleetView { name, filter, tab, sort, descending, group, columns } = view;
    beffroi_app::FleetView { name, filter, tab, sort, descending, group, columns }
}
