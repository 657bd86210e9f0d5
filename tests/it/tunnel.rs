//! `tunnel`: ports of this machine that lead through a host.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use beffroi_tests::{Fleet, Running, until};
use serde_json::Value;

use crate::agent::events;
use crate::refusals::refused;
use crate::stages;

/// A server beyond the host that says what it was told, in capitals; on a port of its own.
fn shouting() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            thread::spawn(move || {
                let mut piece = [0; 65536];
                while let Ok(size @ 1..) = stream.read(&mut piece) {
                    if stream.write_all(&piece[..size].to_ascii_uppercase()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

/// The port that a line such as `127.0.0.1:40123 -> …` names.
fn port_in(line: &str) -> u16 {
    line.trim_start_matches("127.0.0.1:").split(' ').next().and_then(|port| port.parse().ok()).unwrap_or_else(|| beffroi_tests::fail(line))
}

fn said(port: u16, words: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    stream.write_all(words.as_bytes()).expect("sent");
    let mut answer = vec![0; words.len()];
    stream.read_exact(&mut answer).expect("answered");
    String::from_utf8(answer).expect("text")
}

fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn a_port_here_leads_through_the_host_until_it_is_interrupted() {
    let fleet = Fleet::of(&["plain-1"]);
    let beyond = shouting();
    let mut tunnel = fleet.sandbox.start(&["tunnel", "plain-1", "-L", &format!("127.0.0.1:{beyond}")]);
    let line = tunnel.first_line();
    let port = port_in(&line);
    assert_eq!(line, format!("127.0.0.1:{port} -> 127.0.0.1:{beyond}"));
    thread::scope(|scope| {
        let several: Vec<_> = (0..20).map(|at| scope.spawn(move || said(port, &format!("words {at}")))).collect();
        for (at, said) in several.into_iter().enumerate() {
            assert_eq!(said.join().expect("no panic"), format!("WORDS {at}"));
        }
    });
    // Much at once, both ways.
    let long = "abcdefgh".repeat(1 << 18);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let mut sending = stream.try_clone().expect("a second handle");
    let sent = long.clone();
    let sender = thread::spawn(move || sending.write_all(sent.as_bytes()));
    let mut answer = vec![0; long.len()];
    stream.read_exact(&mut answer).expect("answered");
    assert!(answer == long.to_ascii_uppercase().as_bytes());
    sender.join().expect("no panic").expect("sent");

    tunnel.interrupt();
    let ended = tunnel.wait().success();
    assert!(ended.stdout.lines().count() == 1 && !is_open(port), "{ended:?}");
    let found = events(&fleet.sandbox);
    let found: Vec<&str> = found.iter().map(String::as_str).filter(|event| event.contains("tunnel")).collect();
    assert_eq!(found, ["journal.tunnel-closed", "journal.tunnel-opened"], "the newest first");
}

#[test]
fn programs_say_by_socks_where_they_want_to_be_led() {
    let fleet = Fleet::of(&["plain-1"]);
    let beyond = shouting();
    let mut tunnel = fleet.sandbox.start(&["--json", "tunnel", "plain-1", "-D", "0"]);
    let opened: Value = serde_json::from_str(&tunnel.first_line()).expect("JSON");
    let row = &opened["data"]["tunnels"][0];
    assert_eq!((&opened["schema"], &row["end"]), (&"beffroi/tunnel/1".into(), &Value::Null), "{opened}");
    let proxy = format!("127.0.0.1:{}", row["port"]);
    // The name is the host's to resolve.
    let mut stream = TcpStream::connect(&proxy).expect("it listens");
    stream.write_all(&[5, 1, 0]).expect("sent");
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).expect("answered");
    let name = b"localhost";
    let request = [&[5, 1, 0, 3, 9][..], name, &beyond.to_be_bytes()].concat();
    stream.write_all(&request).expect("sent");
    let mut reply = [0; 10];
    stream.read_exact(&mut reply).expect("answered");
    assert_eq!((chosen, reply[..2].to_vec()), ([5, 0], vec![5, 0]));
    stream.write_all(b"hello").expect("sent");
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).expect("answered");
    assert_eq!(&answer, b"HELLO");
    tunnel.interrupt();
    drop(tunnel.wait().success());
}

#[test]
fn what_the_host_cannot_reach_is_said_and_the_tunnel_stays() {
    let fleet = Fleet::of(&["plain-1"]);
    let closed = { TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port() };
    let mut tunnel = fleet.sandbox.start(&["tunnel", "plain-1", "-L", &format!("127.0.0.1:{closed}")]);
    let port = port_in(&tunnel.first_line());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0, "it is closed");
    tunnel.wait_for(&closed.to_string());
    assert!(tunnel.goes_on() && is_open(port));
    tunnel.interrupt();
    drop(tunnel.wait().success());
}

#[test]
fn a_port_that_is_taken_and_words_that_make_no_tunnel_are_refused() {
    let fleet = Fleet::of(&["plain-1"]);
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("it is bound").port();
    let error = refused(&fleet.sandbox, &["tunnel", "plain-1", "-L", &format!("{port}:127.0.0.1:22")], 1, "port-taken");
    assert!(error["message"].as_str().is_some_and(|message| message.contains(&port.to_string())), "{error}");
    for wrong in ["22", "x:127.0.0.1:22", "127.0.0.1:0", "1:2:3:4"] {
        drop(fleet.sandbox.beffroi(&["tunnel", "plain-1", "-L", wrong]).exit(2));
    }
    drop(fleet.sandbox.beffroi(&["tunnel", "plain-1"]).exit(2));
    refused(&fleet.sandbox, &["tunnel", "nobody", "-D", "0"], 2, "host-not-found");
    assert!(!events(&fleet.sandbox).iter().any(|event| event == "journal.tunnel-opened"));
}

/// A tunnel that the agent holds, and the port it listens on.
fn held(sandbox: &beffroi_tests::Sandbox, words: &[&str], beyond: u16) -> (Running, u16) {
    let mut tunnel = sandbox.start(&[words, &["-L", &format!("127.0.0.1:{beyond}")]].concat());
    let port = port_in(&tunnel.first_line());
    assert_eq!(said(port, "hello"), "HELLO");
    (tunnel, port)
}

#[test]
fn one_that_the_agent_holds_is_listed_and_ends_with_its_stage_its_vault_and_its_host() {
    let fleet = stages::with_prod();
    let (sandbox, beyond) = (&fleet.sandbox, shouting());
    refused(sandbox, &["--confirm", "shop", "tunnel", "shop", "-D", "0"], 6, "stage-sealed");
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    drop(sandbox.beffroi(&[&["stage", "unseal", "prod"], &stages::OPEN[..]].concat()).success());

    let words = ["--confirm", "shop", "tunnel", "shop"];
    let (tunnel, port) = held(sandbox, &words, beyond);
    let list = sandbox.json(&["tunnel", "--list"]).success().data("tunnel-list");
    let row = &list["tunnels"][0];
    assert_eq!((row["host"].as_str(), row["port"].as_u64()), (Some("shop"), Some(port.into())), "{list}");
    drop(sandbox.beffroi(&["stage", "seal", "prod"]).success());
    drop(tunnel.wait().exit(2));
    assert!(!is_open(port));

    drop(sandbox.beffroi(&[&["stage", "unseal", "prod"], &stages::OPEN[..]].concat()).success());
    let (tunnel, port) = held(sandbox, &words, beyond);
    let list = sandbox.json(&["tunnel", "--list"]).success().data("tunnel-list");
    let id = list["tunnels"][0]["tunnel"].as_str().expect("an id").to_owned();
    drop(sandbox.beffroi(&["tunnel", "--close", &id]).success());
    drop(tunnel.wait().exit(2));
    assert!(!is_open(port));

    let (tunnel, port) = held(sandbox, &words, beyond);
    drop(sandbox.bare(&["vault", "lock"]).success());
    let ended = tunnel.wait();
    assert!(matches!(ended.code, Some(2 | 3)), "closed, or by a vault that is locked by now: {ended:?}");
    until("a port that nobody listens on", || (!is_open(port)).then_some(()));
}
