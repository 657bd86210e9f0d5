//! Archives of backups: what lies on a host, what stands inside one, and what is done with them beside YunoHost's own commands.

mod host;
mod info;
mod retention;
mod tar;

pub use host::{ARCHIVE_PY, ArchiveAnswer, ArchiveOrder, HostArchive, HostArchives, HostSchedule, NotAnArchiveAnswer, archive_command};
pub use info::{ArchiveInfo, InfoApp};
pub use retention::{Keep, Kept, Slot, retain};
pub use tar::{Listed, Listing, TarFault};
