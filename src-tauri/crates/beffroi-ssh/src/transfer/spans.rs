//! Parts of a file, as ranges of bytes.

use std::ops::Range;

/// What is missing between the ranges that are there, which may overlap and come in any order.
pub(super) fn missing(size: u64, there: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut sorted: Vec<_> = there.iter().filter(|range| range.start < range.end).collect();
    sorted.sort_unstable_by_key(|range| range.start);
    let mut gaps = Vec::new();
    let mut at = 0;
    for range in sorted {
        if range.start >= size {
            break;
        }
        if range.start > at {
            gaps.push(at..range.start);
        }
        at = at.max(range.end);
    }
    if at < size {
        gaps.push(at..size);
    }
    gaps
}

/// The bytes of ranges that do not overlap.
pub(super) fn length(ranges: &[Range<u64>]) -> u64 {
    ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum()
}

/// Cuts ranges into pieces of at most so many bytes.
pub(super) fn pieces(ranges: impl IntoIterator<Item = Range<u64>>, most: u64) -> impl Iterator<Item = Range<u64>> {
    let most = most.max(1);
    ranges.into_iter().flat_map(move |range| {
        let count = range.end.saturating_sub(range.start).div_ceil(most);
        (0..count).map(move |index| {
            let start = range.start + index * most;
            start..range.end.min(start + most)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn gaps_and_ranges_are_the_whole(size in 0_u64..200, ranges in proptest::collection::vec((0_u64..220, 0_u64..50), 0..12)) {
            let ranges: Vec<Range<u64>> = ranges.into_iter().map(|(start, length)| start..start + length).collect();
            let gaps = missing(size, &ranges);
            for at in 0..size {
                let there = ranges.iter().any(|range| range.contains(&at));
                prop_assert_eq!(gaps.iter().filter(|gap| gap.contains(&at)).count(), usize::from(!there));
            }
            prop_assert!(gaps.iter().all(|gap| gap.start < gap.end && gap.end <= size));
            let cut: Vec<_> = pieces(gaps.clone(), 7).collect();
            prop_assert!(cut.iter().all(|piece| (1..=7).contains(&(piece.end - piece.start))));
            prop_assert_eq!(length(&cut), length(&gaps));
        }
    }
}
