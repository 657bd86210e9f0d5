//! The blocking calls, each on a connection of its own.

use beffroi_secret::SecretBytes;
use keyring::{Entry, Error};

use super::KeyringError;

/// What an item is found by, together with its account. It is also its label where the operator looks at the keyring.
const SERVICE: &str = "beffroi";

pub(super) fn store(account: &str, value: &SecretBytes) -> Result<(), KeyringError> {
    // exposed to the keyring: being kept there is what it was passed for
    open(account)?.set_secret(value.expose()).map_err(refusal)
}

pub(super) fn load(account: &str) -> Result<Option<SecretBytes>, KeyringError> {
    match open(account)?.get_secret() {
        Ok(value) => Ok(Some(SecretBytes::new(value))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(refusal(error)),
    }
}

pub(super) fn remove(account: &str) -> Result<(), KeyringError> {
    match open(account)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        // Several items answer to the name, whoever made them: none may stay.
        Err(Error::Ambiguous(entries)) => entries.iter().try_for_each(|entry| entry.delete_credential().map_err(refusal)),
        Err(error) => Err(refusal(error)),
    }
}

/// Not `Entry::new`: that keeps one connection for the life of the process, under a lock which a question that nobody
/// answers holds for ever, and it remembers for ever that there was no bus at first.
#[cfg(target_os = "linux")]
fn open(account: &str) -> Result<Entry, KeyringError> {
    use std::collections::HashMap;

    use keyring_core::api::CredentialStoreApi;
    use zbus_secret_service_keyring_store::Store;

    let store = Store::new().map_err(absence)?;
    let inner = store.build(SERVICE, account, Some(&HashMap::from([("label", SERVICE)]))).map_err(refusal)?;
    Ok(Entry { inner })
}

#[cfg(not(target_os = "linux"))]
fn open(account: &str) -> Result<Entry, KeyringError> {
    Entry::new(SERVICE, account).map_err(absence)
}

fn absence(error: Error) -> KeyringError {
    KeyringError::Absent { reason: error.to_string() }
}

/// No error of the libraries shows a value in its words.
fn refusal(error: Error) -> KeyringError {
    match error {
        Error::NoStorageAccess(_) => KeyringError::Locked { reason: error.to_string() },
        Error::NoDefaultStore => absence(error),
        error => KeyringError::refused(error),
    }
}
