//! Errors of guests, for the wire.

use beffroi_app::{ChangeRefusal, GuestError, GuestState, Shortage};

use crate::{ApiError, ErrorCode};

/// Why something was not done with a guest.
pub(super) fn guest(error: GuestError) -> ApiError {
    let is = ApiError::new;
    match error {
        GuestError::NotEntered { guest, said } => is(ErrorCode::GuestNotEntered).with("name", guest).with("reason", said),
        GuestError::NotThere { host, guest } => is(ErrorCode::GuestNotThere).with("host", host).with("name", guest),
        GuestError::Ambiguous { guest, candidates } => {
            is(ErrorCode::GuestAmbiguous).with("name", guest).with("candidates", candidates.join(", "))
        }
        GuestError::NotRead { host, why } => is(ErrorCode::GuestsNotRead).with("host", host).with("reason", why),
        GuestError::NotAGuest { name } => is(ErrorCode::GuestNameWanted).with("name", name),
        GuestError::Refused { guest, why } => refused(*why).with("name", guest),
        GuestError::NotDone { said } => is(ErrorCode::GuestNotDone).with("reason", said),
        GuestError::Spec(error) => super::guest_specs::spec(error),
        GuestError::NoSsh { guest } => is(ErrorCode::GuestNoSsh).with("name", guest),
        GuestError::NotKeptBefore { name } => is(ErrorCode::GuestNotKept).with("name", name),
    }
}

/// What speaks against a change of a guest.
fn refused(why: ChangeRefusal) -> ApiError {
    let is = ApiError::new;
    let bytes = |bytes: u64| format!("{} MiB", bytes >> 20);
    match why {
        ChangeRefusal::Cannot { driver, what } => {
            let what = serde_json::to_value(what).ok().and_then(|what| what.as_str().map(str::to_owned)).unwrap_or_default();
            is(ErrorCode::GuestCannot).with("driver", driver.name()).with("what", what)
        }
        ChangeRefusal::State { wanted: GuestState::Stopped, .. } => is(ErrorCode::GuestNotStopped),
        ChangeRefusal::State { .. } => is(ErrorCode::GuestNotRunning),
        ChangeRefusal::Locked { lock } => is(ErrorCode::GuestLocked).with("lock", lock),
        ChangeRefusal::Short(Shortage::Memory { wanted, left }) => {
            is(ErrorCode::GuestNoMemory).with("wanted", bytes(wanted)).with("left", bytes(left))
        }
        ChangeRefusal::Short(Shortage::Cpu { wanted, there }) => {
            is(ErrorCode::GuestNoProcessors).with("wanted", processors(wanted)).with("left", processors(there))
        }
        ChangeRefusal::Short(Shortage::Disk { pool, wanted, left }) => {
            is(ErrorCode::GuestNoDisk).with("pool", pool).with("wanted", bytes(wanted)).with("left", bytes(left))
        }
        ChangeRefusal::NotAName { name } => is(ErrorCode::InvalidName).with("kind", "guest").with("value", name),
        ChangeRefusal::There { name } => is(ErrorCode::GuestExists).with("other", name),
        ChangeRefusal::NoSnapshot { name, has } => is(ErrorCode::GuestNoSnapshot).with("snapshot", name).with("has", has.join(", ")),
        ChangeRefusal::Shrinks { has } => is(ErrorCode::GuestShrinks).with("has", bytes(has)),
        ChangeRefusal::NotWhole { driver, value } => is(ErrorCode::GuestValue).with("driver", driver.name()).with("value", value),
        ChangeRefusal::Template => is(ErrorCode::GuestTemplate),
        ChangeRefusal::Nothing => is(ErrorCode::FlagMissing).with("flag", "--memory, --cpus, --disk, --autostart"),
        ChangeRefusal::VolumesShared { volumes } => is(ErrorCode::GuestVolumesShared).with("volumes", volumes.join(", ")),
        ChangeRefusal::VolumesGo { volumes } => is(ErrorCode::GuestVolumesGo).with("volumes", volumes.join(", ")),
    }
}

fn processors(thousandths: u64) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
