//! Reports for clients, as the command line writes them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use beffroi_tests::Fleet;

#[test]
fn a_client_is_given_reports_without_a_secret_and_can_check_that_they_are_whole() {
    const PASSWORD: &str = "Un-Canard-Violet-71";
    let fleet = Fleet::of(&["plain-1", "ynh-1"]);
    let sandbox = &fleet.sandbox;
    sandbox.file("password", &format!("{PASSWORD}\n"));
    drop(sandbox.json(&["secret", "set", "acme/portal", "--from-file", "password"]).success());
    let add = ["--yes", "ynh", "user", "add", "grace", "--fullname", "Grace Hopper", "--password-file", "password", "--on", "ynh-1"];
    drop(sandbox.json(&add).success());
    // Typed where it should not be.
    drop(sandbox.json(&["run", "--on", "plain-1", "--", &format!("echo {PASSWORD}")]).success());
    drop(sandbox.json(&["host", "survey", "all", "--refresh"]).success());

    sandbox.file("keys.kdbx", "abc");
    for (kind, more) in [("interventions", &["--since", "2026-01-01"][..]), ("state", &[]), ("dossier", &["--handed", "keys.kdbx"])] {
        for format in ["pdf", "csv", "json"] {
            let out = format!("{kind}.{format}");
            let words = [&["--lang", "fr", "report", kind, "--out", &out, "--sign"], more].concat();
            let written = sandbox.json(&words).success().data(&format!("report-{kind}"));
            let files = written["files"].as_array().expect("files");
            assert_eq!(files.len() > 1, format == "csv", "a file for each table: {written}");
            for file in files {
                let path = file["path"].as_str().expect("a path");
                let content = fs::read(path).expect("it is there");
                assert_eq!(fs::metadata(path).expect("it is there").permissions().mode() & 0o777, 0o600, "{path}");
                assert!(!String::from_utf8_lossy(&content).contains(PASSWORD), "{path}");
                assert!(format != "pdf" || content.starts_with(b"%PDF-1.7"), "{path}");
            }
            let statement = format!("{out}.signature.json");
            let signer = written["signer"].as_str().expect("who signed");
            let checked = sandbox.bare(&[
                "--json",
                "report",
                "verify",
                sandbox.files().join(&statement).to_str().expect("a path"),
                "--signer",
                signer,
            ]);
            let checked = checked.success().data("report-verify");
            assert!(checked["files"].as_array().expect("files").iter().all(|file| file["state"] == "same"), "{checked}");
        }
    }
    let read = |name: &str| fs::read_to_string(sandbox.files().join(name)).expect("it is there");
    let jobs = read("interventions-jobs.csv");
    assert!(jobs.starts_with("\u{feff}Date;Serveur;Opération;Qui;") && jobs.contains("grace"), "{jobs}");
    assert!(read("interventions-commands.csv").contains("echo ••••••••"), "a secret of the vault is masked");
    assert!(read("state-applications.csv").contains("ynh-1;") && read("state-certificates.csv").contains("ynh-1;"));
    let receipt = read("dossier-receipt.csv");
    assert!(receipt.contains("keys.kdbx;3;ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), "{receipt}");

    // What is there stays; what was changed is told.
    let again = ["report", "state", "--out", "state.pdf"];
    assert_eq!(sandbox.json(&again).exit(1).error()["code"], "local-file");
    drop(sandbox.json(&[&again[..], &["--force"]].concat()).success());
    let changed = sandbox.json(&["report", "verify", "state.pdf.signature.json"]).exit(8).data("report-verify");
    assert_eq!(changed["files"][0]["state"], "changed", "{changed}");
    let one = sandbox.json(&["report", "state", "--out", "only.csv", "--table", "applications"]).success().data("report-state");
    assert!(one["files"][0]["path"].as_str().is_some_and(|path| path.ends_with("/only.csv")), "{one}");
    assert_eq!(sandbox.json(&["report", "state", "--out", "x.csv", "--table", "none"]).exit(2).error()["code"], "invalid-request");
    let told = sandbox.beffroi(&["--lang", "en", "report", "state", "--on", "ynh-1"]).success().stdout;
    assert!(told.starts_with("State of the servers\n") && told.contains("Applications") && !told.contains("plain-1"), "{told}");
}
