//! Answering those who ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use beffroi_app::SshEnd;
use serde::Serialize;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::frame::{Frames, NoFrame, WipedBytes, frame_of};
use super::message::{Answering, Control, Hello, Kind, OpenedVault, PROTOCOL, Raised, Request, SshAsked, Status, read_request};
use super::place::is_ours;
use super::{FrameError, Listener, MOST_ANSWER, MOST_REQUEST};
use crate::commands::Ask;
use crate::wire::{Done, Event, Nothing};
use crate::{Api, ApiError, Class, ErrorCode, Shell};

const MOST_CONNECTIONS: usize = 64;
const MOST_UNDER_WAY: usize = 32;
/// Events that wait for a reader who is slow.
const MOST_EVENTS: usize = 256;
/// Until the first frame of a connection begins.
const FIRST_WORD: Duration = Duration::from_secs(5);
/// Without a request or a subscription.
const IDLE: Duration = Duration::from_secs(60);
/// For a frame to be taken by who asked for it.
const TAKING: Duration = Duration::from_secs(30);
const ALL: &[Class] = &[Class::Read, Class::Write, Class::Secret];

/// A message that is no answer.
type NoAnswer<'a> = Answering<'a, ()>;

/// What the process that holds the keys says of itself.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// What kind of process it is.
    pub kind: Kind,
    /// When it was started, in milliseconds since 1970.
    pub since_ms: u64,
    /// When it ends by itself if nothing is asked of it until then, in milliseconds since 1970.
    pub ends_ms: Option<u64>,
    /// How long nothing was asked of it.
    pub idle: Duration,
}

/// What the desktop and the agent do differently. Called from many tasks; must not block.
pub trait Keeper: Send + Sync {
    /// Says what it is, now.
    fn about(&self) -> About;
    /// So many commands are under way from now on. Control words are not counted.
    fn working(&self, commands: usize);
    /// Whether its time is over, though it is still there: a machine that slept has just come back. Who asks then finds
    /// everything locked.
    fn is_over(&self) -> bool;
    /// Somebody asked for everything to be locked, which is done. An agent ends now.
    fn stop(&self);
    /// Brings the window to the front, when there is one.
    fn raise(&self) -> bool;
}

/// Tells events to the connections that asked for them, and to who else in this process listens.
pub struct Hub {
    tell: broadcast::Sender<Event>,
    beside: Option<Arc<dyn Shell>>,
}

impl Hub {
    /// `beside` is told too, first.
    #[must_use]
    pub fn new(beside: Option<Arc<dyn Shell>>) -> Self {
        Self { tell: broadcast::Sender::new(MOST_EVENTS), beside }
    }
}

impl Shell for Hub {
    fn notify(&self, event: Event) {
        if let Some(beside) = &self.beside {
            beside.notify(event.clone());
        }
        // Nobody has to listen.
        let _ = self.tell.send(event);
    }
}

struct Served {
    api: Api,
    hub: Arc<Hub>,
    keeper: Arc<dyn Keeper>,
    commands: AtomicUsize,
}

/// A command under way; counted for as long as it is there.
struct UnderWay(Arc<Served>);

impl UnderWay {
    fn new(served: &Arc<Served>) -> Self {
        served.keeper.working(served.commands.fetch_add(1, Ordering::SeqCst) + 1);
        Self(Arc::clone(served))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.keeper.working(self.0.commands.fetch_sub(1, Ordering::SeqCst) - 1);
    }
}

/// Answers whoever asks, until the future is dropped: connections end with it, and what changes something goes on. `hub` is
/// the [`Shell`] that `api` was made with.
pub async fn serve(listener: &Listener, api: Api, hub: Arc<Hub>, keeper: Arc<dyn Keeper>) {
    let served = Arc::new(Served { api, hub, keeper, commands: AtomicUsize::new(0) });
    let seats = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        match listener.accept().await {
            Ok(stream) => match is_ours(&stream) {
                Ok(true) => {
                    let served = Arc::clone(&served);
                    connections.spawn(converse(stream, served, seat));
                }
                Ok(false) => tracing::warn!("another user knocked and was not let in"),
                Err(error) => tracing::warn!(%error, "the system does not say who knocked"),
            },
            Err(error) => {
                // Such as too many open files: others may be closed meanwhile.
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Answers one connection to its end; where it becomes SSH, it gives its seat to others, since ends have a limit of their own.
async fn converse(stream: UnixStream, served: Arc<Served>, seat: OwnedSemaphorePermit) {
    let (from, to) = stream.into_split();
    let (out, waiting) = mpsc::channel(MOST_UNDER_WAY);
    // Ends when nobody has anything more to say, or the other side is gone.
    let writing = tokio::spawn(write(to, waiting));
    let conversation = Conversation {
        served: Arc::clone(&served),
        out,
        places: Arc::new(Semaphore::new(MOST_UNDER_WAY)),
        readers: JoinSet::new(),
        subscribed: AtomicBool::new(false),
    };
    let Some((end, from)) = conversation.run(from).await else { return };
    // Once the answer went out.
    let Ok(Some(to)) = writing.await else { return };
    let Ok(stream) = from.reunite(to) else { return };
    drop(seat);
    let _somebody_is_there = UnderWay::new(&served);
    if let Err(error) = end.serve(stream).await {
        tracing::info!(%error, "a program was not understood");
    }
}

/// Writes until nobody has anything more to say, and gives back what it wrote to; nothing when the other side is gone.
async fn write(mut to: OwnedWriteHalf, mut waiting: mpsc::Receiver<WipedBytes>) -> Option<OwnedWriteHalf> {
    while let Some(frame) = waiting.recv().await {
        if !matches!(timeout(TAKING, to.write_all(frame.as_slice())).await, Ok(Ok(()))) {
            return None;
        }
    }
    Some(to)
}

/// One connection.
struct Conversation {
    served: Arc<Served>,
    out: mpsc::Sender<WipedBytes>,
    places: Arc<Semaphore>,
    /// What only reads, and the pushing of events: over when the connection is.
    readers: JoinSet<()>,
    subscribed: AtomicBool,
}

impl Conversation {
    /// Gives the end of SSH that the connection is to become.
    async fn run(mut self, from: OwnedReadHalf) -> Option<(SshEnd, OwnedReadHalf)> {
        let mut frames = Frames::new(from, MOST_REQUEST);
        let mut patience = FIRST_WORD;
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return None };
            let frame = loop {
                let next = tokio::select! {
                    next = frames.next(Some(patience)) => next,
                    // Nothing can be told any more: what is asked would be done for nobody.
                    () = self.out.closed() => return None,
                };
                match next {
                    Ok(frame) => break frame,
                    Err(NoFrame::Quiet) if patience == IDLE && self.is_needed() => {}
                    Err(NoFrame::Over | NoFrame::Quiet | NoFrame::Slow) => return None,
                    Err(NoFrame::Wrong(error)) => {
                        self.refuse(&error).await;
                        return None;
                    }
                }
            };
            patience = IDLE;
            match self.begin(frame, place).await {
                Ok(None) => {}
                Ok(Some(end)) => {
                    let (from, early) = frames.into_parts();
                    // A program speaks after it was answered.
                    return early.as_slice().is_empty().then_some((end, from));
                }
                Err(error) => {
                    self.refuse(&error).await;
                    return None;
                }
            }
            while self.readers.try_join_next().is_some() {}
        }
    }

    /// Whether somebody waits for an answer or for events. The place of the next request is taken already.
    fn is_needed(&self) -> bool {
        self.subscribed.load(Ordering::Relaxed) || self.places.available_permits() < MOST_UNDER_WAY - 1
    }

    async fn refuse(&self, error: &FrameError) {
        let error = ApiError::new(ErrorCode::InvalidRequest).with("what", error);
        self.say(&NoAnswer::Error { id: None, error: &error }).await;
    }

    /// Begins to answer what a frame asks; gives the end of SSH that was asked for. The frame is wiped before the work begins.
    async fn begin(&mut self, frame: WipedBytes, place: OwnedSemaphorePermit) -> Result<Option<SshEnd>, FrameError> {
        let (id, read) = match read_request(frame.as_slice())? {
            Request::Control { id, control } => {
                self.control(id, control).await;
                return Ok(None);
            }
            Request::Ssh { id, vault, ssh } => return Ok(self.ssh(id, vault.as_deref(), &ssh).await),
            Request::Command { id, vault, command, request } => {
                if self.served.keeper.is_over() {
                    self.refuse_too_late(id).await;
                    return Ok(None);
                }
                (id, self.api(vault.as_deref()).and_then(|api| Ok((api, Ask::read(ALL, &command, request)?))))
            }
        };
        drop(frame);
        match read {
            Err(error) => self.say(&NoAnswer::Error { id: Some(id), error: &error }).await,
            Ok((api, ask)) => {
                let under_way = UnderWay::new(&self.served);
                let out = self.out.clone();
                let only_reads = ask.class() == Class::Read;
                let work = async move {
                    let answer = api.answer(ask).await;
                    say(&out, &answering(id, answer.as_ref())).await;
                    drop((place, under_way));
                };
                if only_reads {
                    self.readers.spawn(work);
                } else {
                    tokio::spawn(work);
                }
            }
        }
        Ok(None)
    }

    fn api(&self, vault: Option<&str>) -> Result<Api, ApiError> {
        vault.map_or_else(|| Ok(self.served.api.clone()), |vault| self.served.api.on(vault))
    }

    async fn ssh(&self, id: u64, vault: Option<&str>, asked: &SshAsked) -> Option<SshEnd> {
        if self.served.keeper.is_over() {
            self.refuse_too_late(id).await;
            return None;
        }
        let _under_way = UnderWay::new(&self.served);
        let opened = match self.api(vault) {
            Ok(api) => api.ssh_end(&asked.host, asked.typed.as_deref()).await,
            Err(error) => Err(error),
        };
        self.say(&answering(id, opened.as_ref().map(|_| &Done {}))).await;
        opened.ok()
    }

    async fn control(&mut self, id: u64, control: Control) {
        match control {
            Control::Hello => self.say(&Answering::Answer { id, answer: &self.hello() }).await,
            Control::Status => self.say(&Answering::Answer { id, answer: &self.status().await }).await,
            Control::Raise => self.say(&Answering::Answer { id, answer: &Raised { raised: self.served.keeper.raise() } }).await,
            Control::Subscribe => {
                if !self.subscribed.swap(true, Ordering::Relaxed) {
                    let events = self.served.hub.tell.subscribe();
                    self.readers.spawn(push(events, self.out.clone()));
                }
                self.say(&Answering::Answer { id, answer: &Done {} }).await;
            }
            Control::Stop => {
                let locked = self.served.api.vault_lock(Nothing {}).await;
                self.say(&answering(id, locked.as_ref())).await;
                self.served.keeper.stop();
            }
        }
    }

    /// Locks everything and says so: nobody was there for too long. The process itself ends when it looks at the clock next.
    async fn refuse_too_late(&self, id: u64) {
        let locked = self.served.api.vault_lock(Nothing {}).await;
        let error = locked.err().unwrap_or_else(|| ApiError::new(ErrorCode::VaultLocked));
        self.say(&NoAnswer::Error { id: Some(id), error: &error }).await;
    }

    fn hello(&self) -> Hello {
        let kind = self.served.keeper.about().kind;
        Hello { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned(), kind, pid: std::process::id() }
    }

    async fn status(&self) -> Status {
        let About { since_ms, ends_ms, idle, .. } = self.served.keeper.about();
        let known = self.served.api.vault_list(Nothing {}).await.map(|list| list.vaults).unwrap_or_default();
        let mut vaults = Vec::new();
        for id in known.into_iter().filter_map(|vault| vault.open) {
            let Ok(api) = self.served.api.on(&id) else { continue };
            // One that is locked at this very moment is not open.
            if let Ok(info) = api.vault_info(Nothing {}).await {
                let stages = info.stages.into_iter().filter(|stage| stage.open).map(|stage| stage.name);
                vaults.push(OpenedVault { id: info.id, name: info.name, path: info.path, stages: stages.collect() });
            }
        }
        let idle_ms = u64::try_from(idle.as_millis()).unwrap_or(u64::MAX);
        Status { hello: self.hello(), since_ms, ends_ms, idle_ms, vaults }
    }

    async fn say<T: Serialize>(&self, message: &Answering<'_, T>) {
        say(&self.out, message).await;
    }
}

fn answering<'a, T>(id: u64, answer: Result<&'a T, &'a ApiError>) -> Answering<'a, T> {
    match answer {
        Ok(answer) => Answering::Answer { id, answer },
        Err(error) => Answering::Error { id: Some(id), error },
    }
}

async fn say<T: Serialize>(out: &mpsc::Sender<WipedBytes>, message: &Answering<'_, T>) {
    let frame = frame_of(message, MOST_ANSWER).or_else(|error| {
        let Answering::Answer { id, .. } = message else { return Err(error) };
        let error = ApiError::new(ErrorCode::Internal).with("what", error);
        frame_of(&NoAnswer::Error { id: Some(*id), error: &error }, MOST_ANSWER)
    });
    if let Ok(frame) = frame {
        // Who hung up needs no answer.
        let _ = out.send(frame).await;
    }
}

/// Pushes events. In the place of those that a slow reader lost, the one after which everything is looked at again.
async fn push(mut events: broadcast::Receiver<Event>, out: mpsc::Sender<WipedBytes>) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => Event::VaultChanged,
            Err(RecvError::Closed) => return,
        };
        say(&out, &NoAnswer::Event { event: &event }).await;
    }
}
