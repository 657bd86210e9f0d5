//! What asks through a tunnel where it is to lead: SOCKS 5 (RFC 1928), without a login, `CONNECT` only.
//!
//! Names are not resolved here: the host does it, so that what it knows of its network counts.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::End;

const VERSION: u8 = 5;
/// Section 3: no login.
const NO_LOGIN: u8 = 0;
/// Section 3: none of the methods that were offered.
const NO_METHOD: u8 = 0xff;
/// Section 4.
const CONNECT: u8 = 1;
/// Section 5.
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// How a request is answered (section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    Done = 0,
    Failed = 1,
    NotThisCommand = 7,
    NotThisAddress = 8,
}

/// Reads where a program wants to be led. What it is answered comes later, by [`answer`]; a request that cannot be
/// followed is answered here.
pub(super) async fn asked<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<End, Error> {
    if stream.read_u8().await? != VERSION {
        return Err(refused("not SOCKS 5"));
    }
    let mut methods = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut methods).await?;
    let method = if methods.contains(&NO_LOGIN) { NO_LOGIN } else { NO_METHOD };
    stream.write_all(&[VERSION, method]).await?;
    if method == NO_METHOD {
        return Err(refused("it wants to log in"));
    }
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let [version, command, _, kind] = head;
    let name = match kind {
        _ if version != VERSION => return Err(refused("not SOCKS 5")),
        IPV4 => Ipv4Addr::from(stream.read_u32().await?).to_string(),
        IPV6 => Ipv6Addr::from(stream.read_u128().await?).to_string(),
        NAME => {
            let mut name = vec![0; usize::from(stream.read_u8().await?)];
            stream.read_exact(&mut name).await?;
            String::from_utf8(name).map_err(|_| refused("a name that is not text"))?
        }
        _ => {
            answer(stream, Reply::NotThisAddress).await?;
            return Err(refused("an address of a kind that is not known"));
        }
    };
    let port = stream.read_u16().await?;
    if command != CONNECT {
        answer(stream, Reply::NotThisCommand).await?;
        return Err(refused("it wants something else than to connect"));
    }
    let Some(end) = End::new(&name, port) else {
        answer(stream, Reply::NotThisAddress).await?;
        return Err(refused("not an address"));
    };
    Ok(end)
}

/// Tells how it went. The address that the host used is not known, and nobody needs it.
pub(super) async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, reply: Reply) -> Result<(), Error> {
    stream.write_all(&[VERSION, reply as u8, 0, IPV4, 0, 0, 0, 0, 0, 0]).await
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read of a request, and what is written back.
    async fn spoken(request: &[u8]) -> (Result<End, Error>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(4096);
        theirs.write_all(request).await.expect("written");
        theirs.shutdown().await.expect("ended");
        let end = asked(&mut ours).await;
        drop(ours);
        let mut answer = Vec::new();
        theirs.read_to_end(&mut answer).await.expect("read");
        (end, answer)
    }

    fn end(name: &str, port: u16) -> End {
        End::new(name, port).expect("an end")
    }

    #[tokio::test]
    async fn addresses_and_names_are_read() {
        let start = [5, 1, 0, 5, 1, 0];
        let cases = [
            (&[1, 10, 0, 0, 1, 0x01, 0xbb][..], end("10.0.0.1", 443)),
            (&[3, 8, b'n', b'a', b's', b'.', b't', b'e', b's', b't', 0, 80][..], end("nas.test", 80)),
            (&[4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 22][..], end("::1", 22)),
        ];
        for (address, expected) in cases {
            let (found, answer) = spoken(&[&start[..], address].concat()).await;
            assert_eq!((found.expect("read"), answer), (expected, vec![5, 0]));
        }
    }

    #[tokio::test]
    async fn what_is_no_request_is_refused_and_told_so() {
        let refused: [(&[u8], &[u8]); 9] = [
            (b"GET / HTTP/1.1\r\n", &[]),
            (&[4, 1, 0, 80, 10, 0, 0, 1, 0], &[]),
            (&[5, 1, 2], &[5, 0xff]),
            (&[5, 0], &[5, 0xff]),
            (&[5, 1, 0, 5, 3, 0, 1, 10, 0, 0, 1, 0, 53], &[5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0]),
            (&[5, 1, 0, 5, 1, 0, 9], &[5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0]),
            (&[5, 1, 0, 5, 1, 0, 3, 2, b'a', b'\n', 0, 80], &[5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0]),
            (&[5, 1, 0, 5, 1, 0, 1, 10, 0, 0, 1, 0, 0], &[5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0]),
            (&[5, 1, 0, 5, 1, 0, 3, 200, b'a'], &[5, 0]),
        ];
        for (request, expected) in refused {
            let (found, answer) = spoken(request).await;
            assert!(found.is_err(), "{request:?}");
            assert_eq!(answer, expected, "{request:?}");
        }
    }
}
