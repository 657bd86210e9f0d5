//! What cleans up when a test cannot.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Waits for a word, or for the end of its input, which comes however the test ends. Without the word, the test was killed:
/// then what still runs in the folder is killed too. What holds the keys there is killed however the test ended: it works
/// in no folder, and leaves its process id in one. Last, the lab that is in the folder goes, and the folder.
const SCRIPT: &str = r#"
read -r word
if [ "$word" != over ]; then
    for cwd in /proc/[0-9]*/cwd; do
        case $(readlink "$cwd") in
            "$1" | "$1"/*) pid=${cwd#/proc/} && kill -s KILL "${pid%/cwd}" ;;
        esac
    done
fi
pid=$(cat "$1/run/beffroi/agent.lock" 2>/dev/null)
if [ -n "$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q 'agent --foreground'; then
    kill -s KILL "$pid"
fi
[ -z "$2" ] || python3 "$2" down --dir "$1/lab"
rm -rf "$1"
"#;

/// A process that outlives the test and leaves nothing of it behind: no process, no folder.
#[derive(Debug)]
pub(crate) struct Warden(Child);

impl Warden {
    /// Watches over a folder; `lab` is the script that takes down the lab in it, if there is one.
    pub(crate) fn over(folder: &Path, lab: Option<&Path>) -> Self {
        let mut warden = Command::new("sh");
        warden.args(["-c", SCRIPT, "sh"]).arg(folder).arg(lab.unwrap_or(Path::new("")));
        // A process group of its own: what ends the test's group, as nextest does, spares it. And a working folder of its own.
        warden.process_group(0).current_dir("/");
        let warden = warden.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(warden.expect("sh can be started"))
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        if let Some(mut stdin) = self.0.stdin.take() {
            // One that is gone already cannot be told.
            drop(stdin.write_all(b"over\n"));
        }
        drop(self.0.wait());
    }
}
