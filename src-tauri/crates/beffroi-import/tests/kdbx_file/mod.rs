//! Databases of KeePass, written as the format is described (<https://keepass.info/help/kb/kdbx.html>) and independently of
//! what the crate does: whatever is asked for is in them, also what no program writes.

use std::io::Write;

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt, KeyInit as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit, StreamCipher};
use chacha20::ChaCha20;
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac::{Hmac, Mac};
use salsa20::Salsa20;
use sha2::{Digest, Sha256, Sha512};
use twofish::Twofish;

/// The password of all of them.
pub(crate) const PASSWORD: &str = "correct horse";
/// Also their seeds, vectors and keys: bytes that repeat.
const SEED: [u8; 32] = [7; 32];

pub(crate) const AES: u128 = 0x31c1_f2e6_bf71_4350_be58_0521_6afc_5aff;
pub(crate) const CHACHA20: u128 = 0xd603_8a2b_8b6f_4cb5_a524_339a_31db_b59a;
pub(crate) const TWOFISH: u128 = 0xad68_f29f_576f_4bb9_a36a_d47a_f965_346c;
pub(crate) const AES_KDF: u128 = 0xc9d9_f39a_628a_4460_bf74_0d08_c18a_4fea;
pub(crate) const ARGON2D: u128 = 0xef63_6ddf_8c29_444b_91f7_a9a4_03e3_0a0c;
pub(crate) const ARGON2ID: u128 = 0x9e29_8b19_56db_4773_b23d_fc3e_c6f0_a1e6;

/// What a database is to be like.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) major: u16,
    pub(crate) minor: u16,
    pub(crate) cipher: u128,
    pub(crate) kdf: u128,
    /// Rounds of AES-KDF, passes of Argon2.
    pub(crate) rounds: u64,
    /// Memory of Argon2, in bytes.
    pub(crate) memory: u64,
    pub(crate) lanes: u32,
    pub(crate) gzip: bool,
    /// 2 is Salsa20, 3 is ChaCha20.
    pub(crate) stream: u32,
    /// The files of version 4.
    pub(crate) files: Vec<Vec<u8>>,
    /// Fields that come before all others in the header.
    pub(crate) extra: Vec<(u8, Vec<u8>)>,
}

impl Default for Made {
    /// As cheap as can be.
    fn default() -> Self {
        let (cipher, kdf) = (AES, AES_KDF);
        Self {
            major: 4,
            minor: 1,
            cipher,
            kdf,
            rounds: 2,
            memory: 64 << 10,
            lanes: 1,
            gzip: true,
            stream: 3,
            files: Vec::new(),
            extra: Vec::new(),
        }
    }
}

/// The stream that values are hidden with, from its beginning.
pub(crate) fn hider(stream: u32) -> impl FnMut(&str) -> String {
    let both = Sha512::digest(SEED);
    let mut chacha20 = ChaCha20::new_from_slices(&both[..32], &both[32..44]).expect("a key");
    let mut salsa20 = Salsa20::new_from_slices(&Sha256::digest(SEED), &[0xe8, 0x30, 0x09, 0x4b, 0x97, 0x20, 0x5d, 0x2a]).expect("a key");
    move |text| {
        let mut bytes = text.as_bytes().to_vec();
        if stream == 2 {
            salsa20.apply_keystream(&mut bytes)
        } else {
            chacha20.apply_keystream(&mut bytes)
        }
        STANDARD.encode(bytes)
    }
}

impl Made {
    /// A database with this document.
    pub(crate) fn file(&self, xml: &str) -> Vec<u8> {
        if self.major == 3 {
            return self.sealed(&self.payload(xml.as_bytes()));
        }
        let mut inner = Vec::new();
        let stream = self.stream.to_le_bytes().to_vec();
        let files = self.files.iter().map(|file| (3, [&[0][..], file].concat()));
        for (id, value) in [(1, stream), (2, SEED.to_vec())].into_iter().chain(files).chain([(0, Vec::new())]) {
            inner.push(id);
            inner.extend_from_slice(&u32::try_from(value.len()).expect("short").to_le_bytes());
            inner.extend_from_slice(&value);
        }
        inner.extend_from_slice(xml.as_bytes());
        self.sealed(&self.payload(&inner))
    }

    fn payload(&self, plain: &[u8]) -> Vec<u8> {
        if !self.gzip {
            return plain.to_vec();
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(plain).expect("into memory");
        gzip.finish().expect("into memory")
    }

    /// A database with these bytes as its payload, whatever they are: encrypted and with every check right.
    pub(crate) fn sealed(&self, payload: &[u8]) -> Vec<u8> {
        let header = self.header();
        let key = [&SEED[..], &self.derived()].concat();
        let (cipher, macs) = (Sha256::digest(&key), Sha512::digest([&key[..], &[1]].concat()));
        let mut file = header.clone();
        if self.major == 3 {
            let mut plain = SEED.to_vec();
            for (number, block) in (0_u32..).zip(payload.chunks(1 << 20)) {
                plain.extend_from_slice(&number.to_le_bytes());
                plain.extend_from_slice(&Sha256::digest(block));
                plain.extend_from_slice(&u32::try_from(block.len()).expect("short").to_le_bytes());
                plain.extend_from_slice(block);
            }
            let last = u32::try_from(payload.len().div_ceil(1 << 20)).expect("short");
            plain.extend_from_slice(&[&last.to_le_bytes()[..], &[0; 36]].concat());
            file.extend_from_slice(&self.encrypt(&cipher, plain));
            return file;
        }
        let mac = |number: u64, pieces: &[&[u8]]| {
            let key = Sha512::digest([&number.to_le_bytes()[..], &macs].concat());
            let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&key).expect("a key");
            pieces.iter().for_each(|piece| mac.update(piece));
            mac.finalize().into_bytes()
        };
        file.extend_from_slice(&Sha256::digest(&header));
        file.extend_from_slice(&mac(u64::MAX, &[&header]));
        let encrypted = self.encrypt(&cipher, payload.to_vec());
        for (number, block) in (0_u64..).zip(encrypted.chunks(1 << 20).chain([&[][..]])) {
            let length = u32::try_from(block.len()).expect("short").to_le_bytes();
            file.extend_from_slice(&mac(number, &[&number.to_le_bytes(), &length, block]));
            file.extend_from_slice(&length);
            file.extend_from_slice(block);
        }
        file
    }

    fn iv(&self) -> &'static [u8] {
        if self.cipher == CHACHA20 { &SEED[..12] } else { &SEED[..16] }
    }

    fn encrypt(&self, key: &[u8], plain: Vec<u8>) -> Vec<u8> {
        let mut bytes = plain;
        let length = bytes.len();
        if self.cipher == CHACHA20 {
            ChaCha20::new_from_slices(key, self.iv()).expect("a key").apply_keystream(&mut bytes);
            return bytes;
        }
        bytes.resize((length / 16 + 1) * 16, 0);
        if self.cipher == TWOFISH {
            let mode = cbc::Encryptor::<Twofish>::new_from_slices(key, self.iv()).expect("a key");
            mode.encrypt_padded::<Pkcs7>(&mut bytes, length).expect("room");
        } else {
            let mode = cbc::Encryptor::<Aes256>::new_from_slices(key, self.iv()).expect("a key");
            mode.encrypt_padded::<Pkcs7>(&mut bytes, length).expect("room");
        }
        bytes
    }

    fn derived(&self) -> Vec<u8> {
        let composite = Sha256::digest(Sha256::digest(PASSWORD));
        if self.kdf == AES_KDF {
            let cipher = Aes256::new(&SEED.into());
            let mut blocks: Vec<aes::Block> = composite.chunks(16).map(|half| half.try_into().expect("a block")).collect();
            for _ in 0..self.rounds {
                cipher.encrypt_blocks(&mut blocks);
            }
            return Sha256::digest(blocks.concat()).to_vec();
        }
        let algorithm = if self.kdf == ARGON2D { Algorithm::Argon2d } else { Algorithm::Argon2id };
        let memory = u32::try_from(self.memory / 1024).expect("little");
        let params = Params::new(memory, u32::try_from(self.rounds).expect("few"), self.lanes, Some(32)).expect("fit");
        let mut key = vec![0; 32];
        Argon2::new(algorithm, Version::V0x13, params).hash_password_into(&composite, &SEED, &mut key).expect("derives");
        key
    }

    /// Its header.
    pub(crate) fn header(&self) -> Vec<u8> {
        let mut header = vec![0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5];
        header.extend_from_slice(&[self.minor.to_le_bytes(), self.major.to_le_bytes()].concat());
        let mut fields = self.extra.clone();
        fields.extend([(2, self.cipher.to_be_bytes().to_vec()), (3, u32::from(self.gzip).to_le_bytes().to_vec()), (4, SEED.to_vec())]);
        fields.push((7, self.iv().to_vec()));
        if self.major == 3 {
            fields.extend([(5, SEED.to_vec()), (6, self.rounds.to_le_bytes().to_vec()), (8, SEED.to_vec()), (9, SEED.to_vec())]);
            fields.push((10, self.stream.to_le_bytes().to_vec()));
        } else {
            fields.push((11, self.parameters()));
        }
        fields.push((0, b"\r\n\r\n".to_vec()));
        for (id, value) in fields {
            header.push(id);
            if self.major == 3 {
                header.extend_from_slice(&u16::try_from(value.len()).expect("short").to_le_bytes());
            } else {
                header.extend_from_slice(&u32::try_from(value.len()).expect("short").to_le_bytes());
            }
            header.extend_from_slice(&value);
        }
        header
    }

    fn parameters(&self) -> Vec<u8> {
        let mut map = vec![0, 1];
        let mut values = vec![(0x42_u8, "$UUID", self.kdf.to_be_bytes().to_vec()), (0x42, "S", SEED.to_vec())];
        if self.kdf == AES_KDF {
            values.push((0x05, "R", self.rounds.to_le_bytes().to_vec()));
        } else {
            values.extend([(0x05, "I", self.rounds.to_le_bytes().to_vec()), (0x05, "M", self.memory.to_le_bytes().to_vec())]);
            values.extend([(0x04, "P", self.lanes.to_le_bytes().to_vec()), (0x04, "V", 0x13_u32.to_le_bytes().to_vec())]);
        }
        for (kind, name, value) in values {
            map.push(kind);
            map.extend_from_slice(&u32::try_from(name.len()).expect("short").to_le_bytes());
            map.extend_from_slice(name.as_bytes());
            map.extend_from_slice(&u32::try_from(value.len()).expect("short").to_le_bytes());
            map.extend_from_slice(&value);
        }
        map.push(0);
        map
    }
}

/// A document with these groups inside its root group, as XML.
pub(crate) fn document(meta: &str, groups: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><KeePassFile><Meta><Generator>test</Generator>{meta}</Meta><Root><Group>\
         <UUID>AAAAAAAAAAAAAAAAAAAAAQ==</UUID><Name>Root</Name>{groups}</Group></Root></KeePassFile>"
    )
}
