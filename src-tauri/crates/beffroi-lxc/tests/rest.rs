//! The daemons' own interface, over a stream that stands in for the channel to their socket.

use beffroi_domain::GuestDriver;
use beffroi_lxc::{GuestState, Reading, Rest, RestError};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

const INSTANCES: &str = include_str!("../../../../tests/fixtures/guests/incus/instances.json");
const POOLS: &str = include_str!("../../../../tests/fixtures/guests/incus/storage-pools.json");
const ROOM: &str = include_str!("../../../../tests/fixtures/guests/incus/pool-resources.json");

/// Answers each question by its path, as a daemon does.
async fn daemon(mut stream: DuplexStream, answer: fn(&str) -> (u16, String)) {
    let mut asked = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        asked.extend_from_slice(&piece[..count]);
        while let Some(end) = asked.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&asked[..end]).into_owned();
            asked.drain(..end + 4);
            let (code, body) = answer(head.split(' ').nth(1).unwrap_or_default());
            let said = format!("HTTP/1.1 {code} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            if stream.write_all(said.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

async fn asking(answer: fn(&str) -> (u16, String)) -> Rest {
    let (here, there) = duplex(1 << 16);
    tokio::spawn(daemon(there, answer));
    Rest::over(here).await.expect("a connection")
}

fn recorded(path: &str) -> (u16, String) {
    let sync = |metadata: &str| (200, format!("{{\"type\":\"sync\",\"status\":\"Success\",\"status_code\":200,\"metadata\":{metadata}}}"));
    match path.split('?').next().unwrap_or_default() {
        "/1.0" => sync("{\"environment\":{\"server_version\":\"6.0.4\"},\"api_extensions\":[\"projects\"]}"),
        "/1.0/instances" => sync(INSTANCES),
        "/1.0/storage-pools" => sync(POOLS),
        "/1.0/storage-pools/default/resources" => sync(ROOM),
        "/1.0/projects" => sync("[\"/1.0/projects/default\"]"),
        _ => (404, "{\"type\":\"error\",\"error\":\"not \\u001b[31mfound\",\"error_code\":404}".to_owned()),
    }
}

#[tokio::test]
async fn what_a_daemon_says_itself_is_read_as_the_probe_reads_it() {
    let mut rest = asking(recorded).await;
    let part = rest.read(GuestDriver::Incus, "/var/lib/incus/unix.socket", &Reading::default()).await.expect("an answer");
    let web = part.guest(GuestDriver::Incus, "", "web").expect("web");
    assert_eq!((web.state, web.memory_limit_bytes), (GuestState::Running, Some(64 << 20)));
    let driver = part.driver(GuestDriver::Incus).expect("incus");
    assert_eq!((driver.version.as_str(), driver.socket.as_deref()), ("6.0.4", Some("/var/lib/incus/unix.socket")));
    assert!(part.missing.is_empty() && part.capacity.pools[0].free_bytes.is_some_and(|free| free > 0), "{:?}", part.missing);
    let refused = rest.get("/1.0/nowhere").await;
    assert!(matches!(refused, Err(RestError::Refused { code: 404, message }) if message == "not found"));
    assert!(rest.get("/1.0").await.is_ok(), "the connection goes on");

    let mut known = Reading::default();
    known.take_part(GuestDriver::Incus, part);
    assert_eq!((known.guests.len(), known.capacity.promised.guests), (4, 4));
}

#[tokio::test]
async fn a_daemon_that_lies_is_not_believed() {
    let mut none = asking(|_| (200, "<html>".to_owned())).await;
    assert!(matches!(none.get("/1.0").await, Err(RestError::Broken(_))));
    let mut endless = asking(|_| (200, " ".repeat(13 << 20))).await;
    assert!(matches!(endless.get("/1.0").await, Err(RestError::TooMuch { .. })));
    let (here, there) = duplex(64);
    drop(there);
    let mut gone = Rest::over(here).await.expect("nothing was asked yet");
    assert!(matches!(gone.get("/1.0").await, Err(RestError::Broken(_))));
    let mut closed = asking(|_| (403, "{\"type\":\"error\",\"error\":\"no\",\"error_code\":403}".to_owned())).await;
    let refused = closed.read(GuestDriver::Lxd, "/s", &Reading::default()).await;
    assert!(matches!(refused, Err(RestError::Refused { code: 403, .. })));
}
