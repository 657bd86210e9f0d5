//! Guests, as hosts tell of them.

use beffroi_app::{HostGuests, ListedGuest, Newness, Presence};

use crate::handlers::host::{milliseconds, on};
use crate::wire::{GuestDeclaration, GuestDetail, GuestHost, GuestList, GuestListRequest, GuestPresence, GuestRow, GuestShow, HostStatus};
use crate::{Api, ApiError};

impl Api {
    /// `guest_list`
    pub async fn guest_list(&self, request: GuestListRequest) -> Result<GuestList, ApiError> {
        let newness = match (request.refresh, request.stored) {
            (true, _) => Newness::New,
            (false, true) => Newness::Stored,
            (false, false) => Newness::Young,
        };
        let hosts = self.app().list_guests(request.on.as_deref(), newness).await?;
        Ok(GuestList { hosts: hosts.into_iter().map(host).collect() })
    }

    /// `guest_show`
    pub async fn guest_show(&self, request: GuestShow) -> Result<GuestDetail, ApiError> {
        let newness = if request.refresh { Newness::New } else { Newness::Young };
        let shown = self.app().show_guest(&request.guest, newness).await.map_err(|error| on(error, &request.guest))?;
        Ok(GuestDetail { host: shown.host, taken_ms: shown.taken_ms, driver: shown.driver, row: row(shown.guest) })
    }
}

fn host(found: HostGuests) -> GuestHost {
    let duration_ms = milliseconds(found.took);
    let (reading, error) = match found.reading {
        Ok(reading) => (reading, None),
        Err(error) => (None, Some(on(error, &found.host))),
    };
    let taken_ms = reading.as_ref().map(|reading| reading.taken_ms);
    let reading = reading.map(|reading| reading.reading).unwrap_or_default();
    GuestHost {
        host: found.host,
        stage: found.stage,
        sealed: found.sealed,
        status: error.as_ref().map_or(HostStatus::Ok, HostStatus::of),
        error,
        duration_ms,
        taken_ms,
        drivers: reading.drivers,
        capacity: reading.capacity,
        images: reading.images,
        missing: reading.missing,
        guests: found.guests.into_iter().map(row).collect(),
    }
}

fn row(guest: ListedGuest) -> GuestRow {
    GuestRow {
        name: guest.name,
        has_name: guest.has_name,
        presence: match guest.presence {
            Presence::Present => GuestPresence::Present,
            Presence::Declared => GuestPresence::Declared,
            Presence::Both => GuestPresence::Both,
        },
        stage: guest.stage,
        guest: guest.guest,
        declared: guest.declared.map(|declared| GuestDeclaration {
            image: declared.image,
            at_ms: declared.at_ms,
            drift: declared.drift.into_iter().map(str::to_owned).collect(),
        }),
    }
}
