//! Errors of specifications of guests and of images, for the wire.

use beffroi_app::SpecError;

use crate::{ApiError, ErrorCode};

/// Why a guest is not made from its specification, or a file is not taken as an image.
pub(super) fn spec(error: SpecError) -> ApiError {
    let is = ApiError::new;
    match error {
        SpecError::Faults { faults } => {
            let first = faults.first();
            is(ErrorCode::GuestSpecWrong)
                .with("count", faults.len())
                .with("line", first.map_or(0, |fault| fault.line))
                .with("at", first.map(|fault| fault.at.clone()).unwrap_or_default())
        }
        SpecError::Source { path, reason } => is(ErrorCode::GuestSource).with("path", path).with("reason", reason),
        SpecError::Driver { host, has } if has.is_empty() => is(ErrorCode::GuestNoDriver).with("host", host),
        SpecError::Driver { host, has } => is(ErrorCode::GuestWhichDriver).with("host", host).with("has", has.join(", ")),
        SpecError::NoImage { host, image } => is(ErrorCode::GuestNoImage).with("host", host).with("image", image),
        SpecError::Foreign { guest } => is(ErrorCode::GuestForeign).with("name", guest),
        SpecError::NotKept { guest } => is(ErrorCode::GuestSpecNotKept).with("name", guest),
        SpecError::NotMade { guest } => is(ErrorCode::GuestNotMade).with("name", guest),
        SpecError::Needs { guest, other } => is(ErrorCode::GuestNeeds).with("name", guest).with("other", other),
        SpecError::Lacking { driver, key } => is(ErrorCode::GuestSpecLacking).with("driver", driver).with("key", key),
        SpecError::OtherImage { guest } => is(ErrorCode::GuestOtherImage).with("name", guest),
        SpecError::Strays { guest, paths } => {
            is(ErrorCode::GuestStrays).with("name", guest).with("count", paths.len()).with("paths", paths.join("\n"))
        }
        SpecError::Image { path, why } => is(ErrorCode::GuestImageWrong).with("path", path.display()).with("reason", why),
        SpecError::Digest { path, is: digest } => is(ErrorCode::GuestImageDigest).with("path", path.display()).with("sha256", digest),
        SpecError::Said { said } => is(ErrorCode::GuestNotDone).with("reason", said),
    }
}
