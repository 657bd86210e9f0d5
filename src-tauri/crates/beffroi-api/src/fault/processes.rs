//! Errors of processes, for the wire.

use beffroi_app::{ProcessError, ProcessRefusal};

use crate::{ApiError, ErrorCode};

/// Why something was not done with a process.
pub(super) fn process(error: ProcessError) -> ApiError {
    let is = ApiError::new;
    match error {
        ProcessError::NotThere { host, name } => is(ErrorCode::ProcessNotThere).with("host", host).with("name", name),
        ProcessError::Ambiguous { host, name, keepers } => {
            is(ErrorCode::ProcessAmbiguous).with("host", host).with("name", name).with("candidates", keepers.join(", "))
        }
        ProcessError::NotRead { host, why } => is(ErrorCode::ProcessesNotRead).with("host", host).with("reason", why),
        ProcessError::Refused { host, name, why } => {
            let code = match why {
                ProcessRefusal::WouldCut => ErrorCode::ProcessWouldCut,
                ProcessRefusal::Masked => ErrorCode::ProcessMasked,
                ProcessRefusal::NotForBoot => ErrorCode::ProcessNotForBoot,
                ProcessRefusal::NoInit => ErrorCode::ProcessNoInit,
            };
            is(code).with("host", host).with("name", name)
        }
        ProcessError::NotDone { said } => is(ErrorCode::ProcessNotDone).with("reason", said),
        ProcessError::NoLog { name, said } => is(ErrorCode::ProcessNoLog).with("name", name).with("reason", said),
    }
}
