//! No test is forgotten.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_file_of_this_folder_is_compiled() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
    let main = include_str!("main.rs");
    let forgotten: BTreeSet<String> = fs::read_dir(package.join("it"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| !main.lines().any(|line| line == format!("mod {name};")) && !manifest.contains(&format!("\"it/{name}.rs\"")))
        .collect();
    assert_eq!(forgotten, BTreeSet::new(), "in neither tests/it/main.rs nor tests/Cargo.toml");
}
