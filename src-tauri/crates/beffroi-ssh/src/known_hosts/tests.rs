use proptest::prelude::*;

use super::*;

/// Two keys, as `ssh-keygen` made them.
const ED: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA9cm7xrA0bIJHhWjKY0vJSG9Lz5pZgUa3JiTtOH9DIu";
const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICdxC9JMHNk4HTEo6E6osKu2Fnw6B2txCNWcyoWFGKZQ";

fn one(line: &str) -> Entry {
    let mut known = parse(line.as_bytes());
    assert_eq!((known.faults.as_slice(), known.entries.len()), (&[][..], 1), "{line}");
    known.entries.remove(0)
}

fn fault(line: &str) -> FaultKind {
    let known = parse(line.as_bytes());
    assert_eq!((known.entries.len(), known.faulty), (0, 1), "{line}");
    known.faults[0].what
}

#[test]
fn plain_lines_are_read_and_written_back() {
    let text = format!("# a comment\n\n  web.example,192.0.2.7 {ED} root@web\r\n[git.example]:2222\t{OTHER}\n@revoked * {OTHER}\n");
    let known = parse(text.as_bytes());
    assert!(known.faults.is_empty(), "{:?}", known.faults);
    let lines: Vec<(usize, Marker, String)> = known.entries.iter().map(|entry| (entry.line, entry.marker, entry.to_line())).collect();
    assert_eq!(
        lines,
        [
            (3, Marker::HostKey, format!("web.example,192.0.2.7 {ED} root@web")),
            (4, Marker::HostKey, format!("[git.example]:2222 {OTHER}")),
            (5, Marker::Revoked, format!("@revoked * {OTHER}")),
        ]
    );
    let found = |host, port| known.of(host, port).map(|entry| entry.line).collect::<Vec<_>>();
    assert_eq!(found("WEB.example", 22), [3, 5]);
    assert_eq!(found("192.0.2.7", 22), [3, 5]);
    assert_eq!(found("web.example", 2222), [5]);
    assert_eq!(found("git.example", 2222), [4, 5]);
}

#[test]
fn patterns_exclude_and_stand_for_characters() {
    let entry = one(&format!("*.example,!old.example,10.0.?.1 {ED}"));
    for (host, is) in
        [("a.example", true), ("a.b.EXAMPLE", true), ("old.example", false), ("10.0.3.1", true), ("10.0.33.1", false), ("example", false)]
    {
        assert_eq!(entry.matches(host, 22), is, "{host}");
    }
    assert!(!one(&format!("!a.example {ED}")).matches("b.example", 22), "an exclusion alone matches nobody");
    assert!(one(&format!("@cert-authority [*.example]:* {ED}")).matches("a.example", 2200));
}

#[test]
fn a_hashed_name_is_found_by_who_knows_it() {
    let hosts = Hosts::hashed("Web.Example", 2222, [7; 20]);
    let entry = Entry { hosts, comment: String::new(), ..one(&format!("x {ED}")) };
    let again = one(&entry.to_line());
    assert_eq!(again.hosts, entry.hosts);
    assert!(again.matches("web.example", 2222));
    assert!(!again.matches("web.example", 22) && !again.matches("web2.example", 2222));
    assert!(!entry.to_line().contains("web"));
}

#[test]
fn each_fault_is_told_with_its_line() {
    let hash = "|1|MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=|bm90IHR3ZW50eQ==";
    let cases = [
        (format!("@unknown x {ED}"), FaultKind::UnknownMarker),
        ("web.example".to_owned(), FaultKind::Incomplete),
        ("web.example ssh-ed25519".to_owned(), FaultKind::Incomplete),
        (format!("{hash} {ED}"), FaultKind::BadHash),
        (format!("|2|a|b {ED}"), FaultKind::BadHash),
        (format!(", {ED}"), FaultKind::BadNames),
        (format!("a\u{202e}b {ED}"), FaultKind::BadNames),
        (format!("{} {ED}", vec!["x"; 257].join(",")), FaultKind::BadNames),
        ("x ssh-ed25519 AAAA".to_owned(), FaultKind::BadKey),
        (ED.replace("ssh-ed25519", "x ssh-rsa"), FaultKind::BadKey),
        (format!("x{} {ED}", "y".repeat(MOST_LINE)), FaultKind::LineTooLong),
    ];
    for (line, what) in cases {
        assert_eq!(fault(&line), what, "{line}");
    }
    let known = parse(b"\xff\xfe x\n\nno\n");
    assert_eq!(known.faults, [Fault { line: 1, what: FaultKind::NotText }, Fault { line: 3, what: FaultKind::Incomplete }]);
}

#[test]
fn size_and_faults_are_bounded() {
    let known = parse(&vec![b'x'; MOST_BYTES + 1]);
    assert_eq!(known.faults, [Fault { line: 1, what: FaultKind::FileTooLong }]);
    let many = parse("x\n".repeat(500_000).as_bytes());
    assert_eq!((many.faults.len(), many.faulty), (MOST_FAULTS, 500_000));
    let long = parse(format!("x {ED}\n").repeat(MOST_ENTRIES + 10).as_bytes());
    assert_eq!((long.entries.len(), long.faults[0].what), (MOST_ENTRIES, FaultKind::TooManyLines));
}

#[test]
fn a_pattern_of_many_stars_is_not_slow() {
    assert!(!wildcard(&"*a".repeat(1000), &"a".repeat(900)));
    assert!(wildcard("*a*b", "aaaabaab"));
    assert!(wildcard("***", "") && !wildcard("?", "") && wildcard("", ""));
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let known = parse(&bytes);
        prop_assert!(known.entries.len() + known.faulty <= bytes.len() + 1);
    }

    #[test]
    fn what_was_written_is_read_back(names in proptest::collection::vec("!?[a-z0-9*?.\\[\\]:]{1,20}", 1..5), comment in "[a-z@ ]{0,20}") {
        let entry = Entry { hosts: Hosts::Patterns(names), comment: comment.trim().to_owned(), ..one(&format!("x {ED}")) };
        prop_assert_eq!(one(&entry.to_line()), entry);
    }

    #[test]
    fn wildcards_are_as_the_simple_rule_says(pattern in "[ab*?]{0,8}", name in "[ab]{0,8}") {
        fn simple(pattern: &[u8], name: &[u8]) -> bool {
            match (pattern, name) {
                ([], []) => true,
                ([b'*', rest @ ..], _) => simple(rest, name) || matches!(name, [_, after @ ..] if simple(pattern, after)),
                ([one, rest @ ..], [byte, after @ ..]) => (*one == b'?' || one == byte) && simple(rest, after),
                _ => false,
            }
        }
        prop_assert_eq!(wildcard(&pattern, &name), simple(pattern.as_bytes(), name.as_bytes()));
    }
}

#[test]
fn an_authority_is_for_a_host_on_any_port_unless_it_excludes_it() {
    let is_for = |patterns: &[&str], host, port| is_for(&patterns.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>(), host, port);
    for (patterns, port) in [(&["*.morel"][..], 22), (&["*.morel"], 2222), (&["[web.morel]:2222"], 2222), (&["w?b.MOREL", "!x"], 2222)] {
        assert!(is_for(patterns, "web.morel", port), "{patterns:?}");
    }
    for (patterns, host, port) in [
        (&["*.morel"][..], "morel", 22),
        (&["[web.morel]:2222"], "web.morel", 22),
        (&["*", "!web.morel"], "web.morel", 2222),
        (&["*", "![web.morel]:2222"], "web.morel", 2222),
        (&["!x"], "web.morel", 22),
    ] {
        assert!(!is_for(patterns, host, port), "{patterns:?}");
    }
}
