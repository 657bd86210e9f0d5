//! Views of the fleet that somebody keeps.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The views of a vault, in their order.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FleetViews {
    /// Each with a name of its own.
    pub views: Vec<FleetView>,
}

/// A way to look at the fleet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FleetView {
    /// What it is called.
    pub name: String,
    /// What stands in the search field.
    pub filter: String,
    /// Which of the tabs.
    pub tab: String,
    /// The column that the hosts are sorted by.
    pub sort: String,
    /// Whether the last come first.
    pub descending: bool,
    /// What the hosts are grouped by; empty when not.
    pub group: String,
    /// The columns, in their order; empty for those that are there by default.
    pub columns: Vec<String>,
}
