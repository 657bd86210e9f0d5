//! `log …`: YunoHost's own journal, which is only read.

use super::Elsewhere;
use crate::operation::Operation;

pub(super) static OPERATIONS: &[Operation] = &[];

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    (
        "log list",
        "a reading; read before a plan, to tell what runs, and to find again an operation whose end was not seen: `LoggedOperation`, `LookedUp`",
    ),
    ("log show", "a reading; the lines of a job that was lost come from the same file: `LookedUp`"),
    ("log share", "sends the log to a public site, paste.yunohost.org; nothing of a client's leaves a host this way"),
];
