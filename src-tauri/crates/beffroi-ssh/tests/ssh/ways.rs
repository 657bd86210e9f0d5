//! Ways to a host: through others, and past servers that drop connections.

use std::sync::Arc;

use beffroi_domain::Exit;
use beffroi_remote::{Phase, RemoteError};
use beffroi_ssh::{ConnectLimits, SshRemote, Target};

use super::relay::Relay;
use super::server::{Server, free_port, run};

fn limits() -> ConnectLimits {
    ConnectLimits::default()
}

async fn through(via: Option<&SshRemote>, target: &Target) -> Result<SshRemote, RemoteError> {
    SshRemote::connect(via, target, limits()).await
}

#[tokio::test]
async fn a_host_is_reached_through_one_two_and_three_others() {
    let servers = [Server::start(), Server::start(), Server::start(), Server::start()];
    let mut way: Vec<SshRemote> = Vec::new();
    for server in &servers {
        way.push(through(way.last(), &server.target(server.key("id_ed25519"))).await.expect("a connection"));
    }
    for (depth, remote) in way.iter().enumerate() {
        let seen = run(remote, "echo $SSH_CONNECTION; head -c 300000 /dev/zero | wc -c").await;
        let text = String::from_utf8(seen.stdout).expect("text");
        assert!(text.lines().next().is_some_and(|line| line.ends_with(&servers[depth].port.to_string())), "{depth}: {text}");
        assert_eq!(text.lines().last().map(str::trim), Some("300000"), "{depth}");
    }
    // Who holds only the last one holds them all.
    let last = way.pop().expect("the last one");
    way.clear();
    assert_eq!(run(&last, "exit 7").await.exit, Exit::Status(7));
}

#[tokio::test]
async fn a_way_that_breaks_is_told_at_what_lay_behind_it() {
    let (first, second) = (Server::start(), Server::start());
    let bastion = through(None, &first.target(first.key("id_ed25519"))).await.expect("a connection");
    let behind = through(Some(&bastion), &second.target(second.key("id_ed25519"))).await.expect("a connection");
    first.cut();
    let error = loop {
        if let Err(error) = beffroi_remote::Remote::run(&behind, super::server::request("true")).await {
            break error;
        }
    };
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    assert!(behind.is_closed());
    let error = through(Some(&bastion), &second.target(second.key("id_ed25519"))).await.expect_err("an error");
    assert!(matches!(&error, RemoteError::Unreachable { phase: Phase::Connect, .. }), "{error}");
}

#[tokio::test]
async fn errors_name_the_hop_that_failed_and_how_far_it_came() {
    let (first, second) = (Server::start(), Server::start());
    let bastion = through(None, &first.target(first.key("id_ed25519"))).await.expect("a connection");
    let mut target = second.target(second.key("id_ed25519"));
    target.port = free_port();
    let expected = (format!("127.0.0.1:{}", target.port), format!("through 127.0.0.1:{}", first.port));
    match through(Some(&bastion), &target).await.expect_err("a closed port") {
        RemoteError::Unreachable { address, phase: Phase::Connect, reason } => {
            assert_eq!(address, expected.0);
            assert!(reason.starts_with(&expected.1), "{reason}");
        }
        other => panic!("{other}"),
    }
    target.port = second.port;
    target.login = second.key("stranger");
    let error = through(Some(&bastion), &target).await.expect_err("a refused key");
    assert!(matches!(&error, RemoteError::AuthenticationRefused { address, .. } if address.ends_with(&second.port.to_string())), "{error}");

    let closed = Server::with("AllowTcpForwarding no");
    let bastion = through(None, &closed.target(closed.key("id_ed25519"))).await.expect("a connection");
    match through(Some(&bastion), &second.target(second.key("id_ed25519"))).await.expect_err("no forwarding") {
        RemoteError::Unreachable { phase: Phase::Connect, reason, .. } => assert!(reason.contains("does not forward"), "{reason}"),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_bastion_that_drops_one_of_three_connections_is_no_trouble() {
    let (first, second) = (Server::start(), Server::start());
    let (to_first, to_second) = (first.port, second.port);
    let outer = Relay::choosing(move |number| (number % 3 != 0).then_some(to_first)).await;
    let inner = Relay::choosing(move |number| (number % 3 != 0).then_some(to_second)).await;
    let bastion = Target { port: outer.port, ..first.target(first.key("id_ed25519")) };
    let behind = Target { port: inner.port, ..second.target(second.key("id_ed25519")) };
    for _ in 0..6 {
        let bastion = through(None, &bastion).await.expect("a bastion");
        let remote = through(Some(&bastion), &behind).await.expect("a host");
        assert_eq!(run(&remote, "exit 4").await.exit, Exit::Status(4));
    }
    assert!(outer.taken() > 6 && inner.taken() > 6, "some were dropped");
}

#[tokio::test]
async fn a_server_that_always_hangs_up_or_punishes_is_given_up() {
    let silent = Relay::choosing(|_| None).await;
    let server = Server::start();
    let target = Target { port: silent.port, ..server.target(server.key("id_ed25519")) };
    let error = through(None, &target).await.expect_err("an error");
    assert!(matches!(&error, RemoteError::Unreachable { phase: Phase::Banner, .. }), "{error}");
    assert_eq!(silent.taken(), 7, "the tries are bounded");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let taking = tokio::spawn(async move {
        let mut taken = 0;
        while let Ok(Ok((mut stream, _))) = tokio::time::timeout(std::time::Duration::from_secs(1), listener.accept()).await {
            taken += 1;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"Not allowed at this time\r\n").await;
        }
        taken
    });
    let error = through(None, &Target { port, ..target }).await.expect_err("an error");
    assert!(
        matches!(&error, RemoteError::Unreachable { phase: Phase::Banner, reason, .. } if reason == "Not allowed at this time"),
        "{error}"
    );
    assert_eq!(taking.await.expect("a count"), 1, "a punished address does not try again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_connections_at_once_get_past_max_startups() {
    let server = Arc::new(Server::with("MaxStartups 10:30:100"));
    let all: Vec<_> = (0..40)
        .map(|number| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let remote =
                    through(None, &server.target(server.key("id_ed25519"))).await.unwrap_or_else(|error| panic!("{number}: {error}"));
                run(&remote, &format!("exit {number}")).await.exit
            })
        })
        .collect();
    for (number, one) in (0..).zip(all) {
        assert_eq!(one.await.expect("a connection"), Exit::Status(number));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_hosts_behind_one_bastion_share_its_connection() {
    let (first, second) = (Server::start(), Arc::new(Server::with("MaxStartups 10:30:100")));
    let relay = Relay::to(&[first.port]).await;
    let bastion = Target { port: relay.port, ..first.target(first.key("id_ed25519")) };
    let bastion = Arc::new(through(None, &bastion).await.expect("a bastion"));
    let all: Vec<_> = (0..100)
        .map(|number| {
            let (bastion, second) = (Arc::clone(&bastion), Arc::clone(&second));
            tokio::spawn(async move {
                let target = second.target(second.key("id_ed25519"));
                through(Some(&bastion), &target).await.unwrap_or_else(|error| panic!("{number}: {error}"))
            })
        })
        .collect();
    let mut remotes = Vec::new();
    for one in all {
        remotes.push(one.await.expect("a connection"));
    }
    for (number, remote) in (0..).zip(&remotes) {
        assert_eq!(run(remote, &format!("exit {number}")).await.exit, Exit::Status(number));
    }
    assert_eq!(relay.taken(), 1);
}
