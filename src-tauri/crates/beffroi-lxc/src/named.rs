//! The stored form of a driver: its name.

use beffroi_domain::GuestDriver;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub(crate) fn serialize<S: Serializer>(driver: &GuestDriver, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(driver.name())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<GuestDriver, D::Error> {
    let name = String::deserialize(deserializer)?;
    GuestDriver::from_name(&name).ok_or_else(|| D::Error::custom("not a driver of guests"))
}

/// The same where there may be none.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Error, GuestDriver, Serializer};

    pub(crate) fn serialize<S: Serializer>(driver: &Option<GuestDriver>, serializer: S) -> Result<S::Ok, S::Error> {
        match driver {
            Some(driver) => serializer.serialize_some(driver.name()),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<GuestDriver>, D::Error> {
        let name = Option::<String>::deserialize(deserializer)?;
        name.map(|name| GuestDriver::from_name(&name).ok_or_else(|| D::Error::custom("not a driver of guests"))).transpose()
    }
}
