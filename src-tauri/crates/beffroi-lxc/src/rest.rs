//! Incus' and LXD's own interface, HTTP/1.1 over a stream to their unix socket: for an account that may use the socket where the
//! client's program is not there. What it answers is read by the rules that the probe's sections are read by.

use std::time::Duration;

use beffroi_domain::GuestDriver;
use beffroi_remote::clean;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::model::{Reading, Why};
use crate::parse;

/// From a question to its answer.
const MOST_TIME: Duration = Duration::from_secs(60);
/// The most bytes of an answer.
const MOST_BYTES: usize = 12 << 20;
/// The most pools that are asked how much room there is.
const MOST_POOLS: usize = 16;
/// What is asked: the name of the probe's section, and the path.
const ASKED: [(&str, &str); 6] = [
    ("server", "/1.0"),
    ("instances", "/1.0/instances?recursion=2&all-projects=true"),
    ("images", "/1.0/images?recursion=1&all-projects=true"),
    ("projects", "/1.0/projects"),
    ("pools", "/1.0/storage-pools?recursion=1"),
    ("members", "/1.0/cluster/members?recursion=1"),
];

/// Why a daemon did not answer.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    /// The stream broke off, or what came is not HTTP.
    #[error("{0}")]
    Broken(String),
    /// It takes too long, or has too much to say.
    #[error("no whole answer within {seconds} s and {bytes} bytes")]
    TooMuch {
        /// How long was waited.
        seconds: u64,
        /// How much was read.
        bytes: usize,
    },
    /// The daemon refused.
    #[error("{code}: {message}")]
    Refused {
        /// As HTTP numbers it: 403, 404.
        code: u16,
        /// What it said, cleaned.
        message: String,
    },
}

/// A connection to a daemon, which takes one question after the other.
#[derive(Debug)]
pub struct Rest {
    sender: SendRequest<Empty<Bytes>>,
    pump: JoinHandle<()>,
}

impl Rest {
    /// Speaks HTTP over a stream to the daemon's socket.
    ///
    /// # Errors
    /// [`RestError::Broken`].
    pub async fn over(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Self, RestError> {
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let pump = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a daemon's connection ended");
            }
        });
        Ok(Self { sender, pump })
    }

    /// What the daemon says of a path: the `metadata` of its answer.
    ///
    /// # Errors
    /// [`RestError`]; the daemon's own refusal with its number.
    pub async fn get(&mut self, path: &str) -> Result<Value, RestError> {
        let too_much = || RestError::TooMuch { seconds: MOST_TIME.as_secs(), bytes: MOST_BYTES };
        let asking = async {
            self.sender.ready().await.map_err(broken)?;
            let request = Request::get(path).header("Host", "daemon").header("Accept", "application/json").body(Empty::new());
            let answer = self.sender.send_request(request.map_err(broken)?).await.map_err(broken)?;
            let code = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await.map_err(|_| too_much())?.to_bytes();
            let mut envelope: Value = serde_json::from_slice(&body).map_err(|_| RestError::Broken("the answer is no JSON".to_owned()))?;
            if envelope["type"] == "error" || code >= 400 {
                let own = envelope["error_code"].as_u64().and_then(|own| u16::try_from(own).ok());
                let message = clean(envelope["error"].as_str().unwrap_or_default());
                return Err(RestError::Refused { code: own.filter(|own| *own >= 400).unwrap_or(code), message });
            }
            Ok(envelope["metadata"].take())
        };
        timeout(MOST_TIME, asking).await.map_err(|_| too_much())?
    }

    /// All that the probe asks a daemon's client, as the daemon's part of a reading. `known` is what else is known of the host.
    ///
    /// # Errors
    /// Those of the question which guests there are; what else it does not tell is in [`Reading::missing`].
    pub async fn read(&mut self, driver: GuestDriver, socket: &str, known: &Reading) -> Result<Reading, RestError> {
        let mut answer = parse::Sections::new(driver, socket, known);
        for (name, path) in ASKED {
            match self.get(path).await {
                Ok(metadata) => {
                    answer.add(name, "-", &metadata);
                    if name == "pools" {
                        let names = metadata.as_array().into_iter().flatten().filter_map(|pool| pool["name"].as_str());
                        for pool in names.filter(|name| is_plain(name)).take(MOST_POOLS) {
                            if let Ok(room) = self.get(&format!("/1.0/storage-pools/{pool}/resources")).await {
                                answer.add("room", pool, &room);
                            }
                        }
                    }
                }
                Err(error @ (RestError::Broken(_) | RestError::TooMuch { .. })) => return Err(error),
                Err(error) if name == "instances" => return Err(error),
                Err(_) => {}
            }
        }
        Ok(answer.reading())
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

impl Reading {
    /// Daemons that the probe found and could not ask, whose socket the account of the login may use: driver, socket.
    #[must_use]
    pub fn to_be_asked(&self) -> Vec<(GuestDriver, String)> {
        let is_missing = |driver: GuestDriver| {
            self.missing.iter().any(|missing| missing.driver == Some(driver) && missing.what == "instances" && missing.why == Why::Failed)
        };
        let asked = self.drivers.iter().filter(|driver| driver.socket_is_ours && is_missing(driver.driver));
        asked.filter_map(|driver| Some((driver.driver, driver.socket.clone()?))).collect()
    }

    /// Puts what a daemon said itself in the place of what the probe had of it.
    pub fn take_part(&mut self, driver: GuestDriver, mut part: Self) {
        let has_client = self.driver(driver).is_none_or(|there| there.has_client);
        part.drivers.iter_mut().for_each(|there| there.has_client = has_client);
        self.missing.retain(|missing| missing.driver != Some(driver));
        self.drivers.retain(|there| there.driver != driver);
        self.drivers.extend(part.drivers);
        self.guests.extend(part.guests);
        self.images.extend(part.images);
        self.missing.extend(part.missing);
        self.capacity.pools.extend(part.capacity.pools);
        self.put_in_order();
    }
}

/// A name of a pool as it may stand in a path.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) && !name.starts_with('.')
}

fn broken(error: impl std::fmt::Display) -> RestError {
    RestError::Broken(clean(&error.to_string()))
}
