//! What is asked of those who act on a stage.

use crate::{Canonical, CanonicalReader, NotCanonical, StageName};

/// What is asked of those who act on a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagePolicy {
    /// Whether a plan is run only after the stage's or a host's name was typed.
    pub typed_confirmation: bool,
    /// Whether a plan with warnings is refused rather than shown with them.
    pub refuse_warnings: bool,
    /// How long the stage stays unsealed when nothing else is asked for, in seconds.
    pub unsealed_s: u64,
    /// When nothing may be changed.
    pub freeze: Option<Freeze>,
}

/// A time during which nothing may be changed in a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Its beginning, in milliseconds since 1970.
    pub from_ms: u64,
    /// Its end, which is no part of it.
    pub until_ms: u64,
    /// Why, for those who are refused.
    pub why: String,
}

const TAG: &str = "beffroi/stage-policy/1";
/// Bytes of the longest reason for a freeze.
const MOST_WHY: usize = 500;

impl StagePolicy {
    /// The longest a stage stays unsealed: a working day.
    pub const MOST_UNSEALED_S: u64 = 8 * 3600;

    /// What a new stage begins with: dev warns, prod refuses and asks for typed names.
    #[must_use]
    pub fn of_new(stage: &StageName) -> Self {
        let is_prod = matches!(stage.as_str(), "prod" | "production");
        Self { typed_confirmation: is_prod, refuse_warnings: is_prod, unsealed_s: if is_prod { 15 * 60 } else { 60 * 60 }, freeze: None }
    }

    /// The freeze, if it is on at this moment.
    #[must_use]
    pub fn frozen_at(&self, now_ms: u64) -> Option<&Freeze> {
        self.freeze.as_ref().filter(|freeze| (freeze.from_ms..freeze.until_ms).contains(&now_ms))
    }

    /// Whether its times and texts lie within their limits.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let freeze = |freeze: &Freeze| freeze.from_ms < freeze.until_ms && freeze.why.len() <= MOST_WHY;
        (60..=Self::MOST_UNSEALED_S).contains(&self.unsealed_s) && self.freeze.as_ref().is_none_or(freeze)
    }

    /// The bytes that are authenticated.
    #[must_use]
    pub fn to_canonical(&self) -> Vec<u8> {
        let start = Canonical::new(TAG)
            .number(u64::from(self.typed_confirmation))
            .number(u64::from(self.refuse_warnings))
            .number(self.unsealed_s)
            .number(u64::from(self.freeze.is_some()));
        match &self.freeze {
            None => start.finish(),
            Some(freeze) => start.number(freeze.from_ms).number(freeze.until_ms).text(&freeze.why).finish(),
        }
    }

    /// Reads [`StagePolicy::to_canonical`] back.
    ///
    /// # Errors
    /// [`NotCanonical`] for anything else.
    pub fn from_canonical(encoded: &[u8]) -> Result<Self, NotCanonical> {
        let mut reader = CanonicalReader::new(TAG, encoded)?;
        let flag = |reader: &mut CanonicalReader<'_>| match reader.number()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(NotCanonical),
        };
        let (typed_confirmation, refuse_warnings) = (flag(&mut reader)?, flag(&mut reader)?);
        let unsealed_s = reader.number()?;
        let freeze = if flag(&mut reader)? {
            Some(Freeze { from_ms: reader.number()?, until_ms: reader.number()?, why: reader.text()?.to_owned() })
        } else {
            None
        };
        reader.finish()?;
        let policy = Self { typed_confirmation, refuse_warnings, unsealed_s, freeze };
        if policy.is_sound() { Ok(policy) } else { Err(NotCanonical) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> StagePolicy {
        let prod: StageName = "prod".parse().expect("a stage's name");
        StagePolicy { freeze: Some(Freeze { from_ms: 10, until_ms: 20, why: "audit".to_owned() }), ..StagePolicy::of_new(&prod) }
    }

    #[test]
    fn a_policy_survives_its_encoding_and_a_cut_one_is_refused() {
        for policy in [policy(), StagePolicy { freeze: None, ..policy() }] {
            let encoded = policy.to_canonical();
            assert_eq!(StagePolicy::from_canonical(&encoded), Ok(policy));
            for length in 0..encoded.len() {
                assert_eq!(StagePolicy::from_canonical(&encoded[..length]), Err(NotCanonical), "cut at {length}");
            }
        }
    }

    #[test]
    fn a_freeze_lasts_from_its_beginning_to_just_before_its_end() {
        let frozen: Vec<_> = [9, 10, 19, 20].iter().map(|now| policy().frozen_at(*now).is_some()).collect();
        assert_eq!(frozen, [false, true, true, false]);
    }

    #[test]
    fn times_outside_the_limits_are_refused() {
        for unsealed_s in [0, 59, StagePolicy::MOST_UNSEALED_S + 1, u64::MAX] {
            let unsound = StagePolicy { unsealed_s, ..policy() };
            assert_eq!(StagePolicy::from_canonical(&unsound.to_canonical()), Err(NotCanonical), "{unsealed_s}");
        }
    }

    #[test]
    fn prod_begins_strict_and_dev_does_not() {
        assert!(policy().typed_confirmation && policy().refuse_warnings);
        let dev = StagePolicy::of_new(&StageName::dev());
        assert!(!dev.typed_confirmation && !dev.refuse_warnings);
    }
}
