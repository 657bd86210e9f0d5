use super::*;

const SECRET: &str = "p/A s'\"é\\$7&+";

fn redaction(secrets: &[&str]) -> Redaction {
    let secrets: Vec<SecretBytes> = secrets.iter().map(|secret| SecretBytes::new(secret.as_bytes().to_vec())).collect();
    Redaction::new(&secrets)
}

/// Every form that the promise names, each made here by hand or by another implementation.
fn written_forms() -> Vec<(&'static str, String)> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    vec![
        ("plain", SECRET.to_owned()),
        ("percent", "p%2FA%20s%27%22%C3%A9%5C%247%26%2B".to_owned()),
        ("percent, lower case", "p%2fA%20s%27%22%c3%a9%5c%247%26%2b".to_owned()),
        ("form", "p%2FA+s%27%22%C3%A9%5C%247%26%2B".to_owned()),
        ("encodeURIComponent", "p%2FA%20s'%22%C3%A9%5C%247%26%2B".to_owned()),
        ("json", r#"p/A s'\"é\\$7&+"#.to_owned()),
        ("json of Python", r#"p/A s'\"\u00e9\\$7&+"#.to_owned()),
        ("json of PHP", r#"p\/A s'\"\u00e9\\$7&+"#.to_owned()),
        ("json of Go", r#"p/A s\u0027\"\u00e9\\$7\u0026+"#.to_owned()),
        ("json in json", r#"p/A s'\\\"\\u00e9\\\\$7&+"#.to_owned()),
        ("single quotes", r#"'p/A s'\''"é\$7&+'"#.to_owned()),
        ("single quotes of Python", r#"'p/A s'"'"'"é\$7&+'"#.to_owned()),
        ("double quotes", r#""p/A s'\"é\\\$7&+""#.to_owned()),
        ("backslashes", r#"p/A\ s\'\"é\\\$7\&+"#.to_owned()),
        ("base64", STANDARD.encode(SECRET)),
        ("base64 for URLs", URL_SAFE_NO_PAD.encode(SECRET)),
        ("inside basic authorization", STANDARD.encode(format!("alice:{SECRET}"))),
        ("one byte later", STANDARD.encode(format!("carol:1{SECRET}\n"))),
        ("two bytes later", STANDARD_NO_PAD.encode(format!("bob:{SECRET}x"))),
    ]
}

#[test]
fn every_form_is_masked() {
    let redaction = redaction(&[SECRET]);
    for (name, form) in written_forms() {
        let shown = redaction.text(&format!("INFO before {form} after\n"));
        assert!(shown.starts_with("INFO before ") && shown.ends_with(" after\n"), "{name}: {shown}");
        assert!(shown.contains(MASK), "{name}: {shown}");
        if !name.contains("inside") && !name.contains("later") {
            let left = shown.replace(MASK, "");
            assert!(left.len() <= "INFO before  after\n".len() + 2, "{name}: {shown}");
        }
    }
}

#[test]
fn a_secret_cut_anywhere_is_still_found() {
    let redaction = redaction(&[SECRET, "second-one", "one-second"]);
    for (name, form) in written_forms() {
        let output = format!("x{form}y second-one-second p/A s' second-onX\n");
        let expected = redaction.text(&output);
        for cut in 0..=output.len() {
            for width in [1, 3, output.len()] {
                let (head, tail) = output.as_bytes().split_at(cut);
                let mut stream = redaction.stream();
                let mut shown = stream.push(head);
                tail.chunks(width).for_each(|piece| shown.extend(stream.push(piece)));
                shown.extend(stream.finish());
                assert_eq!(String::from_utf8_lossy(&shown), expected, "{name} cut at {cut}, then every {width}");
            }
        }
    }
}

#[test]
fn overlapping_secrets_leave_no_rest() {
    let redaction = redaction(&["abcdef", "defghi", "abcdefxyz"]);
    assert_eq!(redaction.text("1abcdefghi2"), format!("1{MASK}2"));
    assert_eq!(redaction.text("1abcdefxyz2"), format!("1{MASK}2"));
    assert_eq!(redaction.text("abcdefabcdef."), format!("{MASK}."));
    assert_eq!(redaction.text("abcde"), "abcde");
}

#[test]
fn output_is_not_held_back_without_need() {
    let redaction = redaction(&["swordfish"]);
    let mut stream = redaction.stream();
    assert_eq!(stream.push(b"INFO start\n"), b"INFO start\n");
    assert_eq!(stream.push(b"a run of swo"), b"a run of ");
    assert_eq!(stream.push(b"rd\n"), b"sword\n");
    assert_eq!(stream.push(b"sword"), b"");
    assert_eq!(stream.push(b"fish\n"), format!("{MASK}\n").into_bytes());
}

#[test]
fn a_short_secret_withholds_its_line() {
    let redaction = redaction(&["1234", "longer-one"]);
    assert_eq!(redaction.text("a\nPIN is 1234!\nb longer-one\nlast 12345"), format!("a\n{MASK}\nb {MASK}\n{MASK}"));
    let mut stream = redaction.stream();
    assert_eq!(stream.push(b"x 12"), b"");
    assert_eq!(stream.push(b"34\ny"), format!("{MASK}\n").into_bytes());
    assert_eq!(stream.finish(), b"y");
}

#[test]
fn a_line_too_long_to_hold_is_withheld() {
    let redaction = redaction(&["1234"]);
    let mut stream = redaction.stream();
    for _ in 0..100 {
        assert_eq!(stream.push(&[b'x'; 1024]), b"");
    }
    assert!(stream.line.is_empty());
    assert_eq!(stream.push(b"end\nnext\n"), format!("{MASK}\nnext\n").into_bytes());
    let mut stream = redaction.stream();
    assert_eq!(stream.push(&[b'x'; 100_000]), b"");
    assert_eq!(stream.finish(), MASK.as_bytes());
}

#[test]
fn five_characters_of_two_bytes_are_short() {
    assert_eq!(redaction(&["éàùèç"]).text("mot éàùèç ici"), MASK);
    assert_eq!(redaction(&["12345\n"]).text("PIN 12345 here"), MASK);
    assert_eq!(redaction(&["éàùèçö"]).text("mot éàùèçö ici"), format!("mot {MASK} ici"));
}

#[test]
fn nothing_to_look_for_changes_nothing() {
    for secrets in [&[][..], &[""]] {
        assert_eq!(redaction(secrets).text("a\nb"), "a\nb");
    }
}

#[test]
fn a_secret_of_several_lines_is_found_line_by_line() {
    let key = "-----BEGIN KEY-----\nQUJDREVGRw\nSElKS0xNTg\n-----END KEY-----\n";
    let shown = redaction(&[key]).text("  QUJDREVGRw\r\nlog: SElKS0xNTg done\n");
    assert_eq!(shown, format!("  {MASK}\r\nlog: {MASK} done\n"));
    assert_eq!(redaction(&[key]).text(&format!("a\n{key}b")), format!("a\n{MASK}\nb"));
}

#[test]
fn secrets_that_are_not_text_are_found() {
    let secret = SecretBytes::new(vec![0xff, 0, 0xfe, 7, 8, 9, 10, 11]);
    assert_eq!(Redaction::new([&secret]).bytes(b"a\xff\0\xfe\x07\x08\x09\x0a\x0bz"), format!("a{MASK}z").into_bytes());
    assert_eq!(Redaction::new([&secret]).text("a/wD+BwgJCgs=z"), format!("a{MASK}z"));
}

#[test]
fn debug_shows_nothing() {
    let redaction = redaction(&["canary-canary"]);
    let mut stream = redaction.stream();
    stream.push(b"canary-");
    assert_eq!(format!("{redaction:?} {stream:?}"), "Redaction(withheld) RedactedStream(withheld)");
}
