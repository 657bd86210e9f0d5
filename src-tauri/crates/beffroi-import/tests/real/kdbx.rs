//! KeePassXC: its databases are read here, and those of here it opens, shows and goes on with.

use std::path::Path;

use beffroi_import::write::kdbx::{Cipher, Cost, write};
use beffroi_import::{Attachment, Entry, Field, Format, ImportError, Kind, Parsed, Past, Reading, Source, Unlock, Work, detect, read};
use beffroi_secret::{SecretBytes, SecretText};

use crate::kdbx_file::{ARGON2D, ARGON2ID, CHACHA20, Made, PASSWORD, TWOFISH, document, hider};
use crate::{Tool, tool};

fn secret(text: &str) -> Option<SecretText> {
    Some(SecretText::new(text.to_owned()))
}

fn unlock(password: Option<&str>, key_file: Option<&Path>) -> Unlock {
    let key_file = key_file.map(|path| SecretBytes::new(std::fs::read(path).expect("a key file")));
    Unlock { password: password.and_then(secret), key_file, ..Unlock::default() }
}

fn open(path: &Path, unlock: &Unlock) -> Result<Parsed, ImportError> {
    let source = Source::open(path).expect("a file");
    assert_eq!(detect(&source), Some(Format::Kdbx));
    let work = Work::default();
    let parsed = read(Format::Kdbx, &Reading { source: &source, unlock, work: &work });
    assert!(work.derivations() <= 1);
    parsed
}

fn shown(value: Option<&SecretText>) -> &str {
    value.map_or("", |value| value.expose())
}

fn entry<'a>(parsed: &'a Parsed, title: &str) -> &'a Entry {
    let of_title: Vec<&Entry> = parsed.entries.iter().filter(|entry| entry.title == title).collect();
    assert_eq!(of_title.len(), 1, "{title}");
    of_title[0]
}

/// KeePassXC on a database, opened with the usual password.
fn keepassxc<'a>(tool: &Tool, words: impl IntoIterator<Item = &'a str>, more: &str) -> String {
    let printed = tool.run(words, format!("{PASSWORD}\n{more}"));
    String::from_utf8(printed).expect("text")
}

#[test]
fn a_3_1_database_of_keepassxc_is_read_whole() {
    let Some(tool) = tool("keepassxc-cli") else { return };
    let path = tool.home().join("a.kdbx");
    let key = tool.home().join("a.keyx");
    let with_key = ["-q", "-k", "a.keyx", "a.kdbx"];
    tool.run(["db-create", "-q", "-p", "-t", "100", "--set-key-file", "a.keyx", "a.kdbx"], format!("{PASSWORD}\n{PASSWORD}\n"));
    assert_eq!(std::fs::read(&path).expect("it").get(8..12), Some(&[1, 0, 3, 0][..]), "KDBX 3.1");
    let run = |words: &[&str], more: &str| {
        let (command, rest) = words.split_first().expect("a command");
        keepassxc(&tool, [*command].iter().chain(&with_key).chain(rest).copied(), more)
    };
    run(&["mkdir", "Servers"], "");
    run(&["mkdir", "Servers/Prod é"], "");
    let notes = "one\\ntwo <&> \"é\"";
    run(&["add", "Servers/Prod é/web", "-p", "-u", "root", "--url", "https://web.example/", "--notes", notes], "first & <1>\n");
    run(&["edit", "Servers/Prod é/web", "-p"], "second\n");
    run(&["edit", "Servers/Prod é/web", "-u", "admin"], "");
    let files: [(&str, Vec<u8>); 2] =
        [("small.txt", b"hello".to_vec()), ("large.bin", (0..100_000_u32).flat_map(u32::to_le_bytes).collect())];
    for (name, bytes) in &files {
        std::fs::write(tool.home().join(name), bytes).expect("written");
        run(&["attachment-import", "Servers/Prod é/web", name, name], "");
    }
    run(&["add", "gone", "-p"], "thrown away\n");
    run(&["rm", "gone"], "");

    let parsed = open(&path, &unlock(Some(PASSWORD), Some(&key))).expect("read");
    assert!(parsed.refused.is_empty(), "{:?}", parsed.refused);
    // How many rounds a tenth of a second has is the machine's affair.
    assert!(parsed.notices.iter().all(|notice| notice.key == "weak-kdf"), "{:?}", parsed.notices);
    let web = entry(&parsed, "web");
    assert_eq!((web.path.join("/").as_str(), web.user.as_deref(), web.kind), ("Servers/Prod é", Some("admin"), Kind::Password));
    assert_eq!((shown(web.value.as_ref()), shown(web.notes.as_ref())), ("second", "one\ntwo <&> \"é\""));
    assert_eq!(web.urls, ["https://web.example/"]);
    let history: Vec<&str> = web.history.iter().map(|past| past.value.expose().as_str()).collect();
    assert_eq!(history, ["first & <1>"]);
    assert!(web.created_ms.is_some() && web.history[0].until_ms.is_some() && web.expires_ms.is_none() && !web.discarded);
    let mut found: Vec<(&str, &Vec<u8>)> = web.attachments.iter().map(|file| (file.name.as_str(), file.bytes.expose())).collect();
    found.sort_unstable();
    assert_eq!(found, [("large.bin", &files[1].1), ("small.txt", &files[0].1)]);
    let shown_uuid = run(&["show", "-a", "Uuid", "Servers/Prod é/web"], "").replace(['{', '}', '-', '\n'], "");
    assert_eq!(web.origin, shown_uuid);
    let gone = entry(&parsed, "gone");
    assert!(gone.discarded && gone.path == ["Recycle Bin"] && shown(gone.value.as_ref()) == "thrown away");

    let wrong = |password, key: Option<&Path>| open(&path, &unlock(password, key)).expect_err("wrong");
    assert!(matches!(wrong(Some("other"), Some(&key)), ImportError::Wrong { what: "password" }));
    assert!(matches!(wrong(Some(PASSWORD), None), ImportError::Wrong { what: "password" }));
    assert!(matches!(wrong(None, Some(&key)), ImportError::Wrong { what: "key-file" }));
    assert!(matches!(wrong(None, None), ImportError::Locked { what: "password" }));
}

#[test]
fn a_4_0_database_of_keepassxc_opens_with_each_kind_of_key_file() {
    let Some(tool) = tool("keepassxc-cli") else { return };
    let seed = "JBSWY3DPEHPK3PXP";
    let text = |name: &str, value: &str, hidden: bool| {
        let hidden = if hidden { " ProtectInMemory=\"True\"" } else { "" };
        format!("<String><Key>{name}</Key><Value{hidden}>{value}</Value></String>")
    };
    let strings = [
        text("Title", "api", false),
        text("Password", "{REF:P@I:00000000000000000000000000000002}", true),
        text("otp", &format!("otpauth://totp/api:me?secret={seed}&amp;period=30&amp;digits=6"), true),
        text("KP2A_URL_1", "https://second.example", false),
        text("Account number", "12 &lt;3&gt;", false),
        text("PIN", "0000", true),
    ];
    let times = "<Times><CreationTime>2020-02-03T04:05:06Z</CreationTime><LastModificationTime>2021-02-03T04:05:06Z</LastModificationTime>\
                 <ExpiryTime>2030-01-01T00:00:00Z</ExpiryTime><Expires>True</Expires></Times>";
    // Data of plug-ins has a place from version 4 on.
    let custom = "<CustomData><Item><Key>some</Key><Value>thing</Value></Item></CustomData>";
    let groups = format!(
        "<Entry><UUID>AAAAAAAAAAAAAAAAAAAAAg==</UUID>{}{}</Entry>\
         <Entry><UUID>AAAAAAAAAAAAAAAAAAAAAw==</UUID><Tags>a;b c</Tags>{times}{}{custom}</Entry>",
        text("Title", "target", false),
        text("Password", "s3cret", true),
        strings.concat(),
    );
    std::fs::write(tool.home().join("in.xml"), document("", &groups)).expect("written");
    let raw: Vec<u8> = (100..132).collect();
    let hex: String = raw.iter().map(|byte| format!("{byte:02X}")).collect();
    let xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><KeyFile><Meta><Version>1.00</Version></Meta><Key><Data>\
               ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=</Data></Key></KeyFile>";
    let files: [(&str, &[u8]); 4] =
        [("raw", &raw), ("hex", hex.as_bytes()), ("any", b"some picture or other"), ("one.key", xml.as_bytes())];
    for (name, bytes) in files {
        let (key, database) = (tool.home().join(name), format!("{name}.kdbx"));
        std::fs::write(&key, bytes).expect("written");
        tool.run(["import", "-q", "-t", "100", "--set-key-file", name, "in.xml", &database], "");
        let path = tool.home().join(&database);
        assert_eq!(std::fs::read(&path).expect("it").get(8..12), Some(&[0, 0, 4, 0][..]), "KDBX 4.0");
        let parsed = open(&path, &unlock(None, Some(&key))).expect(name);
        assert!(parsed.refused.is_empty() && parsed.notices.is_empty(), "{:?} {:?}", parsed.refused, parsed.notices);
        let api = entry(&parsed, "api");
        assert_eq!(shown(api.value.as_ref()), "s3cret", "the reference is followed");
        assert_eq!(shown(api.totp.as_ref()), format!("otpauth://totp/api:me?secret={seed}&period=30&digits=6"));
        assert_eq!(
            (api.tags.as_slice(), api.urls.as_slice()),
            (&["a".to_owned(), "b c".to_owned()][..], &["https://second.example".to_owned()][..])
        );
        let fields: Vec<_> = api.fields.iter().map(|field| (field.name.as_str(), field.value.expose().as_str(), field.hidden)).collect();
        assert_eq!(fields, [("Account number", "12 <3>", false), ("PIN", "0000", true)]);
        let times = (api.created_ms, api.changed_ms, api.expires_ms);
        assert_eq!(times, (Some(1_580_702_706_000), Some(1_612_325_106_000), Some(1_893_456_000_000)));
        let wrong = open(&path, &unlock(Some(PASSWORD), Some(&key))).expect_err("no password");
        assert!(matches!(wrong, ImportError::Wrong { what: "password" }));
    }
}

#[test]
fn what_keepassxc_saves_with_every_cipher_and_derivation_is_read() {
    let Some(tool) = tool("keepassxc-cli") else { return };
    for (name, cipher, kdf) in [("twofish", TWOFISH, ARGON2D), ("chacha20", CHACHA20, ARGON2ID)] {
        // Its own program does not choose them: it keeps those that a database has.
        let made = Made { cipher, kdf, lanes: 2, ..Made::default() };
        let mut hide = hider(made.stream);
        let value = format!("<String><Key>Password</Key><Value Protected=\"True\">{}</Value></String>", hide("made here"));
        let groups =
            format!("<Entry><UUID>AAAAAAAAAAAAAAAAAAAAAg==</UUID><String><Key>Title</Key><Value>old</Value></String>{value}</Entry>");
        let database = format!("{name}.kdbx");
        let path = tool.home().join(&database);
        std::fs::write(&path, made.file(&document("", &groups))).expect("written");
        keepassxc(&tool, ["add", "-q", "-p", &database, "new"], "made there\n");
        let info = keepassxc(&tool, ["db-info", "-q", &database], "").to_lowercase();
        assert!(info.contains(name) && info.contains(if kdf == ARGON2D { "argon2d" } else { "argon2id" }), "{info}");
        let parsed = open(&path, &unlock(Some(PASSWORD), None)).expect(name);
        assert_eq!(shown(entry(&parsed, "old").value.as_ref()), "made here");
        assert_eq!(shown(entry(&parsed, "new").value.as_ref()), "made there");
    }
}

/// Everything that an entry may have.
fn everything(key: &str) -> Parsed {
    let field = |name: &str, value: &str, hidden| Field { name: name.to_owned(), value: SecretText::new(value.to_owned()), hidden };
    let past = |value: &str, until_ms| Past { value: SecretText::new(value.to_owned()), until_ms: Some(until_ms) };
    let file = |name: &str, bytes: &[u8]| Attachment { name: name.to_owned(), bytes: SecretBytes::new(bytes.to_vec()) };
    let web = Entry {
        origin: "00112233445566778899aabbccddeeff".to_owned(),
        path: vec!["Mairie".to_owned(), "Prod é".to_owned()],
        title: "web <1> & \"co\"".to_owned(),
        user: Some("root".to_owned()),
        value: secret("p&ss <word> ü\u{1}"),
        urls: vec!["https://web.example/?a=1&b=2".to_owned(), "ssh://root@web:2222".to_owned(), "https://third".to_owned()],
        notes: secret("line one\nline two\r\n\ttab"),
        totp: secret("otpauth://totp/web:root?secret=JBSWY3DPEHPK3PXP&period=30&digits=6&issuer=web"),
        fields: vec![field("PIN", "1234", true), field("Title", "again", false), field("PIN", "5678", false)],
        attachments: vec![file("a.bin", &[0, 1, 2, 255]), file("b.bin", &[0, 1, 2, 255]), file("a.bin", b"other")],
        history: vec![past("first", 1_600_000_000_000), past("second", 1_650_000_000_000)],
        tags: vec!["prod".to_owned(), "web server".to_owned()],
        hosts: vec!["web-1".to_owned(), "web-2".to_owned()],
        stage: Some("prod".to_owned()),
        created_ms: Some(1_500_000_000_000),
        changed_ms: Some(1_700_000_000_000),
        expires_ms: Some(1_900_000_000_000),
        ..Entry::default()
    };
    let key = Entry {
        origin: "keys/deploy".to_owned(),
        title: "deploy".to_owned(),
        kind: Kind::PrivateKey,
        value: secret(key),
        passphrase: secret("of the key"),
        history: vec![past("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 1_600_000_000_000)],
        changed_ms: Some(1_600_000_000_000),
        ..Entry::default()
    };
    let token = Entry {
        origin: "t".to_owned(),
        title: "token".to_owned(),
        kind: Kind::Token,
        value: secret("tok"),
        discarded: true,
        ..Entry::default()
    };
    let note = Entry { origin: "n".to_owned(), title: "note".to_owned(), kind: Kind::Note, notes: secret("only text"), ..Entry::default() };
    Parsed { entries: vec![web, key, token, note], ..Parsed::default() }
}

/// What is compared of an entry.
fn told(entry: &Entry) -> String {
    let mut attachments: Vec<String> = entry.attachments.iter().map(|file| format!("{}={:?}", file.name, file.bytes.expose())).collect();
    attachments.sort_unstable();
    // KeePassXC keeps them by their names.
    let mut fields: Vec<_> = entry.fields.iter().map(|field| (&field.name, field.value.expose(), field.hidden)).collect();
    fields.sort_unstable();
    let history: Vec<_> = entry.history.iter().map(|past| (past.value.expose(), past.until_ms)).collect();
    let secrets = [&entry.value, &entry.passphrase, &entry.notes, &entry.totp].map(|value| shown(value.as_ref()));
    let rest = (&entry.tags, &entry.hosts, &entry.stage, entry.expires_ms, entry.discarded, &entry.user, &entry.urls);
    format!("{} {:?} {secrets:?} {fields:?} {history:?} {attachments:?} {rest:?}", entry.title, entry.kind)
}

#[test]
fn keepassxc_opens_what_is_written_here_and_shows_the_same() {
    let (Some(tool), Some(keygen)) = (tool("keepassxc-cli"), crate::tool("ssh-keygen")) else { return };
    keygen.run(["-q", "-t", "ed25519", "-N", "of the key", "-C", "deploy", "-f", "id"], "");
    let private = std::fs::read_to_string(keygen.home().join("id")).expect("a key");
    let parsed = everything(&private);
    let unlock = unlock(Some(PASSWORD), None);
    for (database, cipher) in [("aes.kdbx", Cipher::Aes256), ("chacha.kdbx", Cipher::ChaCha20)] {
        let path = tool.home().join(database);
        let cheapest = Cost { kib: 1, passes: 1, lanes: 2 };
        let bytes = write(&parsed, &unlock, cipher, cheapest).expect("written");
        std::fs::write(&path, bytes.as_slice()).expect("written");
        let info = keepassxc(&tool, ["db-info", "-q", database], "");
        assert!(info.contains("Argon2id") && info.contains("(3 rounds, 65536 KB)"), "{info}");
        let listed = keepassxc(&tool, ["ls", "-q", "-R", "-f", database], "");
        let web = "Mairie/Prod é/web <1> & \"co\"";
        for line in [web, "deploy", "note", "Recycle Bin/token"] {
            assert!(listed.lines().any(|listed| listed == line), "{line}: {listed}");
        }
        let show = |title: &str, attribute: &str| keepassxc(&tool, ["show", "-q", "-s", "-a", attribute, database, title], "");
        assert_eq!(show(web, "Password"), "p&ss <word> ü\u{1}\n");
        assert_eq!(show(web, "UserName"), "root\n");
        assert_eq!(show(web, "URL"), "https://web.example/?a=1&b=2\n");
        assert_eq!(show(web, "KP2A_URL"), "ssh://root@web:2222\n");
        assert_eq!(show(web, "Notes"), "line one\nline two\r\n\ttab\n");
        assert_eq!((show(web, "PIN"), show(web, "Title 2"), show(web, "PIN 2")), ("1234\n".into(), "again\n".into(), "5678\n".into()));
        assert_eq!(show(web, "Uuid"), "{00112233-4455-6677-8899-aabbccddeeff}\n");
        assert_eq!(show("deploy", "Password"), "of the key\n");
        let code = keepassxc(&tool, ["show", "-q", "-t", database, web], "");
        assert!(code.trim().len() == 6 && code.trim().bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        for (title, file, expected) in
            [(web, "a.bin", &[0, 1, 2, 255][..]), (web, "a.bin 2", b"other"), ("deploy", "private-key", private.as_bytes())]
        {
            keepassxc(&tool, ["attachment-export", "-q", database, title, file, "out"], "");
            assert_eq!(std::fs::read(tool.home().join("out")).expect("exported"), expected);
        }

        let before: Vec<String> = open(&path, &unlock).expect("read").entries.iter().map(told).collect();
        // It goes on with it, in its own way of writing.
        keepassxc(&tool, ["add", "-q", "-p", database, "one more"], "there\n");
        let again = open(&path, &unlock).expect("read");
        assert_eq!(shown(entry(&again, "one more").value.as_ref()), "there");
        let mut after: Vec<String> = again.entries.iter().filter(|entry| entry.title != "one more").map(told).collect();
        let mut expected: Vec<String> = everything(&private).entries.iter_mut().map(|entry| told(written(entry))).collect();
        for list in [&mut after, &mut expected] {
            list.sort_unstable();
        }
        let mut before = before;
        before.sort_unstable();
        assert_eq!(before, expected, "read again here");
        // It does not keep the ends of lines of Windows.
        let expected: Vec<String> = expected.iter().map(|entry| entry.replace("\\r\\n", "\\n")).collect();
        assert_eq!(after, expected, "saved by KeePassXC, and read again here");
    }
}

/// An entry as it comes back: names that came twice are told apart.
fn written(entry: &mut Entry) -> &Entry {
    for (place, name) in [(1, "Title 2"), (2, "PIN 2")] {
        entry.fields.get_mut(place).into_iter().for_each(|field| field.name = name.to_owned());
    }
    entry.attachments.get_mut(2).into_iter().for_each(|file| file.name = "a.bin 2".to_owned());
    entry
}
