#![no_main]
//! Archives of 1Password: the archive as it comes, or, when it is none, its `export.data` in a whole one.

use std::io::{Cursor, Write};

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"PK") {
        import::read(Format::Onepux, "export.1pux", bytes, &Unlock::default());
        return;
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, inside) in [("export.data", bytes), ("files/abc__a.txt", b"attached")] {
        zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).expect("into memory");
        zip.write_all(inside).expect("into memory");
    }
    let archive = zip.finish().expect("into memory").into_inner();
    import::read(Format::Onepux, "export.1pux", &archive, &Unlock::default());
});
