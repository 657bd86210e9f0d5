#![no_main]
//! Connections of mRemoteNG.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // One round, whatever the file says: what is looked for lies behind the derivation.
    let text = String::from_utf8_lossy(bytes).replace("KdfIterations", "Iterations");
    let text = text.replacen("ConfVersion", "KdfIterations=\"1\" ConfVersion", 1);
    import::read(Format::MRemoteNg, "confCons.xml", text.as_bytes(), &Unlock::default());
});
