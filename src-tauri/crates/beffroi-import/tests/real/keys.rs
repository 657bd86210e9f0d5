//! Private keys as `ssh-keygen`, `puttygen` and `openssl` write them. Whatever a key came as, what is stored is one that `ssh-keygen`
//! reads without a passphrase, with the public half that it had.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use beffroi_import::{Format, ImportError, Kind, Parsed, Reading, Source, Unlock, Work, detect, read};
use beffroi_secret::SecretText;

use crate::{Tool, tool};

const PASSWORD: &str = "à l'épreuve 7";

fn unlock(password: Option<&str>) -> Unlock {
    Unlock { password: password.map(|text| SecretText::new(text.to_owned())), ..Unlock::default() }
}

fn open(tool: &Tool, name: &str, password: Option<&str>) -> Result<Parsed, ImportError> {
    let source = Source::open(&tool.home().join(name)).expect("a file");
    assert_eq!(detect(&source), Some(Format::Keys), "{name}");
    read(Format::Keys, &Reading { source: &source, unlock: &unlock(password), work: &Work::default() })
}

/// The public half of a key that is stored, as `ssh-keygen` computes it.
fn public(tool: &Tool, parsed: &Parsed) -> String {
    let [entry] = parsed.entries.as_slice() else { panic_on(parsed) };
    assert_eq!(entry.kind, Kind::PrivateKey);
    let path = tool.home().join("stored");
    fs::write(&path, entry.value.as_ref().expect("a value").expose()).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("mode");
    half(&String::from_utf8(tool.run(["-y", "-f", "stored"], "")).expect("text"))
}

#[expect(clippy::panic, reason = "a test that failed")]
fn panic_on(parsed: &Parsed) -> ! {
    panic!("not one key: {parsed:?}")
}

/// Algorithm and key, without the comment.
fn half(line: &str) -> String {
    line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn told(parsed: &Parsed) -> Vec<&str> {
    parsed.notices.iter().map(|notice| notice.key).collect()
}

#[test]
fn every_type_of_ssh_keygen_in_every_format() {
    let Some(tool) = tool("ssh-keygen") else { return };
    for (kind, bits) in
        [("ed25519", ""), ("rsa", "2048"), ("rsa", "3072"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("dsa", "1024")]
    {
        for format in ["RFC4716", "PEM", "PKCS8"] {
            // OpenSSH writes Ed25519 in its own format only, and here reads no DSA of PKCS#8 back.
            if (kind == "ed25519" && format != "RFC4716") || (kind == "dsa" && format == "PKCS8") {
                continue;
            }
            for password in [None, Some(PASSWORD)] {
                let name = format!("{kind}{bits}-{format}-{}", password.is_some());
                let mut words =
                    vec!["-q", "-t", kind, "-m", format, "-a", "2", "-C", "alice at work", "-N", password.unwrap_or_default(), "-f", &name];
                if !bits.is_empty() {
                    words.extend(["-b", bits]);
                }
                tool.run(words, "");
                let parsed = open(&tool, &name, password).expect(&name);
                let written = fs::read_to_string(tool.home().join(format!("{name}.pub"))).expect("public half");
                assert_eq!(public(&tool, &parsed), half(&written), "{name}");
                let field = &parsed.entries.first().expect("entry").fields.first().expect("field").value;
                assert_eq!(half(field.expose()), half(&written), "{name}");
                assert_eq!(told(&parsed).contains(&"short-rsa"), bits == "2048", "{name}");
                assert_eq!(told(&parsed).contains(&"dsa-key"), kind == "dsa", "{name}");
                assert_eq!(told(&parsed).contains(&"passphrase-dropped"), password.is_some(), "{name}");
                assert_eq!(told(&parsed).contains(&"md5-passphrase"), password.is_some() && format == "PEM", "{name}");
                if password.is_some() {
                    assert!(matches!(open(&tool, &name, None), Err(ImportError::Locked { what: "password" })), "{name}");
                    assert!(matches!(open(&tool, &name, Some("wrong")), Err(ImportError::Wrong { what: "password" })), "{name}");
                }
            }
        }
    }
}

#[test]
fn putty_keys_of_both_versions() {
    let (Some(keygen), Some(putty)) = (tool("ssh-keygen"), tool("puttygen")) else { return };
    let at = |name: &str| putty.home().join(name).to_string_lossy().into_owned();
    fs::write(putty.home().join("pass"), "correct horse\n").expect("written");
    fs::write(putty.home().join("none"), "").expect("written");
    for (kind, bits) in [("ed25519", "256"), ("rsa", "2048"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("dsa", "1024")] {
        let plain = at(&format!("{kind}{bits}"));
        keygen.run(["-q", "-t", kind, "-b", bits, "-C", "bob", "-N", "", "-f", &plain], "");
        let written = half(&fs::read_to_string(format!("{plain}.pub")).expect("public half"));
        for parameters in [
            "version=2",
            "version=3,kdf=argon2id,memory=8192,passes=3",
            "version=3,kdf=argon2d,memory=1024,passes=2,parallelism=2",
            "version=3,kdf=argon2i,memory=1024,passes=2",
        ] {
            for password in [None, Some("correct horse")] {
                let name = format!("{kind}{bits}.ppk");
                let file = if password.is_some() { "pass" } else { "none" };
                putty.run(["-q", &plain, "-O", "private", "-o", &at(&name), "--ppk-param", parameters, "--new-passphrase", file], "");
                let parsed = open(&putty, &name, password).expect(parameters);
                assert_eq!(public(&keygen, &parsed), written, "{name} {parameters}");
                if password.is_some() {
                    assert!(matches!(open(&putty, &name, None), Err(ImportError::Locked { .. })));
                    assert!(matches!(open(&putty, &name, Some("wrong")), Err(ImportError::Wrong { .. })));
                    continue;
                }
                // Its comment and its public half are covered by the MAC as well.
                let text = fs::read_to_string(at(&name)).expect("text");
                for changed in [text.replace("Comment: bob", "Comment: eve"), changed_public(&text)] {
                    assert_ne!(changed, text);
                    fs::write(at("changed.ppk"), changed).expect("written");
                    assert!(matches!(open(&putty, "changed.ppk", None), Err(ImportError::Altered { what: "Private-MAC" })), "{name}");
                }
            }
        }
    }
}

/// The same file with another letter in its public half.
fn changed_public(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.starts_with("Public-Lines")).expect("a public half") + 1;
    lines[at] = lines[at]
        .chars()
        .rev()
        .enumerate()
        .map(|(index, letter)| if index == 5 { if letter == 'A' { 'B' } else { 'A' } } else { letter })
        .collect::<String>()
        .chars()
        .rev()
        .collect();
    lines.join("\n")
}

#[test]
fn a_seed_of_ed25519_may_begin_and_end_with_zeros() {
    let (Some(keygen), Some(putty), Some(openssl)) = (tool("ssh-keygen"), tool("puttygen"), tool("openssl")) else { return };
    for (first, last) in [(0, 7), (7, 0), (0, 0), (0x80, 0x80)] {
        let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
        der.extend([first; 2]);
        der.extend([0x5a; 28]);
        der.extend([last; 2]);
        let pem = openssl.run(["pkey", "-inform", "DER"], &der);
        fs::write(openssl.home().join("seed.pem"), pem).expect("written");
        let parsed = open(&openssl, "seed.pem", None).expect("PKCS#8");
        let wanted = public(&keygen, &parsed);
        putty.run([keygen.home().join("stored").to_string_lossy().as_ref(), "-O", "private", "-o", "seed.ppk"], "");
        let parsed = open(&putty, "seed.ppk", None).expect("PPK");
        assert_eq!(public(&keygen, &parsed), wanted);
    }
}

#[test]
fn what_openssl_encrypts() {
    let (Some(keygen), Some(openssl)) = (tool("ssh-keygen"), tool("openssl")) else { return };
    openssl.run(["genrsa", "-out", "rsa", "3072"], "");
    openssl.run(["ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "ec"], "");
    openssl.run(["genpkey", "-algorithm", "ed25519", "-out", "ed"], "");
    let pkcs8: [&[&str]; 8] = [
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "5000"],
        &["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"],
        &["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA1"],
        &["-v2", "des3"],
        &["-scrypt", "-scrypt_N", "1024"],
        &["-v1", "PBE-SHA1-3DES"],
        &["-v1", "PBE-MD5-DES", "-provider", "legacy", "-provider", "default"],
        &["-v1", "PBE-SHA1-RC2-40", "-provider", "legacy", "-provider", "default"],
    ];
    for key in ["rsa", "ec", "ed"] {
        let plain = open(&openssl, key, None).expect(key);
        let wanted = public(&keygen, &plain);
        for options in pkcs8 {
            let mut words = vec!["pkcs8", "-topk8", "-in", key, "-out", "sealed", "-passout", "stdin"];
            words.extend(options);
            openssl.run(words, "correct horse");
            let parsed = open(&openssl, "sealed", Some("correct horse")).expect(options[1]);
            assert_eq!(public(&keygen, &parsed), wanted, "{key} {options:?}");
            assert_eq!(told(&parsed).contains(&"weak-encryption"), options[0] == "-v1", "{options:?}");
            assert!(matches!(open(&openssl, "sealed", Some("wrong")), Err(ImportError::Wrong { .. })), "{key} {options:?}");
        }
    }
    for cipher in ["-aes128", "-aes192", "-aes256", "-des3"] {
        for (program, key) in [("rsa", "rsa"), ("ec", "ec")] {
            let mut words = vec![program, "-in", key, "-out", "sealed", cipher, "-passout", "stdin"];
            words.extend((program == "rsa").then_some("-traditional"));
            openssl.run(words, "correct horse");
            let parsed = open(&openssl, "sealed", Some("correct horse")).expect(cipher);
            assert_eq!(told(&parsed), ["md5-passphrase", "passphrase-dropped"], "{cipher}");
            assert!(matches!(open(&openssl, "sealed", Some("wrong")), Err(ImportError::Wrong { .. })));
        }
    }
}

#[test]
fn a_whole_folder() {
    let Some(tool) = tool("ssh-keygen") else { return };
    let ssh = tool.home().join(".ssh");
    fs::create_dir_all(ssh.join("conf.d")).expect("folder");
    let make = |name: &str, password: &str| {
        tool.run(["-q", "-t", "ed25519", "-N", password, "-a", "1", "-C", name, "-f", &format!(".ssh/{name}")], "")
    };
    for (name, password) in [("id_ed25519", ""), ("deploy", ""), ("sealed", "correct horse"), ("ca", "")] {
        make(name, password);
    }
    tool.run(["-q", "-s", ".ssh/ca", "-I", "alice", "-n", "root", "-V", "20260101:20300101", ".ssh/id_ed25519.pub"], "");
    // A public half of another key, and one without a private one.
    fs::copy(ssh.join("ca.pub"), ssh.join("deploy.pub")).expect("copied");
    fs::rename(ssh.join("ca.pub"), ssh.join("elsewhere.pub")).expect("renamed");
    let key = fs::read_to_string(ssh.join("elsewhere.pub")).expect("key");
    let write = |name: &str, text: &str| fs::write(ssh.join(name), text).expect("written");
    write("known_hosts", &format!("web-1,192.0.2.1 {}\n", half(&key)));
    write("authorized_keys", &key);
    write("notes.txt", "nothing");
    write("config", "Include conf.d/*.conf ~/.ssh/gone /etc/ssh/elsewhere\nHost *\n  User root\n");
    write(
        "conf.d/web.conf",
        "Host web-?\n  IdentityFile ~/.ssh/deploy\nHost web-1 web-2\n HostName %h.example.org\n Port 2222\n ProxyJump bastion\nHost bastion\n IdentityFile %d/.ssh/id_ed25519\n User hop\n",
    );
    let source = Source::open(&ssh).expect("folder");
    assert_eq!(detect(&source), Some(Format::SshFolder));
    let work = Work::default();
    let parsed = read(Format::SshFolder, &Reading { source: &source, unlock: &unlock(None), work: &work }).expect("read");
    assert_eq!(parsed.entries.iter().map(|entry| entry.origin.as_str()).collect::<Vec<_>>(), ["ca", "deploy", "id_ed25519"]);
    let certified = parsed.entries.last().expect("entry");
    assert_eq!(certified.attachments.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["id_ed25519-cert.pub"]);
    assert!(certified.expires_ms.is_some_and(|until| until > 1_800_000_000_000));
    let mut refused: Vec<_> = parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect();
    refused.sort_unstable();
    assert_eq!(
        refused,
        [
            ("authorized_keys", "public-only"),
            ("deploy.pub", "another-key"),
            ("elsewhere.pub", "public-only"),
            ("notes.txt", "unknown-file"),
            ("sealed", "locked")
        ]
    );
    assert_eq!(
        parsed.notices.iter().map(|notice| (notice.key, notice.what.as_str())).collect::<Vec<_>>(),
        [("include-not-read", "/etc/ssh/elsewhere")]
    );
    let host = |name: &str| parsed.hosts.iter().find(|host| host.name == name).expect(name);
    let web = host("web-2");
    assert_eq!(
        (web.address.as_str(), web.port, web.user.as_deref(), web.credential.as_deref()),
        ("web-2.example.org", Some(2222), Some("root"), Some("deploy"))
    );
    assert_eq!(web.jump, ["bastion"]);
    assert_eq!((host("bastion").credential.as_deref(), host("bastion").user.as_deref()), (Some("id_ed25519"), Some("hop")));
    assert_eq!(parsed.host_keys.len(), 1);
    assert_eq!(work.derivations(), 0);
    let opened = read(Format::SshFolder, &Reading { source: &source, unlock: &unlock(Some("correct horse")), work: &work }).expect("read");
    assert!(opened.entries.iter().any(|entry| entry.origin == "sealed"));
}
