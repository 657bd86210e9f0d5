//! The journal: what was done, by whom, in an order that cannot be changed unnoticed.

use std::collections::BTreeMap;

use crate::{Canonical, CanonicalReader, DeviceId, HostId, NotCanonical};

/// One entry, before the vault chains and authenticates it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Counted from 1 in its chain, without gaps. There is one chain for each device and person.
    pub sequence: u64,
    /// Milliseconds since 1970-01-01 UTC.
    pub at_ms: u64,
    /// The machine that wrote it.
    pub device: DeviceId,
    /// The account on that machine.
    pub person: String,
    /// What happened: a key of the message catalogs under `journal.`, such as `host-added`.
    pub event: String,
    /// The host it concerns.
    pub host: Option<HostId>,
    /// Values for the message. Never a secret. A name that stands several times has a list of values.
    pub values: Vec<(String, String)>,
    /// Digest of the authenticated rows after the event (VAULT.md, Journal).
    pub state_digest: [u8; 32],
}

const TAG: &str = "beffroi/journal-entry/1";
/// Values of one entry.
const MOST_VALUES: usize = 64;

impl JournalEntry {
    /// The bytes that the chain authenticates.
    #[must_use]
    pub fn to_canonical(&self) -> Vec<u8> {
        let start = Canonical::new(TAG)
            .number(self.sequence)
            .number(self.at_ms)
            .bytes(self.device.as_bytes())
            .text(&self.person)
            .text(&self.event)
            .bytes(self.host.as_ref().map_or(&[][..], |host| host.as_bytes()))
            .bytes(&self.state_digest)
            .number(self.values.len() as u64);
        self.values.iter().fold(start, |encoding, (name, value)| encoding.text(name).text(value)).finish()
    }

    /// The values by their names, those of one name in their order.
    #[must_use]
    pub fn values_by_name(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in &self.values {
            named.entry(name).or_default().push(value);
        }
        named
    }

    /// Reads [`JournalEntry::to_canonical`] back.
    ///
    /// # Errors
    /// [`NotCanonical`] for anything else.
    pub fn from_canonical(encoded: &[u8]) -> Result<Self, NotCanonical> {
        let mut reader = CanonicalReader::new(TAG, encoded)?;
        let sequence = reader.number()?;
        let at_ms = reader.number()?;
        let device = DeviceId::from_bytes(reader.bytes()?).map_err(|_| NotCanonical)?;
        let person = reader.text()?.to_owned();
        let event = reader.text()?.to_owned();
        let host = match reader.bytes()? {
            [] => None,
            id => Some(HostId::from_bytes(id).map_err(|_| NotCanonical)?),
        };
        let state_digest = reader.bytes()?.try_into().map_err(|_| NotCanonical)?;
        let count = reader.count(MOST_VALUES)?;
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push((reader.text()?.to_owned(), reader.text()?.to_owned()));
        }
        reader.finish()?;
        Ok(Self { sequence, at_ms, device, person, event, host, values, state_digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> JournalEntry {
        JournalEntry {
            sequence: 7,
            at_ms: 1_700_000_000_000,
            device: DeviceId::make(),
            person: "léa".to_owned(),
            event: "host-added".to_owned(),
            host: Some(HostId::make()),
            values: vec![("name".to_owned(), "web-1".to_owned())],
            state_digest: [9; 32],
        }
    }

    #[test]
    fn an_entry_survives_its_encoding() {
        let entry = entry();
        assert_eq!(JournalEntry::from_canonical(&entry.to_canonical()), Ok(entry));
    }

    #[test]
    fn a_name_with_several_values_has_a_list() {
        let values = [("count", "2"), ("path", "/a, b"), ("path", "/c")];
        let entry = JournalEntry { values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(), ..entry() };
        let read = JournalEntry::from_canonical(&entry.to_canonical()).expect("an entry");
        assert_eq!(read.values_by_name(), BTreeMap::from([("count", vec!["2"]), ("path", vec!["/a, b", "/c"])]));
    }

    #[test]
    fn a_cut_encoding_is_refused_at_every_length() {
        let encoded = entry().to_canonical();
        for length in 0..encoded.len() {
            assert_eq!(JournalEntry::from_canonical(&encoded[..length]), Err(NotCanonical), "cut at {length}");
        }
    }
}
