//! The codes of guests: a part of the one list.

/// Gives the list to a macro, with these at its end.
macro_rules! with_codes_of_guests {
    ($codes:ident! { $($before:tt)* }) => {
        $codes! {
            $($before)*
            /// The driver does not lead into the guest `name`: `reason`.
            GuestNotEntered = 5,
            /// `host` has no guest `name`.
            GuestNotThere = 2,
            /// `name` may be one of `candidates`.
            GuestAmbiguous = 2,
            /// The guests of `host` were not read: `reason`.
            GuestsNotRead = 1,
            /// The guest `name` has no SSH server of its own.
            GuestNoSsh = 2,
            /// `name` is not `HOST/GUEST`.
            GuestNameWanted = 2,
            /// The driver of the guest `name` cannot: `driver`, `what`.
            GuestCannot = 7,
            /// The guest `name` has to be stopped for it.
            GuestNotStopped = 7,
            /// The guest `name` has to run for it.
            GuestNotRunning = 7,
            /// The driver works on the guest `name`: `lock`.
            GuestLocked = 7,
            /// The host of the guest `name` has not so much memory: `wanted`, `left`.
            GuestNoMemory = 7,
            /// The host of the guest `name` has not so many processors: `wanted`, `left`.
            GuestNoProcessors = 7,
            /// The host of the guest `name` has not so much room in `pool`: `wanted`, `left`.
            GuestNoDisk = 7,
            /// There is a guest or a snapshot `other` already.
            GuestExists = 2,
            /// The guest `name` has no snapshot `snapshot`, but `has`.
            GuestNoSnapshot = 2,
            /// The root of the guest `name` cannot become smaller than `has`.
            GuestShrinks = 7,
            /// `driver` does not take `value`.
            GuestValue = 2,
            /// The guest `name` is there to be copied only.
            GuestTemplate = 7,
            /// A copy of the guest `name` would write into the same `volumes`.
            GuestVolumesShared = 7,
            /// The volumes of the guest `name` would go with it: `volumes`.
            GuestVolumesGo = 7,
            /// The host did not do it: `reason`.
            GuestNotDone = 1,
            /// A specification has `count` faults, the first in `line`, at `at`.
            GuestSpecWrong = 2,
            /// The file `path` beside a specification cannot be taken: `reason`.
            GuestSource = 2,
            /// `host` has no driver that makes guests.
            GuestNoDriver = 7,
            /// `host` has several drivers that make guests: `has`.
            GuestWhichDriver = 2,
            /// `host` has no image `image`.
            GuestNoImage = 2,
            /// The guest `name` was not made from a specification.
            GuestForeign = 7,
            /// The guest `name` is not there.
            GuestNotMade = 2,
            /// `driver` does nothing of what a specification says under `key`.
            GuestSpecLacking = 7,
            /// The guest `name` was made from another image.
            GuestOtherImage = 7,
            /// The guest `name` has state outside its volumes: `count`, `paths`.
            GuestStrays = 7,
            /// `path` is no image: `reason`.
            GuestImageWrong = 2,
            /// `path` has the SHA-256 `sha256`.
            GuestImageDigest = 2,
        }
    };
}
