//! Changes of a guest: what is done there by each driver, what speaks against it, and the way back.
//!
//! Each is a step that changes and one that reads the state back. Their text is run detached on the host, and may be begun
//! again wherever it was cut: see `assets/remote/guest-*.sh`.

mod ask;
mod guard;
mod requests;
mod script;
mod words;

use std::time::Duration;

use beffroi_domain::{CommandPart, GuestDriver, MaskedCommand, Message, Step, StepKind, Undo};

use crate::capacity::Shortage;
use crate::model::{Capability, Guest, GuestState, Reading};

pub use script::GuestPlace;

/// What is to be changed of a guest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Starts it; one that is frozen is thawed.
    Start,
    /// Stops it: asks it to, and waits; or just stops it.
    Stop(Stop),
    /// Stops and starts it.
    Restart(Stop),
    /// Holds its processes.
    Freeze,
    /// Lets them go.
    Thaw,
    /// Another name for a stopped guest.
    Rename {
        /// The new name.
        to: String,
    },
    /// Another guest like it, which does not run.
    Copy {
        /// Its name.
        to: String,
    },
    /// Limits, and whether it starts with the host; what is absent stays.
    Set(Settings),
    /// Deletes it, with its snapshots. Volumes are kept.
    Delete {
        /// Also the volumes that were made for it.
        volumes: bool,
    },
    /// Keeps its root as it is now.
    Snapshot {
        /// What it is called.
        name: String,
    },
    /// Makes its root and its configuration what they were.
    Restore {
        /// The snapshot.
        name: String,
    },
    /// Removes a snapshot.
    Forget {
        /// The snapshot.
        name: String,
    },
}

/// How a guest is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// How long it has to stop by itself. One that still runs then is left running, and the change failed.
    pub timeout: Duration,
    /// Stops it at once, as when its plug is pulled.
    pub force: bool,
}

/// What is set of a guest. `Some(None)` takes a limit off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// The most memory, in bytes.
    pub memory_bytes: Option<Option<u64>>,
    /// Processors, in thousandths.
    pub cpu_thousandths: Option<Option<u64>>,
    /// The most that its root may take, in bytes.
    pub disk_bytes: Option<u64>,
    /// Whether it starts with the host.
    pub autostart: Option<bool>,
}

/// Why something is not done to a guest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// The driver cannot do it here.
    #[error("{} cannot: {what:?}", driver.name())]
    Cannot {
        /// The driver.
        driver: GuestDriver,
        /// What is lacking.
        what: Capability,
    },
    /// It is in another state.
    #[error("it is {state:?}")]
    State {
        /// What it does now.
        state: GuestState,
        /// What it has to do for this.
        wanted: GuestState,
    },
    /// Its driver works on it.
    #[error("locked: {lock}")]
    Locked {
        /// What holds it, in the driver's words.
        lock: String,
    },
    /// The host has not what it would take.
    #[error("short of {0:?}")]
    Short(Shortage),
    /// No guest, or no snapshot, can be called so.
    #[error("{name:?} is no name")]
    NotAName {
        /// What was given.
        name: String,
    },
    /// There is one of this name already.
    #[error("{name:?} is there")]
    There {
        /// The name.
        name: String,
    },
    /// It has no snapshot of this name.
    #[error("no snapshot {name:?}")]
    NoSnapshot {
        /// The name.
        name: String,
        /// Those that it has.
        has: Vec<String>,
    },
    /// A root can grow only.
    #[error("the root has {has} bytes")]
    Shrinks {
        /// What it may take now, in bytes.
        has: u64,
    },
    /// The driver counts processors in whole numbers, memory in MiB.
    #[error("{value} is not a whole number for {}", driver.name())]
    NotWhole {
        /// The driver.
        driver: GuestDriver,
        /// What was asked.
        value: String,
    },
    /// It is there to be copied only.
    #[error("a template")]
    Template,
    /// Nothing is to be changed.
    #[error("nothing to change")]
    Nothing,
    /// Its copy would write into the same volumes.
    #[error("volumes would be shared: {volumes:?}")]
    VolumesShared {
        /// Where they are inside.
        volumes: Vec<String>,
    },
    /// Its volumes go with it, since the driver keeps none without their guest.
    #[error("volumes would go: {volumes:?}")]
    VolumesGo {
        /// Where they are inside.
        volumes: Vec<String>,
    },
}

/// A step of a change, and the shell text that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeStep {
    /// Whether it changes anything.
    pub kind: StepKind,
    /// What it does.
    pub what: Message,
    /// The driver's commands, as they are shown: each is one that the text may run, in their order.
    pub commands: Vec<String>,
    /// What is run.
    pub shell: String,
    /// How success is checked.
    pub check: Message,
    /// The way back.
    pub undo: Undo,
}

impl ChangeStep {
    /// As a plan shows it. `number` counts from 1.
    #[must_use]
    pub fn shown(&self, number: u16) -> Step {
        Step {
            number,
            kind: self.kind,
            what: self.what.clone(),
            command: MaskedCommand(vec![CommandPart::Text(self.commands.join("; "))]),
            check: self.check.clone(),
            undo: self.undo.clone(),
        }
    }
}

/// A change of one guest, guarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changing {
    /// What it is.
    pub title: Message,
    /// Its steps, in their order: the last one reads the state back.
    pub steps: Vec<ChangeStep>,
    /// What speaks against it, without forbidding it.
    pub warnings: Vec<Message>,
}

impl Change {
    /// The name of its kind, for the journal.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop(_) => "stop",
            Self::Restart(_) => "restart",
            Self::Freeze => "freeze",
            Self::Thaw => "thaw",
            Self::Rename { .. } => "rename",
            Self::Copy { .. } => "copy",
            Self::Set(_) => "set",
            Self::Delete { .. } => "delete",
            Self::Snapshot { .. } => "snapshot",
            Self::Restore { .. } => "restore",
            Self::Forget { .. } => "snapshot-delete",
        }
    }

    /// What is done to a guest, as it was read. `called`: what the guest is called here.
    ///
    /// # Errors
    /// What its state, its driver or its host speak against it with.
    pub fn prepare(&self, called: &str, guest: &Guest, reading: &Reading) -> Result<Changing, ChangeRefusal> {
        guard::guard(self, guest, reading)?;
        let place = GuestPlace::of(guest);
        let next = next_number(reading);
        let title = self.about(format_key("title.guest-", self.name()), called, guest);
        let has_client = reading.driver(guest.driver).is_none_or(|driver| driver.has_client);
        let changing = ChangeStep {
            kind: StepKind::Change,
            what: title.clone(),
            commands: if has_client { words::commands(self, &place, guest, &next) } else { requests::requests(self, &place, guest) },
            shell: place.shell(&script::verb(self, &place, guest, &next)),
            check: Message::new("check.exit"),
            undo: self.undo(called, guest),
        };
        let (shown, verb) = script::reading_back(self, &place, guest, &next);
        let shown = if has_client { shown } else { requests::reading(self, &place) };
        let reading_back = ChangeStep {
            kind: StepKind::Read,
            what: Message::new("step.read-back"),
            commands: vec![shown],
            shell: verb,
            check: self.about(format_key("check.guest-", self.name()), called, guest),
            undo: Undo::NothingToUndo,
        };
        Ok(Changing { title, steps: vec![changing, reading_back], warnings: guard::warnings(self, guest) })
    }

    /// The text that asks the guest's host for what speaks against the change and is not among what was read; nothing where there is
    /// nothing to ask. It changes nothing; its answer is for [`Change::refusal`].
    #[must_use]
    pub fn question(&self, guest: &Guest) -> Option<String> {
        ask::question(self, guest)
    }

    /// What speaks against it, by the answer to [`Change::question`].
    #[must_use]
    pub fn refusal(answer: &str) -> Option<ChangeRefusal> {
        ask::refusal(answer)
    }

    /// A sentence about it.
    fn about(&self, key: &'static str, called: &str, guest: &Guest) -> Message {
        let message = Message::new(key).with("guest", called);
        match self {
            Self::Rename { to } | Self::Copy { to } => message.with("to", to),
            Self::Snapshot { name } | Self::Restore { name } | Self::Forget { name } => message.with("name", name),
            Self::Set(settings) => message.with("what", settings.to_text()),
            Self::Delete { .. } => message.with("count", guest.snapshots.len()),
            _ => message,
        }
    }

    fn undo(&self, called: &str, guest: &Guest) -> Undo {
        let about = |key: &'static str| self.about(key, called, guest);
        match self {
            Self::Start => Undo::By(about("undo.guest-start")),
            Self::Stop(_) => Undo::By(about("undo.guest-stop")),
            Self::Restart(_) => Undo::Not(about("undo.guest-restart")),
            Self::Freeze => Undo::By(about("undo.guest-freeze")),
            Self::Thaw => Undo::By(about("undo.guest-thaw")),
            Self::Rename { .. } => Undo::By(about("undo.guest-rename").with("was", guest.shown_name())),
            Self::Copy { .. } => Undo::By(about("undo.guest-copy")),
            Self::Set(settings) if settings.disk_bytes.is_some() => {
                Undo::Not(about("undo.guest-set-disk").with("was", settings.was(guest)))
            }
            Self::Set(settings) => Undo::By(about("undo.guest-set").with("was", settings.was(guest))),
            Self::Delete { volumes: true } => Undo::Not(about("undo.guest-delete-volumes")),
            Self::Delete { volumes: false } => Undo::Not(about("undo.guest-delete")),
            Self::Snapshot { .. } => Undo::By(about("undo.guest-snapshot")),
            Self::Restore { .. } => Undo::Not(about("undo.guest-restore")),
            Self::Forget { .. } => Undo::Not(about("undo.guest-snapshot-delete")),
        }
    }
}

/// A number that no guest of Proxmox has: what comes after the highest, 100 at least.
#[must_use]
pub fn next_number(reading: &Reading) -> String {
    let numbers =
        reading.guests.iter().filter(|guest| guest.driver == GuestDriver::Proxmox).filter_map(|guest| guest.name.parse::<u32>().ok());
    numbers.max().map_or(100, |number| number.saturating_add(1).max(100)).to_string()
}

/// The key of a sentence for each kind of change: keys are known when the program is built.
fn format_key(family: &str, name: &str) -> &'static str {
    match (family, name) {
        ("title.guest-", "start") => "title.guest-start",
        ("title.guest-", "stop") => "title.guest-stop",
        ("title.guest-", "restart") => "title.guest-restart",
        ("title.guest-", "freeze") => "title.guest-freeze",
        ("title.guest-", "thaw") => "title.guest-thaw",
        ("title.guest-", "rename") => "title.guest-rename",
        ("title.guest-", "copy") => "title.guest-copy",
        ("title.guest-", "set") => "title.guest-set",
        ("title.guest-", "delete") => "title.guest-delete",
        ("title.guest-", "snapshot") => "title.guest-snapshot",
        ("title.guest-", "restore") => "title.guest-restore",
        ("title.guest-", _) => "title.guest-snapshot-delete",
        (_, "start" | "restart" | "thaw") => "check.guest-running",
        (_, "stop") => "check.guest-stopped",
        (_, "freeze") => "check.guest-frozen",
        (_, "rename" | "copy") => "check.guest-there",
        (_, "set") => "check.guest-set",
        (_, "delete") => "check.guest-absent",
        (_, "snapshot") => "check.guest-snapshot",
        (_, "restore") => "check.guest-restored",
        _ => "check.guest-no-snapshot",
    }
}

impl Settings {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What is set, in the words of the command line.
    fn to_text(self) -> String {
        self.text(|settings| settings)
    }

    /// What these were.
    fn was(self, guest: &Guest) -> String {
        self.text(|settings| Self {
            memory_bytes: settings.memory_bytes.map(|_| guest.memory_limit_bytes),
            cpu_thousandths: settings.cpu_thousandths.map(|_| guest.cpu_limit_thousandths),
            disk_bytes: None,
            autostart: settings.autostart.map(|_| guest.autostart.unwrap_or(false)),
        })
    }

    fn text(self, of: impl FnOnce(Self) -> Self) -> String {
        let Self { memory_bytes, cpu_thousandths, disk_bytes, autostart } = of(self);
        let or_none = |value: Option<u64>, text: fn(u64) -> String| value.map_or_else(|| "none".to_owned(), text);
        let mut words = Vec::new();
        words.extend(memory_bytes.map(|bytes| format!("--memory {}", or_none(bytes, size))));
        words.extend(cpu_thousandths.map(|thousandths| format!("--cpus {}", or_none(thousandths, processors))));
        words.extend(disk_bytes.map(|bytes| format!("--disk {}", size(bytes))));
        words.extend(autostart.map(|on| format!("--autostart {}", if on { "yes" } else { "no" })));
        words.join(" ")
    }
}

/// Bytes as they are typed: `512MiB`.
fn size(bytes: u64) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{}{name}", bytes / unit);
        }
    }
    format!("{bytes}B")
}

/// Processors as they are typed: `1.5`.
fn processors(thousandths: u64) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
