//! Hosts and secrets.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum HostCommand {
    /// Add a host
    Add {
        /// Its name: a-z, 0-9, dots and dashes
        name: String,
        /// A name to resolve or an IP address
        address: String,
        /// Account to log in as; root when absent
        #[arg(long)]
        user: Option<String>,
        /// TCP port; 22 when absent
        #[arg(long)]
        port: Option<u16>,
        /// Stage; dev when absent
        #[arg(long)]
        stage: Option<String>,
        /// A label; may be given several times
        #[arg(long = "tag", value_name = "TAG")]
        tags: Vec<String>,
        /// Name of the secret to log in with
        #[arg(long, value_name = "SECRET")]
        identity: Option<String>,
        /// Host key to trust; may be given several times
        #[arg(long, value_name = "SHA256:…")]
        trust: Vec<String>,
        /// Test the connection afterwards
        #[arg(long)]
        test: bool,
    },
    /// List the hosts
    List,
    /// Everything about one host
    Show {
        /// Its name
        host: String,
    },
    /// Remove a host from the catalog; the host itself is left alone
    Remove {
        /// Its name
        host: String,
    },
    /// Test the connection, step by step
    Test {
        /// Its name
        host: String,
    },
    /// Trust a host key
    Trust {
        /// Its name
        host: String,
        /// The key, as SHA256:…; without it the key that the host shows is asked about
        fingerprint: Option<String>,
    },
    /// Read what is on hosts
    Survey {
        /// A host's name, or a selector
        #[arg(value_name = "SELECTOR")]
        on: String,
        /// Read again even when a survey younger than 10 minutes is there
        #[arg(long)]
        refresh: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// List the secrets, without their values
    List,
    /// Store a secret: from a file, standard input or a prompt
    Set {
        /// Its name
        name: String,
        /// File that holds it; one final newline of a password is dropped
        #[arg(long, value_name = "FILE")]
        from_file: Option<PathBuf>,
        /// Stage; dev when absent
        #[arg(long)]
        stage: Option<String>,
    },
    /// Remove a secret that no host uses
    Remove {
        /// Its name
        name: String,
    },
}
