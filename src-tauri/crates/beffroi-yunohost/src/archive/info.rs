//! What YunoHost writes about an archive: `info.json`, inside it and beside it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::{filled, text};
use beffroi_remote::clean;

/// The most applications or parts that are kept.
const MOST: usize = 1000;

/// What an archive says that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ArchiveInfo {
    /// In the operator's words.
    pub description: String,
    /// When it was made, in seconds since 1970 by the host's clock.
    pub created_s: Option<u64>,
    /// The YunoHost that made it.
    pub yunohost: Option<String>,
    /// Applications, by id.
    pub apps: BTreeMap<String, InfoApp>,
    /// Parts of the system, with their bytes where they are known.
    pub system: BTreeMap<String, Option<u64>>,
}

/// An application in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InfoApp {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Bytes of its files.
    pub bytes: Option<u64>,
}

impl ArchiveInfo {
    /// Reads `info.json`; `None` when it is not what YunoHost writes.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Self::of(&serde_json::from_slice(bytes).ok()?)
    }

    /// The same, parsed.
    #[must_use]
    pub fn of(json: &Value) -> Option<Self> {
        let apps = json.get("apps")?.as_object()?;
        // Called so by YunoHost 2.
        let system = json.get("system").or_else(|| json.get("hooks"))?.as_object()?;
        let bytes = |category: &str, name: &str| json.get("size_details")?.get(category)?.get(name)?.as_u64();
        let app = |(id, entry): (&String, &Value)| {
            (clean(id), InfoApp { name: text(entry, "name"), version: text(entry, "version"), bytes: bytes("apps", id) })
        };
        Some(Self {
            description: text(json, "description"),
            created_s: json.get("created_at").and_then(Value::as_u64),
            yunohost: filled(json, "from_yunohost_version"),
            apps: apps.iter().take(MOST).map(app).collect(),
            system: system.keys().take(MOST).map(|name| (clean(name), bytes("system", name))).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yunohost_writes_is_read_and_the_rest_is_not() {
        let json = br#"{"description": "", "created_at": 1795307168, "size": 61032, "size_details": {"system": {}, "apps": {"vitrine": 60681}},
            "apps": {"vitrine": {"version": "1.0~ynh1", "name": "Vitrine"}}, "system": {"conf_ynh_settings": ["a"]}, "from_yunohost_version": "12.1.25"}"#;
        let info = ArchiveInfo::read(json).expect("as YunoHost writes it");
        assert_eq!(info.created_s, Some(1_795_307_168));
        assert_eq!(info.yunohost.as_deref(), Some("12.1.25"));
        assert_eq!(info.apps["vitrine"], InfoApp { name: "Vitrine".into(), version: "1.0~ynh1".into(), bytes: Some(60681) });
        assert_eq!(info.system["conf_ynh_settings"], None);
        for bad in [&b""[..], b"[]", b"{}", b"{\"apps\": []}", b"{\"apps\": {}}"] {
            assert_eq!(ArchiveInfo::read(bad), None);
        }
    }
}
