//! What a server shows: a handshake over any stream, so that a host is asked through the connection to it.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::ring::default_provider;
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a server showed under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// SHA-256 of its certificate.
    pub fingerprint: [u8; 32],
    /// Whether one who trusts the authority, and nobody else, takes it: chain, constraints, name and time.
    pub accepted: bool,
    /// Why not, in the words of the library.
    pub why_not: String,
}

/// Why nothing was seen.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// The name is no name of a server, or the authority no certificate.
    #[error("not to be asked: {0}")]
    Unfit(String),
    /// The server did not answer in time.
    #[error("no answer in {0} s")]
    TimedOut(u64),
    /// There was no handshake.
    #[error("no handshake: {0}")]
    NoHandshake(String),
}

/// Shakes hands with a server under a name, and says what it showed. That the server has the key to its certificate is part
/// of the handshake.
///
/// # Errors
/// [`TlsFault`].
pub async fn served<S: AsyncRead + AsyncWrite + Unpin>(stream: S, name: &str, authority: &[u8], now_s: i64) -> Result<Served, TlsFault> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.to_vec())).map_err(|error| TlsFault::Unfit(error.to_string()))?;
    let server = server_name(name)?;
    let inside = shake(stream, server.clone()).await?;
    let certificates = inside.get_ref().1.peer_certificates().unwrap_or_default();
    let (shown, others) = certificates.split_first().ok_or_else(no_certificate)?;
    let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now_s).unwrap_or_default()));
    let accepted = vouched_for(shown, others, &server, &roots, now);
    let why_not = accepted.as_ref().err().map(ToString::to_string).unwrap_or_default();
    Ok(Served { fingerprint: Sha256::digest(shown).into(), accepted: accepted.is_ok(), why_not })
}

/// Shakes hands with a server under a name, whoever vouches for it: the certificate that it showed (DER), and the stream inside.
///
/// # Errors
/// [`TlsFault`].
pub async fn shown<S>(stream: S, name: &str) -> Result<(Vec<u8>, impl AsyncRead + AsyncWrite + Unpin), TlsFault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let inside = shake(stream, server_name(name)?).await?;
    let first = inside.get_ref().1.peer_certificates().and_then(|certificates| certificates.first());
    Ok((first.ok_or_else(no_certificate)?.to_vec(), inside))
}

fn server_name(name: &str) -> Result<ServerName<'static>, TlsFault> {
    ServerName::try_from(name.to_owned()).map_err(|error| TlsFault::Unfit(error.to_string()))
}

fn no_certificate() -> TlsFault {
    TlsFault::NoHandshake("no certificate".to_owned())
}

async fn shake<S: AsyncRead + AsyncWrite + Unpin>(stream: S, server: ServerName<'static>) -> Result<TlsStream<S>, TlsFault> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(|error| TlsFault::Unfit(error.to_string()))?;
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(Anyone)).with_no_client_auth();
    let shaken = TlsConnector::from(Arc::new(config)).connect(server, stream);
    let shaken = tokio::time::timeout(PATIENCE, shaken).await.map_err(|_| TlsFault::TimedOut(PATIENCE.as_secs()))?;
    shaken.map_err(|error| TlsFault::NoHandshake(error.to_string()))
}

/// Whether one who trusts these authorities and nobody else takes what was shown.
fn vouched_for(
    shown: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    roots: &RootCertStore,
    now: UnixTime,
) -> Result<(), Error> {
    let parsed = ParsedCertificate::try_from(shown)?;
    verify_server_cert_signed_by_trust_anchor(&parsed, roots, others, now, default_provider().signature_verification_algorithms.all)?;
    verify_server_name(&parsed, name)
}

/// Takes whatever is shown, so that it can be told. Signatures of the handshake are checked all the same.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, shown, signed, &default_provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, shown, signed, &default_provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}
