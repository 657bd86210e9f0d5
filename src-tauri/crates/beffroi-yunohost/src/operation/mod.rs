//! What can be changed on a YunoHost: one description for each action of its administrators, from the values it takes to
//! the reading that proves it.
//!
//! In order: [`Given::read`] before anything is sent; the guards against a fresh survey ([`Operation::guard`]), which put what is
//! missing too; [`Operation::command`] to be run; [`Outcome::read`](crate::Outcome::read) on what it printed;
//! [`ActionRecord::check`] on the host, also by a later program; [`Verdict::of`] for the two together.
//!
//! The descriptions are in `operations/`, one file for each category of YunoHost's action map. The command line, the forms of the
//! window and the table of what is covered are made from them.

mod bind;
mod check;
mod command;
mod entry;
mod given;
mod guard;
mod kind;
mod record;
mod verdict;

use beffroi_domain::{Message, Undo};

pub use check::{Answers, CheckError, CheckResult};
pub(crate) use check::{differs, held_or, missing, not_answered, not_understood, still_there};
pub use command::{LOCK_MINUTES, RemoteInvocation};
pub use entry::Entry;
pub use given::{Given, InvalidGiven, Raw, Setting, Value};
pub(crate) use guard::need;
pub use guard::{Refusal, Seen};
pub use kind::Kind;
pub(crate) use kind::ports;
pub use record::ActionRecord;
pub use verdict::Verdict;

/// A command that only reads: its words after `yunohost`, without the options of its output.
pub type Question = Vec<String>;

/// An action of YunoHost's administrators.
///
/// All of it is static: what differs from one use to another is in [`Given`].
#[derive(Debug)]
pub struct Operation {
    /// Names it for ever: on the wire, in stored jobs, in the journal; words after `beffroi ynh` are made of it: `user-add`
    /// is `beffroi ynh user add`.
    pub id: &'static str,
    /// The words of YunoHost's own command, `user create`.
    pub command: &'static [&'static str],
    /// How an older YunoHost is told the same where it has not this command: the words after `yunohost`, none of them secret.
    pub older: Option<fn(&Given) -> Vec<&str>>,
    /// What is always said with it, such as `--force` where YunoHost would ask a question that the plan has asked already.
    pub always: &'static [&'static str],
    /// What it takes, in the order in which it is asked for.
    pub params: &'static [Param],
    /// The sentences about it.
    pub words: Words,
    /// The way back.
    pub way_back: WayBack,
    /// What it may cost.
    pub weight: Weight,
    /// The same where what was given makes it cost more than that.
    pub heavier: fn(&Given) -> Option<Weight>,
    /// Whether something must be given beside what is required, as an edit wants something to change.
    pub needs_a_change: bool,
    /// What is read before the plan, beside the survey; its answers are [`Seen::answers`].
    pub asks: fn(&Given) -> Vec<Question>,
    /// Puts what YunoHost would ask for, and says no to what must not be sent.
    pub guard: fn(&mut Given, &Seen<'_>) -> Result<(), Refusal>,
    /// What speaks against it on this host, without forbidding it. Asked after the guard said yes.
    pub warns: fn(&Given, &Seen<'_>) -> Vec<Message>,
    /// What must be remembered of before, to see afterwards that something changed. Small: it is kept with the job.
    pub remembers: fn(&Given, &Seen<'_>) -> serde_json::Value,
    /// What is read afterwards.
    pub proof: fn(&Given) -> Vec<Question>,
    /// What the reading says, with what was remembered of before.
    pub judge: fn(&Given, &serde_json::Value, &Answers) -> Result<CheckResult, CheckError>,
}

/// Keys of the message catalogs. The values of a sentence are what was given, by name, but secrets.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// What it is, without values: help of the command line, heading of a form.
    pub about: &'static str,
    /// What a plan of it does.
    pub title: &'static str,
    /// How its success is seen.
    pub check: &'static str,
    /// The way back, or what is lost.
    pub undo: &'static str,
}

/// The beginning of a description, `..operation!("user-add")`: its name, its sentences, and what most operations are.
macro_rules! operation {
    ($id:literal) => {
        $crate::operation::Operation::base(
            $id,
            $crate::operation::Words {
                about: concat!("about.ynh-", $id),
                title: concat!("title.ynh-", $id),
                check: concat!("check.ynh-", $id),
                undo: concat!("undo.ynh-", $id),
            },
        )
    };
}
pub(crate) use operation;

/// The way back from an operation.
#[derive(Debug, Clone, Copy)]
pub enum WayBack {
    /// As the sentence says.
    By,
    /// There is none; the sentence says what is lost.
    Lost,
    /// Nothing that is kept changes.
    Nothing,
    /// It depends on what was given: a way back unless this says that something is lost, by a sentence of its own.
    Unless(fn(&Given) -> Option<&'static str>),
}

/// What an operation may cost when it goes wrong or was not meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Put right by its way back.
    Light,
    /// Services stop for a while, or it takes long.
    Heavy,
    /// Data is deleted.
    Destroys,
    /// People, the operator among them, may not get in any more.
    LocksOut,
}

/// A value that an operation takes.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name: on the wire, as the flag of the command line, in stored jobs.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// How YunoHost's command takes it.
    pub how: How,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it names something that is to be made: not one of those that are there.
    pub makes: bool,
    /// Whether it is left out where YunoHost has not the option, as it then does not ask for it.
    pub spared: bool,
}

/// How a value is said to YunoHost's command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A word in its place; several words for a list.
    Place,
    /// Behind an option such as `--fullname`; for a switch, the option alone; for a list, its words behind one option.
    Option(&'static str),
}

impl Param {
    /// A word in its place that must be given.
    #[must_use]
    pub const fn place(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, how: How::Place, required: true, makes: false, spared: false }
    }

    /// Behind an option that may be left out.
    #[must_use]
    pub const fn option(name: &'static str, kind: Kind, option: &'static str) -> Self {
        Self { name, kind, how: How::Option(option), required: false, makes: false, spared: false }
    }

    /// The same, naming something that is to be made.
    #[must_use]
    pub const fn making(mut self) -> Self {
        self.makes = true;
        self
    }

    /// The same, left out where YunoHost has not the option.
    #[must_use]
    pub const fn spared(mut self) -> Self {
        self.spared = true;
        self
    }

    /// The same, but it must be given, or need not.
    #[must_use]
    pub const fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }
}

impl Operation {
    /// One with a way back that nothing speaks against, and that is proved by nothing yet: a description begins with it.
    pub(crate) const fn base(id: &'static str, words: Words) -> Self {
        Self {
            id,
            command: &[],
            older: None,
            always: &[],
            params: &[],
            words,
            way_back: WayBack::By,
            weight: Weight::Light,
            heavier: no_heavier,
            needs_a_change: false,
            asks: asks_nothing,
            guard: unguarded,
            warns: warns_of_nothing,
            remembers: remembers_nothing,
            proof: asks_nothing,
            judge: check::unproved,
        }
    }

    /// All of them, by category.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        crate::operations::ALL.iter().copied().flatten()
    }

    /// The actions of YunoHost's action map that are none: their words, and where they are instead, or why nowhere.
    pub fn elsewhere() -> impl Iterator<Item = (&'static str, &'static str)> {
        crate::operations::ELSEWHERE.iter().copied().flatten().copied()
    }

    /// One of them by its name.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Self> {
        Self::all().find(|operation| operation.id == id)
    }

    /// What a plan of it does.
    #[must_use]
    pub fn title(&self, given: &Given) -> Message {
        given.message(self.words.title)
    }

    /// How its success is seen.
    #[must_use]
    pub fn check(&self, given: &Given) -> Message {
        given.message(self.words.check)
    }

    /// What it may cost with what it was given.
    #[must_use]
    pub fn weight(&self, given: &Given) -> Weight {
        (self.heavier)(given).unwrap_or(self.weight)
    }

    /// The way back.
    #[must_use]
    pub fn undo(&self, given: &Given) -> Undo {
        match self.way_back {
            WayBack::By => Undo::By(given.message(self.words.undo)),
            WayBack::Lost => Undo::Not(given.message(self.words.undo)),
            WayBack::Nothing => Undo::NothingToUndo,
            WayBack::Unless(lost) => match lost(given) {
                Some(sentence) => Undo::Not(given.message(sentence)),
                None => Undo::By(given.message(self.words.undo)),
            },
        }
    }

    /// Puts what YunoHost would ask for, and checks it all against the host.
    ///
    /// # Errors
    /// The first [`Refusal`]: it must not be sent to this host.
    pub fn guard(&self, given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
        self.offered(given, seen.facts)?;
        (self.guard)(given, seen)
    }

    /// What speaks against it, without forbidding it.
    #[must_use]
    pub fn warnings(&self, given: &Given, seen: &Seen<'_>) -> Vec<Message> {
        (self.warns)(given, seen)
    }
}

/// For operations that cost the same whatever they are given.
fn no_heavier(_: &Given) -> Option<Weight> {
    None
}

/// For operations that read nothing beside the survey.
fn asks_nothing(_: &Given) -> Vec<Question> {
    Vec::new()
}

/// For operations that nothing speaks against once they are allowed.
fn warns_of_nothing(_: &Given, _: &Seen<'_>) -> Vec<Message> {
    Vec::new()
}

/// For operations that need nothing of before.
fn remembers_nothing(_: &Given, _: &Seen<'_>) -> serde_json::Value {
    serde_json::Value::Null
}

/// For operations that nothing of a survey speaks against.
fn unguarded(_: &mut Given, _: &Seen<'_>) -> Result<(), Refusal> {
    Ok(())
}

/// The words of a question.
pub(crate) fn question(words: &[&str]) -> Question {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// `user create` for each of the 128 actions of YunoHost 12.1.25.
    fn action_map() -> BTreeSet<String> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/yunohost/12.1.25/actionsmap.json");
        let map: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("the action map")).expect("JSON");
        map.as_object().expect("a map").keys().cloned().collect()
    }

    #[test]
    fn every_action_of_yunohost_is_somewhere_or_has_a_reason() {
        let map = action_map();
        let operations: BTreeSet<String> = Operation::all().map(|operation| operation.command.join(" ")).collect();
        let elsewhere: BTreeSet<String> = Operation::elsewhere().map(|(action, _)| action.to_owned()).collect();
        let unknown: Vec<&String> = operations.union(&elsewhere).filter(|action| !map.contains(*action)).collect();
        assert!(unknown.is_empty(), "not in the action map: {unknown:?}");
        let twice: Vec<&String> = operations.intersection(&elsewhere).collect();
        assert!(twice.is_empty(), "an operation, and elsewhere: {twice:?}");
        let forgotten: Vec<&String> = map.iter().filter(|action| !operations.contains(*action) && !elsewhere.contains(*action)).collect();
        assert!(forgotten.is_empty(), "forgotten: {forgotten:?}");
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let names: Vec<&str> = Operation::all().map(|operation| operation.id).collect();
        assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len(), "{names:?}");
        for operation in Operation::all() {
            assert!(!operation.command.is_empty() && !(operation.proof)(&Given::default()).is_empty(), "{} is proved", operation.id);
            let params: BTreeSet<&str> = operation.params.iter().map(|param| param.name).collect();
            assert_eq!(params.len(), operation.params.len(), "{}", operation.id);
            assert!(operation.words.title.ends_with(operation.id), "{}", operation.id);
            let places: Vec<bool> = operation.params.iter().filter(|param| param.how == How::Place).map(|param| param.required).collect();
            assert!(places.is_sorted_by(|one, next| one >= next), "{}: what may be left out comes last", operation.id);
        }
    }
}
