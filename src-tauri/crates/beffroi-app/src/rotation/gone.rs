//! A rotation one of whose two values is no longer in the vault: it is given up, and what that leaves on hosts is said.

use beffroi_domain::Message;
use beffroi_store::table::secret::SecretRow;

use super::document::{Rotated, Rotation, RotationStep, replaced};
use super::facts::RotationFacts;
use super::host::found;
use super::{Found, RotationOrder};
use crate::session::{Happening, Session};
use crate::{AppError, RotationError};

impl Session {
    /// Whether one of its values is gone for good.
    ///
    /// # Errors
    /// [`RotationError::InTrash`] for one that can be had back.
    pub(super) fn is_lost(&self, rotation: &Rotation, name: &str) -> Result<bool, AppError> {
        let mut lost = false;
        for secret in [rotation.secret()?, rotation.next()?] {
            if self.row_of(secret)?.is_some() {
                continue;
            }
            if let Some(trashed) = self.trashed_name(secret)? {
                return Err(RotationError::InTrash { name: name.to_owned(), gone: trashed }.into());
            }
            lost = true;
        }
        Ok(lost)
    }

    /// What giving up a rotation leaves, or will leave (`planned`).
    pub(super) fn given_up(&self, row: &SecretRow, rotation: &Rotation, planned: bool) -> Result<RotationFacts, AppError> {
        let mut facts = self.rotation_facts(row, rotation, rotation.next.clone())?;
        (facts.back, facts.lost, facts.over) = (true, true, !planned);
        for host in &mut facts.hosts {
            let about = |key| Message::new(key).with("users", host.accounts.join(", ")).with("host", &host.host);
            host.steps = if planned { vec![about("rotation.do-give-up")] } else { Vec::new() };
            host.failed = (host.step != RotationStep::Waiting).then(|| {
                found(about(match rotation.kind {
                    Rotated::Key => "rotation.lost-key",
                    Rotated::Password => "rotation.lost-password",
                }))
            });
        }
        Ok(facts)
    }

    /// The same of a rotation that cannot end, for those who only look.
    pub(super) fn lost_facts(&self, row: &SecretRow, rotation: &Rotation) -> Result<RotationFacts, AppError> {
        let next = self.row_of(rotation.next()?)?.map_or_else(|| rotation.next.clone(), |row| row.name);
        Ok(RotationFacts { lost: true, ..self.rotation_facts(row, rotation, next)? })
    }

    /// Gives a rotation up whose other value is gone: hosts are given the value that there is, and nothing is asked of them.
    /// Nothing where it can still end.
    pub(super) fn give_up(&self, order: &RotationOrder) -> Result<Option<RotationFacts>, AppError> {
        let Found { row, rotation: Some(stored), lost: true } = self.to_rotate(order)? else { return Ok(None) };
        let facts = self.given_up(&row, &stored.value, false)?;
        let (old, next) = (stored.value.secret()?, stored.value.next()?);
        let (gone, kept) = if self.row_of(next)?.is_none() { (next, old) } else { (old, next) };
        self.commit(Happening::new("secret-rotation-given-up").with("name", &row.name), |writer| {
            let rotation = self.document_in::<Rotation>(writer.reader(), stored.id)?;
            let rotation = rotation.ok_or_else(|| AppError::damaged("a rotation that is gone"))?;
            if writer.reader().sealed_secret(kept)?.is_some() {
                for (record, revision) in self.using_in(writer, rotation.compartment, &[gone])? {
                    writer.update_target(&self.target_row(&replaced(&record, gone, kept), revision + 1)?)?;
                }
            }
            self.delete_document(writer, stored.id)
        })?;
        Ok(Some(facts))
    }
}
