//! How to go on without Beffroi: restoring, opening sealed archives, taking away what was left.

use beffroi_domain::Message;

use super::{ReportSection, ReportStep, ReportTable};

/// Opens an archive that was brought from a host: `FORMAT.md` of the vault, "Backups outside the folder".
const OPEN: &str = include_str!("open-archive.py");

fn step(key: &'static str, code: &str) -> ReportStep {
    ReportStep { what: (&Message::new(key)).into(), code: code.to_owned() }
}

/// How an archive of YunoHost is restored.
pub(super) fn restoring() -> ReportSection {
    let mut section = ReportSection::new("restoring").with_note(Message::new("paper.note.restoring"));
    section.steps = vec![
        step("paper.step.log-in", "ssh -p PORT ACCOUNT@ADDRESS"),
        step("paper.step.list", "sudo yunohost backup list --with-info"),
        step("paper.step.copy", "scp -P PORT NAME.tar ACCOUNT@ADDRESS:\nsudo mv NAME.tar /home/yunohost.backup/archives/"),
        step("paper.step.restore", "sudo yunohost backup restore NAME --apps APPLICATION\nsudo yunohost backup restore NAME --system"),
        step("paper.step.check", "sudo yunohost app list\nsudo yunohost diagnosis run\nsudo yunohost diagnosis show --issues"),
    ];
    section
}

/// How an archive that Beffroi sealed is opened without it.
pub(super) fn decrypting() -> ReportSection {
    let mut section = ReportSection::new("decrypting").with_note(Message::new("paper.note.decrypting"));
    section.steps = vec![
        step("paper.step.key", "beffroi secret get backup-key-STAGE > key"),
        step("paper.step.python", "python3 -m pip install pynacl"),
        step("paper.step.program", OPEN.trim_end()),
        step("paper.step.open", "python3 open-archive.py key FOLDER > NAME.tar\ntar -tf NAME.tar"),
    ];
    section
}

/// What lies on hosts because of Beffroi.
pub(super) fn removing(left: ReportTable) -> ReportSection {
    ReportSection::new("left").with_note(Message::new("paper.note.left")).with_table(left)
}
