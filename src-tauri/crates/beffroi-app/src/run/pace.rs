//! How a run goes through its hosts: canary, waves, how many at a time, how many failures.

use crate::AppError;

/// How a run goes through its hosts, as a person says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pace {
    /// Hosts at a time; 32 when absent.
    pub parallel: Option<usize>,
    /// So many hosts come first and alone.
    pub canary: Option<usize>,
    /// The sizes of the waves: `1,10%,50%`. The last one is repeated.
    pub waves: Option<String>,
    /// On so many hosts it may fail: `3` or `10%`.
    pub budget: Option<String>,
}

/// The same, for a number of hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Course {
    /// Hosts at a time.
    pub(crate) parallel: usize,
    /// How many hosts are in each wave, the canary first. Together all of them.
    pub(crate) waves: Vec<usize>,
    /// Whether the first wave is a canary: one failure there is one too many.
    pub(crate) canary: bool,
    /// After more failures than this nothing new is started.
    pub(crate) budget: usize,
    /// Whether any failure in a wave makes it the last one.
    pub(crate) strict: bool,
}

/// Hosts at a time, when nothing is said.
const PARALLEL: usize = 32;
/// Most hosts at a time, whatever is asked for: each costs a socket.
const MOST_PARALLEL: usize = 256;
/// Longer than any list of sizes that makes sense.
const MOST_SIZES: usize = 64;

impl Course {
    pub(crate) fn new(pace: &Pace, hosts: usize) -> Result<Self, AppError> {
        let wrong = |flag: &'static str, value: &str| AppError::RunPaceInvalid { flag, value: value.to_owned() };
        if let Some(value) = pace.canary.filter(|canary| *canary == 0) {
            return Err(wrong("--canary", &value.to_string()));
        }
        let mut waves: Vec<usize> = pace.canary.map(|canary| canary.min(hosts)).into_iter().collect();
        let mut left = hosts.saturating_sub(waves.iter().sum());
        let text = pace.waves.as_deref().unwrap_or("100%");
        let sizes: Option<Vec<usize>> =
            text.split(',').map(|size| share(size, hosts).map(|size| size.max(1))).take(MOST_SIZES + 1).collect();
        let zero = text.split(',').any(|size| matches!(size.trim(), "0" | "0%"));
        let sizes = sizes.filter(|sizes| !sizes.is_empty() && sizes.len() <= MOST_SIZES && !zero).ok_or_else(|| wrong("--waves", text))?;
        let last = sizes.last().copied().unwrap_or(hosts);
        for size in sizes.into_iter().chain(std::iter::repeat(last)) {
            if left == 0 {
                break;
            }
            waves.push(size.min(left));
            left -= size.min(left);
        }
        let budget = match &pace.budget {
            None => hosts,
            Some(text) => rounded_down(text, hosts).ok_or_else(|| wrong("--budget", text))?,
        };
        Ok(Self {
            parallel: pace.parallel.unwrap_or(PARALLEL).clamp(1, MOST_PARALLEL),
            waves,
            canary: pace.canary.is_some(),
            budget,
            strict: pace.waves.is_some() && pace.budget.is_none(),
        })
    }

    /// In which wave each host's turn comes, counted from 1.
    pub(crate) fn turns(&self) -> impl Iterator<Item = usize> {
        (1..).zip(&self.waves).flat_map(|(wave, size)| std::iter::repeat_n(wave, *size))
    }
}

/// A number of hosts, or a share of them rounded up.
fn share(text: &str, hosts: usize) -> Option<usize> {
    match number(text)? {
        (number, false) => Some(number),
        (percent, true) => Some(hosts.saturating_mul(percent).div_ceil(100)),
    }
}

/// The same, rounded down: what may fail is not made more.
fn rounded_down(text: &str, hosts: usize) -> Option<usize> {
    match number(text)? {
        (number, false) => Some(number),
        (percent, true) => Some(hosts.saturating_mul(percent) / 100),
    }
}

/// A number, and whether it is a share in percent.
fn number(text: &str) -> Option<(usize, bool)> {
    let text = text.trim();
    let (digits, percent) = text.strip_suffix('%').map_or((text, false), |digits| (digits, true));
    let number = digits.parse::<usize>().ok().filter(|_| digits.chars().all(|c| c.is_ascii_digit()))?;
    (!percent || number <= 100).then_some((number, percent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waves(canary: Option<usize>, waves: &str, hosts: usize) -> Vec<usize> {
        let pace = Pace { canary, waves: Some(waves.to_owned()), ..Pace::default() };
        Course::new(&pace, hosts).expect(waves).waves
    }

    #[test]
    fn waves_are_sizes_and_the_last_one_is_repeated() {
        assert_eq!(waves(None, "1,10%,50%,100%", 40), [1, 4, 20, 15]);
        assert_eq!(waves(None, "3", 10), [3, 3, 3, 1]);
        assert_eq!(waves(None, " 1 , 1% ", 4), [1, 1, 1, 1]);
        assert_eq!(waves(Some(2), "50%", 10), [2, 5, 3]);
        assert_eq!(waves(Some(5), "1", 3), [3]);
        assert_eq!(Course::new(&Pace::default(), 7).expect("the usual").waves, [7]);
    }

    #[test]
    fn a_budget_is_a_number_or_a_share_rounded_down() {
        let budget = |text: &str, hosts| {
            let pace = Pace { budget: Some(text.to_owned()), ..Pace::default() };
            Course::new(&pace, hosts).map(|course| course.budget).ok()
        };
        assert_eq!([budget("0", 9), budget("3", 9), budget("10%", 9), budget("10%", 30)], [Some(0), Some(3), Some(0), Some(3)]);
        for wrong in ["", "-1", "+1", "x", "101%", "1.5", "%"] {
            assert_eq!(budget(wrong, 9), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_pace_is_refused() {
        for wrong in ["", ",", "0", "1,0%", "a", "1;2"] {
            let pace = Pace { waves: Some(wrong.to_owned()), ..Pace::default() };
            assert!(matches!(Course::new(&pace, 9), Err(AppError::RunPaceInvalid { flag: "--waves", .. })), "{wrong}");
        }
        let pace = Pace { canary: Some(0), ..Pace::default() };
        assert!(matches!(Course::new(&pace, 9), Err(AppError::RunPaceInvalid { flag: "--canary", .. })));
    }

    #[test]
    fn every_host_has_a_turn() {
        let pace = Pace { canary: Some(1), waves: Some("2".to_owned()), ..Pace::default() };
        assert_eq!(Course::new(&pace, 6).expect("a course").turns().collect::<Vec<_>>(), [1, 2, 2, 3, 3, 4]);
    }
}
