//! Merging two copies of one vault.

use beffroi_app::MergeOrder;

use crate::wire::{MergeConflict, MergeEffect, MergeField, MergeKeep, MergeRename, MergeTaken, ParcelMerge, ParcelMerged};
use crate::{Api, ApiError};

impl Api {
    /// `parcel_merge`
    pub async fn parcel_merge(&self, request: ParcelMerge) -> Result<ParcelMerged, ApiError> {
        let order = MergeOrder {
            other: request.other,
            keep: request.keep.map(side),
            resolved: request.resolved.into_iter().map(|resolved| (resolved.key, side(resolved.keep))).collect(),
            rehearse: request.rehearse,
        };
        let facts = self.app().merge_vault(order).await?;
        let rename = |rename: beffroi_app::MergeRename| MergeRename { what: rename.what.to_owned(), from: rename.from, to: rename.to };
        Ok(ParcelMerged {
            other: facts.path.display().to_string(),
            merged: facts.merged,
            taken: facts.taken.into_iter().map(taken).collect(),
            conflicts: facts.conflicts.into_iter().map(conflict).collect(),
            renames: facts.renames.into_iter().map(rename).collect(),
            entries: facts.entries,
            surveys: facts.history.surveys,
            jobs: facts.history.jobs,
            runs: facts.history.runs,
            other_ways: facts.other_ways,
        })
    }
}

fn side(keep: MergeKeep) -> beffroi_app::MergeKeep {
    match keep {
        MergeKeep::Mine => beffroi_app::MergeKeep::Ours,
        MergeKeep::Theirs => beffroi_app::MergeKeep::Theirs,
    }
}

fn kept(keep: beffroi_app::MergeKeep) -> MergeKeep {
    match keep {
        beffroi_app::MergeKeep::Ours => MergeKeep::Mine,
        beffroi_app::MergeKeep::Theirs => MergeKeep::Theirs,
    }
}

fn taken(taken: beffroi_app::MergeTaken) -> MergeTaken {
    let effect = match taken.effect {
        beffroi_app::MergeEffect::Added => MergeEffect::Added,
        beffroi_app::MergeEffect::Changed => MergeEffect::Changed,
        beffroi_app::MergeEffect::Removed => MergeEffect::Removed,
    };
    MergeTaken { what: taken.what.to_owned(), name: taken.name, effect }
}

fn conflict(conflict: beffroi_app::MergeConflict) -> MergeConflict {
    let field =
        |field: beffroi_app::MergeField| MergeField { field: field.field, mine: field.ours, theirs: field.theirs, hidden: field.hidden };
    MergeConflict {
        key: conflict.key,
        what: conflict.what.to_owned(),
        name: conflict.name,
        fields: conflict.fields.into_iter().map(field).collect(),
        removed_here: conflict.removed_here,
        removed_there: conflict.removed_there,
        kept: conflict.kept.map(kept),
    }
}
