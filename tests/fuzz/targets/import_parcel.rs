#![no_main]
//! What is in a parcel once age opened it: what it says was signed is what is there, to the byte.

use base64::{Engine, engine::general_purpose::STANDARD};
use beffroi_fuzz::import;
use beffroi_import::formats::parcel::{self, MOST_READERS};
use beffroi_import::{Format, Source, Unlock};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let source = Source::file("parcel", bytes);
    // In clear it is none of the formats: it only ever lies in a file of age.
    assert!(!parcel::tells(&source) || import::read(Format::BeffroiJson, "parcel", bytes, &Unlock::default()).is_none());
    let Ok(parsed) = parcel::read(&source) else { return };
    let parcel = parsed.parcel.expect("a parcel has a signature");
    assert!(parcel.readers.len() <= MOST_READERS && parcel.opened_with.is_empty());
    let start = [b"beffroi-parcel-1\n", parcel.header.as_slice(), b"\n", STANDARD.encode(parcel.signature).as_bytes(), b"\n"].concat();
    let rest = bytes.strip_prefix(start.as_slice()).expect("the header and the signature are those of the file");
    assert_eq!(<[u8; 32]>::from(Sha256::digest(rest)), parcel.content);
});
