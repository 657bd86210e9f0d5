//! How a key is derived, and what that may cost.

use aes::Aes256;
use aes::cipher::{Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::variant::Variants;
use crate::limits::{MOST_AES_KDF, MOST_ARGON2_KIB, MOST_ARGON2_LANES, MOST_ARGON2_WORK, affordable};
use crate::{ImportError, Work};

/// AES-KDF, under the name it has in version 3 and the one it has in version 4.
const AES: [u128; 2] = [0xc9d9_f39a_628a_4460_bf74_0d08_c18a_4fea, 0x7c02_bb82_79a7_4ac0_927d_114a_0064_8238];
const ARGON2D: u128 = 0xef63_6ddf_8c29_444b_91f7_a9a4_03e3_0a0c;
/// Argon2id.
pub(crate) const ARGON2ID: u128 = 0x9e29_8b19_56db_4773_b23d_fc3e_c6f0_a1e6;
/// Bytes of a salt.
const MOST_SALT: u64 = 1 << 10;

/// A key derivation that is affordable.
pub(crate) enum Kdf {
    Aes { seed: [u8; 32], rounds: u64 },
    Argon2 { algorithm: Algorithm, version: Version, params: Params, salt: Vec<u8> },
}

impl Kdf {
    /// AES-KDF.
    pub(super) fn aes(seed: [u8; 32], rounds: u64) -> Result<Self, ImportError> {
        Ok(Self::Aes { seed, rounds: affordable("TransformRounds", rounds, MOST_AES_KDF)? })
    }

    /// Says what it costs.
    ///
    /// # Errors
    /// As [`Work::derives`].
    pub(super) fn costs(&self, work: &Work) -> Result<(), ImportError> {
        match self {
            Self::Aes { rounds, .. } => work.derives("TransformRounds", *rounds, MOST_AES_KDF),
            Self::Argon2 { params, .. } => {
                work.derives("Argon2 I", u64::from(params.t_cost()).saturating_mul(u64::from(params.m_cost())), MOST_ARGON2_WORK)
            }
        }
    }

    /// The one that a header of version 4 asks for.
    pub(super) fn read(asked: &Variants<'_>) -> Result<Self, ImportError> {
        let malformed = ImportError::Malformed { what: "KdfParameters", at: 0 };
        let Some(uuid) = asked.bytes("$UUID").and_then(|uuid| uuid.try_into().ok()).map(u128::from_be_bytes) else {
            return Err(malformed);
        };
        let algorithm = match uuid {
            ARGON2D => Algorithm::Argon2d,
            ARGON2ID => Algorithm::Argon2id,
            _ if AES.contains(&uuid) => {
                let seed = asked.bytes("S").and_then(|seed| seed.try_into().ok()).ok_or(malformed)?;
                return Self::aes(seed, asked.number("R")?);
            }
            _ => return Err(ImportError::Unsupported { what: format!("KDF {uuid:032x}") }),
        };
        for extra in ["K", "A"] {
            if asked.bytes(extra).is_some_and(|bytes| !bytes.is_empty()) {
                return Err(ImportError::Unsupported { what: format!("Argon2 {extra}") });
            }
        }
        let version = match asked.number("V")? {
            0x10 => Version::V0x10,
            0x13 => Version::V0x13,
            other => return Err(ImportError::Unsupported { what: format!("Argon2 {other:#x}") }),
        };
        let salt = asked.bytes("S").ok_or(malformed)?;
        crate::limits::within("Argon2 S", salt.len() as u64, MOST_SALT)?;
        Self::argon2(algorithm, version, asked.number("M")? / 1024, asked.number("I")?, asked.number("P")?, salt)
    }

    /// An Argon2 of so many KiB, passes and lanes.
    pub(crate) fn argon2(
        algorithm: Algorithm,
        version: Version,
        kib: u64,
        passes: u64,
        lanes: u64,
        salt: &[u8],
    ) -> Result<Self, ImportError> {
        affordable("Argon2 M", kib, MOST_ARGON2_KIB)?;
        affordable("Argon2 P", lanes, MOST_ARGON2_LANES)?;
        affordable("Argon2 I", passes.saturating_mul(kib), MOST_ARGON2_WORK)?;
        let malformed = || ImportError::Malformed { what: "KdfParameters", at: 0 };
        let number = |number: u64| u32::try_from(number).map_err(|_| malformed());
        let params = Params::new(number(kib)?, number(passes)?, number(lanes)?, Some(32)).map_err(|_| malformed())?;
        if salt.len() < argon2::MIN_SALT_LEN {
            return Err(malformed());
        }
        Ok(Self::Argon2 { algorithm, version, params, salt: salt.to_vec() })
    }

    /// Whether it costs whoever guesses passwords less than is advised today
    /// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
    pub(super) fn is_weak(&self) -> bool {
        match self {
            Self::Aes { rounds, .. } => *rounds < 600_000,
            Self::Argon2 { params, .. } => u64::from(params.m_cost()) * u64::from(params.t_cost()) < 35 << 10,
        }
    }

    /// The derived key.
    pub(crate) fn derive(&self, composite: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, ImportError> {
        match self {
            Self::Aes { seed, rounds } => {
                let mut both = Zeroizing::new(*composite);
                Aes256::new(&(*seed).into()).encrypt_with_backend(Rounds { count: *rounds, both: &mut both });
                Ok(Zeroizing::new(Sha256::digest(both.as_slice()).into()))
            }
            Self::Argon2 { algorithm, version, params, salt } => {
                let mut key = Zeroizing::new([0; 32]);
                let derived = Argon2::new(*algorithm, *version, params.clone()).hash_password_into(composite, salt, key.as_mut_slice());
                derived.map_err(|_| ImportError::Malformed { what: "KdfParameters", at: 0 })?;
                Ok(key)
            }
        }
    }
}

/// Two blocks, encrypted again and again. Inside one call into the cipher: what the processor can do is asked once, and
/// both chains are worked on at the same time.
struct Rounds<'a> {
    count: u64,
    both: &'a mut [u8; 32],
}

impl BlockSizeUser for Rounds<'_> {
    type BlockSize = <Aes256 as BlockSizeUser>::BlockSize;
}

impl BlockCipherEncClosure for Rounds<'_> {
    fn call<B: BlockCipherEncBackend<BlockSize = Self::BlockSize>>(self, backend: &B) {
        let (halves, _) = self.both.as_chunks_mut::<16>();
        let mut blocks = [Block::<Aes256>::default(); 2];
        blocks.iter_mut().zip(halves.iter()).for_each(|(block, half)| block.copy_from_slice(half));
        for _ in 0..self.count {
            for block in &mut blocks {
                backend.encrypt_block(block.into());
            }
        }
        halves.iter_mut().zip(&mut blocks).for_each(|(half, block)| {
            half.copy_from_slice(block);
            block.as_mut_slice().zeroize();
        });
    }
}
