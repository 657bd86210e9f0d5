//! What is said to a host about its archives, and what it answers.

use beffroi_remote::{CommandLine, clean};
use beffroi_secret::SecretBytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ArchiveInfo, Keep};
use crate::Cause;

/// Runs on the host: see the text itself.
pub const ARCHIVE_PY: &str = include_str!("../../../../../assets/remote/backup.py");

/// What a host is asked to do with archives.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum ArchiveOrder {
    /// Tell what there is.
    List,
    /// Give an archive.
    Read {
        /// Its name.
        name: String,
        /// From this byte on.
        from: u64,
    },
    /// Make an archive and give it, without keeping it.
    Make {
        /// Its name.
        name: String,
        /// In the operator's words.
        description: String,
        /// Applications: none of them when absent, all when empty; everything when both are absent.
        apps: Option<Vec<String>>,
        /// Parts of the system, in the same way.
        system: Option<Vec<String>>,
    },
    /// Take an archive in.
    Take {
        /// Its name.
        name: String,
        /// Bytes that follow.
        size: u64,
        /// SHA-256 of them, in hexadecimal.
        sha256: String,
        /// Whether it is compressed.
        packed: bool,
        /// Its `info.json`.
        info: Option<Value>,
    },
    /// Make archives at a calendar time, or not any more.
    Schedule {
        /// As systemd.time(7) writes it; absent to take it away.
        calendar: Option<String>,
        /// As in [`ArchiveOrder::Make`].
        apps: Option<Vec<String>>,
        /// As in [`ArchiveOrder::Make`].
        system: Option<Vec<String>>,
        /// How many of its own it keeps; all when every one is 0.
        last: u32,
        /// Of the newest of each day.
        daily: u32,
        /// Of each week.
        weekly: u32,
        /// Of each month.
        monthly: u32,
        /// What runs there.
        text: String,
    },
}

impl ArchiveOrder {
    /// The line that the host reads.
    #[must_use]
    pub fn line(&self) -> SecretBytes {
        // Strings and numbers only: there is no other way to fail.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        SecretBytes::new(line)
    }
}

/// The command that reads the line.
#[must_use]
pub fn archive_command() -> CommandLine {
    CommandLine::new(["env", "LC_ALL=C", "python3", "-I", "-c", ARCHIVE_PY])
}

/// The host's line is not one of its script's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnArchiveAnswer;

/// The line with which a host answers.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ArchiveAnswer {
    beffroi_backup: u32,
    /// Bytes of the archive that is read.
    #[serde(default)]
    pub size: u64,
    /// When it was last changed.
    #[serde(default)]
    pub modified_s: u64,
    /// Whether it is compressed.
    #[serde(default)]
    pub packed: bool,
    /// SHA-256 of what is before the byte that was asked for.
    #[serde(default)]
    pub before: String,
    /// What YunoHost said of each application and part, when it made an archive.
    #[serde(default)]
    pub results: Option<Value>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    archives: Vec<ListedArchive>,
    #[serde(default)]
    free: u64,
    #[serde(default)]
    schedule: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
struct ListedArchive {
    name: String,
    bytes: u64,
    modified_s: u64,
    packed: bool,
    info: Option<Value>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    about: String,
}

/// The archives of a host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostArchives {
    /// Each, by name.
    pub archives: Vec<HostArchive>,
    /// Bytes that are free where they lie.
    pub free: u64,
    /// What is made at its times.
    pub schedule: Option<HostSchedule>,
}

/// An archive on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostArchive {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// When it was last changed, in seconds since 1970.
    pub modified_s: u64,
    /// Whether it is compressed.
    pub packed: bool,
    /// What it says that it holds, where YunoHost wrote that beside it.
    pub info: Option<ArchiveInfo>,
}

impl HostArchive {
    /// When it was made.
    #[must_use]
    pub fn made_s(&self) -> u64 {
        self.info.as_ref().and_then(|info| info.created_s).unwrap_or(self.modified_s)
    }
}

/// What a host makes at its times, and how the last run went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostSchedule {
    /// When, as systemd.time(7) writes it.
    pub calendar: String,
    /// Whether systemd waits for it.
    pub active: bool,
    /// When next, in seconds since 1970.
    pub next_s: Option<u64>,
    /// When it last began.
    pub last_began_s: Option<u64>,
    /// When that ended; nothing while it goes on, or when it was cut short.
    pub last_ended_s: Option<u64>,
    /// Whether that made a whole archive.
    pub last_good: bool,
    /// The archive that it made.
    pub last_name: Option<String>,
    /// What that archive lacks.
    pub lacks: Vec<String>,
    /// How many of its own it keeps; all when nothing is said.
    pub keep: Keep,
    /// Applications, as in [`ArchiveOrder::Make`].
    pub apps: Option<Vec<String>>,
    /// Parts of the system, in the same way.
    pub system: Option<Vec<String>>,
}

impl ArchiveAnswer {
    /// Reads the line.
    ///
    /// # Errors
    /// [`NotAnArchiveAnswer`].
    pub fn read(line: &[u8]) -> Result<Self, NotAnArchiveAnswer> {
        serde_json::from_slice::<Self>(line).ok().filter(|answer| answer.beffroi_backup == 1).ok_or(NotAnArchiveAnswer)
    }

    /// The last line of a stream that is an answer.
    #[must_use]
    pub fn last(stream: &[u8]) -> Option<Self> {
        stream.split(|byte| *byte == b'\n').rev().find_map(|line| Self::read(line).ok())
    }

    /// Why the host refused, as it said on its standard error: the code and what it is about.
    #[must_use]
    pub fn refusal(stderr: &[u8]) -> Option<(String, String)> {
        let refusal = stderr.split(|byte| *byte == b'\n').rev().find_map(|line| serde_json::from_slice::<Refusal>(line).ok())?;
        Some((clean(&refusal.error), clean(&refusal.about)))
    }

    /// The cause of a refusal.
    #[must_use]
    pub fn cause(code: &str) -> Cause {
        match code {
            "absent" => Cause::BackupUnknown,
            "exists" => Cause::BackupExists,
            "room" => Cause::DiskFull,
            "not-root" => Cause::NotRoot,
            "name" | "calendar" => Cause::InvalidArgument,
            _ => Cause::Other,
        }
    }

    /// What the archive that is read lacks, as far as its host knows: of one that it made at its times.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        self.lacks.iter().take(100).map(|name| clean(name)).collect()
    }

    /// What the last archive lacks, by what YunoHost said when it made it.
    #[must_use]
    pub fn lacking(results: &Value) -> Vec<String> {
        let of = |kind: &str| results.get(kind).and_then(Value::as_object).into_iter().flatten();
        let lacks = |(_, how): &(&String, &Value)| !matches!(how.as_str(), Some("Success" | "Warning"));
        of("apps").chain(of("system")).filter(lacks).map(|(name, _)| clean(name)).collect()
    }

    /// The archives that a host told.
    #[must_use]
    pub fn archives(self) -> HostArchives {
        let archive = |listed: ListedArchive| HostArchive {
            name: clean(&listed.name),
            bytes: listed.bytes,
            modified_s: listed.modified_s,
            packed: listed.packed,
            info: listed.info.as_ref().and_then(ArchiveInfo::of),
        };
        HostArchives {
            archives: self.archives.into_iter().map(archive).collect(),
            free: self.free,
            schedule: self.schedule.as_ref().map(schedule),
        }
    }
}

fn schedule(state: &Value) -> HostSchedule {
    let words = |value: Option<&Value>| value.and_then(Value::as_str).map(clean);
    let last = |name: &str| state.get("last").and_then(|last| last.get(name));
    let lacks = last("lacks").and_then(Value::as_array).into_iter().flatten();
    let ordered = |name: &str| state.get("order").and_then(|order| order.get(name));
    let count = |name: &str| ordered(name).and_then(Value::as_u64).map_or(0, |count| u32::try_from(count).unwrap_or(u32::MAX));
    let names = |name: &str| Some(ordered(name)?.as_array()?.iter().filter_map(Value::as_str).take(1000).map(clean).collect());
    HostSchedule {
        calendar: words(ordered("calendar")).unwrap_or_default(),
        active: state.get("active").and_then(Value::as_bool).unwrap_or_default(),
        next_s: state.get("next_s").and_then(Value::as_u64),
        last_began_s: last("began_s").and_then(Value::as_u64),
        last_ended_s: last("ended_s").and_then(Value::as_u64),
        last_good: last("good").and_then(Value::as_bool).unwrap_or_default(),
        last_name: words(last("name")),
        lacks: lacks.filter_map(Value::as_str).take(100).map(clean).collect(),
        keep: Keep { last: count("last"), daily: count("daily"), weekly: count("weekly"), monthly: count("monthly") },
        apps: names("apps"),
        system: names("system"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_one_line_without_anything_of_the_shell() {
        let order = ArchiveOrder::Read { name: "x".to_owned(), from: 7 };
        assert_eq!(order.line().expose(), b"{\"do\":\"read\",\"name\":\"x\",\"from\":7}\n");
        assert_eq!(ArchiveOrder::List.line().expose(), b"{\"do\":\"list\"}\n");
    }

    #[test]
    fn answers_are_read_and_cleaned() {
        let line = br#"{"archives": [{"name": "a\u001b[31m", "bytes": 7, "modified_s": 9, "packed": false, "info": null}], "free": 5,
            "schedule": {"order": {"calendar": "daily", "apps": [], "system": null, "last": 2, "weekly": 4}, "active": true, "next_s": 12, "last": {"began_s": 3, "good": false, "lacks": ["notes"]}},
            "beffroi_backup": 1}"#;
        let archives = ArchiveAnswer::read(line).expect("an answer").archives();
        assert!(!archives.archives[0].name.contains('\u{1b}'));
        assert_eq!(archives.archives[0].made_s(), 9);
        let schedule = archives.schedule.expect("a schedule");
        assert_eq!((schedule.calendar.as_str(), schedule.last_good, schedule.last_ended_s), ("daily", false, None));
        assert_eq!(schedule.lacks, ["notes"]);
        assert_eq!(
            (schedule.keep, schedule.apps, schedule.system),
            (Keep { last: 2, weekly: 4, ..Keep::default() }, Some(Vec::new()), None)
        );
        assert_eq!(ArchiveAnswer::read(b"{}").err(), Some(NotAnArchiveAnswer));
        assert_eq!(ArchiveAnswer::read(b"root:x:0").err(), Some(NotAnArchiveAnswer));
    }

    #[test]
    fn a_refusal_has_its_cause() {
        let (code, about) = ArchiveAnswer::refusal(b"WARNING x\n{\"error\": \"room\", \"about\": \"9 5\"}\n").expect("a refusal");
        assert_eq!((ArchiveAnswer::cause(&code), about.as_str()), (Cause::DiskFull, "9 5"));
        assert_eq!(ArchiveAnswer::refusal(b"Traceback\n"), None);
        let results = serde_json::json!({ "apps": { "a": "Success", "b": "Error" }, "system": { "c": "Skipped", "d": "Warning" } });
        assert_eq!(ArchiveAnswer::lacking(&results), ["b", "c"]);
        let read = ArchiveAnswer::read(b"{\"lacks\": [\"notes\"], \"beffroi_backup\": 1}").expect("an answer");
        assert_eq!(read.missing(), ["notes"]);
    }
}
