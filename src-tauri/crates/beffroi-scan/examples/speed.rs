//! How fast a folder is looked through: `cargo run --release -p beffroi-scan --example speed -- PATH [history]`.

use std::io::Write as _;
use std::time::Instant;

use beffroi_scan::{Known, ScanError, Scanner, What, scan};

fn main() -> Result<(), ScanError> {
    let mut words = std::env::args().skip(1);
    let path = words.next().unwrap_or_else(|| ".".to_owned());
    let what = if words.next().is_some_and(|word| word == "history") { What::History } else { What::Files };
    let scanner = Scanner::new(Known::default());
    let started = Instant::now();
    let report = scan(path.as_ref(), what, &scanner, &|| false)?;
    let took = started.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    for found in &report.findings {
        let told = writeln!(out, "{} {}:{}:{} {:?} {}", found.rule, found.path, found.line, found.column, found.before, found.length);
        told.map_err(|source| ScanError::Io { path: "stdout".into(), source })?;
    }
    let (files, megabytes) = (report.files, report.bytes as f64 / 1e6);
    let told = writeln!(out, "{files} files, {megabytes:.1} MB, {took:.2} s, {:.0} MB/s; {:?}", megabytes / took, report.skipped);
    told.map_err(|source| ScanError::Io { path: "stdout".into(), source })
}
