//! From a passphrase to key material: Argon2id version 1.3 (RFC 9106).

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use beffroi_domain::Canonical;
use beffroi_secret::{SecretKey, SecretText};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::crypto::{self, NoRandomness};
use crate::error::{NotEnoughMemory, PassphraseError};

/// Bytes of a salt.
pub(crate) const SALT: usize = 16;
/// Bytes of the longest passphrase that is taken.
const MOST_PASSPHRASE: usize = 4096;

/// What one guess at a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes. They are filled one after the other here: more of them help only an attacker.
    pub lanes: u32,
}

/// No cost was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KdfError {
    /// The cost is outside the limits.
    Cost,
    /// There is not that much memory.
    Memory,
}

impl KdfCost {
    const FLOOR: Self = Self { memory_kib: 64 << 10, passes: 3, lanes: 1 };
    const CEILING: Self = Self { memory_kib: 2 << 20, passes: 20, lanes: 16 };
    /// What calibration asks for at most: the vault may be opened on a smaller machine.
    const MOST_CALIBRATED_KIB: u32 = 1 << 20;

    /// The least that is ever written or read: 64 MiB and 3 passes. No build, flag or variable lowers it.
    #[must_use]
    pub fn floor() -> Self {
        Self::FLOOR
    }

    /// Measures this machine and gives the cost that takes it about one second, never below [`KdfCost::floor`].
    ///
    /// Memory is raised first, to at most 1 GiB, then passes, to at most 20.
    #[must_use]
    pub fn calibrated() -> Self {
        let measure = || {
            let started = Instant::now();
            let measured = derive_material(&SecretText::new("calibration".to_owned()), &[0; SALT], Self::FLOOR);
            measured.ok().map(|_| started.elapsed())
        };
        // The fastest of three: a machine that is busy for a moment must not leave a weaker vault for good.
        let fastest = [measure(), measure(), measure()].into_iter().flatten().min();
        fastest.map_or(Self::FLOOR, |floor| Self::for_floor_time(floor, Duration::from_secs(1)))
    }

    /// The cost that takes `wanted` where the floor takes `floor`.
    fn for_floor_time(floor: Duration, wanted: Duration) -> Self {
        let ratio = u32::try_from(wanted.as_micros() / floor.as_micros().max(1)).unwrap_or(u32::MAX);
        let memory_kib = Self::FLOOR.memory_kib.saturating_mul(ratio).clamp(Self::FLOOR.memory_kib, Self::MOST_CALIBRATED_KIB);
        let left = ratio / (memory_kib / Self::FLOOR.memory_kib);
        let passes = Self::FLOOR.passes.saturating_mul(left).clamp(Self::FLOOR.passes, Self::CEILING.passes);
        Self { memory_kib, passes, ..Self::FLOOR }
    }

    /// Whether the cost lies between the floor and the ceiling (2 GiB, 20 passes, 16 lanes).
    pub(crate) fn is_within_limits(self) -> bool {
        (Self::FLOOR.memory_kib..=Self::CEILING.memory_kib).contains(&self.memory_kib)
            && (Self::FLOOR.passes..=Self::CEILING.passes).contains(&self.passes)
            && (Self::FLOOR.lanes..=Self::CEILING.lanes).contains(&self.lanes)
    }
}

/// The algorithm's name in every encoding.
pub(crate) const ALGORITHM: &str = "argon2id";

/// The public parameters of one derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kdf {
    pub(crate) cost: KdfCost,
    pub(crate) salt: [u8; SALT],
}

impl Kdf {
    /// With a fresh salt.
    pub(crate) fn make(cost: KdfCost) -> Result<Self, NoRandomness> {
        Ok(Self { cost, salt: crypto::make_public()? })
    }

    /// The material of a passphrase or stage secret that is being set.
    pub(crate) fn set(&self, secret: &SecretText) -> Result<SecretKey, PassphraseError> {
        // exposed for its length
        match secret.expose().len() {
            0 => return Err(PassphraseError::Empty),
            length if length > MOST_PASSPHRASE => return Err(PassphraseError::TooLong { most: MOST_PASSPHRASE }),
            _ => {}
        }
        derive_material(secret, &self.salt, self.cost).map_err(|error| match error {
            KdfError::Cost => PassphraseError::CostOutOfRange,
            KdfError::Memory => NotEnoughMemory { memory_kib: self.cost.memory_kib }.into(),
        })
    }

    /// The material of one that is being tried; nothing for one so long that it was never accepted.
    pub(crate) fn attempt(&self, secret: &SecretText) -> Result<Option<SecretKey>, NotEnoughMemory> {
        // exposed for its length
        if secret.expose().len() > MOST_PASSPHRASE {
            return Ok(None);
        }
        // The cost was checked against the limits when it was read.
        derive_material(secret, &self.salt, self.cost).map(Some).map_err(|_| NotEnoughMemory { memory_kib: self.cost.memory_kib })
    }

    /// Adds `"argon2id", m in KiB, t, p, salt` to an encoding.
    pub(crate) fn encode(&self, start: Canonical) -> Canonical {
        start
            .text(ALGORITHM)
            .number(u64::from(self.cost.memory_kib))
            .number(u64::from(self.cost.passes))
            .number(u64::from(self.cost.lanes))
            .bytes(&self.salt)
    }
}

/// `Argon2id(NFC(passphrase), salt, cost)` to 32 bytes.
pub(crate) fn derive_material(passphrase: &SecretText, salt: &[u8; SALT], cost: KdfCost) -> Result<SecretKey, KdfError> {
    if !cost.is_within_limits() {
        return Err(KdfError::Cost);
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(|_| KdfError::Cost)?;
    let mut memory: Zeroizing<Vec<Block>> = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(params.block_count()).map_err(|_| KdfError::Memory)?;
    memory.resize(params.block_count(), Block::default());
    let normalised = normalised(passphrase);
    let mut output = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        // exposed to Argon2, which hashes it and keeps nothing
        .hash_password_into_with_memory(normalised.expose().as_bytes(), salt, output.as_mut_slice(), memory.as_mut_slice())
        .map_err(|_| KdfError::Cost)?;
    Ok(SecretKey::new(*output))
}

/// Unicode normalisation form C (UAX #15), so that one passphrase typed on two systems is one passphrase.
pub(crate) fn normalised(passphrase: &SecretText) -> SecretText {
    // exposed to be copied, normalised, into a second protected value
    let text = passphrase.expose();
    // NFC at most triples UTF-8 (UAX #15, 12.1): the buffer never grows, so it leaves no copies behind.
    let mut output = String::with_capacity(text.len() * 3);
    output.extend(text.nfc());
    SecretText::new(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_stays_within_the_limits_on_any_machine() {
        let second = Duration::from_secs(1);
        for milliseconds in [0, 1, 3, 20, 150, 200, 400, 999, 5000, 600_000] {
            let cost = KdfCost::for_floor_time(Duration::from_millis(milliseconds), second);
            assert!(cost.is_within_limits(), "{milliseconds} ms: {cost:?}");
        }
        assert_eq!(KdfCost::for_floor_time(Duration::from_millis(250), second), KdfCost { memory_kib: 256 << 10, ..KdfCost::FLOOR });
        assert_eq!(KdfCost::for_floor_time(Duration::from_secs(3), second), KdfCost::FLOOR);
        let fast = KdfCost { memory_kib: 1 << 20, passes: 6, lanes: 1 };
        assert_eq!(KdfCost::for_floor_time(Duration::from_millis(31), second), fast);
    }

    #[test]
    fn a_cost_outside_the_limits_is_refused_before_any_memory_is_taken() {
        let floor = KdfCost::FLOOR;
        for cost in [
            KdfCost { memory_kib: floor.memory_kib - 1, ..floor },
            KdfCost { passes: 2, ..floor },
            KdfCost { lanes: 0, ..floor },
            KdfCost { memory_kib: u32::MAX, ..floor },
            KdfCost { memory_kib: (2 << 20) + 1, ..floor },
            KdfCost { passes: 21, ..floor },
            KdfCost { lanes: 17, ..floor },
        ] {
            assert_eq!(derive_material(&SecretText::new("x".to_owned()), &[0; SALT], cost).err(), Some(KdfError::Cost), "{cost:?}");
        }
    }

    #[test]
    fn composed_and_decomposed_letters_are_one_passphrase() {
        assert_eq!(normalised(&SecretText::new("cafe\u{301}".to_owned())).expose(), "caf\u{e9}");
    }
}
