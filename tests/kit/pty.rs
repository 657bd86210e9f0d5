//! A run of the program in a terminal of its own.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::until;
use crate::watch::LastWords;

/// A run of the program in a terminal of its own, in which a test types. Ended by force when it goes out of scope.
#[derive(Debug)]
pub struct OnTerminal {
    words: String,
    child: Child,
    terminal: File,
    /// Keeps the terminal there, whoever else closes it: its modes can be looked at after the end.
    _other_side: File,
    shown: Arc<Mutex<Vec<u8>>>,
    seen: usize,
}

impl OnTerminal {
    pub(crate) fn start(words: &[&str], command: &Command) -> Self {
        let (terminal, other_side) = pair();
        resize(&terminal, 80, 24);
        // It becomes the program's controlling terminal, as a shell has one.
        let mut within = Command::new("setsid");
        within.arg("--ctty").arg(command.get_program()).args(command.get_args());
        within.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            within.current_dir(folder);
        }
        let side = || Stdio::from(other_side.try_clone().expect("a file can be had twice"));
        let child = within.stdin(side()).stdout(side()).stderr(side()).spawn().expect("setsid is missing: install util-linux");
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (mut reader, into) = (terminal.try_clone().expect("a file can be had twice"), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut piece = [0; 1 << 16];
            while let Ok(size) = reader.read(&mut piece) {
                into.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(piece.get(..size).unwrap_or_default());
            }
        });
        Self { words: words.join(" "), child, terminal, _other_side: other_side, shown, seen: 0 }
    }

    /// Types.
    #[track_caller]
    pub fn type_in(&self, text: &str) {
        (&self.terminal).write_all(text.as_bytes()).expect("a terminal can be typed into");
    }

    /// Waits until a text is shown that was not waited for before. Gives what was shown until then.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> String {
        let words = self.words.clone();
        let (shown, seen) = (Arc::clone(&self.shown), self.seen);
        let mut last = LastWords::default();
        let found = until(&format!("“{text}” on the terminal of beffroi {words}"), || {
            let all = shown.lock().unwrap_or_else(PoisonError::into_inner);
            let new = String::from_utf8_lossy(all.get(seen..).unwrap_or_default()).into_owned();
            let at = new.find(text);
            let ended = self.child.try_wait().expect("a child can be waited for");
            assert!(at.is_some() || !last.are_read(ended.is_some()), "beffroi {words}\nended ({ended:?}) before “{text}” was shown: {new}");
            at.map(|at| new.get(..at + text.len()).unwrap_or_default().to_owned())
        });
        self.seen += found.len();
        found
    }

    /// What was shown so far.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Gives the terminal another size, which it tells the program.
    pub fn resize(&self, cols: u16, rows: u16) {
        resize(&self.terminal, cols, rows);
    }

    /// Whether it shows what is typed, and waits for whole lines: as a shell expects it.
    pub fn is_usual(&self) -> bool {
        let modes = tcgetattr(&self.terminal).expect("a terminal has modes").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end. Gives its exit status.
    #[track_caller]
    pub fn wait(&mut self) -> Option<i32> {
        let words = self.words.clone();
        until(&format!("the end of beffroi {words}"), || self.child.try_wait().expect("a child can be waited for")).code()
    }
}

impl Drop for OnTerminal {
    fn drop(&mut self) {
        // One that ended already cannot be killed, and need not be.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn pair() -> (File, File) {
    let terminal: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal can be had");
    grantpt(&terminal).and_then(|()| unlockpt(&terminal)).expect("a terminal can be had");
    let name = ptsname(&terminal, Vec::new()).expect("a terminal has a name").into_string().expect("a plain name");
    let other_side = rustix::fs::open(name, rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY, rustix::fs::Mode::empty());
    (File::from(terminal), File::from(other_side.expect("a terminal can be had")))
}

fn resize(terminal: &File, cols: u16, rows: u16) {
    tcsetwinsize(terminal, Winsize { ws_row: rows, ws_col: cols, ws_xpixel: 0, ws_ypixel: 0 }).expect("a terminal has a size");
}
