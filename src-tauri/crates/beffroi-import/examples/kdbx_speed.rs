//! How long a database of KeePass takes to read, beyond its key derivation:
//! `cargo run --release -p beffroi-import --example kdbx_speed [ENTRIES]`.

use std::time::{Duration, Instant};

use beffroi_import::write::kdbx::{Cipher, Cost, write};
use beffroi_import::{Attachment, Entry, Field, Format, ImportError, Parsed, Past, Reading, Source, Unlock, Work, read};
use beffroi_secret::{SecretBytes, SecretText};

#[expect(clippy::print_stdout, reason = "it is what this is for")]
fn main() -> Result<(), ImportError> {
    let entries = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let unlock = Unlock { password: Some(SecretText::new("correct horse".to_owned())), ..Unlock::default() };
    for cipher in [Cipher::Aes256, Cipher::ChaCha20] {
        let (_, derivation) = timed(1, &unlock, cipher)?;
        let (bytes, whole) = timed(entries, &unlock, cipher)?;
        let beyond = whole.saturating_sub(derivation).as_millis();
        println!("{cipher:?}: {entries} entries of {bytes} bytes read in {beyond} ms beyond {} ms of Argon2id", derivation.as_millis());
    }
    Ok(())
}

/// The size of a database, and the best of three readings.
fn timed(entries: usize, unlock: &Unlock, cipher: Cipher) -> Result<(usize, Duration), ImportError> {
    let parsed = Parsed { entries: (0..entries).map(entry).collect(), ..Parsed::default() };
    let file = write(&parsed, unlock, cipher, Cost::default())?;
    let source = Source::file("a.kdbx", file.to_vec());
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let (began, work) = (Instant::now(), Work::default());
        let read = read(Format::Kdbx, &Reading { source: &source, unlock, work: &work })?;
        best = best.min(began.elapsed());
        assert_eq!(read.entries.len(), entries);
    }
    Ok((file.len(), best))
}

/// One as people have them: notes, fields, two earlier passwords, and a small file for every tenth.
fn entry(number: usize) -> Entry {
    let secret = |text: String| Some(SecretText::new(text));
    let past = |until_ms| Past { value: SecretText::new(format!("before {number} {until_ms}")), until_ms: Some(until_ms) };
    let field = |name: &str| Field {
        name: name.to_owned(),
        value: SecretText::new(format!("{name} of {number}")),
        hidden: number.is_multiple_of(2),
    };
    let file = Attachment { name: "file.txt".to_owned(), bytes: SecretBytes::new(format!("file {number} ").repeat(200).into_bytes()) };
    Entry {
        origin: format!("{number:032x}"),
        path: vec![format!("Group {}", number % 50), format!("Below {}", number % 7)],
        title: format!("host-{number}.example.org"),
        user: Some(format!("admin-{number}")),
        value: secret(format!("password {number} {}", number * 7919)),
        urls: vec![format!("https://host-{number}.example.org/admin?x=1&y=2")],
        notes: secret(format!("Notes of {number}.\nSome words more, as people write them, with <signs> & others.\n").repeat(3)),
        fields: vec![field("Account"), field("PIN")],
        attachments: if number.is_multiple_of(10) { vec![file] } else { Vec::new() },
        history: vec![past(1_600_000_000_000), past(1_650_000_000_000)],
        tags: vec!["prod".to_owned()],
        created_ms: Some(1_500_000_000_000),
        changed_ms: Some(1_700_000_000_000),
        ..Entry::default()
    }
}
