//! Foreign files of secrets and hosts, read into one neutral shape ([`Parsed`]), and written back.
//!
//! Nothing here knows a vault, a host or a network, and nothing is run: no helper named in a file, no `gpg`, no shell.
//! Whatever is read is hostile: [`limits`] are checked before a key is derived or a byte is inflated, a file that is not
//! whole gives an error and nothing of it, and text stays text.
//!
//! A format is a module of [`formats`] with `fn read(&Reading) -> Result<Parsed, ImportError>`, a line in [`Format`], and
//! what tells it in [`detect`].

mod archive;
mod collect;
mod dates;
mod error;
mod format;
pub mod formats;
mod hex;
mod json;
pub mod limits;
mod parsed;
mod source;
mod text;
mod totp;
pub mod write;
mod yaml;

pub use collect::is_private_key;
pub use error::ImportError;
pub use format::{Format, detect, read};
pub use limits::Work;
pub use parsed::{Attachment, Entry, Field, Host, HostKey, Kind, Notice, Parcel, Parsed, Past, Reader, Refused};
pub use source::{Reading, Source, Unlock};
pub use text::decode;
