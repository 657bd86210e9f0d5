//! The dictionary that a header of version 4 keeps the parameters of its key derivation in (VariantMap, version 1).

use std::collections::BTreeMap;

use super::header::Bytes;
use crate::ImportError;

const WHAT: &str = "KdfParameters";

/// Its values, by name.
pub(super) struct Variants<'a>(BTreeMap<&'a [u8], (u8, &'a [u8])>);

impl<'a> Variants<'a> {
    /// Reads one to its end.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, ImportError> {
        let mut bytes = Bytes::new(bytes, WHAT);
        let version = bytes.u16()?;
        if version >> 8 != 1 {
            return Err(ImportError::Unsupported { what: format!("VariantMap {version:#06x}") });
        }
        let mut found = BTreeMap::new();
        loop {
            let kind = bytes.u8()?;
            if kind == 0 {
                return Ok(Self(found));
            }
            let name = bytes.sized()?;
            let value = bytes.sized()?;
            found.insert(name, (kind, value));
        }
    }

    /// Bytes (type 0x42).
    pub(super) fn bytes(&self, name: &str) -> Option<&'a [u8]> {
        self.0.get(name.as_bytes()).filter(|(kind, _)| *kind == 0x42).map(|(_, value)| *value)
    }

    /// A number (types 0x04, 0x05, and the signed 0x0c, 0x0d, which are never below nothing).
    pub(super) fn number(&self, name: &str) -> Result<u64, ImportError> {
        let malformed = ImportError::Malformed { what: WHAT, at: 0 };
        match self.0.get(name.as_bytes()) {
            Some((0x04 | 0x0c, value)) => (*value).try_into().map(u32::from_le_bytes).map(u64::from).map_err(|_| malformed),
            Some((0x05 | 0x0d, value)) => (*value).try_into().map(u64::from_le_bytes).map_err(|_| malformed),
            _ => Err(malformed),
        }
    }
}
