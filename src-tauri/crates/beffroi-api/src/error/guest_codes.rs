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
            /// No snapshot of the host `name` can be made before something is done there.
            GuestNotKept = 7,
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
            /// Port `port` of `host` has something else: `by`.
            PublishPortTaken = 7,
            /// `host` has a server for `name` on `port`.
            PublishNameTaken = 7,
            /// `host` has no nginx that servers could be added to.
            PublishNoNginx = 7,
            /// `host` has neither nftables nor iptables.
            PublishNoFirewall = 7,
            /// Nothing of `host` would load a rule at boot.
            PublishNoBoot = 7,
            /// `host` is a YunoHost, which makes the configuration of nginx.
            PublishYunohostNginx = 7,
            /// `host` is a YunoHost, which makes the rules of the firewall.
            PublishYunohostFirewall = 7,
            /// `driver` has no proxy devices.
            PublishNoDevices = 7,
            /// `guest` has no address of IPv4.
            PublishNoAddress = 7,
            /// Nothing that was published leads to `guest`.
            PublishNothing = 2,
            /// `host` still leads ports into guests: `what`.
            PublishRemains = 7,
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
            /// No specification is kept for the guest `name`.
            GuestSpecNotKept = 2,
            /// The guest `name` is not there.
            GuestNotMade = 2,
            /// The guest `name` needs the guest `other`, which does not run.
            GuestNeeds = 7,
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
            /// Nothing on `host` keeps a process `name`.
            ProcessNotThere = 2,
            /// Several of `host` keep a process `name`: `candidates`.
            ProcessAmbiguous = 2,
            /// The processes of `host` were not read: `reason`.
            ProcessesNotRead = 1,
            /// `host` would not be reached any more without `name`.
            ProcessWouldCut = 7,
            /// Nothing may start `name` on `host`.
            ProcessMasked = 7,
            /// `name` of `host` cannot be started with the machine by itself.
            ProcessNotForBoot = 7,
            /// Nothing on `host` would start pm2 with the machine.
            ProcessNoInit = 7,
            /// The process is not as it was to be: `reason`.
            ProcessNotDone = 1,
            /// The log of `name` cannot be read: `reason`.
            ProcessNoLog = 1,
        }
    };
}
