//! What other programs are told of the fleet.

use clap::Args;

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct InventoryArguments {
    /// Every group and host
    #[arg(long, group = "what")]
    pub(crate) list: bool,
    /// The variables of one host
    #[arg(long, value_name = "NAME", group = "what")]
    pub(crate) host: Option<String>,
    /// A program for `ansible -i`, which asks this one
    #[arg(long, group = "what")]
    pub(crate) script: bool,
    /// Only the hosts that this selects
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: Option<String>,
}
