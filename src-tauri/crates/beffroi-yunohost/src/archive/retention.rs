//! Which archives are kept, and why.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How many are kept of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// The newest.
    pub last: u32,
    /// The newest of each of so many days that have any.
    pub daily: u32,
    /// Of so many weeks (ISO 8601: from Monday).
    pub weekly: u32,
    /// Of so many months.
    pub monthly: u32,
}

/// Why an archive stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Among the newest.
    Last,
    /// The newest of its day: the newest good one, where there is one.
    Daily,
    /// Of its week.
    Weekly,
    /// Of its month.
    Monthly,
    /// The newest that is known to be good: it always stays.
    LastGood,
    /// When it was made is not known.
    Undated,
}

/// What becomes of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its place in what was asked.
    pub index: usize,
    /// Why it stays; nothing when it goes.
    pub why: Vec<Slot>,
}

impl Keep {
    /// Whether nothing is kept: then nothing was asked for.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.last == 0 && self.daily == 0 && self.weekly == 0 && self.monthly == 0
    }
}

/// Decides which archives stay: each with the second when it was made, and whether it is known to be good. Days are those of
/// UTC, so that the same archives stay wherever it is asked. Answers come in the order of the archives.
#[must_use]
pub fn retain(archives: &[(Option<u64>, bool)], keep: Keep) -> Vec<Kept> {
    let mut kept: Vec<Kept> = (0..archives.len()).map(|index| Kept { index, why: Vec::new() }).collect();
    let dated = |&index: &usize| archives.get(index).and_then(|(made, _)| *made);
    let mut newest_first: Vec<usize> = (0..archives.len()).filter(|index| dated(index).is_some()).collect();
    newest_first.sort_by_key(|index| Reverse((dated(index), *index)));
    let is_good = |index: &&usize| archives.get(**index).is_some_and(|(_, good)| *good);
    let mut mark = |index: usize, slot: Slot| {
        if let Some(one) = kept.get_mut(index) {
            one.why.push(slot);
        }
    };
    for &index in newest_first.iter().take(keep.last as usize) {
        mark(index, Slot::Last);
    }
    for (count, slot) in [(keep.daily, Slot::Daily), (keep.weekly, Slot::Weekly), (keep.monthly, Slot::Monthly)] {
        // Of each span the newest, unless an older one of it is good and that is not.
        let mut chosen: BTreeMap<Reverse<(i16, i8, i8)>, usize> = BTreeMap::new();
        for index in &newest_first {
            let Some(span) = dated(index).and_then(|made| span(made, slot)) else { continue };
            let best = chosen.entry(Reverse(span)).or_insert(*index);
            if is_good(&index) && !is_good(&&*best) {
                *best = *index;
            }
        }
        for index in chosen.into_values().take(count as usize) {
            mark(index, slot);
        }
    }
    // Where none is known to be good, the newest may be.
    if let Some(&index) = newest_first.iter().find(is_good).or(newest_first.first()) {
        mark(index, Slot::LastGood);
    }
    for (index, (made, _)) in archives.iter().enumerate() {
        if made.is_none() {
            mark(index, Slot::Undated);
        }
    }
    kept
}

/// The day, week or month of a moment.
fn span(made: u64, slot: Slot) -> Option<(i16, i8, i8)> {
    let day = Timestamp::from_second(i64::try_from(made).ok()?).ok()?.to_zoned(TimeZone::UTC).date();
    Some(match slot {
        Slot::Weekly => {
            let week = day.iso_week_date();
            (week.year(), week.week(), 0)
        }
        Slot::Monthly => (day.year(), day.month(), 0),
        _ => (day.year(), day.month(), day.day()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;
    /// 2026-06-01 12:00 UTC, a Monday.
    const MONDAY: u64 = 1_780_315_200;

    fn stay(archives: &[(Option<u64>, bool)], keep: Keep) -> Vec<usize> {
        retain(archives, keep).into_iter().filter(|kept| !kept.why.is_empty()).map(|kept| kept.index).collect()
    }

    #[test]
    fn the_newest_of_each_day_week_and_month_stays() {
        // Two a day for sixty days, the oldest first.
        let archives: Vec<_> = (0..120).map(|half| (Some(MONDAY + half * DAY / 2), true)).collect();
        assert_eq!(stay(&archives, Keep { last: 3, ..Keep::default() }), [117, 118, 119]);
        let days = stay(&archives, Keep { daily: 3, ..Keep::default() });
        assert_eq!(days.len(), 3);
        assert!(days.contains(&119));
        let weeks = retain(&archives, Keep { weekly: 4, ..Keep::default() });
        assert_eq!(weeks.iter().filter(|kept| kept.why.contains(&Slot::Weekly)).count(), 4);
        let months = retain(&archives, Keep { monthly: 12, ..Keep::default() });
        assert_eq!(months.iter().filter(|kept| kept.why.contains(&Slot::Monthly)).count(), 2, "there are two months only");
    }

    #[test]
    fn the_last_good_one_is_never_removed() {
        let archives = [(Some(MONDAY), true), (Some(MONDAY + DAY), false), (Some(MONDAY + 2 * DAY), false)];
        assert_eq!(stay(&archives, Keep { last: 1, ..Keep::default() }), [0, 2]);
        let none_good = [(Some(MONDAY), false), (Some(MONDAY + DAY), false)];
        assert_eq!(stay(&none_good, Keep::default()), [1]);
        assert_eq!(retain(&archives, Keep { last: 1, ..Keep::default() })[0].why, [Slot::LastGood]);
    }

    #[test]
    fn a_damaged_one_takes_no_slot_of_a_good_one() {
        // Of one day: the newer is damaged. The day after has a damaged one only.
        let archives = [(Some(MONDAY), true), (Some(MONDAY + 3600), false), (Some(MONDAY + DAY), false)];
        assert_eq!(stay(&archives, Keep { daily: 2, ..Keep::default() }), [0, 2]);
        assert_eq!(stay(&archives, Keep { weekly: 1, ..Keep::default() }), [0]);
    }

    #[test]
    fn what_has_no_date_stays() {
        let archives = [(None, true), (Some(MONDAY), true), (Some(MONDAY + DAY), true)];
        assert_eq!(stay(&archives, Keep { last: 1, ..Keep::default() }), [0, 2]);
        assert!(retain(&[], Keep::default()).is_empty());
    }
}
