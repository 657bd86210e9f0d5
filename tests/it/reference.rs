//! The command line as it is documented by the program itself: a contract, changed only on purpose.

use beffroi_tests::Sandbox;

/// The help of every command, in order; what every command takes is told once, at the top. A change of it is reviewed with
/// `cargo insta review`, or by moving the new snapshot over the old one.
#[test]
fn names_and_flags_are_a_contract() {
    let sandbox = Sandbox::without_vault();
    let top = help(&sandbox, &[]);
    let everywhere: Vec<&str> = top.lines().filter_map(flag).collect();
    let mut reference = format!("$ beffroi --help\n\n{top}");
    for word in below(&top) {
        write(&sandbox, &mut vec![word], &everywhere, &mut reference);
    }
    insta::assert_snapshot!(reference);
}

#[test]
fn the_version_is_told() {
    let sandbox = Sandbox::without_vault();
    let version = sandbox.bare(&["--version"]).success().stdout;
    assert_eq!(version, format!("beffroi {}\n", env!("CARGO_PKG_VERSION")));
}

/// The words of every command that does something.
pub(crate) fn commands() -> Vec<Vec<String>> {
    let sandbox = Sandbox::without_vault();
    let (mut found, mut waiting) = (Vec::new(), vec![Vec::new()]);
    while let Some(words) = waiting.pop() {
        let help = help(&sandbox, &words);
        let below = below(&help);
        waiting.extend(below.iter().map(|word| [words.clone(), vec![word.clone()]].concat()));
        // `run` runs a command, and has commands below it that speak of past runs.
        if below.is_empty() || help.contains("\nArguments:\n") {
            found.push(words);
        }
    }
    found
}

fn write(sandbox: &Sandbox, words: &mut Vec<String>, everywhere: &[&str], reference: &mut String) {
    let help = help(sandbox, words);
    let mut told_above = false;
    let own = help.lines().filter(|line| {
        told_above = match flag(line) {
            Some(flag) => everywhere.contains(&flag),
            // The rest of a description belongs to the flag above it.
            None => told_above && line.starts_with("         "),
        };
        !told_above
    });
    let own = own.collect::<Vec<_>>().join("\n");
    let own = own.trim_end().trim_end_matches("Options:").trim_end();
    reference.push_str(&format!("\n$ beffroi {} --help\n\n{own}\n", words.join(" ")));
    for word in below(&help) {
        words.push(word);
        write(sandbox, words, everywhere, reference);
        words.pop();
    }
}

/// The flag that a line of a help begins to describe, such as `--vault <PATH>`.
fn flag(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.starts_with('-').then(|| line.split("  ").next().unwrap_or(line))
}

fn help(sandbox: &Sandbox, words: &[String]) -> String {
    let words: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
    sandbox.bare(&words).success().stdout
}

/// The commands that a help lists.
fn below(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = list.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
