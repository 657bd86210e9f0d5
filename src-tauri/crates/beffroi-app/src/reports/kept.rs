//! Backups: those on hosts, and those that were brought here.

use super::{Ground, ReportCell, ReportTable};
use crate::KeptBackup;

impl Ground {
    /// YunoHost's own archives on each host, and what else makes backups there.
    pub(super) fn backups(&self) -> ReportTable {
        let mut table = ReportTable::new("backups", &["host", "kind", "count", "size", "last", "outcome", "surveyed"]);
        let mut lines = self.fleet().backups;
        lines.sort_by(|one, other| one.host.cmp(&other.host));
        for line in &lines {
            table.rows.push(vec![
                ReportCell::text(&line.host),
                ReportCell::Word("archives"),
                line.archives.map_or(ReportCell::None, ReportCell::count),
                ReportCell::Bytes(line.bytes),
                ReportCell::moment(line.newest_ms),
                if line.archives == Some(0) { ReportCell::Word("none") } else { ReportCell::None },
                self.taken(&line.host),
            ]);
            for program in &line.programs {
                table.rows.push(vec![
                    ReportCell::text(&line.host),
                    ReportCell::text(&program.id),
                    ReportCell::None,
                    ReportCell::None,
                    ReportCell::moment(program.last_ms),
                    match program.result.as_str() {
                        "" => ReportCell::None,
                        "success" => ReportCell::Word("succeeded"),
                        other => ReportCell::List(vec![ReportCell::Word("failed"), ReportCell::text(other)]),
                    },
                    self.taken(&line.host),
                ]);
            }
        }
        table
    }

    /// Archives that lie outside of their hosts, sealed.
    pub(super) fn kept(&self, kept: &[KeptBackup]) -> ReportTable {
        let mut table = ReportTable::new("kept-backups", &["host", "name", "made", "brought", "size", "verified", "state"]);
        let mut of_hosts: Vec<&KeptBackup> = kept.iter().filter(|one| self.host(&one.host).is_some()).collect();
        of_hosts.sort_by(|one, other| (&one.host, other.made_s).cmp(&(&other.host, one.made_s)));
        for one in of_hosts {
            let state = match (one.verified_ms, one.good) {
                (Some(_), false) => "damaged",
                _ if !one.lacks.is_empty() => "lacks",
                (Some(_), true) => "whole",
                (None, _) => "not-verified",
            };
            table.rows.push(vec![
                ReportCell::text(&one.host),
                ReportCell::text(&one.name),
                ReportCell::moment(one.made_s.map(|made| made.saturating_mul(1000))),
                ReportCell::Moment(one.stored_ms),
                ReportCell::Bytes(one.bytes),
                ReportCell::moment(one.verified_ms),
                ReportCell::Word(state),
            ]);
        }
        table
    }
}
