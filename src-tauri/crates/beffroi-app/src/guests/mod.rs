//! Guests of hosts.

mod adopt;
mod change;
mod declared;
mod fate;
mod image_make;
mod images;
mod kept_before;
mod logs;
mod make;
mod reading;

pub use change::GuestWork;
pub(crate) use declared::DeclaredGuest;
pub use declared::{Declaration, KeptSpec};
pub(crate) use fate::GuestFate;
pub use image_make::{ExportedImage, GuestImageOrder, ImageBuild, ImageExport};
pub(crate) use images::settle_image;
pub use images::{ImageOrder, ImageOrdered, KeptImage};
pub use logs::GuestLogs;
pub use make::{GuestOrder, GuestOrdered};
pub(crate) use reading::place;
pub use reading::{GuestReading, HostGuests, ListedGuest, Newness, Presence, ShownGuest};
