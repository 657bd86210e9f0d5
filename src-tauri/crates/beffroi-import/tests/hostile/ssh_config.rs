use std::fmt::Write as _;
use std::fs;

use beffroi_import::{Format, ImportError, Parsed, Reading, Source, Unlock, Work, read};

use crate::{outcome, refused_by_its_header};

fn folder(files: &[(&str, String)]) -> Result<Parsed, ImportError> {
    let home = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(home.path().join(name), text).expect("written");
    }
    let source = Source::open(home.path()).expect("a folder");
    read(Format::SshFolder, &Reading { source: &source, unlock: &Unlock::default(), work: &Work::default() })
}

#[test]
fn files_that_include_each_other_end() {
    let one = |text: &str| text.to_owned();
    assert!(matches!(folder(&[("config", one("Include config\nHost a\n"))]), Err(ImportError::TooLarge { what: "Include", .. })));
    assert!(matches!(
        folder(&[("config", one("Include b\nHost a\n")), ("b", one("Include c\n")), ("c", one("Include b\n"))]),
        Err(ImportError::TooLarge { .. })
    ));
    // Each of sixteen includes the next one twenty times.
    let mut files = vec![("config".to_owned(), "Include f0\nHost a\n".to_owned())];
    for level in 0..14 {
        files.push((format!("f{level}"), format!("Include f{}\n", level + 1).repeat(20)));
    }
    files.push(("f14".to_owned(), "User x\n".to_owned()));
    let files: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    assert!(matches!(folder(&files), Err(ImportError::TooExpensive { what: "Host", .. })));
}

#[test]
fn nothing_outside_the_folder_is_read() {
    let parsed = folder(&[(
        "config",
        "Include ../../etc/passwd /etc/passwd ~/.bashrc ~/.ssh/../x ${HOME}/y\nHost a\n IdentityFile ../../etc/shadow\n".to_owned(),
    )])
    .expect("read");
    let told: Vec<_> = parsed.notices.iter().map(|notice| (notice.key, notice.what.as_str())).collect();
    assert_eq!(told, ["../../etc/passwd", "/etc/passwd", "~/.bashrc", "~/.ssh/../x", "${HOME}/y"].map(|what| ("include-not-read", what)));
    assert_eq!(parsed.hosts.first().and_then(|host| host.credential.clone()), None);
    #[cfg(unix)]
    {
        let home = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("/etc/hostname", home.path().join("config")).expect("a link");
        let source = Source::open(home.path()).expect("a folder");
        let parsed =
            read(Format::SshFolder, &Reading { source: &source, unlock: &Unlock::default(), work: &Work::default() }).expect("read");
        assert_eq!(parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(), [("config", "link")]);
    }
}

#[test]
fn lines_that_ssh_refuses_are_refused_with_their_number() {
    for (text, wanted) in [
        ("Host a\n\nUser \"x\n", 3),
        ("Host\n", 1),
        ("Host a\nPort 0\n", 2),
        ("Host a\nPort 70000\n", 2),
        ("Host b\nPort x\nHost a\n", 2),
        ("Match\n", 1),
        ("Match host\nHost a\n", 1),
        ("Match wizard x\nHost a\n", 1),
        ("Match host a user b all\nHost a\n", 1),
        ("Host a\nUser =\n", 2),
    ] {
        let error = refused_by_its_header(Format::SshConfig, "config", text, &Unlock::default());
        assert!(matches!(error, ImportError::Malformed { at, .. } if at == wanted), "{text:?}: {error:?}");
    }
    assert!(matches!(
        refused_by_its_header(Format::SshConfig, "config", b"Host a\xff\n".to_vec(), &Unlock::default()),
        ImportError::NotText { .. }
    ));
}

#[test]
fn many_names_and_many_patterns_end() {
    let mut text = String::new();
    for name in 0..20_000 {
        let _ = writeln!(text, "Host h{name}");
    }
    assert!(matches!(
        refused_by_its_header(Format::SshConfig, "config", text, &Unlock::default()),
        ImportError::TooExpensive { what: "Host", .. }
    ));
    let long = format!("Host {} {}\n User x\n", "a".repeat(50_000), "*a".repeat(20_000));
    assert!(outcome(Format::SshConfig, "config", long, &Unlock::default()).result.is_ok());
    assert!(matches!(
        refused_by_its_header(Format::SshConfig, "config", "#\n".repeat(300_000) + "Host a\n", &Unlock::default()),
        ImportError::TooLarge { what: "lines", .. }
    ));
    let names = format!("Host a\n HostName {}\n", "%h".repeat(10_000));
    assert!(matches!(
        refused_by_its_header(Format::SshConfig, "config", names, &Unlock::default()),
        ImportError::Malformed { what: "HostName", .. }
    ));
}

#[test]
fn patterns_of_include_are_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    for at in 0..200 {
        std::fs::write(folder.path().join(format!("part-{at}")), "").expect("written");
    }
    std::fs::write(folder.path().join("config"), "Include *\n".repeat(180_000)).expect("written");
    let (source, work) = (Source::open(folder.path()).expect("opened"), Work::default());
    let refused = read(Format::SshFolder, &Reading { source: &source, unlock: &Unlock::default(), work: &work });
    assert!(matches!(refused, Err(ImportError::TooExpensive { what: "Include", .. })), "{refused:?}");
}

#[test]
#[cfg(unix)]
fn a_link_that_leads_elsewhere_is_told_and_the_rest_comes() {
    let (folder, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    std::fs::write(elsewhere.path().join("config"), "Host a\n HostName 192.0.2.1\n").expect("written");
    std::fs::write(folder.path().join("known_hosts"), "").expect("written");
    std::fs::write(folder.path().join("here"), "Host b\n").expect("written");
    for (link, to) in [("config", elsewhere.path().join("config")), ("lost", "nowhere".into()), ("near", "here".into())] {
        std::os::unix::fs::symlink(to, folder.path().join(link)).expect("linked");
    }
    let (source, work) = (Source::open(folder.path()).expect("opened"), Work::default());
    let parsed = read(Format::SshFolder, &Reading { source: &source, unlock: &Unlock::default(), work: &work }).expect("read");
    let told: Vec<_> = parsed.refused.iter().filter(|refused| refused.why == "link").map(|refused| refused.what.as_str()).collect();
    assert_eq!((told, parsed.hosts.len()), (vec!["config", "lost"], 0));
}
