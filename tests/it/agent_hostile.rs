//! The process that holds the keys, asked by other programs: one that knows the protocol, and those that mean harm.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use beffroi_tests::{PATIENCE, Sandbox};
use serde_json::{Value, json};

use crate::agent::{opened, socket};

/// A connection as another program would make it.
struct Line(UnixStream);

impl Line {
    #[track_caller]
    fn to(sandbox: &Sandbox) -> Self {
        let stream = UnixStream::connect(socket(sandbox)).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a time limit");
        Self(stream)
    }

    /// Sends bytes; whoever hung up does not read them.
    fn send(&mut self, bytes: &[u8]) {
        drop(self.0.write_all(bytes));
    }

    fn say(&mut self, message: &Value) {
        let text = message.to_string();
        let length = u32::try_from(text.len()).expect("it is short").to_be_bytes();
        self.send(&[&length, text.as_bytes()].concat());
    }

    #[track_caller]
    fn hear(&mut self) -> Value {
        let mut length = [0; 4];
        self.0.read_exact(&mut length).expect("an answer");
        let mut content = vec![0; u32::from_be_bytes(length) as usize];
        self.0.read_exact(&mut content).expect("all of an answer");
        serde_json::from_slice(&content).expect("an answer is JSON")
    }

    #[track_caller]
    fn ask(&mut self, message: &Value) -> Value {
        self.say(message);
        self.hear()
    }

    /// Everything that still comes, until the other side hangs up.
    #[track_caller]
    fn rest(mut self) -> String {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "it does not hang up"),
        }
        String::from_utf8_lossy(&rest).into_owned()
    }
}

#[track_caller]
fn assert_serves(sandbox: &Sandbox) {
    let list = sandbox.bare(&["--json", "host", "list"]).success().data("host-list");
    assert_eq!(list["hosts"], json!([]));
}

#[test]
fn another_program_can_speak_to_it() {
    let sandbox = opened();
    let mut line = Line::to(&sandbox);
    let hello = line.ask(&json!({ "id": 1, "control": "hello" }));
    assert_eq!((&hello["id"], &hello["answer"]["protocol"], &hello["answer"]["kind"]), (&json!(1), &json!(1), &json!("agent")));
    let info = line.ask(&json!({ "id": 2, "vault": "vault", "command": "vault_info", "request": {} }));
    assert_eq!(info["answer"]["name"], "vault", "{info}");
    // What is wrong with one request leaves the connection as it was.
    for (wrong, code) in [
        (json!({ "id": 3, "vault": "nowhere", "command": "vault_info", "request": {} }), "vault-locked"),
        (json!({ "id": 3, "command": "vault_burn", "request": {} }), "invalid-request"),
        (json!({ "id": 3, "command": "host_show", "request": { "name": "a" } }), "invalid-request"),
        (json!({ "id": 3, "command": "host_show", "request": { "host": "nobody" } }), "host-not-found"),
    ] {
        let error = line.ask(&wrong);
        assert_eq!((&error["id"], &error["error"]["code"]), (&json!(3), &json!(code)), "{error}");
    }
    assert_eq!(line.ask(&json!({ "id": 4, "control": "raise" }))["answer"]["raised"], false, "an agent has no window");

    assert_eq!(line.ask(&json!({ "id": 5, "control": "subscribe" })), json!({ "id": 5, "answer": {} }));
    drop(sandbox.bare(&["host", "add", "new", "127.0.0.1"]).success());
    let mut heard = Vec::new();
    while !heard.contains(&json!({ "event": { "kind": "hosts_changed" } })) {
        heard.push(line.hear());
    }
    assert!(heard.iter().all(|event| event["event"]["kind"].is_string()), "{heard:?}");

    // Many at once: each is answered once, in whatever order.
    let mut line = Line::to(&sandbox);
    for id in 0..200 {
        line.say(&json!({ "id": id, "command": "host_list", "request": {} }));
    }
    let mut answered: Vec<u64> = (0..200).filter_map(|_| line.hear()["id"].as_u64()).collect();
    answered.sort_unstable();
    assert_eq!(answered, (0..200).collect::<Vec<_>>());
}

#[test]
fn what_is_no_request_ends_the_connection_and_nothing_else() {
    let sandbox = opened();
    let frame = |content: &[u8]| [&u32::try_from(content.len()).unwrap().to_be_bytes(), content].concat();
    for wrong in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        b"\xff\xff\xff\xff".to_vec(),
        b"\0\0\0\0".to_vec(),
        // One byte more than a request may have, announced only.
        ((8_u32 << 20) + 1).to_be_bytes().to_vec(),
        frame(b"\x80\x81\x82"),
        frame(b"{\"id\":1"),
        frame(b"{\"id\":1,\"control\":\"dance\"}"),
        frame(br#"{"id":1,"command":"host_list","request":{},"passphrase":"hunter2-canary"}"#),
        frame("[".repeat(100_000).as_bytes()),
    ] {
        let mut line = Line::to(&sandbox);
        line.send(&wrong);
        let told = line.rest();
        assert!(told.contains(r#""id":null"#) && told.contains("invalid-request"), "{wrong:?}: {told}");
        assert!(!told.contains("canary"), "{told}");
        assert_serves(&sandbox);
    }
    // Half of a frame, and gone.
    for cut in [1, 3, 4, 9] {
        Line::to(&sandbox).send(frame(b"{\"id\":1,\"control\":\"hello\"}").get(..cut).unwrap());
        assert_serves(&sandbox);
    }
    // A request whose answer nobody waits for.
    Line::to(&sandbox).say(&json!({ "id": 1, "command": "vault_verify", "request": {} }));
    assert_serves(&sandbox);
}

#[test]
fn what_changes_something_is_done_though_nobody_waits_for_it() {
    let sandbox = opened();
    let add = |name: &str| json!({ "id": 1, "command": "host_add", "request": { "name": name, "address": "127.0.0.1" } });
    let mut line = Line::to(&sandbox);
    // The answer to the second says that the first was taken in.
    line.say(&add("gone"));
    drop(line.ask(&json!({ "id": 2, "control": "hello" })));
    drop(line);
    beffroi_tests::until("the host", || {
        let hosts = sandbox.bare(&["--json", "host", "list"]).success().data("host-list");
        (hosts["hosts"][0]["name"] == "gone").then_some(())
    });
}

#[test]
fn those_who_only_hold_a_connection_do_not_keep_others_out() {
    let sandbox = opened();
    let mut silent: Vec<Line> = (0..100).map(|_| Line::to(&sandbox)).collect();
    let mut slow = Line::to(&sandbox);
    slow.send(b"\0\0\0\x20{");
    for (line, drip) in silent.iter_mut().zip(b"\0\0\0\x20{\"id\":1") {
        line.send(&[*drip]);
    }
    assert_serves(&sandbox);
    // Each of them is hung up on in the end.
    slow.0.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(slow.rest(), "");
    for line in silent {
        line.0.set_read_timeout(Some(PATIENCE.max(Duration::from_secs(1)))).unwrap();
        assert_eq!(line.rest(), "");
    }
    assert_serves(&sandbox);
}
