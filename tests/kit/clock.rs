//! Clocks of a machine that sleeps.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::fail;

/// Clocks that can be put forward as a sleep does, for the programs that are started with them (`clock.c`).
#[derive(Debug)]
pub(crate) struct Clock {
    library: PathBuf,
    /// Holds how many seconds were slept.
    slept: PathBuf,
}

impl Clock {
    /// Clocks that never slept; what they are made of lies in a folder.
    #[track_caller]
    pub(crate) fn in_folder(folder: &Path) -> Self {
        let clock = Self { library: folder.join("clock.so"), slept: folder.join("slept") };
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]).arg(&clock.library);
        let made = compiler.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("kit/clock.c")).status();
        if !made.is_ok_and(|status| status.success()) {
            fail("the clock of a sleeping machine cannot be compiled (Debian, Ubuntu: apt install build-essential)");
        }
        fs::write(&clock.slept, 0_i64.to_ne_bytes()).expect("a file can be written");
        clock
    }

    /// What a program's environment needs.
    pub(crate) fn environment(&self) -> [(&str, &OsStr); 2] {
        [("LD_PRELOAD", self.library.as_os_str()), ("BEFFROI_SLEPT", self.slept.as_os_str())]
    }

    /// Sleeps so much longer.
    pub(crate) fn put_forward(&self, length: Duration) {
        let slept = fs::read(&self.slept).ok().and_then(|bytes| bytes.try_into().ok()).map(i64::from_ne_bytes);
        let slept = slept.expect("eight bytes") + i64::try_from(length.as_secs()).expect("not that long");
        // In place: the programs look into this very file.
        let file = fs::File::options().write(true).open(&self.slept).expect("a file can be written");
        std::os::unix::fs::FileExt::write_all_at(&file, &slept.to_ne_bytes(), 0).expect("a file can be written");
    }
}
