//! What `follow` sends: after the mark, lines; a line `O OFFSET LENGTH` or `E OFFSET LENGTH` is followed by that many
//! bytes of the stream, any other is an [`Answer`].

use bytes::{Buf, Bytes, BytesMut};

use super::answer::{Answer, MARK, MOST_GREETING, MOST_LINE, find_mark};
use super::{JobError, Offsets, Piece, Stream};

/// The most bytes of a stream that one frame carries.
pub(super) const MOST_FRAME: usize = 64 << 10;

/// Reads frames out of bytes that come in any portions. Holds one frame, and what came after it in the same portion.
pub(super) struct Frames {
    buffer: BytesMut,
    marked: bool,
    /// The head of the frame whose bytes are still to come.
    head: Option<(Stream, usize)>,
    at: Offsets,
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Piece(Piece),
    Answer(Answer),
}

impl Frames {
    /// Expects the streams to go on from the offsets.
    pub(super) fn new(from: Offsets) -> Self {
        Self { buffer: BytesMut::new(), marked: false, head: None, at: from }
    }

    /// How far the streams were read.
    pub(super) fn offsets(&self) -> Offsets {
        self.at
    }

    /// Adds what came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// What is there and not read, for an error.
    pub(super) fn rest(&self) -> &[u8] {
        &self.buffer
    }

    /// Whether the script has spoken at all.
    pub(super) fn is_marked(&self) -> bool {
        self.marked
    }

    /// The next whole frame; `None` when more has to come first.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, JobError> {
        if !self.marked && !self.find_mark()? {
            return Ok(None);
        }
        if self.head.is_none() {
            let Some(line) = self.line()? else { return Ok(None) };
            match self.head_of(&line)? {
                Some(head) => self.head = Some(head),
                None => return Answer::of_line(&line).map(|answer| Some(Frame::Answer(answer))),
            }
        }
        let Some((stream, length)) = self.head.filter(|(_, length)| self.buffer.len() >= *length) else {
            return Ok(None);
        };
        self.head = None;
        let offset = match stream {
            Stream::Stdout => self.at.stdout,
            Stream::Stderr => self.at.stderr,
        };
        let piece = Piece { stream, offset, bytes: self.buffer.split_to(length).freeze() };
        self.at = self.at.after(&piece);
        Ok(Some(Frame::Piece(piece)))
    }

    fn find_mark(&mut self) -> Result<bool, JobError> {
        if let Some(at) = find_mark(&self.buffer) {
            self.buffer.advance(at);
            self.marked = true;
        } else if self.buffer.len() > MOST_GREETING + MARK.len() {
            return Err(JobError::NotUnderstood { what: "a greeting without an end".to_owned() });
        }
        Ok(self.marked)
    }

    fn line(&mut self) -> Result<Option<Bytes>, JobError> {
        let end = self.buffer.iter().take(MOST_LINE + 1).position(|byte| *byte == b'\n');
        match end {
            Some(end) => {
                let line = self.buffer.split_to(end).freeze();
                self.buffer.advance(1);
                Ok(Some(line))
            }
            None if self.buffer.len() > MOST_LINE => Err(JobError::NotUnderstood { what: "a line without an end".to_owned() }),
            None => Ok(None),
        }
    }

    /// Reads the head of a frame; `None` when the line is none. It has to go on where the stream stands.
    fn head_of(&self, line: &[u8]) -> Result<Option<(Stream, usize)>, JobError> {
        let text = std::str::from_utf8(line).unwrap_or_default();
        let (stream, expected, numbers) = match text.split_at_checked(2) {
            Some(("O ", numbers)) => (Stream::Stdout, self.at.stdout, numbers),
            Some(("E ", numbers)) => (Stream::Stderr, self.at.stderr, numbers),
            _ => return Ok(None),
        };
        let read = numbers.split_once(' ').and_then(|(offset, length)| Some((offset.parse::<u64>().ok()?, length.parse::<usize>().ok()?)));
        match read {
            Some((offset, length)) if offset == expected && (1..=MOST_FRAME).contains(&length) => Ok(Some((stream, length))),
            _ => Err(JobError::NotUnderstood { what: format!("a frame that does not follow: {text:?}") }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::StepOnHost;
    use beffroi_domain::Exit;
    use proptest::prelude::*;

    /// Every frame, and how far the streams were read.
    fn read<'a>(portions: impl IntoIterator<Item = &'a [u8]>, from: Offsets) -> Result<(Vec<Frame>, Offsets), JobError> {
        let mut frames = Frames::new(from);
        let mut read = Vec::new();
        for portion in portions {
            frames.push(portion);
            while let Some(frame) = frames.next()? {
                read.push(frame);
            }
        }
        Ok((read, frames.offsets()))
    }

    fn whole(text: &[u8]) -> Result<(Vec<Frame>, Offsets), JobError> {
        read([text], FROM)
    }

    fn piece(stream: Stream, offset: u64, bytes: &'static [u8]) -> Frame {
        Frame::Piece(Piece { stream, offset, bytes: Bytes::from_static(bytes) })
    }

    const FROM: Offsets = Offsets { stdout: 5, stderr: 0 };
    const SAMPLE: &[u8] = b"hello\nbeffroi-job 1\nalive\nO 5 8\nE 0 2\n\0\nE 0 2\nzzO 13 1\n\nended signal TERM\n";

    fn sample() -> Vec<Frame> {
        vec![
            Frame::Answer(Answer::Alive),
            piece(Stream::Stdout, 5, b"E 0 2\n\0\n"),
            piece(Stream::Stderr, 0, b"zz"),
            piece(Stream::Stdout, 13, b"\n"),
            Frame::Answer(Answer::Step(StepOnHost::Ended(Exit::Signal("TERM".to_owned())))),
        ]
    }

    #[test]
    fn bytes_that_look_like_frames_stay_bytes() {
        let (frames, at) = whole(SAMPLE).expect("frames");
        assert_eq!(frames, sample());
        assert_eq!(at, Offsets { stdout: 14, stderr: 2 });
    }

    #[test]
    fn one_byte_at_a_time_reads_the_same() {
        assert_eq!(read(SAMPLE.chunks(1), FROM).expect("frames").0, sample());
    }

    #[test]
    fn what_does_not_follow_is_refused() {
        for bad in [
            "O 4 1\nx",
            "O 6 1\nx",
            "E 1 1\nx",
            "O 5 0\n",
            "O 5 65537\n",
            "O 5 -1\n",
            "O 5\n",
            "O  5 1\nx",
            "O 5 1 \nx",
            "O +5 a\nx",
            "O 18446744073709551616 1\nx",
            "Q 5 1\nx",
            "\n",
            "ended\n",
            "ended 0 \u{1b}\n",
        ] {
            let text = format!("beffroi-job 1\n{bad}");
            assert!(matches!(whole(text.as_bytes()), Err(JobError::NotUnderstood { .. })), "{bad:?}");
        }
    }

    #[test]
    fn lines_and_greetings_have_limits() {
        let long = [b"beffroi-job 1\n".as_slice(), &[b'a'; MOST_LINE + 1]].concat();
        assert!(whole(&long).is_err());
        assert!(whole(&[b'a'; MOST_GREETING]).is_ok());
        assert!(whole(&[b'a'; MOST_GREETING * 2]).is_err());
    }

    proptest! {
        #[test]
        fn any_split_reads_the_same(cuts in proptest::collection::vec(0..SAMPLE.len(), 0..12)) {
            let mut cuts = cuts;
            cuts.extend([0, SAMPLE.len()]);
            cuts.sort_unstable();
            let portions = cuts.windows(2).map(|pair| &SAMPLE[pair[0]..pair[1]]);
            prop_assert_eq!(read(portions, FROM).expect("frames").0, sample());
        }

        #[test]
        fn any_bytes_give_frames_or_an_error(
            tail in proptest::collection::vec(any::<u8>(), 0..400),
            prefix in prop_oneof![Just(""), Just("beffroi-job 1\n"), Just("beffroi-job 1\nO 5 3\n"), Just("beffroi-job 1\nended ")],
            portion in 1_usize..50,
        ) {
            let text = [prefix.as_bytes(), &tail].concat();
            let split = read(text.chunks(portion), FROM).map_err(|error| error.to_string());
            prop_assert_eq!(split.is_ok(), whole(&text).is_ok());
        }

        #[test]
        fn any_streams_are_read_back(pieces in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 1..300)), 0..20), portion in 1_usize..1000) {
            let mut text = b"beffroi-job 1\n".to_vec();
            let mut at = FROM;
            let mut expected = Vec::new();
            for (error, bytes) in pieces {
                let (letter, stream, offset) = if error { ('E', Stream::Stderr, at.stderr) } else { ('O', Stream::Stdout, at.stdout) };
                text.extend(format!("{letter} {offset} {}\n", bytes.len()).into_bytes());
                text.extend(&bytes);
                let piece = Piece { stream, offset, bytes: bytes.into() };
                at = at.after(&piece);
                expected.push(Frame::Piece(piece));
            }
            let (frames, end) = read(text.chunks(portion), FROM).expect("frames");
            prop_assert_eq!(frames, expected);
            prop_assert_eq!(end, at);
        }
    }
}
