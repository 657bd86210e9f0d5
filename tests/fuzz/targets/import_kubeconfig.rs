#![no_main]
//! Configurations of Kubernetes.

use beffroi_fuzz::import;
use beffroi_import::{Format, Unlock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    import::read(Format::Kubeconfig, "config", bytes, &Unlock::default());
});
