//! The watch against a logind and a screen saver of the tests, on buses of their own.

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};

use tokio::io::AsyncReadExt;
use zbus::connection::Builder;
use zbus::object_server::{InterfaceRef, SignalEmitter};
use zbus::zvariant::{Fd, ObjectPath, OwnedObjectPath};
use zbus::{Connection, fdo, interface};

use super::*;
use crate::kit::{Bus, Machine, step};

const MANAGER: &str = "/org/freedesktop/login1";
const OURS: &str = "/org/freedesktop/login1/session/ours";
const OTHERS: &str = "/org/freedesktop/login1/session/others";
const USER: &str = "/org/freedesktop/login1/user/ours";

/// How logind finds the session of the process.
#[derive(Clone, Copy, PartialEq)]
enum Found {
    ByProcess,
    ByName,
    ByUser,
    Nowhere,
}

/// logind's manager. The other ends of the inhibitors that it gave are in `given`.
struct Manager {
    found: Found,
    refuses: bool,
    given: Arc<Mutex<Vec<UnixStream>>>,
}

#[interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, who: &str, _why: &str, mode: &str) -> fdo::Result<Fd<'static>> {
        assert_eq!((what, who, mode), ("sleep", "Beffroi", "delay"));
        if self.refuses {
            return Err(fdo::Error::AccessDenied("not here".to_owned()));
        }
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        ours.set_nonblocking(true).expect("set");
        self.given.lock().expect("whole").push(ours);
        Ok(std::os::fd::OwnedFd::from(theirs).into())
    }

    #[zbus(name = "GetSessionByPID")]
    fn get_session_by_pid(&self, pid: u32) -> fdo::Result<OwnedObjectPath> {
        assert_eq!(pid, std::process::id());
        self.session_if(Found::ByProcess)
    }

    fn get_session(&self, name: &str) -> fdo::Result<OwnedObjectPath> {
        assert_eq!(name, "c7");
        self.session_if(Found::ByName)
    }

    fn get_user(&self, uid: u32) -> OwnedObjectPath {
        assert_eq!(uid, rustix::process::getuid().as_raw());
        path(USER)
    }

    #[zbus(property)]
    fn preparing_for_sleep(&self) -> bool {
        false
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn session_removed(emitter: &SignalEmitter<'_>, id: &str, path: ObjectPath<'_>) -> zbus::Result<()>;
}

impl Manager {
    fn session_if(&self, found: Found) -> fdo::Result<OwnedObjectPath> {
        (self.found == found).then(|| path(OURS)).ok_or_else(|| fdo::Error::Failed("no such session".to_owned()))
    }
}

struct User {
    has_a_screen: bool,
}

#[interface(name = "org.freedesktop.login1.User")]
impl User {
    #[zbus(property)]
    fn display(&self) -> (String, OwnedObjectPath) {
        if self.has_a_screen { ("c7".to_owned(), path(OURS)) } else { (String::new(), path("/")) }
    }
}

#[derive(Clone)]
struct Session {
    active: bool,
    locked: bool,
}

#[interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn active(&self) -> bool {
        self.active
    }

    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }

    #[zbus(signal)]
    async fn lock(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

fn path(path: &'static str) -> OwnedObjectPath {
    ObjectPath::from_static_str(path).expect("a path").into()
}

/// A logind on the system bus of this process.
struct Login {
    bus: Connection,
    given: Arc<Mutex<Vec<UnixStream>>>,
}

impl Login {
    async fn start(found: Found, refuses: bool, session: Session) -> Self {
        let given = Arc::default();
        let manager = Manager { found, refuses, given: Arc::clone(&given) };
        let bus = Builder::system().expect("an address").serve_at(MANAGER, manager).expect("a path");
        let bus = bus.serve_at(OURS, session.clone()).expect("a path").serve_at(OTHERS, session).expect("a path");
        let bus = bus.serve_at(USER, User { has_a_screen: found == Found::ByUser }).expect("a path");
        let bus = bus.name("org.freedesktop.login1").expect("a name").build().await.expect("the bus");
        Self { bus, given }
    }

    /// One with an active session that is found by the process.
    async fn usual() -> Self {
        Self::start(Found::ByProcess, false, Session { active: true, locked: false }).await
    }

    async fn manager(&self) -> InterfaceRef<Manager> {
        self.bus.object_server().interface(MANAGER).await.expect("served")
    }

    async fn session(&self, path: &str) -> InterfaceRef<Session> {
        self.bus.object_server().interface(path).await.expect("served")
    }

    async fn prepare_for_sleep(&self, start: bool) {
        Manager::prepare_for_sleep(self.manager().await.signal_emitter(), start).await.expect("sent");
    }

    /// The other end of the inhibitor that was given last, and how many were given.
    fn inhibitor(&self) -> (UnixStream, usize) {
        let given = self.given.lock().expect("whole");
        (given.last().expect("one was asked for").try_clone().expect("cloned"), given.len())
    }
}

fn is_held(inhibitor: &UnixStream) -> bool {
    matches!(std::io::Read::read(&mut &*inhibitor, &mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

/// Returns when nobody holds the inhibitor any more.
async fn released(inhibitor: UnixStream) {
    let mut inhibitor = tokio::net::UnixStream::from_std(inhibitor).expect("not blocking");
    assert_eq!(inhibitor.read(&mut [0]).await.expect("readable"), 0);
}

async fn next(watch: &mut Watch) -> DeskEvent {
    watch.events.recv().await.expect("it never ends")
}

/// Waits until what is watched is this.
async fn watches(watch: &mut Watch, wanted: Watched) {
    watch.watched.wait_for(|watched| *watched == wanted).await.expect("it goes on");
}

fn in_runtime(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime").block_on(test);
}

const LOGIND: Watched = Watched { sleep: true, sleep_waits: true, session: true, screensaver: false };

#[test]
fn the_machine_sleeps_when_the_guard_is_dropped_and_is_held_again_when_it_woke() {
    const TEST: &str = "watch::tests::the_machine_sleeps_when_the_guard_is_dropped_and_is_held_again_when_it_woke";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    let _bus = Bus::start_here("DBUS_SYSTEM_BUS_ADDRESS");
    in_runtime(async {
        let login = Login::usual().await;
        let mut watch = watch().await;
        assert_eq!(watch.what_is_watched(), LOGIND);
        for night in 1..=3 {
            let (inhibitor, given) = login.inhibitor();
            assert_eq!(given, night);
            assert!(is_held(&inhibitor));
            login.prepare_for_sleep(true).await;
            let DeskEvent::SleepSoon(guard) = next(&mut watch).await else { panic!("the guard") };
            assert!(is_held(&inhibitor), "until the vault is locked");
            drop(guard);
            released(inhibitor).await;
            login.prepare_for_sleep(false).await;
            assert!(matches!(next(&mut watch).await, DeskEvent::Woke));
            assert!(watch.what_is_watched().sleep_waits, "held again before the news");
        }
        let (inhibitor, _) = login.inhibitor();
        drop(watch);
        released(inhibitor).await;
    });
}

#[test]
fn sleep_is_told_of_even_where_it_may_not_be_delayed() {
    const TEST: &str = "watch::tests::sleep_is_told_of_even_where_it_may_not_be_delayed";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    let _bus = Bus::start_here("DBUS_SYSTEM_BUS_ADDRESS");
    in_runtime(async {
        let login = Login::start(Found::Nowhere, true, Session { active: true, locked: false }).await;
        let mut watch = watch().await;
        assert_eq!(watch.what_is_watched(), Watched { sleep: true, ..Watched::default() });
        login.prepare_for_sleep(true).await;
        assert!(matches!(next(&mut watch).await, DeskEvent::SleepSoon(_)));
    });
}

#[test]
fn the_own_session_is_found_and_told_of_and_no_other() {
    const TEST: &str = "watch::tests::the_own_session_is_found_and_told_of_and_no_other";
    let found = match step().as_deref() {
        Some("by process") => Found::ByProcess,
        Some("by name") => Found::ByName,
        Some("by user") => Found::ByUser,
        _ => {
            let machine = Machine::new();
            machine.run(TEST, "by process");
            machine.run_with(TEST, "by name", &[("XDG_SESSION_ID", "c7")]);
            return machine.run(TEST, "by user");
        }
    };
    let _bus = Bus::start_here("DBUS_SYSTEM_BUS_ADDRESS");
    in_runtime(async {
        let login = Login::start(found, false, Session { active: true, locked: false }).await;
        let mut watch = watch().await;
        assert_eq!(watch.what_is_watched(), LOGIND);

        let (ours, others) = (login.session(OURS).await, login.session(OTHERS).await);
        Session::lock(others.signal_emitter()).await.expect("sent");
        others.get_mut().await.active = false;
        others.get().await.active_changed(others.signal_emitter()).await.expect("sent");
        Session::lock(ours.signal_emitter()).await.expect("sent");
        assert!(matches!(next(&mut watch).await, DeskEvent::ScreenLocked), "the first event is ours");

        ours.get_mut().await.locked = true;
        ours.get().await.locked_hint_changed(ours.signal_emitter()).await.expect("sent");
        assert!(matches!(next(&mut watch).await, DeskEvent::ScreenLocked));
        ours.get_mut().await.locked = false;
        ours.get().await.locked_hint_changed(ours.signal_emitter()).await.expect("sent");
        ours.get_mut().await.active = false;
        ours.get().await.active_changed(ours.signal_emitter()).await.expect("sent");
        assert!(matches!(next(&mut watch).await, DeskEvent::SessionInactive), "an unlocked screen is no event");

        let manager = login.manager().await;
        Manager::session_removed(manager.signal_emitter(), "c1", path(OTHERS).into()).await.expect("sent");
        Manager::session_removed(manager.signal_emitter(), "c7", path(OURS).into()).await.expect("sent");
        assert!(matches!(next(&mut watch).await, DeskEvent::SessionInactive));
        watches(&mut watch, Watched { session: false, ..LOGIND }).await;
        assert!(watch.events.try_recv().is_err());
    });
}

#[test]
fn a_signal_of_anyone_but_logind_is_no_event() {
    const TEST: &str = "watch::tests::a_signal_of_anyone_but_logind_is_no_event";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    let _bus = Bus::start_here("DBUS_SYSTEM_BUS_ADDRESS");
    in_runtime(async {
        let login = Login::usual().await;
        let mut watch = watch().await;
        let stranger = Connection::system().await.expect("the bus");
        let names = fdo::DBusProxy::new(&stranger).await.expect("the bus").list_names().await.expect("answered");
        // To everyone, and to each by its name: what is addressed to a program reaches it whatever it subscribed to.
        let everyone = names.iter().map(|name| Some(name.as_str())).chain([None]);
        for to in everyone.filter(|to| to.is_none_or(|name| name.starts_with(':'))) {
            let interface = "org.freedesktop.login1.Manager";
            stranger.emit_signal(to, MANAGER, interface, "PrepareForSleep", &(true,)).await.expect("sent");
        }
        // An answer of the bus comes after what was sent before the question.
        stranger.call_method(Some("org.freedesktop.DBus"), "/", None::<&str>, "GetId", &()).await.expect("answered");
        login.prepare_for_sleep(false).await;
        assert!(matches!(next(&mut watch).await, DeskEvent::Woke), "nothing before logind's own");
    });
}

#[test]
fn a_screen_saver_that_covers_the_screen_locks() {
    const TEST: &str = "watch::tests::a_screen_saver_that_covers_the_screen_locks";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    let _bus = Bus::start_here("DBUS_SESSION_BUS_ADDRESS");
    in_runtime(async {
        let mut watch = watch().await;
        assert_eq!(watch.what_is_watched(), Watched::default(), "the bus alone tells nothing");
        for (name, path) in
            [("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"), ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver")]
        {
            let saver = Connection::session().await.expect("the bus");
            saver.request_name(name).await.expect("a name");
            watches(&mut watch, Watched { screensaver: true, ..Watched::default() }).await;
            for active in [true, false, true] {
                saver.emit_signal(None::<&str>, path, name, "ActiveChanged", &(active,)).await.expect("sent");
            }
            for _ in 0..2 {
                assert!(matches!(next(&mut watch).await, DeskEvent::ScreenLocked));
            }
            saver.close().await.expect("closed");
            watches(&mut watch, Watched::default()).await;
        }
        assert!(watch.events.try_recv().is_err(), "an uncovered screen is no event");
    });
}

#[test]
fn without_a_bus_nothing_is_watched_and_that_is_said() {
    const TEST: &str = "watch::tests::without_a_bus_nothing_is_watched_and_that_is_said";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    in_runtime(async {
        let mut watch = watch().await;
        assert_eq!(watch.what_is_watched(), Watched::default());
        assert!(matches!(watch.events.try_recv(), Err(mpsc::error::TryRecvError::Empty)), "open, and silent");
    });
}

#[test]
fn a_bus_that_goes_away_is_found_again_and_what_happened_meanwhile_is_told() {
    const TEST: &str = "watch::tests::a_bus_that_goes_away_is_found_again_and_what_happened_meanwhile_is_told";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    let bus = Bus::start_here("DBUS_SYSTEM_BUS_ADDRESS");
    in_runtime(async {
        let login = Login::usual().await;
        let mut watch = watch().await;
        assert_eq!(watch.what_is_watched(), LOGIND);
        drop((login, bus));
        watches(&mut watch, Watched::default()).await;

        let _bus = Bus::start_here("DBUS_SYSTEM_BUS_ADDRESS");
        let login = Login::start(Found::ByProcess, false, Session { active: true, locked: true }).await;
        assert!(matches!(next(&mut watch).await, DeskEvent::ScreenLocked));
        watches(&mut watch, LOGIND).await;
        assert!(is_held(&login.inhibitor().0));
    });
}

#[test]
fn a_logind_that_was_replaced_is_asked_again() {
    const TEST: &str = "watch::tests::a_logind_that_was_replaced_is_asked_again";
    if step().is_none() {
        return Machine::new().run(TEST, "all");
    }
    let _bus = Bus::start_here("DBUS_SYSTEM_BUS_ADDRESS");
    in_runtime(async {
        let first = Login::usual().await;
        let mut watch = watch().await;
        first.bus.release_name("org.freedesktop.login1").await.expect("released");
        watches(&mut watch, Watched::default()).await;
        let second = Login::usual().await;
        watches(&mut watch, LOGIND).await;
        assert!(is_held(&second.inhibitor().0));
        second.prepare_for_sleep(true).await;
        assert!(matches!(next(&mut watch).await, DeskEvent::SleepSoon(_)));
    });
}
