//! What a secret is, and how much of one is kept.

use super::*;

fn text(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

#[test]
fn a_note_that_is_written_anew_is_one_still() {
    let row = |kind: &str| SecretRow {
        id: SecretId::make(),
        name: "door".to_owned(),
        compartment: beffroi_domain::CompartmentId::make(),
        kind: kind.to_owned(),
        revision: 1,
        created_ms: 1,
        changed_ms: 1,
    };
    let after = |before: &str, held: &str, value: &str| kind_after(Some(&row(before)), Some(&text(held).to_bytes()), &text(value));
    assert_eq!(after(NOTE, "code 12", "code 13"), NOTE);
    assert_eq!(after(NOTE, "code 12", "-----BEGIN OPENSSH PRIVATE KEY-----\nx"), PRIVATE_KEY);
    assert_eq!(after(NOTE, "", "a first password"), PASSWORD, "it had no value");
    assert_eq!(after(PRIVATE_KEY, "key", "a password"), PASSWORD);
    assert_eq!(kind_after(None, None, &text("a password")), PASSWORD);
}

/// What is told of something too large to be kept is what is kept.
#[test]
fn the_limits_in_the_words_are_those_that_are_held_to() {
    for (words, kilo, mega) in [
        (include_str!("../../../../../assets/messages/en.json"), "KiB", "MiB"),
        (include_str!("../../../../../assets/messages/fr.json"), "Kio", "Mio"),
    ] {
        let line = words.lines().find(|line| line.contains("\"import.refused.too-large\"")).expect("the words").replace('\u{a0}', " ");
        for limit in [format!("{} {kilo}", MOST_BYTES >> 10), format!("{} {mega}", attachments::MOST_ATTACHED >> 20)] {
            assert!(line.contains(&limit), "{limit}: {line}");
        }
    }
}
