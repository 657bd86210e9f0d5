//! What speaks against a change of a guest, from what was read of it and of its host.

use beffroi_domain::{GuestDriver, Message};

use super::{Change, ChangeRefusal, Settings};
use crate::capacity::Want;
use crate::model::{Capability, Guest, GuestKind, GuestState, Reading};

const MIB: u64 = 1 << 20;

pub(super) fn guard(change: &Change, guest: &Guest, reading: &Reading) -> Result<(), ChangeRefusal> {
    if let Some(lock) = &guest.lock {
        return Err(ChangeRefusal::Locked { lock: lock.clone() });
    }
    // Of a virtual machine Proxmox has another program.
    if guest.driver == GuestDriver::Proxmox && guest.kind == GuestKind::Vm {
        return Err(ChangeRefusal::Cannot { driver: guest.driver, what: Capability::VirtualMachines });
    }
    match change {
        Change::Start | Change::Restart(_) if guest.template => Err(ChangeRefusal::Template),
        Change::Start | Change::Stop(_) | Change::Restart(_) => Ok(()),
        Change::Freeze => {
            can(guest, reading, Capability::Freeze)?;
            wants(guest, GuestState::Running, matches!(guest.state, GuestState::Running | GuestState::Frozen))
        }
        Change::Thaw => {
            can(guest, reading, Capability::Freeze)?;
            wants(guest, GuestState::Frozen, matches!(guest.state, GuestState::Running | GuestState::Frozen))
        }
        Change::Rename { to } => {
            can(guest, reading, Capability::Rename)?;
            free_name(guest, reading, to)?;
            // The number of a container of Proxmox stays: what is called otherwise is its host name.
            wants(guest, GuestState::Stopped, guest.driver == GuestDriver::Proxmox || guest.state == GuestState::Stopped)
        }
        Change::Copy { to } => {
            can(guest, reading, Capability::Copy)?;
            free_name(guest, reading, to)?;
            let shared: Vec<_> = guest.volumes.iter().filter(|volume| !volume.read_only).map(|volume| volume.path.clone()).collect();
            // Proxmox copies volumes with their guest.
            if !shared.is_empty() && guest.driver != GuestDriver::Proxmox {
                return Err(ChangeRefusal::VolumesShared { volumes: shared });
            }
            if !may(guest, reading, Capability::RunningCopy) {
                wants(guest, GuestState::Stopped, guest.state == GuestState::Stopped)?;
            }
            let want = Want {
                memory_bytes: guest.memory_limit_bytes.unwrap_or(0),
                cpu_thousandths: 0,
                disk_bytes: guest.disk_limit_bytes.or(guest.disk_used_bytes).unwrap_or(0),
                pool: pool_of(guest, reading),
            };
            fits(reading, &want)
        }
        Change::Set(settings) => set(settings, guest, reading),
        Change::Delete { volumes } => {
            wants(guest, GuestState::Stopped, matches!(guest.state, GuestState::Stopped | GuestState::Error))?;
            let kept: Vec<_> = guest.volumes.iter().filter(|volume| !volume.pool.is_empty()).map(|volume| volume.path.clone()).collect();
            if guest.driver == GuestDriver::Proxmox && !volumes && !kept.is_empty() {
                return Err(ChangeRefusal::VolumesGo { volumes: kept });
            }
            Ok(())
        }
        Change::Snapshot { name } => {
            can(guest, reading, Capability::Snapshots)?;
            is_name(name)?;
            let of_its_name = guest.snapshots.iter().any(|snapshot| snapshot.name == *name);
            if of_its_name { Err(ChangeRefusal::There { name: name.clone() }) } else { Ok(()) }
        }
        Change::Restore { name } | Change::Forget { name } => {
            can(guest, reading, Capability::Snapshots)?;
            // It may be one that somebody else took, and called as they liked; it is a folder of classic LXC.
            if name.contains('/') || name.starts_with(['.', '-']) {
                return Err(ChangeRefusal::NotAName { name: name.chars().take(80).collect() });
            }
            let has: Vec<_> = guest.snapshots.iter().map(|snapshot| snapshot.name.clone()).collect();
            if has.contains(name) { Ok(()) } else { Err(ChangeRefusal::NoSnapshot { name: name.clone(), has }) }
        }
    }
}

pub(super) fn warnings(change: &Change, guest: &Guest) -> Vec<Message> {
    let mut warnings = Vec::new();
    match change {
        Change::Stop(stop) | Change::Restart(stop) if stop.force => warnings.push(Message::new("warning.guest-force")),
        Change::Snapshot { .. } if guest.driver == GuestDriver::Lxc && guest.state == GuestState::Running => {
            warnings.push(Message::new("warning.guest-held"));
        }
        Change::Restore { .. } if guest.state != GuestState::Stopped => warnings.push(Message::new("warning.guest-restore-runs")),
        // All that Proxmox holds for it.
        Change::Delete { volumes: true } if guest.driver == GuestDriver::Proxmox => {
            let gone: Vec<_> = guest.volumes.iter().filter(|volume| !volume.pool.is_empty()).map(|volume| volume.path.as_str()).collect();
            if !gone.is_empty() {
                warnings.push(Message::new("warning.guest-volumes-go").with("volumes", gone.join(", ")));
            }
        }
        _ => {}
    }
    if guest.ephemeral && matches!(change, Change::Stop(_)) {
        warnings.push(Message::new("warning.guest-ephemeral"));
    }
    warnings
}

fn may(guest: &Guest, reading: &Reading, what: Capability) -> bool {
    reading.driver(guest.driver).is_some_and(|driver| driver.can(what))
}

fn can(guest: &Guest, reading: &Reading, what: Capability) -> Result<(), ChangeRefusal> {
    if may(guest, reading, what) { Ok(()) } else { Err(ChangeRefusal::Cannot { driver: guest.driver, what }) }
}

fn wants(guest: &Guest, wanted: GuestState, is: bool) -> Result<(), ChangeRefusal> {
    // What is not known is tried: the host itself says no.
    if is || guest.state == GuestState::Unknown { Ok(()) } else { Err(ChangeRefusal::State { state: guest.state, wanted }) }
}

/// What every driver takes, for guests and for snapshots (Incus and LXD: a label of DNS; Proxmox the same, 40 at most).
fn is_name(name: &str) -> Result<(), ChangeRefusal> {
    let good = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.ends_with('-');
    if good { Ok(()) } else { Err(ChangeRefusal::NotAName { name: name.chars().take(80).collect() }) }
}

fn free_name(guest: &Guest, reading: &Reading, to: &str) -> Result<(), ChangeRefusal> {
    is_name(to)?;
    let taken = |other: &Guest| other.driver == guest.driver && other.project == guest.project && other.shown_name() == to;
    if reading.guests.iter().any(taken) { Err(ChangeRefusal::There { name: to.to_owned() }) } else { Ok(()) }
}

fn set(settings: &Settings, guest: &Guest, reading: &Reading) -> Result<(), ChangeRefusal> {
    if settings.is_nothing() {
        return Err(ChangeRefusal::Nothing);
    }
    let not_whole = |value: String| Err(ChangeRefusal::NotWhole { driver: guest.driver, value });
    if let Some(Some(thousandths)) = settings.cpu_thousandths
        && (thousandths == 0 || (guest.driver != GuestDriver::Lxc && !thousandths.is_multiple_of(1000)))
    {
        return not_whole(super::processors(thousandths));
    }
    match settings.memory_bytes {
        Some(Some(bytes)) if bytes < MIB || !bytes.is_multiple_of(MIB) => return not_whole(super::size(bytes)),
        // pct knows no memory without a limit.
        Some(None) if guest.driver == GuestDriver::Proxmox => return not_whole("none".to_owned()),
        _ => {}
    }
    if settings.memory_bytes.is_some() || settings.cpu_thousandths.is_some() {
        let stopped = guest.state == GuestState::Stopped;
        if !stopped {
            can(guest, reading, Capability::LiveLimits)?;
        }
    }
    if let Some(bytes) = settings.disk_bytes {
        can(guest, reading, Capability::DiskLimit)?;
        if let Some(has) = guest.disk_limit_bytes.filter(|has| bytes < *has) {
            return Err(ChangeRefusal::Shrinks { has });
        }
    }
    // What is wanted beyond what it was promised already.
    let more = |wanted: Option<u64>, had: Option<u64>| wanted.unwrap_or(0).saturating_sub(had.unwrap_or(0));
    let want = Want {
        memory_bytes: more(settings.memory_bytes.flatten(), guest.memory_limit_bytes),
        cpu_thousandths: settings.cpu_thousandths.flatten().unwrap_or(0),
        disk_bytes: more(settings.disk_bytes, guest.disk_limit_bytes),
        pool: pool_of(guest, reading),
    };
    fits(reading, &want)
}

fn fits(reading: &Reading, want: &Want) -> Result<(), ChangeRefusal> {
    match reading.capacity.shortages(want).into_iter().next() {
        Some(shortage) => Err(ChangeRefusal::Short(shortage)),
        None => Ok(()),
    }
}

/// The pool that a guest's root is in; empty where it is not told.
fn pool_of(guest: &Guest, reading: &Reading) -> String {
    let is_in = |name: &str| reading.capacity.pools.iter().any(|pool| pool.driver == guest.driver && pool.name == name);
    guest.root.iter().find(|root| is_in(root)).cloned().unwrap_or_default()
}
