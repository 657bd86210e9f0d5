//! A run of the program that goes on while the test looks at it.

use std::fs;
use std::io::Read;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::watch::LastWords;
use crate::{Answer, until};

/// A run of the program that goes on. Ended by force when it goes out of scope.
#[derive(Debug)]
pub struct Running {
    words: String,
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

#[derive(Debug)]
struct Stream {
    read: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(mut source: impl Read + Send + 'static) -> Self {
        let read = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&read);
        let reader = std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(size) = source.read(&mut piece) {
                let Some(piece) = piece.get(..size).filter(|piece| !piece.is_empty()) else {
                    return;
                };
                into.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(piece);
            }
        });
        Self { read, reader: Some(reader) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.read.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("a reader does not panic");
        }
        self.text()
    }
}

impl Running {
    pub(crate) fn start(words: &[&str], mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be started");
        let stdout: ChildStdout = child.stdout.take().expect("it was piped");
        let stderr: ChildStderr = child.stderr.take().expect("it was piped");
        Self { words: words.join(" "), child, stdout: Stream::of(stdout), stderr: Stream::of(stderr) }
    }

    /// Waits until its standard error holds a text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        let words = self.words.clone();
        let mut last = LastWords::default();
        until(&format!("“{text}” from beffroi {words}"), || {
            let ended = self.child.try_wait().expect("a child can be waited for");
            let told = self.stderr.text();
            assert!(
                told.contains(text) || !last.are_read(ended.is_some()),
                "beffroi {words}\nended ({ended:?}) before it said “{text}”: {told}"
            );
            told.contains(text).then_some(())
        });
    }

    /// Waits until its standard output holds a whole line, and gives the first.
    #[track_caller]
    pub fn first_line(&mut self) -> String {
        let words = self.words.clone();
        let mut last = LastWords::default();
        until(&format!("a line from beffroi {words}"), || {
            let ended = self.child.try_wait().expect("a child can be waited for");
            let line = self.stdout.text().split_once('\n').map(|(line, _)| line.to_owned());
            assert!(
                line.is_some() || !last.are_read(ended.is_some()),
                "beffroi {words}\nended ({ended:?}) without a line: {}",
                self.stderr.text()
            );
            line
        })
    }

    /// What its standard error holds by now.
    pub fn told(&self) -> String {
        self.stderr.text()
    }

    /// Whether it has not ended.
    pub fn goes_on(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }

    /// Interrupts it, as Ctrl-C does.
    #[track_caller]
    pub fn interrupt(&self) {
        send("INT", self.child.id());
    }

    /// Kills it as a power cut would: SIGKILL. Gives what it had written.
    pub fn kill(mut self) -> Answer {
        self.child.kill().expect("a child can be killed");
        self.wait()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn wait(mut self) -> Answer {
        let words = self.words.clone();
        let status = until(&format!("the end of beffroi {words}"), || self.child.try_wait().expect("a child can be waited for"));
        Answer { words, code: status.code(), stdout: self.stdout.whole(), stderr: self.stderr.whole() }
    }
}

/// Sends a signal, such as `TERM`, to a process that is there.
#[track_caller]
pub fn send(signal: &str, process: u32) {
    let sent = Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &process.to_string()]).status();
    assert!(sent.expect("sh can be started").success(), "process {process} is not there");
}

/// Makes a process stand still, and waits until it does.
#[track_caller]
pub(crate) fn stop(process: u32) {
    send("STOP", process);
    until("a process that stands still", || {
        // proc_pid_stat(5): its name, in parentheses, may hold anything.
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        stat.rsplit_once(") ").filter(|(_, rest)| rest.starts_with('T')).map(|_| ())
    });
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that ended already cannot be killed, and need not be.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
