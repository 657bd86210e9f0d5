//! KeePassXC: its separated values are read here.

use beffroi_import::{Format, Reading, Source, Unlock, Work, detect, read};

use crate::tool;

const PASSWORD: &str = "of the database";

#[test]
fn separated_values_of_keepassxc_are_read() {
    let Some(tool) = tool("keepassxc-cli") else { return };
    tool.run(["db-create", "-q", "-p", "-t", "100", "a.kdbx"], format!("{PASSWORD}\n{PASSWORD}\n"));
    let run = |words: &[&str], more: &str| tool.run(words, format!("{PASSWORD}\n{more}"));
    run(&["mkdir", "-q", "a.kdbx", "Servers"], "");
    run(&["mkdir", "-q", "a.kdbx", "Servers/Prod é"], "");
    run(
        &[
            "add",
            "-q",
            "a.kdbx",
            "Servers/Prod é/web",
            "-p",
            "-u",
            "root",
            "--url",
            "https://web.example/",
            "--notes",
            "one\\ntwo \"é\", three",
        ],
        "=first;'\n",
    );
    run(&["add", "-q", "a.kdbx", "top", "-p"], "second\n");
    run(&["add", "-q", "a.kdbx", "gone", "-p"], "thrown away\n");
    run(&["rm", "-q", "a.kdbx", "gone"], "");
    let text = run(&["export", "-q", "-f", "csv", "a.kdbx"], "");

    let source = Source::file("export", text);
    assert_eq!(detect(&source), Some(Format::Csv));
    let (unlock, work) = (Unlock::default(), Work::default());
    let parsed = read(Format::Csv, &Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
    let value = |entry: &beffroi_import::Entry| entry.value.as_ref().map(|value| value.expose().clone()).unwrap_or_default();
    let mut found: Vec<_> =
        parsed.entries.iter().map(|entry| (entry.path.join("/"), entry.title.clone(), value(entry), entry.discarded)).collect();
    found.sort();
    let expected =
        [("", "top", "second", false), ("Recycle Bin", "gone", "thrown away", true), ("Servers/Prod é", "web", "=first;'", false)];
    assert_eq!(found, expected.map(|(path, title, value, discarded)| (path.to_owned(), title.to_owned(), value.to_owned(), discarded)));
    let web = parsed.entries.iter().find(|entry| entry.title == "web").expect("it");
    assert_eq!((web.user.as_deref(), web.urls.as_slice()), (Some("root"), &["https://web.example/".to_owned()][..]));
    assert_eq!(web.notes.as_ref().map(|notes| notes.expose().as_str()), Some("one\ntwo \"é\", three"));
    assert!(web.created_ms.is_some() && web.changed_ms.is_some());
    assert!(parsed.refused.is_empty() && parsed.notices.is_empty(), "{:?} {:?}", parsed.refused, parsed.notices);
}
