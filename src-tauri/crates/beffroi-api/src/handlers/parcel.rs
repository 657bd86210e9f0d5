//! Parcels, and merging two copies of one vault.

use beffroi_app::{HandedStanding, MergeOrder, ParcelOrder};

use super::slot::proof;
use crate::wire::{
    ImportRefused, MergeConflict, MergeEffect, MergeField, MergeKeep, MergeRename, MergeTaken, ParcelContent, ParcelCreate, ParcelGiven,
    ParcelHanded, ParcelHost, ParcelMerge, ParcelMerged, ParcelReader, ParcelSecret, ParcelStanding, ParcelWay, ParcelWhom, ParcelsGiven,
};
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

    /// `parcel_create`
    pub async fn parcel_create(&self, request: ParcelCreate) -> Result<ParcelContent, ApiError> {
        let ParcelCreate { authority, path, readers, person, hosts, secrets, stages, only_named } = request;
        let order = ParcelOrder { path: path.into(), readers, person, hosts, secrets, stages, only_named };
        let content = self.app().make_parcel(authority.map(proof).transpose()?, order).await?;
        let (id, made_ms) = content.made.unzip();
        let host = |host: beffroi_app::ParcelHost| ParcelHost { name: host.name, stage: host.stage, through: host.through };
        let secret = |secret: beffroi_app::ParcelSecret| {
            let beffroi_app::ParcelSecret { name, stage, kind, opens } = secret;
            ParcelSecret { name, stage, kind, opens }
        };
        Ok(ParcelContent {
            path: content.path.display().to_string(),
            id,
            made_ms,
            signer: content.signer.0,
            fingerprint: content.signer.1,
            readers: content.readers.into_iter().map(reader).collect(),
            hosts: content.hosts.into_iter().map(host).collect(),
            secrets: content.secrets.into_iter().map(secret).collect(),
            left: content.left.into_iter().map(|(what, why)| ImportRefused { what, why: why.to_owned() }).collect(),
        })
    }

    /// `parcel_given`
    pub async fn parcel_given(&self, request: ParcelWhom) -> Result<ParcelsGiven, ApiError> {
        let handed = self.app().parcels_given(request.who).await?;
        Ok(ParcelsGiven {
            parcels: handed.parcels.into_iter().map(given).collect(),
            secrets: handed.secrets.into_iter().map(self::handed).collect(),
            ways: handed.ways.into_iter().map(way).collect(),
            protected: handed.protected,
            sealed: handed.sealed,
        })
    }
}

fn reader(reader: beffroi_app::ParcelReader) -> ParcelReader {
    ParcelReader { name: reader.name, key: reader.key }
}

fn given(parcel: beffroi_app::HandedParcel) -> ParcelGiven {
    let beffroi_app::HandedParcel { id, made_ms, file, person, readers, hosts, secrets, open } = parcel;
    ParcelGiven { id, made_ms, file, person, readers: readers.into_iter().map(reader).collect(), hosts, secrets, open }
}

fn handed(secret: beffroi_app::HandedSecret) -> ParcelHanded {
    let beffroi_app::HandedSecret { name, stage, since_ms, standing, parts, in_parcel, rotatable, hosts } = secret;
    let standing = match standing {
        HandedStanding::Same => ParcelStanding::Same,
        HandedStanding::Changed => ParcelStanding::Changed,
        HandedStanding::Gone => ParcelStanding::Gone,
    };
    ParcelHanded { name, stage, since_ms, standing, parts, in_parcel, rotatable, hosts }
}

fn way(way: beffroi_app::HeldWay) -> ParcelWay {
    let beffroi_app::HeldWay { slot, kind, label, since_ms, until_ms } = way;
    ParcelWay { slot, kind, label, since_ms, until_ms }
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
