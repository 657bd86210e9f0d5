use std::io::Write;

use super::*;
use crate::{Format, Work, detect};

/// What `remmina.pref` has: 24 bytes of a key, 8 of a first block.
const PREF: &str = "[remmina_pref]\nsecret=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nsave_view_mode=true\n";
/// `correct horse` and `tunnel pass`, as `openssl enc -des-ede3-cbc -K 0001…1617 -iv 1819…1f -nopad` gives them after zeros were
/// added to 16 bytes each.
const PASSWORD: &str = "eWyftibQN3Q+rnUJ3rUrPQ==";
const TUNNEL: &str = "GXX/tFYxzhjTeTafmBjJ0A==";

fn unlock() -> Unlock {
    Unlock { key_file: Some(SecretBytes::new(PREF.as_bytes().to_vec())), ..Unlock::default() }
}

fn profile() -> String {
    format!(
        "# made by hand\n[remmina]\nname=web one\ngroup=prod/front\nprotocol=SSH\nserver=web-1.example.org:2222\nusername=ops\npassword={PASSWORD}\nlabels=linux, shop\nnotes_text=call%20me%0Afirst\nssh_auth=0\nssh_privatekey=/home/a/.ssh/id\nssh_tunnel_enabled=1\nssh_tunnel_server=bastion\nssh_tunnel_username=jump\nssh_tunnel_password={TUNNEL}\n"
    )
}

fn read_file(text: &str, unlock: &Unlock) -> Result<Parsed, ImportError> {
    let (source, work) = (Source::file("web.remmina", text), Work::default());
    assert_eq!(detect(&source), Some(Format::Remmina));
    read(&Reading { source: &source, unlock, work: &work })
}

fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("-", |value| value.expose())
}

fn refused(parsed: &Parsed) -> Vec<(&str, &str)> {
    parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect()
}

#[test]
fn a_profile_is_a_host_with_its_password() {
    let parsed = read_file(&profile(), &unlock()).expect("read");
    let entries: Vec<_> = parsed.entries.iter().map(|entry| (entry.title.as_str(), value(entry))).collect();
    assert_eq!(entries, [("jump@bastion", "tunnel pass"), ("web one", "correct horse")]);
    let [host] = parsed.hosts.as_slice() else { panic!("one host") };
    assert_eq!((host.address.as_str(), host.port, host.user.as_deref()), ("web-1.example.org", Some(2222), Some("ops")));
    assert_eq!((host.path.join("/"), host.jump.join(",")), ("prod/front".to_owned(), "jump@bastion".to_owned()));
    assert_eq!((host.credential.as_deref(), host.tags.join(",")), (Some("web.remmina"), "linux,shop".to_owned()));
    let notes: Vec<_> = host.notes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(notes, [("notes_text", "call me\nfirst"), ("ssh_privatekey", "/home/a/.ssh/id")]);
    assert!(parsed.refused.is_empty());
}

#[test]
fn passwords_that_cannot_be_read_are_told_and_the_host_comes() {
    let parsed = read_file(&profile(), &Unlock::default()).expect("read");
    assert_eq!((parsed.entries.len(), parsed.hosts.len()), (0, 1));
    assert_eq!(refused(&parsed), [("web one: password", "remmina-secret"), ("jump@bastion: ssh_tunnel_password", "remmina-secret")]);
    let parsed = read_file(&profile().replace(PASSWORD, "."), &unlock()).expect("read");
    assert_eq!(refused(&parsed), [("web one: password", "keyring")]);
    // The last bit of a byte of a DES key is its parity: another one is the same key.
    let other = PREF.replace("AAEC", "/wEC");
    let other = Unlock { key_file: Some(SecretBytes::new(other.into_bytes())), ..Unlock::default() };
    let told = read_file(&profile(), &other).expect("read");
    assert!(told.entries.is_empty() && told.refused.iter().all(|refused| refused.why == "damaged"), "the secret of another user");
    for none in ["[remmina_pref]\nsecret=AAEC\n", "", "[other]\nsecret=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", "\u{0}"] {
        let unlock = Unlock { key_file: Some(SecretBytes::new(none.as_bytes().to_vec())), ..Unlock::default() };
        assert!(matches!(read_file(&profile(), &unlock), Err(ImportError::Wrong { what: "key-file" })), "{none:?}");
    }
}

#[test]
fn other_protocols_are_entries() {
    let rdp = format!(
        "[remmina]\nname=win\nprotocol=RDP\nserver=[2001:db8::1]:3390\nusername=boss\ndomain=ACME\npassword={PASSWORD}\ngateway_server=gw\nnotes_text=two\\nlines\n"
    );
    let parsed = read_file(&rdp, &unlock()).expect("read");
    let [entry] = parsed.entries.as_slice() else { panic!("one entry") };
    assert_eq!(
        (entry.user.as_deref(), value(entry), entry.urls.join(" ")),
        (Some("ACME\\boss"), "correct horse", "rdp://[2001:db8::1]:3390".to_owned())
    );
    assert_eq!(
        (entry.fields[0].name.as_str(), entry.notes.as_ref().map(|notes| notes.expose().as_str())),
        ("gateway_server", Some("two\nlines"))
    );
    assert!(parsed.hosts.is_empty());
    let parsed = read_file("[remmina]\nname=screen\nprotocol=VNC\nserver=s\n", &unlock()).expect("read");
    assert_eq!(refused(&parsed), [("screen", "other-protocol")]);
    assert!(matches!(read_file("[remmina]\nnonsense\n", &unlock()), Err(ImportError::Malformed { at: 2, .. })));
}

#[test]
fn profiles_of_before_1_4_name_their_account_otherwise() {
    let old = format!("[remmina]\nname=old\nprotocol=SSH\nserver=old\nssh_username=me\nssh_password={PASSWORD}\nssh_enabled=0\n");
    let parsed = read_file(&old, &unlock()).expect("read");
    assert_eq!((value(&parsed.entries[0]), parsed.hosts[0].user.as_deref()), ("correct horse", Some("me")));
}

#[test]
fn a_folder_and_a_zip_have_their_secret_with_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).expect("written");
    write("remmina.pref", PREF);
    write("a.remmina", &profile());
    write("b.remmina", "[remmina]\nbroken\n");
    write("c.txt", "not looked at");
    let (source, unlock, work) = (Source::open(folder.path()).expect("open"), Unlock::default(), Work::default());
    assert_eq!(detect(&source), Some(Format::Remmina));
    let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
    assert_eq!((parsed.entries.len(), parsed.hosts.len(), refused(&parsed)), (2, 1, vec![("b.remmina", "damaged")]));

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [("x/remmina.pref", PREF.to_owned()), ("x/a.remmina", profile())] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("begun");
        zip.write_all(text.as_bytes()).expect("written");
    }
    let (source, work) = (Source::file("profiles.zip", zip.finish().expect("whole").into_inner()), Work::default());
    assert_eq!(detect(&source), Some(Format::Remmina));
    let parsed = read(&Reading { source: &source, unlock: &unlock, work: &work }).expect("read");
    assert_eq!((parsed.entries.len(), parsed.hosts[0].origin.as_str()), (2, "x/a.remmina"));
}
