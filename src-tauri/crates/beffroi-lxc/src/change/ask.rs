//! What a guest's host is asked before a change is planned, of what is not among what was read of it.

use beffroi_domain::GuestDriver;

use super::script::{GuestPlace, own_volumes};
use super::{Change, ChangeRefusal};
use crate::capacity::Shortage;
use crate::model::Guest;

/// The text that asks; nothing where there is nothing to ask.
pub(super) fn question(change: &Change, guest: &Guest) -> Option<String> {
    let place = GuestPlace::of(guest);
    let (verb, name) = match (change, guest.driver) {
        (Change::Rename { to }, GuestDriver::Lxc | GuestDriver::Incus | GuestDriver::Lxd) => ("rename", to),
        (Change::Copy { to }, GuestDriver::Lxc) => ("copy", to),
        (Change::Snapshot { name }, GuestDriver::Lxc) => ("snapshot", name),
        (Change::Restore { name }, GuestDriver::Lxc) => ("restore", name),
        _ => return None,
    };
    let volumes = if guest.driver == GuestDriver::Lxc { Vec::new() } else { own_volumes(&place, guest) };
    Some(place.shell(&[vec!["may".to_owned(), verb.to_owned(), name.clone()], volumes].concat()))
}

/// Why not, by what the text printed: `there NAME`, or `room FOLDER WANTED FREE` in bytes.
pub(super) fn refusal(text: &str) -> Option<ChangeRefusal> {
    let words: Vec<&str> = text.lines().next()?.split(' ').collect();
    match words[..] {
        ["there", name] => Some(ChangeRefusal::There { name: name.chars().take(200).collect() }),
        ["room", pool, wanted, left] => Some(ChangeRefusal::Short(Shortage::Disk {
            pool: pool.chars().take(200).collect(),
            wanted: wanted.parse().ok()?,
            left: left.parse().ok()?,
        })),
        _ => None,
    }
}
