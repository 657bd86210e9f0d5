//! Guests of hosts.

mod adopt;
mod change;
mod fate;
mod images;
mod logs;
mod make;
mod reading;

pub use change::GuestWork;
pub(crate) use fate::GuestFate;
pub use images::{ImageOrder, ImageOrdered, KeptImage};
pub use logs::GuestLogs;
pub use make::{GuestOrder, GuestOrdered};
pub(crate) use reading::place;
pub use reading::{GuestReading, HostGuests, ListedGuest, Newness, Presence, ShownGuest};
