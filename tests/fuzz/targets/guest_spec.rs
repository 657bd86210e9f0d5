#![no_main]
//! Specifications of guests: what is taken says the same again, and nothing of it leads elsewhere.

use std::collections::BTreeMap;

use beffroi_domain::GuestDriver;
use beffroi_lxc::spec::make::{Given, Making};
use beffroi_lxc::spec::{SpecFile, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines = text.lines().count() + 1;
    let file = match SpecFile::parse(text) {
        Ok(file) => file,
        Err(faults) => {
            assert!(!faults.is_empty() && faults.len() <= 50 && faults.iter().all(|fault| fault.line <= lines));
            return;
        }
    };
    for stage in ["dev", "prod"] {
        let spec = file.of_stage(stage);
        let _ = lint(spec);
        let digest = spec.digest(&BTreeMap::new());
        assert_eq!(digest.len(), 64);
        let making = Making { spec, driver: GuestDriver::Lxc, project: "", name: "a", plan: "p", digest: &digest, rebuild: false, number: "" };
        for (name, given) in making.given() {
            assert!(!name.starts_with('/') && !name.split('/').any(|part| matches!(part, "" | "." | "..")), "{name}");
            match given {
                // A line for each, whatever stands in it.
                Given::Text(text) if name == "files" => assert_eq!(text.lines().count(), spec.files.len()),
                Given::Text(text) if name == "volumes" => assert_eq!(text.lines().count(), spec.volumes.len()),
                Given::Source(path) => assert!(!path.starts_with('/') && !path.split('/').any(|part| part == "..")),
                Given::Text(_) => {}
            }
        }
    }
});
