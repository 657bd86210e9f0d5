//! What follows the header: blocks, each with a MAC in version 4 and with a hash in version 3.

use hmac::Mac;
use zeroize::Zeroizing;

use super::header::{Bytes, Header, sha256};
use super::key::{Keys, same};
use crate::ImportError;

/// The number of the header among the blocks.
pub(crate) const HEADER_BLOCK: u64 = u64::MAX;

/// What follows a header of version 4: whole, and not yet believed.
pub(super) struct Body<'a> {
    mac: [u8; 32],
    blocks: Vec<([u8; 32], &'a [u8])>,
    length: usize,
}

impl<'a> Body<'a> {
    /// Checks the header's hash, and that every block is there. No key is needed for that.
    pub(super) fn read(header: &Header<'a>) -> Result<Self, ImportError> {
        let mut from = Bytes::new(header.body, "block");
        let hash = from.take(32)?;
        let mac: [u8; 32] = from.array()?;
        if !same(hash, &sha256(header.whole)) {
            return Err(ImportError::Altered { what: "header SHA-256" });
        }
        let (mut blocks, mut length) = (Vec::new(), 0);
        loop {
            let of_block = from.array()?;
            let block = from.sized()?;
            length += block.len();
            blocks.push((of_block, block));
            if block.is_empty() {
                return Ok(Self { mac, blocks, length });
            }
        }
    }

    /// Whether the keys are those that the header was sealed with.
    pub(super) fn check_header(&self, header: &[u8], keys: &Keys) -> Result<(), ()> {
        keys.mac(HEADER_BLOCK, &[header]).verify_slice(&self.mac).map_err(drop)
    }

    /// Every block, once all of them are believed. Still encrypted.
    pub(super) fn open(&self, keys: &Keys) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        let mut all = Zeroizing::new(Vec::with_capacity(self.length));
        for (number, (mac, block)) in (0_u64..).zip(&self.blocks) {
            // It was read from four bytes.
            let length = u32::try_from(block.len()).unwrap_or(u32::MAX);
            let expected = keys.mac(number, &[&number.to_le_bytes(), &length.to_le_bytes(), block]);
            expected.verify_slice(mac).map_err(|_| ImportError::Altered { what: "HMAC" })?;
            all.extend_from_slice(block);
        }
        Ok(all)
    }
}

/// The blocks of version 3, joined.
pub(super) fn open_hashed(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let mut all = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut from = Bytes::new(bytes, "block");
    for number in 0_u32.. {
        if from.u32()? != number {
            return Err(ImportError::Altered { what: "block" });
        }
        let hash = from.take(32)?;
        let block = from.sized()?;
        if block.is_empty() {
            break;
        }
        if !same(hash, &sha256(block)) {
            return Err(ImportError::Altered { what: "block SHA-256" });
        }
        all.extend_from_slice(block);
    }
    Ok(all)
}
