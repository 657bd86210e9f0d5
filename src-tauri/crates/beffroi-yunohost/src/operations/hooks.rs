//! `hook …`: programs that run as root when something happens. None of it is for an administrator's hand.

use super::Elsewhere;
use crate::operation::Operation;

pub(super) static OPERATIONS: &[Operation] = &[];

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("hook list", "asked by the guards of `backup-create` and `tools-regen-conf`"),
    ("hook info", "which files a hook is made of: `beffroi shell`"),
    ("hook add", "for the scripts of applications: it copies a program that root will run, without any check of it"),
    ("hook remove", "for the scripts of applications: it takes away what an application relies on, all at once"),
    ("hook callback", "for YunoHost itself: it runs every hook of an event that has not happened"),
    ("hook exec", "for YunoHost itself: a script is run with `beffroi run`, which shows it before and keeps its output"),
];
