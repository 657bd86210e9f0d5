//! A disk that does not do what it is asked: read-only, removed, exchanged. (Full: in the crate, where its size is set.)

use std::fs;

use beffroi_store::StoreError;

use crate::kit::{CANARY, Sandbox, furnish, read, see};

fn is_disk<T>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Disk { reason }) if !reason.is_empty())
}

#[test]
fn a_write_to_a_removed_folder_is_never_acknowledged() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    let away = sandbox.folder.path().with_extension("away");
    fs::rename(sandbox.folder.path(), &away).expect("moved");
    let written = catalog.write(|writer| writer.set_setting("name", "lost"));
    assert!(is_disk(written));
    fs::rename(&away, sandbox.folder.path()).expect("moved back");
    assert_eq!(read(&catalog, |reader| reader.setting("name")), Some(CANARY.to_owned()));
    catalog.write(|writer| writer.set_setting("name", "kept")).expect("the folder is there again");
}

#[cfg(unix)]
#[test]
fn a_write_to_a_removed_or_exchanged_file_is_never_acknowledged() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    fs::copy(sandbox.path(), sandbox.folder.path().join("other.db")).expect("copied");
    fs::rename(sandbox.folder.path().join("other.db"), sandbox.path()).expect("exchanged, as a synchroniser does");
    assert!(is_disk(catalog.write(|writer| writer.set_setting("name", "lost"))));
    fs::remove_file(sandbox.path()).expect("removed");
    assert!(is_disk(catalog.write(|writer| writer.set_setting("name", "lost"))));
    assert_eq!(read(&catalog, |reader| reader.setting("name")), Some(CANARY.to_owned()), "nothing was changed");
}

#[cfg(unix)]
mod read_only {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::kit::key;
    use beffroi_store::Catalog;

    const FILE: &str = "BEFFROI_TEST_READ_ONLY";
    const NOBODY: u32 = 65_534;

    fn allow(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
    }

    /// What is tried by an account that may not write: opening says so, whether it is the file or the folder.
    fn try_all(file: &Path) {
        let opened = Catalog::open(file, &key());
        assert!(is_disk(opened), "a file that may not be written");
    }

    /// An administrator may write everything: then a copy of this test is run as `nobody`.
    #[test]
    fn a_file_that_may_not_be_written_opens_with_a_clear_error() {
        if let Some(path) = std::env::var_os(FILE) {
            return try_all(Path::new(&path));
        }
        let sandbox = Sandbox::new();
        let catalog = sandbox.create();
        furnish(&catalog);
        let expected = see(&catalog).expect("read");
        catalog.close().expect("closed");
        for (folder, file) in [(0o755, 0o444), (0o555, 0o444), (0o555, 0o644)] {
            allow(&sandbox.path(), file);
            allow(sandbox.folder.path(), folder);
            if fs::File::options().append(true).open(sandbox.path()).is_ok() && is_administrator(sandbox.folder.path()) {
                allow(sandbox.folder.path(), 0o755);
                let program = sandbox.folder.path().join("test");
                fs::copy(std::env::current_exe().expect("this test"), &program).expect("copied");
                allow(&program, 0o755);
                allow(sandbox.folder.path(), folder);
                let output = Command::new(&program)
                    .args(["--exact", "disk::read_only::a_file_that_may_not_be_written_opens_with_a_clear_error"])
                    .env(FILE, sandbox.path())
                    .current_dir(sandbox.folder.path())
                    .uid(NOBODY)
                    .gid(NOBODY)
                    .output()
                    .expect("started");
                let said = String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success() && said.contains("1 passed"), "{said}");
            } else {
                try_all(&sandbox.path());
            }
        }
        allow(sandbox.folder.path(), 0o755);
        allow(&sandbox.path(), 0o600);
        assert_eq!(see(&sandbox.open().expect("opens")).expect("read"), expected);
    }

    fn is_administrator(folder: &Path) -> bool {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(folder).expect("there").uid() == 0
    }
}
