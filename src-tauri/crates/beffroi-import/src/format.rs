//! The formats, and how each is told.

use crate::{ImportError, Parsed, Reading, Source, formats};

/// One line per format: its name on the command line, whether it is a file or a folder, who tells it, who reads it.
macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $module:path;)*) => {
        /// A format that is read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Format {
            $($(#[$doc])* $variant,)*
        }

        impl Format {
            /// Every one, in the order in which they are tried.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name, as it is typed: `kdbx`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        fn tells(format: Format, source: &Source) -> bool {
            match format { $(Format::$variant => { use $module as module; module::tells(source) })* }
        }

        fn reads(format: Format, reading: &Reading<'_>) -> Result<Parsed, ImportError> {
            match format { $(Format::$variant => { use $module as module; module::read(reading) })* }
        }
    };
}

formats! {
    /// A file that age encrypted.
    Age = "age", formats::age;
    /// Beffroi's own export.
    BeffroiJson = "beffroi", formats::beffroi_json;
    /// A file whose values SOPS encrypted, for keys of age.
    Sops = "sops", formats::sops;
    /// A store of `pass` or of gopass.
    Pass = "pass", formats::pass;
    /// What the command line of Towerify keeps.
    Towerify = "towerify", formats::towerify;
    /// Connections of mRemoteNG.
    MRemoteNg = "mremoteng", formats::mremoteng;
    /// Sessions of PuTTY and KiTTY, exported from the registry.
    PuttyReg = "putty-reg", formats::putty_reg;
    /// `WinSCP.ini`.
    WinScp = "winscp", formats::winscp;
    /// Profiles of Remmina: one, a folder or a ZIP of them.
    Remmina = "remmina", formats::remmina;
    /// The vault of XPipe.
    XPipe = "xpipe", formats::xpipe;
    /// A file that Ansible vault encrypted whole.
    AnsibleVault = "ansible-vault", formats::ansible::vault;
    /// Exports of Bitwarden as JSON, plain or protected by a password.
    Bitwarden = "bitwarden", formats::bitwarden;
    /// Credential Exchange Format of the FIDO Alliance.
    Cxf = "cxf", formats::cxf;
    /// Bookmarks of electerm.
    Electerm = "electerm", formats::electerm;
    /// A whole `~/.ssh`.
    SshFolder = "ssh-folder", formats::ssh_folder;
    /// What logs in to clusters of Kubernetes.
    Kubeconfig = "kubeconfig", formats::kubeconfig;
    /// Private keys with their certificates, sealed: `.p12`, `.pfx`.
    Pkcs12 = "pkcs12", formats::pkcs12;
    /// Certificates with their private keys, in PEM.
    Certificate = "certificate", formats::certificate;
    /// Private keys: of OpenSSH, in PEM, of PuTTY.
    Keys = "key", formats::keys;
    /// Keys of hosts, as OpenSSH keeps them.
    KnownHosts = "known-hosts", formats::known_hosts;
    /// A configuration of OpenSSH, and what `vagrant ssh-config` prints.
    SshConfig = "ssh-config", formats::ssh_config;
    /// An Ansible project, an inventory, or a file of variables with vaulted ones.
    Ansible = "ansible", formats::ansible;
    /// Separated values, of a program that is known by its first row or of any other.
    Csv = "csv", formats::csv;
    /// A KeePass database.
    Kdbx = "kdbx", formats::kdbx;
    /// What HashiCorp Vault and OpenBao hold as keys and values, as JSON.
    HashiCorp = "hashicorp", formats::hashicorp;
    /// `.netrc`.
    Netrc = "netrc", formats::netrc;
    /// 1Password: `.1pux`.
    Onepux = "1pux", formats::onepux;
    /// `NAME=value` lines, as `docker compose` and many others read them.
    Env = "env", formats::env;
}

impl Format {
    /// Whether it is a box for one file of any kind: what is in it is no other box.
    pub(crate) const fn seals(self) -> bool {
        matches!(self, Self::AnsibleVault | Self::Age)
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }
}

/// What a source seems to be: by what is in it, else by its name. None when it is none of the formats.
#[must_use]
pub fn detect(source: &Source) -> Option<Format> {
    Format::ALL.iter().copied().find(|format| tells(*format, source))
}

/// Reads a source as a format.
///
/// # Errors
/// Why nothing of it was read.
pub fn read(format: Format, reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut parsed = reads(format, reading)?;
    if matches!(reading.source, Source::Folder { .. }) {
        // People keep their own files elsewhere and link to them: nothing of it is left out without a word.
        reading.source.links()?.into_iter().for_each(|link| parsed.refuse(link, "link"));
    }
    Ok(parsed)
}
