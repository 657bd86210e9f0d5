//! Facts about the machine, whatever runs on it.

use serde::{Deserialize, Serialize};

use crate::text::clean;

/// The machine. What it does not tell, or tells in a form that makes no sense, is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemFacts {
    /// The kernel's host name.
    pub hostname: Option<String>,
    /// `ID` of os-release(5), such as `debian`.
    pub os_id: Option<String>,
    /// `VERSION_ID` of os-release(5), such as `12`.
    pub os_version: Option<String>,
    /// `PRETTY_NAME` of os-release(5).
    pub os_name: Option<String>,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// The machine's architecture, as `uname -m` names it.
    pub architecture: Option<String>,
    /// Seconds since it started.
    pub uptime_seconds: Option<u64>,
    /// Load averages over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Processors that are online.
    pub cpus: Option<u64>,
    /// Memory, in bytes.
    pub memory_total_bytes: Option<u64>,
    /// Memory that a new program could have, in bytes.
    pub memory_available_bytes: Option<u64>,
    /// Swap, in bytes.
    pub swap_total_bytes: Option<u64>,
    /// Swap that is free, in bytes.
    pub swap_free_bytes: Option<u64>,
    /// The root file system's size, in bytes.
    pub disk_total_bytes: Option<u64>,
    /// What is used of it, in bytes.
    pub disk_used_bytes: Option<u64>,
    /// Its inodes.
    pub inodes_total: Option<u64>,
    /// What is used of them.
    pub inodes_used: Option<u64>,
    /// The kind of virtual machine or container, as systemd-detect-virt(1) names it; `none` on bare metal.
    pub virtualisation: Option<String>,
    /// The account that made the survey.
    pub user: Option<String>,
    /// Its number; 0 is root.
    pub uid: Option<u64>,
    /// The host's clock during the survey, in seconds since 1970-01-01 UTC.
    pub clock_seconds: Option<u64>,
    /// Where python3 is.
    pub python3: Option<String>,
    /// Where the yunohost command is.
    pub yunohost: Option<String>,
}

impl SystemFacts {
    /// Reads the `key=value` lines of the probe. Unknown keys are left aside; of a repeated key the last counts.
    pub(crate) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut facts = Self::default();
        for (key, value) in lines.filter_map(|line| line.split_once('=')) {
            facts.set(key, &clean(value));
        }
        facts
    }

    fn set(&mut self, key: &str, value: &str) {
        let text = || (!value.is_empty()).then(|| value.to_owned());
        let number = || value.parse::<u64>().ok();
        let bytes = || number().and_then(|kib| kib.checked_mul(1024));
        match key {
            "hostname" => self.hostname = text(),
            "os_id" => self.os_id = text(),
            "os_version" => self.os_version = text(),
            "os_name" => self.os_name = text(),
            "kernel" => self.kernel = text(),
            "architecture" => self.architecture = text(),
            "uptime_seconds" => self.uptime_seconds = value.split(['.', ' ']).next().and_then(|whole| whole.parse().ok()),
            "load" => self.load = load(value),
            "cpus" => self.cpus = number(),
            "memory_total_kib" => self.memory_total_bytes = bytes(),
            "memory_available_kib" => self.memory_available_bytes = bytes(),
            "swap_total_kib" => self.swap_total_bytes = bytes(),
            "swap_free_kib" => self.swap_free_bytes = bytes(),
            "disk_total_kib" => self.disk_total_bytes = bytes(),
            "disk_used_kib" => self.disk_used_bytes = bytes(),
            "inodes_total" => self.inodes_total = number(),
            "inodes_used" => self.inodes_used = number(),
            "virtualisation" => self.virtualisation = text(),
            "user" => self.user = text(),
            "uid" => self.uid = number(),
            "clock" => self.clock_seconds = number(),
            "python3" => self.python3 = text(),
            "yunohost" => self.yunohost = text(),
            _ => {}
        }
    }
}

/// The first three numbers of `/proc/loadavg` (proc(5)).
fn load(value: &str) -> Option<[f64; 3]> {
    let mut numbers = value.split(' ').map(|word| word.parse::<f64>().ok().filter(|load| load.is_finite() && *load >= 0.0));
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_left_out() {
        let lines = ["cpus=many", "uid=-1", "memory_total_kib=99999999999999999999", "disk_total_kib=18446744073709551615", "load=NaN 1 2"];
        assert_eq!(SystemFacts::read(lines.into_iter()), SystemFacts::default());
        let lines = ["no equals sign", "=", "unknown=1", "hostname=", "load=1 2"];
        assert_eq!(SystemFacts::read(lines.into_iter()), SystemFacts::default());
    }

    #[test]
    fn units_are_bytes_and_seconds() {
        let lines = ["memory_total_kib=2", "uptime_seconds=12.75 3.5", "load=0.5 1 2 1/96 12", "os_name=\u{1b}[31mDebian = 12"];
        let facts = SystemFacts::read(lines.into_iter());
        assert_eq!(facts.memory_total_bytes, Some(2048));
        assert_eq!(facts.uptime_seconds, Some(12));
        assert_eq!(facts.load, Some([0.5, 1.0, 2.0]));
        assert_eq!(facts.os_name.as_deref(), Some("Debian = 12"));
    }
}
