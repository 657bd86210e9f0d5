//! Sealing anew: everything of a stage under another compartment, and the whole vault under another root key.

use std::collections::HashMap;

use beffroi_domain::{ChainId, CompartmentId, StageName};
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::sealed::SealedValue;
use beffroi_store::table::slot_note::SlotNoteRow;
use beffroi_store::table::target::TargetRow;
use beffroi_store::{Catalog, Writer};
use beffroi_vault::{Anchor, JOURNAL_START, OpenVault, Place, Rekey};

use crate::jobs::{job_place, piece_place};
use crate::recipes::recipe_row;
use crate::session::{Happening, Session, Standing, compartment_row, target_place};
use crate::stages::{Stage, policy_row};
use crate::{AppError, Change, documents, identities, recipes, secrets, surveys};

/// Values between two reports of progress.
const REPORT_EVERY: u64 = 500;

/// What is moved from one compartment to another.
struct Move<'a> {
    old: &'a OpenVault,
    new: &'a OpenVault,
    from: CompartmentId,
    to: CompartmentId,
    work: &'static str,
}

impl Session {
    /// Puts everything of a stage under a compartment that was just made, inside one transaction. Gives the number of values.
    pub(crate) fn move_to(&self, writer: &Writer<'_>, stage: &Stage, row: &CompartmentRow) -> Result<u64, AppError> {
        let moving = Move { old: &self.vault, new: &self.vault, from: stage.compartment, to: row.id, work: "stage-rekey" };
        self.move_all(writer, &moving, stage, row)
    }

    fn move_all(&self, writer: &Writer<'_>, moving: &Move<'_>, stage: &Stage, row: &CompartmentRow) -> Result<u64, AppError> {
        writer.exchange_compartment(moving.from, row)?;
        let mut done = 0;
        let count = writer.replace_sealed(moving.from, moving.to, |value, sealed| {
            done += 1;
            if done % REPORT_EVERY == 0 {
                self.listener.heard(Change::Progress { work: moving.work, done, total: 0 });
            }
            let (before, after) = (place(value, moving.from), place(value, moving.to));
            let opened = moving.old.unseal(&before, sealed).map_err(AppError::damaged)?;
            moving.new.seal(&after, &opened).map_err(AppError::internal)
        })?;
        for target in writer.reader().targets_in(moving.from)? {
            // What was not written with the stage's key must not come to look as if it had been.
            let read = self.read_target(&target)?;
            let authentic =
                moving.old.check_row(&target_place(target.id, moving.from, target.revision), &target.record, &target.mac).is_ok();
            if read.standing == Standing::Forged || !authentic {
                return Err(AppError::RecordForged { name: target.name });
            }
            let revision = target.revision + 1;
            let mac = moving.new.row_mac(&target_place(target.id, moving.to, revision), &target.record).map_err(AppError::internal)?;
            writer.update_target(&TargetRow { compartment: moving.to, revision, mac, ..target })?;
        }
        if stage.name == StageName::dev() {
            self.move_recipes(writer, moving)?;
        }
        let policy = policy_row(moving.new, moving.to, &stage.policy, stage.policy_revision().max(1))?;
        if stage.has_policy() {
            writer.move_policy(moving.from, &policy)?
        } else {
            writer.insert_policy(&policy)?
        }
        Ok(count)
    }

    /// Recipes are authenticated under dev's key. One that is not what was written with it must not come to look as if.
    fn move_recipes(&self, writer: &Writer<'_>, moving: &Move<'_>) -> Result<(), AppError> {
        for row in writer.reader().recipes()? {
            let before = recipes::place(moving.from, row.id, row.revision);
            let authentic = moving.old.check_row(&before, &row.record, &row.mac);
            authentic.map_err(|_| AppError::damaged(format!("the recipe {}", row.name)))?;
            writer.update_recipe(&recipe_row(moving.new, moving.to, row.id, &row.name, row.record, row.revision + 1)?)?;
        }
        Ok(())
    }

    /// Puts a copy of the catalog under the keys of a new root key. Gives the anchor of the entry that says so.
    pub(crate) fn reseal_under(&self, catalog: &Catalog, rekey: &Rekey<'_>, notes: &[SlotNoteRow]) -> Result<Anchor, AppError> {
        let new = rekey.vault();
        catalog.write(|writer| {
            for stage in self.stages.all() {
                let row = writer.reader().compartments()?.into_iter().find(|row| row.id == stage.compartment);
                let row = row.ok_or_else(|| AppError::damaged("the stages"))?;
                if stage.protected {
                    let wrapped = rekey.rewrap(stage.compartment, &stage.name, &row.wrapped)?;
                    writer.update_compartment(&compartment_row(new, stage.compartment, &stage.name, wrapped, row.revision + 1)?)?;
                    continue;
                }
                let made = new.make_compartment(&stage.name)?;
                let moving = Move { old: &self.vault, new, from: stage.compartment, to: made.id, work: "rekey" };
                let row = compartment_row(new, made.id, &stage.name, made.wrapped, row.revision + 1)?;
                self.move_all(writer, &moving, &stage, &row)?;
            }
            self.rechain(writer, new)?;
            writer.delete_slot_notes()?;
            notes.iter().try_for_each(|note| writer.set_slot_note(note))?;
            Ok::<_, AppError>(self.enter_under(writer, new, Happening::new("vault-rekeyed"))?.anchor)
        })
    }

    /// Chains the whole journal anew under another key. The entries, and the signatures over them, stay as they are.
    fn rechain(&self, writer: &Writer<'_>, new: &OpenVault) -> Result<(), AppError> {
        let mut heads: HashMap<ChainId, [u8; 32]> = HashMap::new();
        let mut after = 0;
        loop {
            let rows = writer.reader().entries_after(after, 1000)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.sequence;
            for row in &rows {
                let head = heads.entry(row.chain).or_insert(JOURNAL_START);
                *head = new.journal_mac(head, &row.entry);
                writer.set_entry_mac(row.sequence, head)?;
            }
        }
    }
}

impl Session {
    /// Removes the copies that migrations made beside the catalog: they hold everything under the keys it had.
    pub(crate) fn forget_migration_copies(&self) {
        let files = std::fs::read_dir(self.vault.folder()).into_iter().flatten().flatten();
        for file in files.filter(|file| file.file_name().to_string_lossy().starts_with("catalog.db.schema-")) {
            if let Err(error) = std::fs::remove_file(file.path()) {
                tracing::warn!(%error, "{}", file.path().display());
            }
        }
    }
}

/// Where a value stands, in the compartment that seals it.
fn place(value: &SealedValue, compartment: CompartmentId) -> Place<'_> {
    match value {
        SealedValue::Secret(row) => Place { compartment, ..secrets::place(row) },
        SealedValue::Survey { target, taken_ms } => surveys::place(compartment, *target, *taken_ms),
        SealedValue::GuestReading { target, taken_ms } => crate::guests::place(compartment, *target, *taken_ms),
        SealedValue::JobRecord { job, target } => job_place(compartment, *target, *job, "record"),
        SealedValue::JobInput { job, target } => job_place(compartment, *target, *job, "input"),
        SealedValue::JobFailure { job, target } => job_place(compartment, *target, *job, "failure"),
        SealedValue::Output { job, target, ordinal, .. } => piece_place(compartment, *target, *job, *ordinal),
        SealedValue::RunResult { run, target, at_ms } => crate::run::place(compartment, *target, *run, *at_ms),
        SealedValue::Document(row) => Place { compartment, ..documents::place(row) },
        SealedValue::Identity(row) => identities::private_place(compartment, row.id, row.revision),
    }
}
