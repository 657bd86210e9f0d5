//! Equal outputs are one group; what differs is a diff.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use beffroi_domain::Exit;
use beffroi_remote::Output;
use similar::TextDiff;

use super::{HostResult, RunEnd};

/// Hosts that gave the same.
#[derive(Debug, Clone)]
pub struct Group {
    /// Their names.
    pub hosts: Vec<String>,
    /// How the command ended there.
    pub exit: Exit,
    /// Standard output as text.
    pub stdout: String,
    /// Standard error as text.
    pub stderr: String,
    /// What differs from the standard output of the largest group, where that is shorter than the output itself.
    pub diff: Option<String>,
}

/// Texts of more bytes are not compared.
const MOST_COMPARED: usize = 256 << 10;
/// Comparing all groups takes no longer; those left over then have no diff.
const MOST_TIME: Duration = Duration::from_secs(2);
/// Lines around a difference.
const CONTEXT: usize = 3;

/// What makes hosts alike: how the command ended, and both streams.
type Given<'a> = (String, &'a [u8], &'a [u8]);

/// The groups of a run's results, the largest first; of equally large ones the one with the first host.
pub(crate) fn groups(results: &[HostResult]) -> Vec<Group> {
    let mut found: HashMap<Given<'_>, Vec<&HostResult>> = HashMap::new();
    for result in results {
        if let (RunEnd::Exit(exit), Some(output)) = (&result.end, &result.output) {
            found.entry((super::exit_words(exit), &output.stdout, &output.stderr)).or_default().push(result);
        }
    }
    let mut groups: Vec<Group> = found.into_values().filter_map(|alike| group(&alike)).collect();
    groups.sort_by(|one, other| other.hosts.len().cmp(&one.hosts.len()).then_with(|| one.hosts.cmp(&other.hosts)));
    let until = Instant::now() + MOST_TIME;
    if let Some((largest, others)) = groups.split_first_mut() {
        for other in others.iter_mut().filter(|other| other.exit == largest.exit) {
            other.diff = diff(largest, other, until.saturating_duration_since(Instant::now()));
        }
    }
    groups
}

fn group(alike: &[&HostResult]) -> Option<Group> {
    let first = alike.first()?;
    let Output { exit, stdout, stderr, .. } = first.output.as_deref()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut hosts: Vec<String> = alike.iter().map(|result| result.host.clone()).collect();
    hosts.sort();
    Some(Group { hosts, exit: exit.clone(), stdout: text(stdout), stderr: text(stderr), diff: None })
}

fn diff(largest: &Group, other: &Group, time: Duration) -> Option<String> {
    if time.is_zero() || largest.stdout.len().max(other.stdout.len()) > MOST_COMPARED || largest.stdout == other.stdout {
        return None;
    }
    let compared = TextDiff::configure().timeout(time).diff_lines(&largest.stdout, &other.stdout);
    let text = compared.unified_diff().context_radius(CONTEXT).missing_newline_hint(false).to_string();
    (text.len() < other.stdout.len()).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn result(host: &str, exit: u32, stdout: &str) -> HostResult {
        let exit = Exit::Status(exit);
        let output = Output { stdout: stdout.as_bytes().to_vec(), stderr: Vec::new(), exit: exit.clone(), cut: false };
        HostResult { host: host.to_owned(), end: RunEnd::Exit(exit), step: None, took: Duration::ZERO, output: Some(Arc::new(output)) }
    }

    fn lines(changed: u32) -> String {
        (0..100).map(|line| if line == changed { "changed\n".to_owned() } else { format!("line {line}\n") }).collect()
    }

    #[test]
    fn equal_outputs_are_one_group_and_the_largest_comes_first() {
        let results = [result("c", 0, &lines(50)), result("b", 0, &lines(200)), result("a", 0, &lines(200)), result("d", 1, &lines(200))];
        let groups = groups(&results);
        let hosts: Vec<Vec<String>> = groups.iter().map(|group| group.hosts.clone()).collect();
        assert_eq!(hosts, [vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()], vec!["d".to_owned()]]);
        let diff = groups[1].diff.as_deref().expect("one line differs");
        assert!(diff.contains("-line 50\n+changed\n") && diff.lines().count() < 12, "{diff}");
        assert_eq!((&groups[0].diff, &groups[2].diff), (&None, &None), "not of the largest, nor of another exit");
    }

    #[test]
    fn a_diff_that_says_no_less_than_the_text_is_none() {
        assert_eq!(groups(&[result("a", 0, "one\n"), result("b", 0, "two\n")])[1].diff, None);
        let large = "x\n".repeat(MOST_COMPARED);
        let changed = format!("{large}y\n");
        assert_eq!(groups(&[result("a", 0, &large), result("b", 0, &changed)])[1].diff, None, "too large to be compared");
    }

    #[test]
    fn hosts_without_output_are_in_no_group() {
        let gone = HostResult { output: None, ..result("a", 0, "") };
        let troubled = HostResult { end: RunEnd::Running, ..result("b", 0, "") };
        assert!(groups(&[gone, troubled]).is_empty());
    }
}
