//! The trust kit: what other programs make of its files.
#![expect(clippy::expect_used, reason = "a test says what it expected")]

use std::path::Path;
use std::process::Command;

use beffroi_ca::{Authority, CaError, CertificateFacts, KitFile, KitLanguage, Permitted, trust_kit};

const NOW: i64 = 1_795_305_600;

fn authority(name: &str, permitted: &[&str]) -> Vec<u8> {
    let permitted: Vec<String> = permitted.iter().map(|domain| (*domain).to_owned()).collect();
    Authority::make(name, &Permitted::read(&permitted).expect("domains"), NOW).expect("made").certificate
}

fn written(files: &[KitFile]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
        std::fs::write(path, &file.content).expect("written");
    }
    folder
}

fn says(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output().expect("it runs");
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn every_file_is_what_the_programs_that_read_it_expect() {
    let name = "L’École <b> & \"co\" @FILE@";
    let der = authority(name, &["ecole.example", "home"]);
    let files = trust_kit(&der, &[]).expect("a kit");
    let folder = written(&files);
    let path = folder.path();
    let facts = CertificateFacts::read(&der).expect("read");
    let file = files.first().and_then(|file| file.path.strip_suffix(".cer")).expect("the certificate comes first");
    assert_eq!(file, "l-cole-b-co-file");

    for (format, ending) in [("DER", "cer"), ("PEM", "crt")] {
        let file = format!("{file}.{ending}");
        let seen = says(path, "openssl", &["x509", "-inform", format, "-in", &file, "-noout", "-fingerprint", "-sha256"]);
        assert!(seen.contains(&facts.fingerprint_text()), "{seen}");
    }
    let read = "import plistlib,sys\np=plistlib.load(open(sys.argv[1],'rb'))\nc=p['PayloadContent'][0]\nopen('seen.der','wb').write(c['PayloadContent'])\nprint(p['PayloadType'],c['PayloadType'],p['PayloadDisplayName'],c['PayloadUUID']!=p['PayloadUUID'])";
    let seen = says(path, "python3", &["-c", read, &format!("{file}.mobileconfig")]);
    assert_eq!(seen.trim(), format!("Configuration com.apple.security.root {name} True"));
    assert_eq!(std::fs::read(path.join("seen.der")).expect("read"), der);
    says(path, "python3", &["-m", "json.tool", "firefox/policies.json"]);
    for program in ["linux/install.sh", "macos/install.command"] {
        says(path, "sh", &["-n", program]);
    }
    let windows = std::fs::read_to_string(path.join("windows/install.cmd")).expect("read");
    assert!(windows.lines().count() > 5 && windows.matches("\r\n").count() == windows.matches('\n').count());
}

#[test]
fn the_pages_say_what_the_certificate_says_and_load_nothing() {
    let pages = |name: &str, permitted: &[&str], languages: &[KitLanguage]| -> Vec<(String, String)> {
        let files = trust_kit(&authority(name, permitted), languages).expect("a kit");
        let pages = files.into_iter().filter(|file| file.path.ends_with(".html"));
        pages.map(|file| (file.path, String::from_utf8(file.content).expect("text"))).collect()
    };
    let both = pages("Chez nous <script>", &["lan.example"], &[]);
    assert_eq!(both.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["READ-ME.html", "LISEZ-MOI.html"]);
    for (path, page) in &both {
        assert!(page.contains("Chez nous &lt;script&gt;") && page.contains("lan.example") && page.contains("2036-11-2"), "{path}");
        for never in ["<script", "http://", "https://", "src=", "@", "<!-- "] {
            assert!(!page.contains(never), "{path} has {never}");
        }
    }
    let french = pages("Chez nous", &[], &[KitLanguage::French]);
    assert!(matches!(french.as_slice(), [(path, page)] if path == "LISEZ-MOI.html" && page.contains("n’est pas limitée")));
    let fixed = pages("Chez nous", &["lan.example"], &[KitLanguage::English]);
    assert!(matches!(fixed.as_slice(), [(_, page)] if !page.contains("is not kept to certain domains")));
}

#[test]
fn there_is_no_kit_of_what_is_no_authority() {
    let made = Authority::make("x", &Permitted::default(), NOW).expect("made");
    let leaf = Authority::open(&made.certificate, &made.key).expect("its own").issue(&["a.test".to_owned()], NOW).expect("issued");
    assert!(matches!(trust_kit(&leaf.certificate, &[]), Err(CaError::NotACertificate)));
    assert!(matches!(trust_kit(b"hostile", &[]), Err(CaError::NotACertificate)));
}
