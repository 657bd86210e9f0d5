//! What a host is called where somebody means it: its name, or a short name with a suffix.
//!
//! `web.lxc` is the one guest whose last name is `web`, `web.prod` the one host or guest of stage `prod` with that last name. A host
//! that is really called so goes before. Where several are meant, all are said and none is taken.

use beffroi_domain::{HostName, Selector};
use beffroi_store::table::target::TargetRow;

use crate::session::{Session, Target};
use crate::{AppError, ReachError};

/// The suffix of guests, whoever drives them.
const GUESTS: &str = "lxc";
/// Candidates that are named.
const MOST_NAMED: usize = 8;

/// The last part of a name: a guest's own, or the host's.
pub(crate) fn last_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

impl Session {
    /// The stored host that a name means.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`], [`ReachError::Ambiguous`].
    pub(crate) fn row_named(&self, name: &str) -> Result<TargetRow, AppError> {
        if let Some(row) = self.catalog.read(|reader| reader.target_named(name))? {
            return Ok(row);
        }
        let meant = meant(&self.targets()?, name)?;
        let row = self.catalog.read(|reader| reader.target_named(meant.as_str()))?;
        row.ok_or_else(|| AppError::HostNotFound { name: name.to_owned() })
    }
}

/// The host of the catalog that a name means.
fn meant(targets: &[Target], name: &str) -> Result<HostName, AppError> {
    if let Some(exact) = targets.iter().find(|target| target.record.name.as_str() == name) {
        return Ok(exact.record.name.clone());
    }
    let none = || AppError::HostNotFound { name: name.to_owned() };
    let (short, suffix) = name.rsplit_once('.').ok_or_else(none)?;
    let is_meant = |target: &&Target| {
        let record = &target.record;
        let is_of_kind = record.stage.as_str() == suffix || (suffix == GUESTS && record.name.as_str().contains('/'));
        is_of_kind && last_name(record.name.as_str()) == short
    };
    let mut found = targets.iter().filter(is_meant).map(|target| target.record.name.clone());
    let first = found.next().ok_or_else(none)?;
    let others: Vec<String> = found.map(|name| name.to_string()).collect();
    if others.is_empty() {
        return Ok(first);
    }
    let candidates = std::iter::once(first.to_string()).chain(others).take(MOST_NAMED).collect();
    Err(ReachError::Ambiguous { name: name.to_owned(), candidates }.into())
}

/// The selector with each host under the name that it has in the catalog.
///
/// # Errors
/// As for [`Session::row_named`], for the first that is not one host.
pub(crate) fn resolved(selector: Selector, targets: &[Target]) -> Result<Selector, AppError> {
    selector.with_hosts(&mut |name| meant(targets, name.as_str()))
}
