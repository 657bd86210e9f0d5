//! Private authorities: made, kept, what they sign, and how it gets to hosts.
//!
//! An authority is a document of a stage of its own, its private key a secret of that stage: it is in the vault and nowhere
//! else. A certificate and its key are of the stage of the host that they are for. Making one changes nothing on the host;
//! bringing it there is a plan, as every change is.

mod authorities;
mod document;
mod export;
mod issued;
mod push;

pub use authorities::{AuthorityFacts, AuthorityOrder};
pub(crate) use document::{Pushed, certificate_keys};
pub use export::{ExportOrder, Exported, KitOrder, KitWritten};
pub use issued::{CertificateOrder, IssuedFacts, Renewal, Which};
pub use push::Push;
pub(crate) use push::{NOT_SEEN, PushRecord};
