//! mRemoteNG: files that `tests/vectors/mremoteng/make.py` made from the description of the format, with a cipher of Python.

use beffroi_import::{Format, ImportError, Parsed, Reading, Source, Unlock, Work, detect, read};
use beffroi_secret::SecretText;

const BUILT_IN: &str = include_str!("../vectors/mremoteng/built-in.xml");
const OWN: &str = include_str!("../vectors/mremoteng/own.xml");
const WHOLE: &str = include_str!("../vectors/mremoteng/whole.xml");

fn read_with(text: &str, password: Option<&str>) -> Result<Parsed, ImportError> {
    let unlock = Unlock { password: password.map(|password| SecretText::new(password.to_owned())), ..Unlock::default() };
    let (source, work) = (Source::file("confCons.xml", text), Work::default());
    assert_eq!(detect(&source), Some(Format::MRemoteNg));
    read(Format::MRemoteNg, &Reading { source: &source, unlock: &unlock, work: &work })
}

#[test]
fn connections_come_with_what_they_inherit() {
    for (text, password) in [(BUILT_IN, None), (OWN, Some("own password")), (WHOLE, Some("own password"))] {
        let parsed = read_with(text, password).expect("read");
        let value = |entry: &beffroi_import::Entry| entry.value.as_ref().map(|value| value.expose().clone()).unwrap_or_default();
        let found: Vec<_> =
            parsed.entries.iter().map(|entry| (entry.origin.as_str(), value(entry), entry.user.as_deref().unwrap_or("-"))).collect();
        let text = |text: &str| text.to_owned();
        assert_eq!(found, [("c1", text("of the folder"), "ops"), ("a", text("hünter2"), "root"), ("r", text("rdp"), "admin")]);
        assert_eq!(parsed.entries[0].hosts, ["web & 1", "web 2"]);
        assert_eq!(parsed.entries[2].urls, ["rdp://win:3389"]);
        let hosts: Vec<_> =
            parsed.hosts.iter().map(|host| (host.name.as_str(), host.port, host.credential.as_deref(), host.path.join("/"))).collect();
        assert_eq!(
            hosts,
            [
                ("web & 1", Some(2222), Some("c1"), text("prod")),
                ("web 2", None, Some("c1"), text("prod")),
                ("alone", None, Some("a"), String::new()),
            ]
        );
        assert_eq!(
            parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(),
            [("telnet", "other-protocol")]
        );
        assert_eq!(parsed.notices.iter().any(|notice| notice.key == "built-in-password"), password.is_none());
    }
}

#[test]
fn another_password_and_a_changed_file_are_told() {
    assert!(matches!(read_with(OWN, None), Err(ImportError::Locked { what: "password" })));
    assert!(matches!(read_with(OWN, Some("another")), Err(ImportError::Wrong { what: "password" })));
    let cut: String = WHOLE.chars().take(WHOLE.len() - 40).collect();
    assert!(read_with(&cut, Some("own password")).is_err());
    let dear = OWN.replace("KdfIterations=\"1000\"", "KdfIterations=\"4000000000\"");
    assert!(matches!(read_with(&dear, Some("x")), Err(ImportError::TooExpensive { what: "KdfIterations", .. })));
    let cbc = OWN.replace("\"GCM\"", "\"EAX\"");
    assert!(matches!(read_with(&cbc, Some("x")), Err(ImportError::Unsupported { .. })));
}
