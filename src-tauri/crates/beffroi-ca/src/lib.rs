//! Private authorities of a vault: what they sign, what a server shows of it, and what people need to trust one.
//!
//! An authority is one root that signs certificates of servers and nothing else: path length 0, P-256 and SHA-256, which
//! every phone, browser and TLS library reads; where domains were named, name constraints (RFC 5280, 4.2.1.10) keep it to them,
//! so that whoever trusts it does not trust it for their bank. A certificate of a server is valid for 397 days at most, since
//! Apple's systems take no longer ones, and has a key of its own each time it is made.
//!
//! Time is given by the caller. Nothing here is stored, and a private key leaves as a [`SecretText`](beffroi_secret::SecretText)
//! only. What is deliberately missing: certificates of people, intermediates, OCSP.

mod authority;
mod error;
mod kit;
mod names;
mod pem;
mod read;
mod served;

pub use authority::{Authority, LEAF_DAYS, MadeAuthority, MadeCertificate, ROOT_YEARS, Revoked};
pub use error::{CaError, InvalidNames};
pub use kit::{KitFile, KitLanguage, trust_kit};
pub use names::{Names, Permitted, covers};
pub use pem::{certificate_pem, key_pem, pem};
pub use read::CertificateFacts;
pub use served::{Served, TlsFault, served, shown};
