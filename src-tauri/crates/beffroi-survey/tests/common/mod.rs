//! What several tests need.
#![allow(dead_code, reason = "each test uses its part")]

use std::collections::VecDeque;
use std::path::Path;

use async_trait::async_trait;
use beffroi_remote::{Chunk, Copied, CopyOptions, Process, Remote, RemoteError, RunRequest, Transfer};
use beffroi_survey::{Facts, Request, survey};

/// Facts in which every field has a value.
pub(crate) fn full() -> Facts {
    serde_json::from_str(include_str!("../fixtures/full.json")).expect("facts")
}

/// A host that answers with prepared bytes, in which `MARK` stands for the mark that it was given.
pub(crate) struct Scripted {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// What happens after that, before the end.
    pub(crate) breaks: Option<RemoteError>,
}

impl Scripted {
    /// A host whose probe prints that, from its first section to its end.
    pub(crate) fn probe(sections: impl AsRef<[u8]>) -> Self {
        let stdout = [b"Welcome!\n\nMARK survey\n", sections.as_ref(), b"\nMARK parts\n"].concat();
        Self { stdout, stderr: Vec::new(), breaks: None }
    }

    /// Surveys it.
    pub(crate) async fn facts(&self) -> Facts {
        survey(self, &Request::default()).await.expect("a survey").facts
    }
}

#[async_trait]
impl Remote for Scripted {
    async fn start(&self, request: RunRequest) -> Result<Box<dyn Process>, RemoteError> {
        // Looked at by the test, as a host looks at it.
        let text = String::from_utf8(request.stdin.as_ref().expect("standard input").expose().to_vec()).expect("text");
        let mark = text.lines().find_map(|line| line.strip_prefix("n=")).expect("a mark");
        assert!(!request.command.as_str().contains(mark), "argument lists are for everybody to see");
        let mut answer = Vec::new();
        for (number, piece) in self.stdout.split(|byte| *byte == b'\n').enumerate() {
            if number > 0 {
                answer.push(b'\n');
            }
            let rest = piece.strip_prefix(b"MARK ");
            answer.extend_from_slice(if rest.is_some() { mark.as_bytes() } else { b"" });
            answer.extend_from_slice(rest.map_or(piece, |_| piece.get(4..).unwrap_or_default()));
        }
        let mut chunks: VecDeque<Chunk> = answer.chunks(7000).map(|piece| Chunk::Stdout(piece.to_vec().into())).collect();
        chunks.push_back(Chunk::Stderr(self.stderr.clone().into()));
        Ok(Box::new(Told { chunks, breaks: self.breaks.clone() }))
    }

    async fn put(&self, _: &Path, _: &str, _: &CopyOptions, _: &mut (dyn FnMut(Transfer) + Send)) -> Result<Copied, RemoteError> {
        Err(RemoteError::Refused { reason: "not in this test".to_owned() })
    }

    async fn get(&self, _: &str, _: &Path, _: &CopyOptions, _: &mut (dyn FnMut(Transfer) + Send)) -> Result<Copied, RemoteError> {
        Err(RemoteError::Refused { reason: "not in this test".to_owned() })
    }
}

struct Told {
    chunks: VecDeque<Chunk>,
    breaks: Option<RemoteError>,
}

#[async_trait]
impl Process for Told {
    async fn next(&mut self) -> Result<Option<Chunk>, RemoteError> {
        match self.chunks.pop_front() {
            None => self.breaks.take().map_or(Ok(None), Err),
            chunk => Ok(chunk),
        }
    }

    async fn cancel(&mut self) {
        self.chunks.clear();
    }
}
