//! Why a secret was not rotated.

use beffroi_app::RotationError;

use crate::{ApiError, ErrorCode};

pub(super) fn rotation(error: RotationError) -> ApiError {
    let is = |code, name: &str| ApiError::new(code).with("name", name);
    match error {
        RotationError::Nowhere { name } => is(ErrorCode::RotationNowhere, &name),
        RotationError::OneTime { name, host } => is(ErrorCode::RotationOneTime, &name).with("host", host),
        RotationError::GoesOn { name } => is(ErrorCode::RotationGoesOn, &name),
        RotationError::None { name } => is(ErrorCode::RotationNone, &name),
        error @ RotationError::NotYet => ApiError::new(ErrorCode::Internal).with("what", error),
        RotationError::NoWayBack { name, host } => is(ErrorCode::RotationNoWayBack, &name).with("host", host),
        RotationError::Backups { name } => is(ErrorCode::RotationBackups, &name),
        RotationError::Certificate { name, of } => is(ErrorCode::RotationCertificate, &name).with("of", of),
        RotationError::Certified { name } => is(ErrorCode::RotationCertified, &name),
        RotationError::Unreadable { name, reason } => is(ErrorCode::RotationUnreadable, &name).with("reason", reason),
        RotationError::NeedsRoot { name, host, user } => is(ErrorCode::RotationNeedsRoot, &name).with("host", host).with("user", user),
        RotationError::InTrash { name, gone } => is(ErrorCode::RotationInTrash, &name).with("gone", gone),
        RotationError::Gone { name } => is(ErrorCode::RotationGone, &name),
    }
}
