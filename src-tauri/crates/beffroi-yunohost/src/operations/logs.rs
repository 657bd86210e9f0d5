//! `log …`: YunoHost's own journal, which is only read.

use super::Elsewhere;
use crate::operation::Operation;

pub(super) static OPERATIONS: &[Operation] = &[];

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("log list", "read to find again an operation whose end was not seen: `LoggedOperation::read_list`"),
    ("log show", "read to tell why it failed: `LoggedOperation::read_show`"),
    ("log share", "sends the log to a public site, paste.yunohost.org; nothing of a client's leaves a host this way"),
];
