//! A clock that cannot be set and that goes on while the machine sleeps: for deadlines and for "the same boot".

use std::time::Duration;

/// Time since the machine started, sleep included. Setting the date does not move it, and it never goes back while the
/// machine is up.
///
/// Linux: `CLOCK_BOOTTIME` (clock_gettime(2)). Apple's systems: `CLOCK_MONOTONIC`, which counts sleep there; other Unix
/// systems: `CLOCK_MONOTONIC`, which may not. Windows: time since this process first asked, by the performance counter,
/// which counts sleep; there it means nothing to another process.
#[must_use]
pub fn boot_time() -> Duration {
    #[cfg(unix)]
    {
        #[cfg(target_os = "linux")]
        const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        const CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
        let now = rustix::time::clock_gettime(CLOCK);
        // Neither field is negative for a clock that starts at zero.
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
    }
    #[cfg(not(unix))]
    {
        static FIRST: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
        FIRST.elapsed()
    }
}

/// Names the current boot: 36 characters of a UUID, another one after each start of the machine. `None` where the system
/// has no such name: then nothing can be said to be "of the same boot".
///
/// Linux: `/proc/sys/kernel/random/boot_id` (random(4)). A container shows its machine's.
#[must_use]
pub fn boot_id() -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let id = id.trim_end();
        (id.len() == 36).then(|| id.to_owned())
    }
    #[cfg(not(target_os = "linux"))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_goes_forward_only() {
        let times: Vec<Duration> = (0..1000).map(|_| boot_time()).collect();
        assert!(times.is_sorted());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_clock_is_the_one_that_counts_sleep() {
        // proc(5): the first number of /proc/uptime is "uptime of the system (including time spent in suspend)".
        let uptime = || {
            let text = std::fs::read_to_string("/proc/uptime").expect("Linux has it");
            text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).expect("seconds")
        };
        let (before, now, after) = (uptime(), boot_time().as_secs_f64(), uptime());
        // Hundredths of a second, rounded down.
        assert!(before <= now && now < after + 0.01, "{before} {now} {after}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_boot_has_one_name() {
        let id = boot_id().expect("Linux has it");
        assert_eq!(boot_id().as_deref(), Some(id.as_str()));
        assert!(id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{id}");
    }
}
