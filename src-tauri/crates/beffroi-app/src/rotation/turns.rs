//! In which order hosts have their turns: nobody works behind a host while what opens that host changes.

use std::collections::BTreeMap;

use beffroi_domain::{HostId, TargetRecord};

use super::document::{Rotation, RotationStep};

/// The hosts of a rotation in groups, one after the other; those of a group go side by side.
///
/// Where it is not known what a host takes, it comes first, since others may be reached through it alone: the way to them is put in
/// order from here outwards. All others come from the far end: those behind a host before that host.
pub(super) fn turns(rotation: &Rotation, records: &[TargetRecord]) -> Vec<Vec<HostId>> {
    let mut groups: BTreeMap<(bool, i64), Vec<HostId>> = BTreeMap::new();
    for known in &rotation.hosts {
        let Ok(host) = known.host.parse::<HostId>() else { continue };
        let depth = depth(host, rotation, records, &mut Vec::new());
        let is_open = matches!(known.step, RotationStep::Deploying | RotationStep::Deployed);
        groups.entry((!is_open, if is_open { depth } else { -depth })).or_default().push(host);
    }
    groups.into_values().collect()
}

/// How many hosts of the rotation the longest way to a host leads through.
fn depth(host: HostId, rotation: &Rotation, records: &[TargetRecord], passed: &mut Vec<HostId>) -> i64 {
    let Some(record) = records.iter().find(|record| record.host == host) else { return 0 };
    if passed.contains(&host) {
        return 0;
    }
    passed.push(host);
    let through =
        |jump: HostId, passed: &mut Vec<HostId>| i64::from(rotation.step_of(jump).is_some()) + depth(jump, rotation, records, passed);
    let deepest = record.accesses().filter_map(|access| access.jump).map(|jump| through(jump, passed)).max().unwrap_or(0);
    passed.pop();
    deepest
}
