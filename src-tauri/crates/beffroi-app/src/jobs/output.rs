//! Output of jobs: masked, sealed and stored as it comes; read back in order.

use beffroi_domain::{CompartmentId, HostId, JobId};
use beffroi_remote::Redaction;
use beffroi_remote::job::{Offsets, Piece, Stream};
use beffroi_secret::SecretBytes;
use beffroi_store::table::job::{JobRow, StepRow};
use beffroi_store::table::output::{OutputRow, OutputStream};
use beffroi_vault::Place;

use super::record::StoredMessage;
use crate::session::Session;
use crate::{App, AppError, Change, now_ms};

/// What happened between two pieces of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputNote {
    /// The link was lost.
    LinkLost,
    /// It is back; nothing was missed.
    Attached,
    /// There is more output than is kept.
    Cut,
    /// The host did not keep all of it: there was too much, or its disk was full.
    Dropped,
    /// The job was begun again; what follows is the new try's.
    Retried,
    /// Nothing is left of it on the host; what follows is from YunoHost's journal.
    FromJournal,
    /// It waits until another operation of YunoHost's ended: which, who began it, and since when.
    Waits(StoredMessage),
}

/// The sentences of [`OutputNote::Waits`].
pub(super) const WAITS: [&str; 2] = ["note.ynh-waits", "note.ynh-waits-by"];

impl OutputNote {
    /// The sentence.
    #[must_use]
    pub fn message(&self) -> StoredMessage {
        let key = match self {
            Self::LinkLost => "note.link-lost",
            Self::Attached => "note.attached",
            Self::Cut => "note.cut",
            Self::Dropped => "note.dropped",
            Self::Retried => "note.retried",
            Self::FromJournal => "note.from-journal",
            Self::Waits(message) => return message.clone(),
        };
        StoredMessage { key: key.to_owned(), values: Vec::new() }
    }

    /// As it is kept: its key, or where there are values all of it.
    fn to_bytes(&self) -> Result<Vec<u8>, AppError> {
        match self {
            Self::Waits(message) => serde_json::to_vec(message).map_err(AppError::internal),
            other => Ok(other.message().key.into_bytes()),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let plain = [Self::LinkLost, Self::Attached, Self::Cut, Self::Dropped, Self::Retried, Self::FromJournal];
        let waits = || serde_json::from_slice(bytes).ok().filter(|message: &StoredMessage| WAITS.contains(&message.key.as_str()));
        plain.into_iter().find(|note| note.message().key.as_bytes() == bytes).or_else(|| waits().map(Self::Waits))
    }
}

/// A piece of output, opened.
#[derive(Debug, Clone)]
pub struct OutputText {
    /// Grows by one from piece to piece of a job.
    pub ordinal: u64,
    /// The step that wrote it.
    pub step: u16,
    /// When it arrived, in milliseconds since 1970.
    pub at_ms: u64,
    /// Where it came from.
    pub stream: OutputStream,
    /// Where it starts in its stream, in bytes.
    pub offset: u64,
    /// The bytes; of a note, none.
    pub bytes: Vec<u8>,
    /// The note, when it is one.
    pub note: Option<OutputNote>,
}

/// Pieces given at a time; at most 64 KiB each.
const PAGE: u32 = 64;
/// Bytes of output that are kept of one job: beyond them the host still has the rest.
const MOST_KEPT: u64 = 16 << 20;
/// An unfinished line is held back until its end comes, or until it is this long.
const MOST_HELD: usize = 64 << 10;
/// Of a line that is too long this much stays back: more than any form of a secret takes.
const KEPT_BACK: usize = 4 << 10;

impl App {
    /// A job's output after an ordinal, in order, and whether there is more.
    ///
    /// # Errors
    /// [`AppError::JobNotFound`].
    pub async fn job_output(&self, job: &str, after: u64) -> Result<(Vec<OutputText>, bool), AppError> {
        let session = self.session()?;
        let job = job.to_owned();
        session
            .blocking(move |session| {
                let row = session.find_job(&job)?;
                let pieces = session.catalog.read(|reader| reader.output(row.id, after, PAGE))?;
                let more = pieces.len() == PAGE as usize;
                let open = |piece: OutputRow| {
                    let bytes = session.unseal(&place_of(&row, piece.ordinal), &piece.sealed)?;
                    let is_note = piece.stream == OutputStream::Note;
                    Ok(OutputText {
                        ordinal: piece.ordinal,
                        step: piece.step,
                        at_ms: piece.at_ms,
                        stream: piece.stream,
                        offset: piece.offset,
                        // Output, masked before it was stored: to be shown.
                        note: if is_note { OutputNote::from_bytes(bytes.expose()) } else { None },
                        bytes: if is_note { Vec::new() } else { bytes.expose().clone() },
                    })
                };
                Ok((pieces.into_iter().map(open).collect::<Result<_, AppError>>()?, more))
            })
            .await
    }
}

/// Takes a step's output as it comes from the host.
pub(crate) struct Recorder<'a> {
    session: &'a Session,
    job: &'a JobRow,
    step: u16,
    redaction: Redaction,
    masks: bool,
    ordinal: u64,
    kept: u64,
    stdout: Held,
    stderr: Held,
}

/// The beginning of a line whose end was not seen.
struct Held {
    stream: OutputStream,
    /// Where in the stream it begins: what is stored ends here.
    offset: u64,
    bytes: Vec<u8>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(
        session: &'a Session,
        job: &'a JobRow,
        step: u16,
        stored: Offsets,
        secrets: &[SecretBytes],
    ) -> Result<Self, AppError> {
        let (ordinal, steps) = session.catalog.read(|reader| Ok::<_, AppError>((reader.next_ordinal(job.id)?, reader.steps(job.id)?)))?;
        let kept = |step: &StepRow| step.stdout_offset + step.stderr_offset;
        let others: u64 = steps.iter().filter(|other| other.number != step).map(kept).sum();
        let held = |stream, offset| Held { stream, offset, bytes: Vec::new() };
        Ok(Self {
            session,
            job,
            step,
            redaction: Redaction::new(secrets),
            masks: !secrets.is_empty(),
            ordinal,
            kept: others + stored.stdout + stored.stderr,
            stdout: held(OutputStream::Stdout, stored.stdout),
            stderr: held(OutputStream::Stderr, stored.stderr),
        })
    }

    /// What is stored: following goes on here.
    pub(crate) fn offsets(&self) -> Offsets {
        Offsets { stdout: self.stdout.offset, stderr: self.stderr.offset }
    }

    /// Forgets unfinished lines: they will come again.
    pub(crate) fn rewind(&mut self) {
        self.stdout.bytes.clear();
        self.stderr.bytes.clear();
    }

    /// Takes a piece; whole lines are masked and stored.
    pub(crate) fn take(&mut self, piece: &Piece) -> Result<(), AppError> {
        let held = match piece.stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        held.bytes.extend_from_slice(&piece.bytes);
        let whole = if self.masks { whole_lines(&held.bytes) } else { held.bytes.len() - unfinished_character(&held.bytes) };
        let rest = held.bytes.split_off(whole);
        let ready = std::mem::replace(&mut held.bytes, rest);
        let (stream, offset) = (held.stream, held.offset);
        held.offset += ready.len() as u64;
        self.store(stream, offset, &ready)
    }

    /// Stores what was held back: nothing more will come.
    pub(crate) fn finish(&mut self) -> Result<(), AppError> {
        for stream in [OutputStream::Stdout, OutputStream::Stderr] {
            let held = if stream == OutputStream::Stdout { &mut self.stdout } else { &mut self.stderr };
            let bytes = std::mem::take(&mut held.bytes);
            let offset = held.offset;
            held.offset += bytes.len() as u64;
            self.store(stream, offset, &bytes)?;
        }
        Ok(())
    }

    pub(crate) fn note(&mut self, note: OutputNote) -> Result<(), AppError> {
        self.insert(OutputStream::Note, 0, &note.to_bytes()?, 0)
    }

    fn store(&mut self, stream: OutputStream, offset: u64, bytes: &[u8]) -> Result<(), AppError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let end = offset + bytes.len() as u64;
        let before = self.kept;
        self.kept += bytes.len() as u64;
        if self.kept > MOST_KEPT {
            if before <= MOST_KEPT {
                self.note(OutputNote::Cut)?;
            }
            return self.session.write(|writer| Ok(writer.pass_output(self.job.id, self.step, stream, end)?));
        }
        self.insert(stream, offset, &self.redaction.bytes(bytes), end)
    }

    fn insert(&mut self, stream: OutputStream, offset: u64, bytes: &[u8], end: u64) -> Result<(), AppError> {
        let sealed = self.session.seal(&place_of(self.job, self.ordinal), &SecretBytes::new(bytes.to_vec()))?;
        let row = OutputRow { ordinal: self.ordinal, step: self.step, at_ms: now_ms(), stream, offset, sealed };
        self.session.write(|writer| Ok(writer.append_output(self.job.id, &row, end)?))?;
        self.ordinal += 1;
        self.session.listener.heard(Change::JobOutput(self.job.id));
        Ok(())
    }
}

/// How many bytes at the end begin a character of UTF-8 whose rest has not come.
fn unfinished_character(bytes: &[u8]) -> usize {
    let tail = bytes.iter().rev().take(3).position(|byte| byte & 0xc0 != 0x80);
    let Some(after) = tail else { return 0 };
    let length = match bytes.iter().rev().nth(after).copied().unwrap_or_default() {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return 0,
    };
    if after + 1 < length { after + 1 } else { 0 }
}

/// Bytes up to the last line's end, or, of a line without one that is too long, all but what could be a part of a secret.
fn whole_lines(bytes: &[u8]) -> usize {
    let lines = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |position| position + 1);
    if bytes.len() - lines > MOST_HELD { bytes.len() - KEPT_BACK } else { lines }
}

impl Session {
    /// Writes between a job's output that it is begun again.
    pub(crate) fn note_retry(&self, row: &JobRow, step: u16) -> Result<(), AppError> {
        Recorder::new(self, row, step, Offsets::default(), &[])?.note(OutputNote::Retried)
    }

    /// A step's whole output as it was stored, both streams apart; of several tries the last one's.
    pub(crate) fn streams(&self, row: &JobRow, step: u16) -> Result<(Vec<u8>, Vec<u8>), AppError> {
        let (mut stdout, mut stderr, mut after) = (Vec::new(), Vec::new(), 0);
        loop {
            let pieces = self.catalog.read(|reader| reader.output(row.id, after, PAGE))?;
            let Some(last) = pieces.last() else {
                return Ok((stdout, stderr));
            };
            after = last.ordinal;
            for piece in pieces.iter().filter(|piece| piece.step == step) {
                let into = match piece.stream {
                    OutputStream::Stdout => &mut stdout,
                    OutputStream::Stderr => &mut stderr,
                    OutputStream::Note => {
                        let note = self.unseal(&place_of(row, piece.ordinal), &piece.sealed)?;
                        // A note, to be told from others.
                        if OutputNote::from_bytes(note.expose()) == Some(OutputNote::Retried) {
                            (stdout, stderr) = (Vec::new(), Vec::new());
                        }
                        continue;
                    }
                };
                // Output, masked before it was stored: to be understood.
                into.extend_from_slice(self.unseal(&place_of(row, piece.ordinal), &piece.sealed)?.expose());
            }
        }
    }
}

/// Where a piece of output is sealed.
pub(crate) fn piece_place(compartment: CompartmentId, host: HostId, job: JobId, ordinal: u64) -> Place<'static> {
    Place { compartment, target: Some(host), table: "output", row: *job.as_bytes(), revision: ordinal, field: "bytes" }
}

fn place_of(row: &JobRow, ordinal: u64) -> Place<'static> {
    piece_place(row.compartment, row.target, row.id, ordinal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_held_until_its_end_comes() {
        assert_eq!(whole_lines(b"one\ntwo"), 4);
        assert_eq!(whole_lines(b"no end"), 0);
        assert_eq!(whole_lines(b"all\n"), 4);
        assert_eq!(whole_lines(b""), 0);
    }

    #[test]
    fn a_character_is_held_until_it_is_whole_and_what_is_none_is_not() {
        let euro = "€".as_bytes();
        for (bytes, held) in [(&euro[..1], 1), (&euro[..2], 2), (euro, 0), (b"ab", 0), (b"", 0), (b"\x80\x80\x80\x80", 0), (b"\xff", 0)] {
            assert_eq!(unfinished_character(bytes), held, "{bytes:?}");
        }
        assert_eq!(unfinished_character(&"a𝄞".as_bytes()[..4]), 3);
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let long = vec![b'x'; MOST_HELD + 1];
        assert_eq!(whole_lines(&long), long.len() - KEPT_BACK);
    }

    #[test]
    fn notes_are_read_back() {
        let values = vec![("what".to_owned(), "Install the 'shop' app".to_owned())];
        let waits = |key: &str| OutputNote::Waits(StoredMessage { key: key.to_owned(), values: values.clone() });
        use OutputNote::{Attached, Cut, Dropped, FromJournal, LinkLost, Retried};
        let plain = [LinkLost, Attached, Cut, Dropped, Retried, FromJournal];
        for note in plain.into_iter().chain(WAITS.map(waits)) {
            assert_eq!(OutputNote::from_bytes(&note.to_bytes().expect("written")), Some(note));
        }
        assert_eq!(OutputNote::from_bytes(&waits("title.run").to_bytes().expect("written")), None);
        assert_eq!(OutputNote::from_bytes(b"note.other"), None);
    }
}
