//! Templates of secrets.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// List the templates: those that everybody has, then those of the vault
    List,
    /// Keep a template in the vault; one of its own that has the name is replaced, and no secret changes
    Set {
        /// Its name
        name: String,
        /// With the account
        #[arg(long)]
        account: bool,
        /// With an address
        #[arg(long)]
        address: bool,
        /// With what one-time codes are made of
        #[arg(long)]
        one_time: bool,
        /// With the day when it should no longer be used
        #[arg(long)]
        expires: bool,
        /// With a field of this name that may be seen; may be given several times
        #[arg(long, value_name = "NAME")]
        field: Vec<String>,
        /// With a field of this name that is shown only when it is asked for; may be given several times
        #[arg(long, value_name = "NAME")]
        hidden_field: Vec<String>,
    },
    /// Take away a template of the vault's own; no secret changes
    Remove {
        /// Its name
        name: String,
    },
}

impl TemplateCommand {
    /// What its answer is called.
    pub(crate) const fn schema(&self) -> &'static str {
        match self {
            Self::List => "secret-template-list",
            Self::Set { .. } => "secret-template-set",
            Self::Remove { .. } => "secret-template-remove",
        }
    }
}
