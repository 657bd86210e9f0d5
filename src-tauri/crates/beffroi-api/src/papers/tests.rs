//! Words and files of reports.

use std::collections::BTreeSet;

use super::*;
use crate::wire::ReportFileChecked;

const SOURCES: &[&str] = &[
    include_str!("../../../beffroi-app/src/reports/mod.rs"),
    include_str!("../../../beffroi-app/src/reports/dossier.rs"),
    include_str!("../../../beffroi-app/src/reports/handover.rs"),
    include_str!("../../../beffroi-app/src/reports/interventions.rs"),
    include_str!("../../../beffroi-app/src/reports/kept.rs"),
    include_str!("../../../beffroi-app/src/reports/state.rs"),
    include_str!("mod.rs"),
    include_str!("paper.rs"),
];

/// The texts in quotes.
fn quoted(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| line.split('"').skip(1).step_by(2))
}

fn voice(language: Language) -> Voice {
    Voice { language, zone: TimeZone::UTC }
}

fn cell(text: &str) -> ReportCell {
    ReportCell { text: text.to_owned(), at_ms: None, number: None }
}

#[test]
fn every_sentence_of_a_report_is_there_and_none_is_left_over() {
    let used: BTreeSet<&str> = SOURCES.iter().flat_map(|source| quoted(source)).collect();
    let catalog: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../../../../../assets/messages/en.json")).expect("a catalog");
    let own: BTreeSet<&str> = catalog.keys().filter_map(|key| key.strip_prefix("paper.")).collect();
    let missing: Vec<&&str> = used
        .iter()
        .filter(|text| text.strip_prefix("paper.").is_some_and(|key| !key.is_empty() && !key.contains('{') && !own.contains(key)))
        .collect();
    assert_eq!(missing, Vec::<&&str>::new());
    let is_used = |key: &&str| {
        let last = key.rsplit('.').next().unwrap_or(key);
        used.contains(format!("paper.{key}").as_str()) || used.contains(*key) || used.contains(last)
    };
    let unused: Vec<&str> = own.iter().copied().filter(|key| !is_used(key)).collect();
    assert_eq!(unused, Vec::<&str>::new());
}

#[test]
fn sizes_and_moments_are_written_as_each_language_does() {
    let (english, french) = (voice(Language::English), voice(Language::French));
    assert_eq!((english.size(1023), french.size(1536)), ("1023\u{a0}B".to_owned(), "1,5\u{a0}Kio".to_owned()));
    assert_eq!(english.size(u64::MAX), "16777215.9\u{a0}TiB");
    let at = 1_795_320_000_000;
    assert_eq!((english.moment(at), french.moment(at)), ("2026-11-22 04:00".to_owned(), "22/11/2026 04:00".to_owned()));
    assert_eq!(english.sheet_moment(at), "2026-11-22 04:00:00");
    assert_eq!(english.moment(i64::MAX), "", "no moment at all");
}

#[test]
fn a_sheet_opens_in_spreadsheets_and_computes_nothing() {
    let column = |name: &str| ReportColumn { name: name.to_owned(), title: name.to_owned() };
    let table = ReportTable {
        name: "hosts".to_owned(),
        title: "Hosts".to_owned(),
        columns: vec![column("host"), column("when"), column("size")],
        rows: vec![
            vec![
                cell("=HYPERLINK(\"http://x\")"),
                ReportCell { at_ms: Some(0), ..cell("whenever") },
                ReportCell { number: Some(1536), ..cell("1.5 KiB") },
            ],
            vec![cell("a;b, \"c\"\nd"), cell("+1"), cell("")],
        ],
    };
    let english = csv(&voice(Language::English), &table);
    let expected =
        "\u{feff}host,when,size\r\n\"'=HYPERLINK(\"\"http://x\"\")\",1970-01-01 00:00:00,1536\r\n\"a;b, \"\"c\"\" | d\",\"'+1\",\r\n";
    assert_eq!(english, expected);
    assert!(csv(&voice(Language::French), &table).contains("host;when;size\r\n"));
}

#[test]
fn files_take_nobodys_place_unasked_and_a_changed_one_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one.csv"), folder.path().join("two.csv"));
    let files = vec![(one.clone(), b"1".to_vec()), (two.clone(), b"2".to_vec())];
    let written = write(&files, false).expect("written");
    assert_eq!(written[0].sha256, "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&one).expect("there").permissions().mode() & 0o777, 0o600);
    }
    std::fs::remove_file(&one).expect("removed");
    assert!(write(&files, false).is_err());
    assert!(!one.exists() && std::fs::read(&two).expect("there") == b"2", "all or none");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside");
    write(&vec![(two.clone(), b"new".to_vec())], true).expect("replaced");

    let line = format!("{}  two.csv\n{}  gone.csv\n", written[1].sha256, written[0].sha256);
    let statement = folder.path().join("statement");
    let found: Vec<String> = checked(&statement, &line).expect("lines").into_iter().map(|ReportFileChecked { state, .. }| state).collect();
    assert_eq!(found, ["changed", "missing"]);
    let outside = format!("{}  ../two.csv\n", written[1].sha256);
    assert!(checked(&statement, &outside).is_none(), "a name is no path");
}
