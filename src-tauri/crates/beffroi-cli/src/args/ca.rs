//! Private authorities.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum CaCommand {
    /// List the authorities and the certificates that they signed
    List,
    /// Make an authority: its key stays in the vault
    Init {
        /// Its name, as people see it on their devices
        name: String,
        /// Its stage; ca when absent. One that is not there is made
        #[arg(long)]
        stage: Option<String>,
        /// A domain that it is kept to, with everything below; may be given several times. Without it, every name
        #[arg(long = "permit", value_name = "DOMAIN")]
        permitted: Vec<String>,
    },
    /// Issue a certificate for the names of a server
    Issue {
        /// Names, the main one first; *.DOMAIN is every name right below
        #[arg(required = true)]
        names: Vec<String>,
        /// The host that it is for
        #[arg(long)]
        host: Option<String>,
        /// The authority; the only one when absent
        #[arg(long)]
        authority: Option<String>,
    },
    /// Show a certificate
    Show {
        /// Its identifier, or a name that it alone is for
        certificate: String,
    },
    /// Renew certificates: each gets a new key. Hosts are brought them by ca push
    Renew {
        /// Certificates
        certificates: Vec<String>,
        /// Those that have fewer than 30 days left; what is done when nothing else is said
        #[arg(long, conflicts_with_all = ["certificates", "all"])]
        due: bool,
        /// All that were not revoked
        #[arg(long, conflicts_with = "certificates")]
        all: bool,
        /// Due is what has fewer days left than this
        #[arg(long, value_name = "DAYS", conflicts_with_all = ["certificates", "all"])]
        within: Option<i64>,
    },
    /// Put a certificate on its authority's list of what is not to be believed
    Revoke {
        /// Its identifier, or a name that it alone is for
        certificate: String,
    },
    /// Write a certificate to a new file; never a private key
    Export {
        /// An authority, or a certificate
        name: String,
        /// The file
        file: PathBuf,
        /// As DER; as PEM otherwise
        #[arg(long)]
        der: bool,
        /// The authority's list of what was revoked, in the place of its certificate
        #[arg(long)]
        list: bool,
    },
    /// Bring certificates to the domains of YunoHost hosts
    Push {
        /// Certificates
        #[arg(required = true)]
        certificates: Vec<String>,
        /// A domain of the host; may be given several times. The names of the certificate when absent
        #[arg(long = "domain", value_name = "DOMAIN")]
        domains: Vec<String>,
        /// The host, where the certificate is for none
        #[arg(long, value_name = "HOST")]
        on: Option<String>,
        /// Put back what was there before
        #[arg(long)]
        back: bool,
    },
    /// Write a folder with what people need to trust an authority on their devices
    TrustKit {
        /// The folder, which is made; with --lang, in that language only
        folder: PathBuf,
        /// The authority; the only one when absent
        #[arg(long)]
        authority: Option<String>,
    },
}

impl CaCommand {
    /// The command's name in the schema of its JSON.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List => "ca-list",
            Self::Init { .. } => "ca-init",
            Self::Issue { .. } => "ca-issue",
            Self::Show { .. } => "ca-show",
            Self::Renew { .. } => "ca-renew",
            Self::Revoke { .. } => "ca-revoke",
            Self::Export { .. } => "ca-export",
            Self::Push { .. } => "ca-push",
            Self::TrustKit { .. } => "ca-trust-kit",
        }
    }
}
