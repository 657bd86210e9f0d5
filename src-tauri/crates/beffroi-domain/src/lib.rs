//! What Beffroi speaks of: ids, hosts, stages, plans, jobs, journal entries.
//!
//! Pure: no IO, no clock, no randomness but for making an id. Nothing here derives `Serialize`: wire types live in
//! `beffroi-api`, stored forms beside what stores them. Text for people is a [`Message`]: a key and its parameters,
//! put into words at the edge, in the person's language.

mod canonical;
mod host;
mod ids;
mod job;
mod journal;
mod message;
mod plan;
mod policy;
mod recipe;
mod selector;
mod target;

pub use canonical::{Canonical, CanonicalReader, NotCanonical};
pub use host::{Fingerprint, HostName, InvalidName, Role, SecretName, StageName, Tag};
pub use ids::{
    ChainId, CompartmentId, DeviceId, DocumentId, HostId, IdentityId, ImportId, InvalidId, JobId, PlanId, RecipeId, RunId, SecretId,
    SlotId, TerminalId, TunnelId, VaultId,
};
pub use job::{Exit, JobState, StepState};
pub use journal::JournalEntry;
pub use message::Message;
pub use plan::{CommandPart, HostPlan, MaskedCommand, Plan, Step, StepKind, Undo};
pub use policy::{Freeze, StagePolicy};
pub use recipe::{Parameter, ParameterKind, Recipe, RecipeFault, RecipeStep, Template, ValueFault};
pub use selector::{InvalidSelector, Selector, SelectorSubject};
pub use target::{Access, Authority, GuestDriver, GuestWay, Legacy, Login, Pin, PinSource, Provenance, Sudo, TargetRecord};
