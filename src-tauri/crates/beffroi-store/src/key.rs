//! Gives SQLCipher its key through the C interface, so that the key is never part of an SQL text.

use beffroi_secret::{Secret, SecretKey};
use rusqlite::{Connection, ffi};

use crate::StoreError;

/// Sets the raw key. SQLCipher takes 32 raw bytes as `x'` 64 hexadecimal digits `'` and then runs no key derivation of
/// its own (SQLCipher API, "Raw Key Data").
pub(crate) fn set(connection: &Connection, key: &SecretKey) -> Result<(), StoreError> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = Vec::with_capacity(67);
    text.extend_from_slice(b"x'");
    // Goes into a buffer that is wiped when this function ends.
    for byte in key.expose() {
        text.push(HEX[usize::from(byte >> 4)]);
        text.push(HEX[usize::from(byte & 15)]);
    }
    text.push(b'\'');
    let text = Secret::new(text);
    let length = i32::try_from(text.expose().len()).map_err(|_| StoreError::Fault { reason: "key length".to_owned() })?;
    #[allow(unsafe_code, reason = "SQLCipher's key function has no safe wrapper, and PRAGMA key would put the key into SQL text")]
    // SAFETY: the handle is that of a live connection which this thread alone uses now; the pointer and the length are
    // those of a buffer that lives until after the call; SQLCipher copies it.
    let code = unsafe { ffi::sqlite3_key(connection.handle(), text.expose().as_ptr().cast(), length) };
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(StoreError::Fault { reason: format!("sqlite3_key gave {code}") }) }
}
