//! `storage …`: disks, which are only read.

use super::Elsewhere;
use crate::operation::Operation;

pub(super) static OPERATIONS: &[Operation] = &[];

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("storage disk list", "survey of the machine: its file systems and how full they are"),
    ("storage disk info", "survey of the machine: its file systems and how full they are"),
];
