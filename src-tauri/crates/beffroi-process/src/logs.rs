//! What a process wrote: the journal's words, or the files that its keeper names.

use beffroi_remote::quote;

use crate::model::{Keeper, Process, Reading};

/// The most lines that are asked for.
pub const MOST_LINES: u32 = 10_000;

/// The most bytes of each place: a line without end is not kept on the host either.
const MOST_BYTES: usize = 2 << 20;

/// What every account's part begins with.
const PM2_SH: &str = include_str!("../../../../assets/remote/pm2.sh");

/// Where the log of a process is, as it is shown, and the text that gives the last lines of each place.
#[must_use]
pub fn logs(process: &Process, reading: &Reading, lines: u32) -> (String, String) {
    let lines = lines.clamp(1, MOST_LINES);
    // Read as root: in a folder of the service's account, a link may lead anywhere.
    let is_of_root = process.keeper == Keeper::OpenRc;
    let tail = |file: &str| {
        let (place, wrong) = (quote(file), quote(&format!("{file} cannot be read, or is no plain file")));
        let plain = if is_of_root { format!("[ -f {place} ] && [ ! -L {place} ] && ") } else { String::new() };
        format!("if {plain}[ -r {place} ]; then tail -c {MOST_BYTES} -- {place} | tail -n {lines}; else echo {wrong} >&2; false; fi")
    };
    let all = |join: &str| process.logs.iter().map(|file| tail(file)).collect::<Vec<_>>().join(join);
    match process.keeper {
        Keeper::Systemd => {
            let command = format!("journalctl --unit {}", quote(&format!("{}.service", process.name)));
            (command.clone(), format!("LC_ALL=C {command} --quiet --no-pager --output short-iso --lines {lines}"))
        }
        Keeper::OpenRc if process.logs.is_empty() => {
            // What it says to syslog stands there under its name.
            let text = format!(
                "for file in /var/log/messages /var/log/syslog; do [ -r \"$file\" ] || continue; awk -v a={0} -v b={1} 'index($0, a) || index($0, b)' \"$file\" | tail -n {lines}; exit 0; done; echo 'its script names no log, and there is no /var/log/messages' >&2; exit 1",
                quote(&format!(" {}[", process.name)),
                quote(&format!(" {}:", process.name))
            );
            ("/var/log/messages".to_owned(), text)
        }
        Keeper::OpenRc => (process.logs.join(", "), all("\n")),
        Keeper::Pm2 => {
            // Which files these are is the account's own to say: they are read as that account.
            let home = reading.keeper(Keeper::Pm2, process.owner.as_deref()).and_then(|there| there.home.as_deref()).unwrap_or("/");
            let owner = process.owner.as_deref().unwrap_or_default();
            (process.logs.join(", "), format!("{PM2_SH}\nas {} {} '' '' {}", quote(owner), quote(home), quote(&all("\n"))))
        }
    }
}
