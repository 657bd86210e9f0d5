//! Words and patterns, exactly as OpenSSH takes them (`misc.c`: `strdelim`, `argv_split`; `match.c`): a file means here what it
//! means to `ssh`.

const WHITESPACE: &[char] = &[' ', '\t', '\r', '\n'];

/// Takes the next word off a line; one `=` may stand after it. None at the end, and for a quote that never ends.
pub(super) fn word(line: &mut Option<&str>) -> Option<String> {
    let rest = line.take()?;
    let Some(at) = rest.find([' ', '\t', '\r', '\n', '"', '=']) else { return Some(rest.to_owned()) };
    let (head, tail) = rest.split_at(at);
    let mut after = tail.chars();
    let delimiter = after.next();
    if delimiter == Some('"') {
        let (quoted, after) = after.as_str().split_once('"')?;
        *line = Some(after.trim_start_matches(WHITESPACE));
        return Some(format!("{head}{quoted}"));
    }
    let mut after = after.as_str().trim_start_matches(WHITESPACE);
    if delimiter != Some('=')
        && let Some(rest) = after.strip_prefix('=')
    {
        after = rest.trim_start_matches(WHITESPACE);
    }
    *line = Some(after);
    Some(head.to_owned())
}

/// The words of the rest of a line, up to a comment. None for a quote that never ends.
pub(super) fn words(rest: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut next = rest.chars().peekable();
    loop {
        while next.next_if(|next| matches!(next, ' ' | '\t')).is_some() {}
        if matches!(next.peek(), None | Some('#')) {
            return Some(found);
        }
        let (mut word, mut quote) = (String::new(), None);
        while let Some(here) = next.next() {
            match here {
                '\\' => match next.next_if(|after| matches!(after, '\'' | '"' | '\\') || (quote.is_none() && *after == ' ')) {
                    Some(escaped) => word.push(escaped),
                    None => word.push('\\'),
                },
                ' ' | '\t' if quote.is_none() => break,
                '"' | '\'' if quote.is_none() => quote = Some(here),
                _ if quote == Some(here) => quote = None,
                _ => word.push(here),
            }
        }
        if quote.is_some() {
            return None;
        }
        found.push(word);
    }
}

/// Whether a name is what a pattern with `*` and `?` says. In time that is the product of both lengths at most.
pub(super) fn matches(name: &str, pattern: &str) -> bool {
    let (name, pattern) = (name.as_bytes(), pattern.as_bytes());
    let (mut at, mut along) = (0, 0);
    // Where the last star stood, and up to where it took the name.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (name.get(at), pattern.get(along)) {
            (_, Some(b'*')) => {
                star = Some((along, at));
                along += 1;
            }
            (Some(here), Some(wanted)) if *wanted == b'?' || here == wanted => {
                at += 1;
                along += 1;
            }
            (None, None) => return true,
            (None, _) => return false,
            _ => match star {
                Some((from, taken)) => {
                    star = Some((from, taken + 1));
                    (at, along) = (taken + 1, from + 1);
                }
                None => return false,
            },
        }
    }
}

/// Whether a name is one of a list of patterns between commas; one with `!` before it excludes.
pub(super) fn matches_list(name: &str, list: &str) -> bool {
    let mut found = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(excluded) if matches(name, excluded) => return false,
            Some(_) => {}
            None => found |= matches(name, pattern),
        }
    }
    found
}

/// The same for the name of a host, whose case says nothing.
pub(super) fn matches_host(name: &str, list: &str) -> bool {
    matches_list(&name.to_ascii_lowercase(), &list.to_ascii_lowercase())
}

/// Whether the name of a file is what a pattern of glob(7) says: `*`, `?`, `[a-z]`, `[!a-z]`. A dot at the start is not found by a
/// wildcard.
pub(super) fn globs(name: &str, pattern: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (name, pattern): (Vec<char>, Vec<char>) = (name.chars().collect(), pattern.chars().collect());
    let (mut at, mut along) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let step = match (name.get(at), pattern.get(along)) {
            (_, Some('*')) => {
                star = Some((along, at));
                along += 1;
                continue;
            }
            (None, None) => return true,
            (None, _) => return false,
            (Some(_), Some('?')) => Some(1),
            (Some(here), Some('[')) => bracket(*here, pattern.get(along + 1..).unwrap_or_default())
                .map_or_else(|| (*here == '[').then_some(1), |(found, length)| found.then_some(length + 1)),
            (Some(here), Some(wanted)) => (here == wanted).then_some(1),
            (Some(_), None) => None,
        };
        match (step, star) {
            (Some(step), _) => {
                at += 1;
                along += step;
            }
            (None, Some((from, taken))) => {
                star = Some((from, taken + 1));
                (at, along) = (taken + 1, from + 1);
            }
            (None, None) => return false,
        }
    }
}

/// Whether a character is one of a bracket, and how long the bracket is after its `[`. None when it never ends.
fn bracket(here: char, inside: &[char]) -> Option<(bool, usize)> {
    let negated = matches!(inside.first(), Some('!' | '^'));
    let start = usize::from(negated);
    let length = start + 1 + inside.get(start + 1..)?.iter().position(|end| *end == ']')?;
    let mut set = inside.get(start..length)?;
    let mut found = false;
    loop {
        match set {
            [] => break,
            [from, '-', to, rest @ ..] => {
                found |= (*from..=*to).contains(&here);
                set = rest;
            }
            [one, rest @ ..] => {
                found |= *one == here;
                set = rest;
            }
        }
    }
    Some((found != negated, length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_ssh_takes_them() {
        let split = |line| words(line).expect("words");
        assert_eq!(split("a \"b c\" 'd \"e' f\\ g \\h # end"), ["a", "b c", "d \"e", "f g", "\\h"]);
        assert_eq!(split("a#b \"#\""), ["a#b", "#"]);
        assert!(words("a \"b").is_none());
        let mut line = Some("\tHostName=  web-1");
        assert_eq!((word(&mut line), word(&mut line), line), (Some(String::new()), Some("HostName".to_owned()), Some("web-1")));
        let mut line = Some("User \t = \"a b\" c");
        assert_eq!((word(&mut line), word(&mut line), line), (Some("User".to_owned()), Some("a b".to_owned()), Some("c")));
    }

    #[test]
    fn patterns() {
        for (name, pattern) in [("web-1", "web-*"), ("web-1", "*"), ("", "*"), ("web-1", "w?b-?"), ("aXbXc", "*X*X*"), ("a*b", "a*b")] {
            assert!(matches(name, pattern), "{name} {pattern}");
        }
        for (name, pattern) in [("web", "web?"), ("Web", "web"), ("ab", "a"), ("abc", "a*d")] {
            assert!(!matches(name, pattern), "{name} {pattern}");
        }
        // Exponential for whoever goes back at each star.
        assert!(!matches(&"a".repeat(5_000), &format!("{}b", "a*".repeat(500))));
        assert!(matches_host("WEB-1", "web-*,!web-2") && !matches_host("web-2", "web-*,!web-2") && !matches_list("x", "!y"));
        assert!(globs("10-web.conf", "[0-9]*.conf") && globs("a]", "a[]]") && globs("a[", "a[") && !globs("b", "[!a-c]"));
        assert!(!globs(".hidden", "*") && globs(".hidden", ".*"));
    }
}
