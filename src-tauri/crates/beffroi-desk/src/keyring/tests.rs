//! The keyring against GNOME's, on a bus and in a home of its own, and against one that never answers.

use std::io::Write;
use std::process::{Child, Stdio};

use futures_util::StreamExt;
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, Value};
use zbus::{Connection, interface};

use super::*;
use crate::kit::{Bus, Machine, step};

const SECRETS: &str = "org.freedesktop.secrets";

/// Every value of a byte, zero included, and nothing that is UTF-8.
fn binary() -> Vec<u8> {
    (0..=255).rev().collect()
}

fn ids(vault: u8, slot: u8) -> (VaultId, SlotId) {
    (VaultId::from_bytes(&[vault; 16]).expect("16 bytes"), SlotId::from_bytes(&[slot; 16]).expect("16 bytes"))
}

fn wait<T>(call: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(call)
}

fn try_load(vault: u8, slot: u8) -> Result<Option<Vec<u8>>, KeyringError> {
    let (vault, slot) = ids(vault, slot);
    wait(load(vault, slot)).map(|value| value.map(|value| value.expose().clone()))
}

fn try_store(vault: u8, slot: u8, value: &[u8]) -> Result<(), KeyringError> {
    let (vault, slot) = ids(vault, slot);
    wait(store(vault, slot, &SecretBytes::new(value.to_vec())))
}

fn try_remove(vault: u8, slot: u8) -> Result<(), KeyringError> {
    let (vault, slot) = ids(vault, slot);
    wait(remove(vault, slot))
}

/// GNOME's keyring on the machine's session bus. No prompter is there, so that every question is dismissed, as on a
/// machine without a screen.
struct Gnome(Child);

impl Gnome {
    /// `password`: what the login unlocks with. None: nobody logged in with a password.
    fn start(machine: &Machine, password: Option<&str>) -> Self {
        let mut command = machine.command("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]).args(password.map(|_| "--unlock"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let on_the_bus = async {
            let bus = Builder::address(machine.session_bus().as_str()).expect("an address").build().await.expect("the bus");
            let bus = DBusProxy::new(&bus).await.expect("the bus");
            let mut owners = bus.receive_name_owner_changed().await.expect("subscribed");
            let mut daemon = command.spawn().expect("gnome-keyring is installed");
            let mut input = daemon.stdin.take().expect("a pipe");
            input.write_all(password.unwrap_or_default().as_bytes()).expect("written");
            drop(input);
            let ready = async { while owners.next().await.expect("the bus").args().expect("three names").name != SECRETS {} };
            tokio::time::timeout(LIMIT, ready).await.expect("it comes");
            daemon
        };
        Self(wait(on_the_bus))
    }
}

impl Drop for Gnome {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_value_is_seen_by_a_second_process_until_it_is_removed() {
    const TEST: &str = "keyring::tests::a_value_is_seen_by_a_second_process_until_it_is_removed";
    match step().as_deref() {
        Some("store") => assert_eq!(try_store(1, 1, &binary()), Ok(())),
        Some("see") => assert_eq!(try_load(1, 1), Ok(Some(binary()))),
        Some("replace") => {
            assert_eq!(try_store(1, 1, b"other"), Ok(()));
            assert_eq!(try_load(1, 1), Ok(Some(b"other".to_vec())));
        }
        Some("remove") => assert_eq!(try_remove(1, 1), Ok(())),
        Some("see nothing") => {
            assert_eq!(try_load(1, 1), Ok(None));
            assert_eq!(try_remove(1, 1), Ok(()), "nothing to remove is no error");
        }
        _ => {
            let machine = Machine::new();
            let _bus = Bus::start(&machine.session_bus());
            let _keyring = Gnome::start(&machine, Some("password"));
            for step in ["see nothing", "store", "see", "replace", "remove", "see nothing"] {
                machine.run(TEST, step);
            }
        }
    }
}

#[test]
fn a_value_belongs_to_one_slot_of_one_vault() {
    const TEST: &str = "keyring::tests::a_value_belongs_to_one_slot_of_one_vault";
    if step().is_none() {
        let machine = Machine::new();
        let _bus = Bus::start(&machine.session_bus());
        let _keyring = Gnome::start(&machine, Some("password"));
        return machine.run(TEST, "all");
    }
    for (vault, slot) in [(1, 1), (1, 2), (2, 1)] {
        assert_eq!(try_load(vault, slot), Ok(None));
        assert_eq!(try_store(vault, slot, &[vault, slot]), Ok(()));
    }
    assert_eq!(try_remove(1, 1), Ok(()));
    assert_eq!(try_load(1, 1), Ok(None));
    assert_eq!(try_load(1, 2), Ok(Some(vec![1, 2])));
    assert_eq!(try_load(2, 1), Ok(Some(vec![2, 1])));
}

#[test]
fn without_a_bus_or_a_service_the_keyring_is_absent() {
    const TEST: &str = "keyring::tests::without_a_bus_or_a_service_the_keyring_is_absent";
    if step().is_none() {
        let machine = Machine::new();
        machine.run(TEST, "no bus");
        let _bus = Bus::start(&machine.session_bus());
        return machine.run(TEST, "no service");
    }
    assert!(matches!(try_load(1, 1), Err(KeyringError::Absent { .. })));
    assert!(matches!(try_store(1, 1, b"value"), Err(KeyringError::Absent { .. })));
    assert!(matches!(try_remove(1, 1), Err(KeyringError::Absent { .. })));
}

#[test]
fn a_keyring_that_came_later_is_found_by_the_same_process() {
    const TEST: &str = "keyring::tests::a_keyring_that_came_later_is_found_by_the_same_process";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    assert!(matches!(try_load(1, 1), Err(KeyringError::Absent { .. })));
    let _bus = Bus::start_here("DBUS_SESSION_BUS_ADDRESS");
    let _keyring = wait(Silent::start());
    assert!(matches!(load_for_a_second(), Err(KeyringError::TimedOut { .. })));
}

#[test]
fn a_locked_keyring_without_a_screen_is_a_typed_error() {
    const TEST: &str = "keyring::tests::a_locked_keyring_without_a_screen_is_a_typed_error";
    match step().as_deref() {
        Some("store") => assert_eq!(try_store(1, 1, b"value"), Ok(())),
        Some("see") => assert_eq!(try_load(1, 1), Ok(Some(b"value".to_vec()))),
        Some("locked") => {
            assert!(matches!(try_load(1, 1), Err(KeyringError::Locked { .. })));
            assert!(matches!(try_store(1, 1, b"other"), Err(KeyringError::Locked { .. })));
            assert!(matches!(try_store(1, 2, b"new"), Err(KeyringError::Locked { .. })));
            assert!(matches!(try_remove(1, 1), Err(KeyringError::Locked { .. })));
        }
        Some("never made") => assert!(matches!(try_store(1, 1, b"value"), Err(KeyringError::Locked { .. }))),
        _ => {
            let machine = Machine::new();
            let _bus = Bus::start(&machine.session_bus());
            for (password, step) in [
                (None, "never made"),
                (Some("password"), "store"),
                (None, "locked"),
                (Some("wrong password"), "locked"),
                (Some("password"), "see"),
            ] {
                let _keyring = Gnome::start(&machine, password);
                machine.run(TEST, step);
            }
        }
    }
}

/// A Secret Service where everything is locked, whose question to the operator is never answered.
struct Silent;

#[interface(name = "org.freedesktop.Secret.Service")]
impl Silent {
    /// A public key that any peer can work with: 2, the group's generator.
    fn open_session(&self, _algorithm: &str, _input: Value<'_>) -> (Value<'static>, OwnedObjectPath) {
        let mut public = vec![0_u8; 127];
        public.push(2);
        (Value::from(public), path("/session"))
    }

    fn search_items(&self, _attributes: std::collections::HashMap<String, String>) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        (Vec::new(), vec![path("/org/freedesktop/secrets/collection/login/1")])
    }

    fn unlock(&self, _objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        (Vec::new(), path("/org/freedesktop/secrets/prompt/1"))
    }
}

/// A question on a screen that nobody looks at.
struct Question;

#[interface(name = "org.freedesktop.Secret.Prompt")]
impl Question {
    fn prompt(&self, _window: &str) {}
}

fn path(path: &'static str) -> OwnedObjectPath {
    ObjectPath::from_static_str(path).expect("a path").into()
}

impl Silent {
    async fn start() -> Connection {
        let bus = Builder::session().expect("an address").name(SECRETS).expect("a name");
        let bus = bus.serve_at("/org/freedesktop/secrets", Self).expect("a path");
        let bus = bus.serve_at("/org/freedesktop/secrets/prompt/1", Question).expect("a path");
        bus.build().await.expect("the bus")
    }
}

fn load_for_a_second() -> Result<Option<SecretBytes>, KeyringError> {
    let (vault, slot) = ids(1, 1);
    wait(load_within(Duration::from_secs(1), vault, slot))
}

#[test]
fn a_question_that_nobody_answers_ends_the_call_and_not_the_program() {
    const TEST: &str = "keyring::tests::a_question_that_nobody_answers_ends_the_call_and_not_the_program";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    let bus = Bus::start_here("DBUS_SESSION_BUS_ADDRESS");
    let keyring = wait(Silent::start());
    // The runtime of the caller goes on meanwhile: with one thread, its other task would stand still otherwise.
    let turned = wait(async {
        let (vault, slot) = ids(1, 1);
        let mut call = std::pin::pin!(load_within(Duration::from_secs(1), vault, slot));
        let mut turned = 0;
        loop {
            tokio::select! {
                answer = &mut call => {
                    assert!(matches!(answer, Err(KeyringError::TimedOut { seconds: 1 })), "{answer:?}");
                    break turned;
                }
                () = tokio::time::sleep(Duration::from_millis(10)) => turned += 1,
            }
        }
    });
    assert!(turned > 0);
    for _ in 1..WAITING {
        assert!(matches!(load_for_a_second(), Err(KeyringError::TimedOut { .. })));
    }
    assert!(matches!(load_for_a_second(), Err(KeyringError::Refused { .. })), "no more questions pile up");

    // The bus ends, the questions with it: there are turns again.
    drop((keyring, bus));
    while TAKEN.load(Ordering::Acquire) > 0 {
        thread::yield_now();
    }
    assert!(matches!(load_for_a_second(), Err(KeyringError::Absent { .. })));
}
