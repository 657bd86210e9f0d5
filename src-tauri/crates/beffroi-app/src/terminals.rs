//! Terminals: interactive shells on hosts, while the vault is open and their stage unsealed.
//!
//! Who opened one and for how long is in the journal; what is typed and shown is never kept, beyond what waits to be read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beffroi_domain::{Exit, HostId, StageName, Sudo, TargetRecord, TerminalId};
use beffroi_lxc::Guest;
use beffroi_lxc::change::GuestPlace;
use beffroi_remote::{CommandLine, PtyOutput, PtyRemote, PtyRequest, PtySession, PtySize, RemoteError};
use beffroi_secret::SecretBytes;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::session::Session;
use crate::{App, AppError, ReachError, now_ms};

/// Terminals of an open vault.
const MOST: usize = 32;
/// Of them on one host: a connection has eight channels, and other work needs some.
const MOST_HERE: usize = 5;
/// Bytes that are given at once: a reader behind a slow line shows them before the host's patience ends.
const MOST_READ: usize = 64 << 10;
/// Bytes that are taken at once.
const MOST_TYPED: usize = 64 << 10;
/// The longest wait for something to read.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long a terminal is kept that nobody reads.
const UNREAD: Duration = Duration::from_secs(30 * 60);
/// How long the end of terminals may hold up what ends them.
const ENDING: Duration = Duration::from_secs(5);
/// How long it may hold up a lock: a machine that is about to sleep waits five seconds for all of it (logind's
/// `InhibitDelayMaxSec`), and hosts may be out of reach by then.
const LOCKING: Duration = Duration::from_secs(1);

/// A terminal to open.
#[derive(Debug, Clone)]
pub struct TerminalOrder {
    /// The host.
    pub host: String,
    /// Characters in a line.
    pub cols: u16,
    /// Lines.
    pub rows: u16,
    /// Whether it is root's, by `sudo -i` in the terminal where the account is another: sudo asks there.
    pub root: bool,
    /// Whether it is the console of the guest that the host is, which its driver opens on the host that has it.
    pub console: bool,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// A terminal that was opened.
#[derive(Debug, Clone)]
pub struct TerminalFacts {
    /// Its id.
    pub id: TerminalId,
    /// The name that the host had then.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// As whom one is there.
    pub account: String,
    /// Whether it was asked for as root's.
    pub root: bool,
    /// When it was opened, in milliseconds since 1970.
    pub opened_ms: u64,
    /// Whether it ended, and nobody has been told yet.
    pub ended: bool,
}

/// What a terminal gave.
#[derive(Debug)]
pub struct TerminalOutput {
    /// Bytes that are to be shown.
    pub bytes: Vec<u8>,
    /// How many bytes are missing before them: nobody read while the host wrote.
    pub lost: u64,
    /// How it ended, once everything was given. It is told once.
    pub ended: Option<TerminalEnd>,
}

/// How a terminal ended.
#[derive(Debug, Clone)]
pub enum TerminalEnd {
    /// By the shell's exit, or because somebody closed it.
    Exit(Exit),
    /// With the link.
    Lost(RemoteError),
    /// Its stage was sealed.
    Sealed {
        /// The stage.
        stage: String,
    },
    /// The host was removed.
    HostGone {
        /// Its name.
        host: String,
    },
    /// The vault was locked.
    Locked,
}

impl TerminalEnd {
    /// The error that it is for people; nothing when the shell ended.
    #[must_use]
    pub fn error(&self) -> Option<AppError> {
        match self {
            Self::Exit(_) => None,
            Self::Lost(error) => Some(AppError::Remote(error.clone())),
            Self::Sealed { stage } => Some(AppError::StageSealed { name: stage.clone() }),
            Self::HostGone { host } => Some(AppError::HostNotFound { name: host.clone() }),
            Self::Locked => Some(AppError::Locked),
        }
    }
}

/// A terminal of an open vault.
struct Terminal {
    id: TerminalId,
    host: HostId,
    name: String,
    stage: StageName,
    account: String,
    root: bool,
    opened_ms: u64,
    opened: Instant,
    pty: Box<dyn PtySession>,
    /// Grows with each reader: the one before stops waiting.
    reader: watch::Sender<u64>,
    /// When somebody last read.
    read_at: Mutex<Instant>,
    /// Why it is to end.
    told: watch::Sender<Option<TerminalEnd>>,
    /// Whether the journal knows that it ends.
    noted: watch::Sender<bool>,
    /// Whether it ended.
    over: watch::Sender<bool>,
    /// Whether nobody can ask for it any more.
    forgotten: watch::Sender<bool>,
}

impl Terminal {
    fn facts(&self) -> TerminalFacts {
        TerminalFacts {
            id: self.id,
            host: self.name.clone(),
            stage: self.stage.to_string(),
            account: self.account.clone(),
            root: self.root,
            opened_ms: self.opened_ms,
            ended: self.is_over(),
        }
    }

    fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Has it end, for the first reason that is given.
    fn end(&self, why: TerminalEnd) {
        self.told.send_if_modified(|told| {
            let is_first = told.is_none();
            told.get_or_insert(why);
            is_first
        });
    }

    async fn noted(&self) {
        let _ = self.noted.subscribe().wait_for(|noted| *noted).await;
    }

    async fn ended(&self) {
        let _ = self.over.subscribe().wait_for(|over| *over).await;
    }

    /// Waits until it is told to end.
    async fn to_end(&self) -> Option<TerminalEnd> {
        self.told.subscribe().wait_for(Option::is_some).await.ok().and_then(|told| told.clone())
    }

    fn note_reader(&self) {
        *self.read_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Waits until nobody has read for long.
    async fn unread(&self) {
        loop {
            let due = *self.read_at.lock().unwrap_or_else(PoisonError::into_inner) + UNREAD;
            if due <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(due).await;
        }
    }

    async fn read(&self, wait: Duration) -> TerminalOutput {
        let nothing = TerminalOutput { bytes: Vec::new(), lost: 0, ended: None };
        self.note_reader();
        let (mut readers, mut mine) = (self.reader.subscribe(), 0);
        self.reader.send_modify(|reader| {
            *reader += 1;
            mine = *reader;
        });
        let output = tokio::select! {
            biased;
            ended = self.to_end() => TerminalOutput { ended, ..nothing },
            _ = readers.wait_for(|reader| *reader != mine) => nothing,
            output = self.pty.read(MOST_READ) => match output {
                Ok(PtyOutput::Bytes { bytes, lost }) => TerminalOutput { bytes, lost, ended: None },
                Ok(PtyOutput::Ended(exit)) => TerminalOutput { ended: Some(TerminalEnd::Exit(exit)), ..nothing },
                Err(error) => TerminalOutput { ended: Some(TerminalEnd::Lost(error)), ..nothing },
            },
            () = tokio::time::sleep(wait) => nothing,
        };
        self.note_reader();
        output
    }
}

/// The terminals of an open vault, the oldest first.
#[derive(Default)]
pub(crate) struct Terminals(Mutex<Vec<Arc<Terminal>>>);

impl Terminals {
    fn locked(&self) -> MutexGuard<'_, Vec<Arc<Terminal>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses one more on a host where there are enough.
    fn refuse_more(terminals: &[Arc<Terminal>], host: HostId) -> Result<(), AppError> {
        let here = terminals.iter().filter(|terminal| terminal.host == host && !terminal.is_over()).count();
        let all = terminals.iter().filter(|terminal| !terminal.is_over()).count();
        if all < MOST && here < MOST_HERE { Ok(()) } else { Err(ReachError::TooManyTerminals { most: MOST, most_here: MOST_HERE }.into()) }
    }

    fn add(&self, terminal: &Arc<Terminal>) -> Result<(), AppError> {
        let mut terminals = self.locked();
        Self::refuse_more(&terminals, terminal.host)?;
        // Of those that ended unread, the oldest make place.
        while terminals.len() >= MOST
            && let Some(at) = terminals.iter().position(|terminal| terminal.is_over())
        {
            terminals.remove(at).forgotten.send_replace(true);
        }
        terminals.push(Arc::clone(terminal));
        Ok(())
    }

    fn find(&self, id: &str) -> Result<Arc<Terminal>, AppError> {
        let found = self.locked().iter().find(|terminal| terminal.id.to_string() == id).cloned();
        found.ok_or_else(|| AppError::TerminalNotFound { terminal: id.chars().take(64).collect() })
    }

    fn forget(&self, terminal: &Terminal) {
        terminal.forgotten.send_replace(true);
        self.locked().retain(|other| other.id != terminal.id);
    }

    /// Ends those of a stage, and those on any of some hosts. Returns once they ended.
    pub(crate) async fn end_sealed(&self, stage: &StageName, hosts: &std::collections::HashSet<HostId>) {
        let is_meant = |terminal: &&Arc<Terminal>| terminal.stage == *stage || hosts.contains(&terminal.host);
        self.end(is_meant, |_| TerminalEnd::Sealed { stage: stage.to_string() }, ENDING).await;
    }

    /// Ends those on a host that is gone. Returns once they ended.
    pub(crate) async fn end_on(&self, host: HostId) {
        self.end(|terminal| terminal.host == host, |terminal| TerminalEnd::HostGone { host: terminal.name.clone() }, ENDING).await;
    }

    /// Ends all of them. Returns once they ended.
    pub(crate) async fn end_all(&self) {
        self.end(|_| true, |_| TerminalEnd::Locked, LOCKING).await;
        for terminal in self.locked().drain(..) {
            terminal.forgotten.send_replace(true);
        }
    }

    async fn end(&self, is_meant: impl Fn(&&Arc<Terminal>) -> bool, why: impl Fn(&Terminal) -> TerminalEnd, most: Duration) {
        let meant: Vec<_> = self.locked().iter().filter(is_meant).cloned().collect();
        meant.iter().for_each(|terminal| terminal.end(why(terminal)));
        for terminal in &meant {
            terminal.noted().await;
        }
        let ended = async {
            for terminal in &meant {
                terminal.ended().await;
            }
        };
        // A host that does not answer holds nobody up: its connection is closed next.
        let _ = tokio::time::timeout(most, ended).await;
    }
}

impl App {
    /// Opens a terminal.
    ///
    /// # Errors
    /// [`ReachError::TooManyTerminals`], [`AppError::NoSudo`], and when the host cannot be worked on, as for a run.
    pub async fn open_terminal(&self, order: &TerminalOrder) -> Result<TerminalFacts, AppError> {
        let size = size(order.cols, order.rows)?;
        let session = self.session()?;
        let (target, guest) = match order.console {
            true => session.guest_now(&order.host).await.map(|(host, guest)| (host, Some(guest)))?,
            false => (session.host(&order.host).await?, None),
        };
        session.open_stage(&target.stage)?;
        session.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        if guest.is_some() && session.stage_wants_typed(&order.host).await? && order.typed.as_deref() != Some(order.host.as_str()) {
            return Err(AppError::NameNotTyped { names: vec![order.host.clone()] });
        }
        Terminals::refuse_more(&session.terminals.locked(), target.host)?;
        let remote = session.connect(&target).await?;
        let user = session.account_on(&target).await;
        let command = match &guest {
            Some(guest) => Some(console(&target, &user, guest)),
            None => sudo(&target, &user, order.root)?,
        };
        let account = if order.root { "root".to_owned() } else { user };
        let pty = remote.open_pty(PtyRequest { size, command }).await?;
        session.journal_event("terminal-opened", Some(target.host), vec![("account", account.clone())]).await?;
        let terminal = Arc::new(Terminal {
            id: TerminalId::make(),
            host: target.host,
            name: guest.map_or_else(|| target.name.to_string(), |_| order.host.clone()),
            stage: target.stage.clone(),
            account,
            root: order.root,
            opened_ms: now_ms(),
            opened: Instant::now(),
            pty,
            reader: watch::Sender::new(0),
            read_at: Mutex::new(Instant::now()),
            told: watch::Sender::new(None),
            noted: watch::Sender::new(false),
            over: watch::Sender::new(false),
            forgotten: watch::Sender::new(false),
        });
        let refused = session.terminals.add(&terminal).err();
        // What ends terminals may have looked for them a moment ago.
        let is_open = self.session().is_ok_and(|now| Arc::ptr_eq(&now, &session));
        let refused = refused.or((!is_open).then_some(AppError::Locked)).or_else(|| session.open_stage(&target.stage).err());
        if refused.is_some() {
            terminal.end(TerminalEnd::Exit(Exit::Unknown));
            session.terminals.forget(&terminal);
        }
        tokio::spawn(watch_over(session, Arc::clone(&terminal)));
        refused.map_or_else(|| Ok(terminal.facts()), Err)
    }

    /// What a terminal has to show, waiting for it as long as is said, at most 30 seconds. Who waits already is answered
    /// with nothing.
    ///
    /// # Errors
    /// [`AppError::TerminalNotFound`], also once its end was told.
    pub async fn read_terminal(&self, terminal: &str, wait: Duration) -> Result<TerminalOutput, AppError> {
        let session = self.session()?;
        let terminal = session.terminals.find(terminal)?;
        let output = terminal.read(wait.min(LONGEST_WAIT)).await;
        if output.ended.is_some() {
            session.terminals.forget(&terminal);
        }
        Ok(output)
    }

    /// Types into a terminal; waits while the host takes no more. Into one that ended, nothing is typed: its reader is told.
    ///
    /// # Errors
    /// [`AppError::TerminalNotFound`], [`AppError::StageSealed`]; [`AppError::InvalidRequest`] for more than 64 KiB.
    pub async fn write_terminal(&self, terminal: &str, typed: SecretBytes) -> Result<(), AppError> {
        let session = self.session()?;
        let terminal = session.terminals.find(terminal)?;
        session.open_stage(&terminal.stage)?;
        // Only its length.
        if typed.expose().len() > MOST_TYPED {
            return Err(AppError::InvalidRequest { what: "at most 64 KiB are typed at once" });
        }
        drop(session);
        tokio::select! {
            biased;
            why = terminal.to_end() => why.and_then(|why| why.error()).map_or(Ok(()), Err),
            written = terminal.pty.write(typed) => ended_is_fine(written),
        }
    }

    /// Tells a terminal another size.
    ///
    /// # Errors
    /// [`AppError::TerminalNotFound`]; [`AppError::InvalidRequest`] for a size that is none.
    pub async fn resize_terminal(&self, terminal: &str, cols: u16, rows: u16) -> Result<(), AppError> {
        let terminal = self.session()?.terminals.find(terminal)?;
        ended_is_fine(terminal.pty.resize(size(cols, rows)?).await)
    }

    /// Closes a terminal; one that there is not, is closed.
    ///
    /// # Errors
    /// When no vault is open.
    pub async fn close_terminal(&self, terminal: &str) -> Result<(), AppError> {
        let session = self.session()?;
        if let Ok(terminal) = session.terminals.find(terminal) {
            terminal.end(TerminalEnd::Exit(Exit::Unknown));
            let _ = tokio::time::timeout(ENDING, terminal.ended()).await;
            session.terminals.forget(&terminal);
        }
        Ok(())
    }

    /// The terminals whose end nobody was told yet, the oldest first.
    ///
    /// # Errors
    /// When no vault is open.
    pub fn terminals(&self) -> Result<Vec<TerminalFacts>, AppError> {
        Ok(self.session()?.terminals.locked().iter().map(|terminal| terminal.facts()).collect())
    }
}

impl Session {
    /// The account that a host's connection is logged in to.
    async fn account_on(&self, target: &TargetRecord) -> String {
        let access = self.connections.reached(target.host).await.map_or(0, |reached| reached.access);
        target.accesses().nth(access).map(|access| access.user.clone()).unwrap_or_default()
    }
}

/// Waits for the end of a terminal, tells the journal, and keeps it until somebody was told.
async fn watch_over(session: Arc<Session>, terminal: Arc<Terminal>) {
    let is_there = tokio::select! {
        () = terminal.pty.ended() => false,
        _ = terminal.to_end() => true,
        () = terminal.unread() => true,
    };
    let seconds = terminal.opened.elapsed().as_secs();
    let values = vec![("account", terminal.account.clone()), ("seconds", seconds.to_string())];
    if let Err(error) = session.journal_event("terminal-closed", Some(terminal.host), values).await {
        tracing::warn!(%error, "the journal could not say that a terminal was closed");
    }
    terminal.noted.send_replace(true);
    if is_there {
        terminal.pty.close().await;
    }
    terminal.over.send_replace(true);
    let mut forgotten = terminal.forgotten.subscribe();
    tokio::select! {
        _ = forgotten.wait_for(|forgotten| *forgotten) => {}
        () = terminal.unread() => session.terminals.forget(&terminal),
    }
}

fn size(cols: u16, rows: u16) -> Result<PtySize, AppError> {
    PtySize::new(cols, rows).ok_or(AppError::InvalidRequest { what: "a terminal has 1 to 1000 columns and rows" })
}

/// What makes the account root in the terminal. Nothing is typed for the person there: the prompt that a host shows in a
/// terminal cannot be told from one that an account's own files print.
fn sudo(target: &TargetRecord, user: &str, root: bool) -> Result<Option<CommandLine>, AppError> {
    match (root && user != "root", target.sudo) {
        (false, _) => Ok(None),
        (true, Sudo::Never) => Err(AppError::NoSudo { name: target.name.to_string(), user: user.to_owned() }),
        (true, Sudo::WithoutPassword | Sudo::Password(_)) => Ok(Some(CommandLine::new(["sudo", "-i"]))),
    }
}

/// What opens a guest's console in a terminal of its host's: as root where the account can become it, by sudo, which asks there.
fn console(target: &TargetRecord, user: &str, guest: &Guest) -> CommandLine {
    let command = GuestPlace::of(guest).console();
    match target.sudo {
        Sudo::WithoutPassword | Sudo::Password(_) if user != "root" => CommandLine::shell(format!("sudo {command}")),
        _ => command,
    }
}

/// Whoever reads is told that it ended.
fn ended_is_fine(done: Result<(), RemoteError>) -> Result<(), AppError> {
    match done {
        Ok(()) | Err(RemoteError::InputClosed) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
