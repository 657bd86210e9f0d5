//! People: who they are, what they have on which host and why, and how it is given and taken.
//!
//! A *card* is what is kept of a person. An *account* on a host is theirs once somebody said so (it was made from here, or
//! linked); an account that merely has the same login is shown, and left alone. What people can reach is computed from the
//! last surveys; what changes it is a plan, as everything is.

mod access;
mod card;
mod cards;
mod csv;
mod departure;
mod drift;
mod foresee;
mod import;
mod leaving;
mod moving;
mod orders;

pub use access::{Matrix, MatrixAccess, MatrixAccount, MatrixHost, MatrixPermission, Reason};
pub(crate) use card::{Account, Card, Known, PersonDocument};
pub(crate) use cards::secret_name;
pub use cards::{AccountFacts, AccountStanding, CardOrder, PersonFacts, SeenAccount};
pub use csv::csv_line;
pub(crate) use departure::Departure;
pub use drift::{Drift, DriftKind};
pub(crate) use foresee::foresee;
pub use import::{Import, ImportFault, ImportOrder, ImportRow, RowEffect};
pub use leaving::{LeavingAccount, LeavingFacts, Statement, StatementFacts};
pub use orders::{PersonChange, PersonOrder};
