//! Frames: a length and that many bytes.

use std::io;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

/// Bytes that the content of a request may have.
pub const MOST_REQUEST: usize = 8 << 20;
/// Bytes that the content of an answer may have: 1 MiB for each of 200 hosts and more.
pub const MOST_ANSWER: usize = 256 << 20;

/// Longer than a frame takes between two programs of one machine.
const FRAME_TIME: Duration = Duration::from_secs(10);
const PIECE: usize = 16 << 10;
const LENGTH: usize = 4;

/// Why bytes are not a frame, or its content not a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The content has no byte, or more than it may have.
    #[error("a frame of {bytes} bytes")]
    Length {
        /// Bytes that it says it has.
        bytes: usize,
    },
    /// The content is not a message of the protocol.
    #[error("a frame that is not understood")]
    NotUnderstood,
}

/// Reads the frame that `bytes` begin with: its content, and how many bytes it took with its length. Nothing while bytes of
/// it are missing.
///
/// # Errors
/// [`FrameError::Length`] when the content is empty or has more than `most` bytes, as soon as its length is known.
pub fn read_frame(bytes: &[u8], most: usize) -> Result<Option<(&[u8], usize)>, FrameError> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*length) as usize;
    if length == 0 || length > most {
        return Err(FrameError::Length { bytes: length });
    }
    Ok(rest.get(..length).map(|content| (content, LENGTH + length)))
}

/// Bytes that may hold a secret: wiped when they are dropped, and when they move because there are more of them.
#[derive(Default)]
pub(crate) struct WipedBytes(Zeroizing<Vec<u8>>);

impl WipedBytes {
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    fn push(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            // A vector that grows by itself leaves what it held where it was.
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(self.0.capacity() * 2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }
}

impl io::Write for WipedBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A message as a frame.
///
/// # Errors
/// [`FrameError::Length`] when it is longer than `most`, [`FrameError::NotUnderstood`] when it has no JSON.
pub(crate) fn frame_of(message: &impl Serialize, most: usize) -> Result<WipedBytes, FrameError> {
    let mut frame = WipedBytes::default();
    frame.push(&[0; LENGTH]);
    serde_json::to_writer(&mut frame, message).map_err(|_| FrameError::NotUnderstood)?;
    let bytes = frame.0.len() - LENGTH;
    let length = u32::try_from(bytes).ok().filter(|_| bytes <= most).ok_or(FrameError::Length { bytes })?;
    if let Some(place) = frame.0.first_chunk_mut::<LENGTH>() {
        *place = length.to_be_bytes();
    }
    Ok(frame)
}

/// Why no further frame comes.
#[derive(Debug)]
pub(crate) enum NoFrame {
    /// The other side hung up, or the link failed.
    Over,
    /// No frame began in time.
    Quiet,
    /// A frame began and did not end in time.
    Slow,
    /// What came is no frame.
    Wrong(FrameError),
}

/// Frames of a connection, one after the other.
pub(crate) struct Frames<R> {
    from: R,
    most: usize,
    held: WipedBytes,
    piece: Zeroizing<Vec<u8>>,
    began: Option<Instant>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub(crate) fn new(from: R, most: usize) -> Self {
        Self { from, most, held: WipedBytes::default(), piece: Zeroizing::new(vec![0; PIECE]), began: None }
    }

    /// What the frames came from, and what was read of it after the last frame.
    pub(crate) fn into_parts(self) -> (R, WipedBytes) {
        (self.from, self.held)
    }

    /// The content of the next frame. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`NoFrame`]; after any but [`NoFrame::Quiet`] there is nothing more to read.
    pub(crate) async fn next(&mut self, quiet: Option<Duration>) -> Result<WipedBytes, NoFrame> {
        let patience = quiet.map(|quiet| Instant::now() + quiet);
        loop {
            if let Some((content, taken)) = read_frame(self.held.as_slice(), self.most).map_err(NoFrame::Wrong)? {
                let (mut frame, mut rest) = (WipedBytes::default(), WipedBytes::default());
                frame.push(content);
                rest.push(self.held.as_slice().get(taken..).unwrap_or_default());
                self.began = (!rest.as_slice().is_empty()).then(Instant::now);
                self.held = rest;
                return Ok(frame);
            }
            let read = match (self.began, patience) {
                (Some(began), _) => timeout_at(began + FRAME_TIME, self.from.read(&mut self.piece)).await.map_err(|_| NoFrame::Slow)?,
                (None, Some(patience)) => timeout_at(patience, self.from.read(&mut self.piece)).await.map_err(|_| NoFrame::Quiet)?,
                (None, None) => self.from.read(&mut self.piece).await,
            };
            match read {
                Ok(0) | Err(_) => return Err(NoFrame::Over),
                Ok(size) => {
                    self.held.push(self.piece.get(..size).unwrap_or_default());
                    self.began.get_or_insert_with(Instant::now);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_when_all_of_it_is_there() {
        let frame = frame_of(&"abc", 16).expect("it fits");
        assert_eq!(frame.as_slice(), b"\0\0\0\x05\"abc\"");
        for cut in 0..frame.as_slice().len() {
            assert_eq!(read_frame(&frame.as_slice()[..cut], 16), Ok(None), "{cut} bytes");
        }
        let two = [frame.as_slice(), b"\0\0"].concat();
        assert_eq!(read_frame(&two, 16), Ok(Some((b"\"abc\"".as_slice(), 9))));
    }

    #[test]
    fn a_length_that_no_frame_may_have_is_refused_at_once() {
        assert_eq!(read_frame(b"\0\0\0\0", 16), Err(FrameError::Length { bytes: 0 }));
        assert_eq!(read_frame(b"\0\0\0\x11", 16), Err(FrameError::Length { bytes: 17 }));
        assert_eq!(read_frame(b"\xff\xff\xff\xff", MOST_ANSWER), Err(FrameError::Length { bytes: u32::MAX as usize }));
        assert!(matches!(frame_of(&"abcdef", 7), Err(FrameError::Length { bytes: 8 })));
    }

    #[test]
    fn bytes_keep_their_order_when_there_are_more_than_fit() {
        let mut bytes = WipedBytes::default();
        for number in 0..=255_u8 {
            bytes.push(&[number; 3]);
        }
        let expected: Vec<u8> = (0..=255_u8).flat_map(|number| [number; 3]).collect();
        assert_eq!(bytes.as_slice(), expected);
    }

    #[tokio::test]
    async fn frames_come_one_by_one_however_they_are_cut() {
        let sent = [frame_of(&"one", 64).expect("it fits"), frame_of(&"two", 64).expect("it fits")];
        let all = [sent[0].as_slice(), sent[1].as_slice()].concat();
        for cut in 1..all.len() {
            let (first, second) = all.split_at(cut);
            let mut frames = Frames::new(tokio::io::AsyncReadExt::chain(first, second), 64);
            assert_eq!(frames.next(None).await.map(|frame| frame.as_slice().to_vec()).ok().as_deref(), Some(b"\"one\"".as_slice()));
            assert_eq!(frames.next(None).await.map(|frame| frame.as_slice().to_vec()).ok().as_deref(), Some(b"\"two\"".as_slice()));
            assert!(matches!(frames.next(None).await, Err(NoFrame::Over)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_that_trickles_in_is_given_up() {
        let (mut slow, reading) = tokio::io::duplex(64);
        let mut frames = Frames::new(reading, 64);
        assert!(matches!(frames.next(Some(Duration::from_secs(5))).await, Err(NoFrame::Quiet)), "nothing was sent");
        let sender = async {
            for byte in b"\0\0\0\x20abcdefghijklmnopqrstuvwxyz" {
                tokio::io::AsyncWriteExt::write_all(&mut slow, &[*byte]).await.expect("it is read");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        tokio::select! {
            got = frames.next(Some(Duration::from_secs(60))) => assert!(matches!(got, Err(NoFrame::Slow))),
            () = sender => unreachable!("26 seconds are longer than a frame may take"),
        }
    }
}
