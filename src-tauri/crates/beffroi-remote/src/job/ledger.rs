//! What lies on a host, and its removal.

use std::time::Duration;

use super::answer::{self, not_understood};
use super::{JobError, StepOnHost, StepRef, exchange};
use crate::{Output, Remote};

/// The most steps that [`list`] and [`clean`] take from one host.
pub const MOST_LISTED: usize = 10_000;

/// A step that lies on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub step: StepRef,
    /// Where it stands.
    pub state: StepOnHost,
    /// Bytes that its folder takes on the disk.
    pub size: u64,
    /// When its command started, in seconds since 1970 by the host's clock.
    pub started: Option<u64>,
}

/// What [`list`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// The steps, by name.
    pub steps: Vec<Listed>,
    /// Temporary files and secret input of starters that died, and folders whose removal was cut short.
    pub leftovers: u64,
}

/// What [`clean`] removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The steps, by name.
    pub steps: Vec<StepRef>,
    /// Leftovers, as in [`Ledger::leftovers`].
    pub leftovers: u64,
}

/// What is on the host. Changes nothing.
///
/// # Errors
/// [`JobError::Missing`], [`JobError::NotUnderstood`], also when there are more than [`MOST_LISTED`];
/// [`JobError::Remote`].
pub async fn list(remote: &dyn Remote) -> Result<Ledger, JobError> {
    read_list(&exchange(remote, &["list"], None).await?, MOST_LISTED)
}

/// Removes the steps that do not run and ended longer ago, all of them with [`Duration::ZERO`], and all leftovers.
/// What vanished or never started counts from when its folder changed last; a step that is just being started stays.
/// When there are more than [`MOST_LISTED`] to remove, the rest stays for the next call.
///
/// # Errors
/// [`JobError::Missing`], [`JobError::NotUnderstood`], [`JobError::Remote`].
pub async fn clean(remote: &dyn Remote, older_than: Duration) -> Result<Cleaned, JobError> {
    let seconds = older_than.as_secs().to_string();
    read_cleaned(&exchange(remote, &["clean", &seconds, &MOST_LISTED.to_string()], None).await?, MOST_LISTED)
}

/// Reads lines `NAME KIB STARTED STATE`, then `leftovers COUNT`.
fn read_list(output: &Output, most: usize) -> Result<Ledger, JobError> {
    let mut steps = Vec::new();
    let leftovers = read_lines(output, most, |name, rest| {
        let (size, rest) = rest.split_once(' ')?;
        let (started, state) = rest.split_once(' ')?;
        let size = size.parse::<u64>().ok()?.checked_mul(1024)?;
        let started = if started == "-" { None } else { Some(started.parse().ok()?) };
        let state = answer::step(state)?;
        if let Some(step) = name {
            steps.push(Listed { step, state, size, started });
        }
        Some(())
    })?;
    steps.sort_by_key(|listed| listed.step);
    Ok(Ledger { steps, leftovers })
}

/// Reads lines `NAME`, then `leftovers COUNT`.
fn read_cleaned(output: &Output, most: usize) -> Result<Cleaned, JobError> {
    let mut steps = Vec::new();
    let leftovers = read_lines(output, most, |name, rest| {
        steps.extend(name);
        rest.is_empty().then_some(())
    })?;
    steps.sort_unstable();
    Ok(Cleaned { steps, leftovers })
}

/// Gives each line's first word, where it is a step, and its rest; then the number of leftovers, which is the last line.
fn read_lines(output: &Output, most: usize, mut take: impl FnMut(Option<StepRef>, &str) -> Option<()>) -> Result<u64, JobError> {
    for (index, line) in answer::after_mark(output)?.split(|byte| *byte == b'\n').enumerate() {
        let text = answer::text_of(line)?;
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        match first {
            "error" => return Err(answer::error(rest)),
            "leftovers" => return rest.parse().map_err(|_| not_understood(line)),
            _ if index >= most => break,
            name => take(answer::reference(name), rest).ok_or_else(|| not_understood(line))?,
        }
    }
    Err(JobError::NotUnderstood { what: "a list without an end".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use beffroi_domain::{Exit, JobId};

    fn output(text: &str) -> Output {
        let stdout = format!("beffroi-job 1\n{text}").into_bytes();
        Output { stdout, stderr: Vec::new(), exit: Exit::Status(0), cut: false }
    }

    #[test]
    fn a_list_skips_foreign_folders_and_needs_its_end() {
        let step = StepRef { job: JobId::make(), step: 3 };
        let text = format!("{step} 12 1700000000 running\nforeign 4 - staged\n{step}0.0 4 - staged\nleftovers 2\n");
        let listed = Listed { step, state: StepOnHost::Running, size: 12 << 10, started: Some(1_700_000_000) };
        assert_eq!(read_list(&output(&text), 10).expect("a list"), Ledger { steps: vec![listed], leftovers: 2 });
        assert!(read_list(&output(text.trim_end_matches("leftovers 2\n")), 10).is_err());
        assert!(read_list(&output(&text), 2).is_err());
    }

    #[test]
    fn what_is_not_a_list_is_refused() {
        for bad in [
            "x 1 1\nleftovers 0\n",
            "x -1 - staged\nleftovers 0\n",
            "x 18446744073709551615 - staged\nleftovers 0\n",
            "x 1 soon staged\nleftovers 0\n",
            "x 1 - gone\nleftovers 0\n",
            "leftovers many\n",
            "leftovers\n",
        ] {
            assert!(matches!(read_list(&output(bad), 10), Err(JobError::NotUnderstood { .. })), "{bad:?}");
        }
        assert!(matches!(read_list(&output("error missing du\n"), 10), Err(JobError::Missing { .. })));
    }

    #[test]
    fn what_was_cleaned_is_names() {
        let step = StepRef { job: JobId::make(), step: 1 };
        let read = read_cleaned(&output(&format!("{step}\nleftovers 1\n")), 10).expect("a list");
        assert_eq!(read, Cleaned { steps: vec![step], leftovers: 1 });
        assert!(read_cleaned(&output(&format!("{step} 1\nleftovers 1\n")), 10).is_err());
    }
}
