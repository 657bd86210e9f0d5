//! What a copy asks of the host by commands, where it runs any.

use std::ops::Range;

use beffroi_remote::{CommandLine, RemoteError};

use super::wire::{Told, Wire};

pub(super) const SCRIPT: &str = include_str!("../../../../../assets/remote/copy.sh");

/// The most blocks that one file is divided into when it is checked.
const MOST_BLOCKS: u64 = 512;
const MIB: u64 = 1 << 20;
/// The exit status that says that there is no part.
const NO_PART: u32 = 4;
/// The most that such a command says.
const MOST_TOLD: usize = 64 << 10;

/// The digest of every block of a file, as far as it goes.
pub(super) struct Blocks {
    /// The size of the file.
    pub(super) size: u64,
    /// The size of a block.
    pub(super) block: u64,
    digests: Vec<[u8; 32]>,
}

impl Blocks {
    /// The ranges of the blocks that are the same on both sides, in a file that is to have this size.
    pub(super) fn same_as(&self, local: &[[u8; 32]], size: u64) -> Vec<Range<u64>> {
        let most = self.size.min(size);
        let ranges = (0..).map(|index: u64| index * self.block..(index + 1).saturating_mul(self.block).min(most));
        let pairs = self.digests.iter().zip(local).zip(ranges);
        pairs.filter(|((there, here), _)| there == here).map(|(_, range)| range).collect()
    }
}

/// Mebibytes of a block, for a file of this size.
pub(super) fn block_mebibytes(size: u64) -> u64 {
    size.div_ceil(MOST_BLOCKS * MIB).max(1)
}

/// What became of the question for an earlier part.
pub(super) enum Earlier {
    /// It has its new name, and these blocks.
    Taken(Blocks),
    /// There is none.
    None,
    /// The host has no means to check one.
    Unknown,
}

/// SHA-256 of a file; `None` where the host cannot compute it.
pub(super) async fn sum(wire: &Wire, path: &str) -> Result<Option<[u8; 32]>, RemoteError> {
    let told = ask(wire, &["sum", &operand(path)]).await?;
    Ok(told.and_then(|told| digest(String::from_utf8_lossy(&told.stdout).trim())))
}

/// The blocks of the first `most` bytes of a file; `None` where the host cannot compute them.
pub(super) async fn blocks(wire: &Wire, path: &str, most: u64) -> Result<Option<Blocks>, RemoteError> {
    let mebibytes = block_mebibytes(most);
    let told = ask(wire, &["blocks", &operand(path), &most.to_string(), &mebibytes.to_string()]).await?;
    Ok(told.and_then(|told| read_blocks(&told, mebibytes)))
}

/// Takes up the largest part that an earlier copy left under this stem, under the new name.
pub(super) async fn take_part(wire: &Wire, stem: &str, part: &str, size: u64) -> Result<Earlier, RemoteError> {
    let mebibytes = block_mebibytes(size);
    let Some(told) = run(wire, &["resume", &operand(stem), &operand(part), &size.to_string(), &mebibytes.to_string()]).await? else {
        return Ok(Earlier::Unknown);
    };
    match told.status {
        Some(0) => Ok(read_blocks(&told, mebibytes).map_or(Earlier::Unknown, Earlier::Taken)),
        Some(NO_PART) => Ok(Earlier::None),
        _ => Ok(Earlier::Unknown),
    }
}

/// A name that is no option, whatever it begins with.
pub(crate) fn operand(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("./{path}") }
}

/// What the script said, where it could do it.
async fn ask(wire: &Wire, words: &[&str]) -> Result<Option<Told>, RemoteError> {
    Ok(run(wire, words).await?.filter(Told::is_done))
}

/// Runs the script; `None` where the host runs no commands.
async fn run(wire: &Wire, words: &[&str]) -> Result<Option<Told>, RemoteError> {
    let line = ["sh", "-c", SCRIPT, "sh"].iter().chain(words);
    match wire.exec(CommandLine::new(line), None, MOST_TOLD).await {
        Ok(told) => Ok(Some(told)),
        Err(RemoteError::Refused { .. } | RemoteError::NotUnderstood { .. } | RemoteError::TooMuchOutput { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_blocks(told: &Told, mebibytes: u64) -> Option<Blocks> {
    let text = std::str::from_utf8(&told.stdout).ok()?;
    let mut lines = text.lines();
    let size = lines.next()?.strip_prefix("size ")?.parse().ok()?;
    let digests = lines.map(digest).collect::<Option<Vec<_>>>()?;
    Some(Blocks { size, block: mebibytes * MIB, digests })
}

fn digest(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Told {
        Told { stdout: text.as_bytes().to_vec(), stderr: Vec::new(), status: Some(0) }
    }

    #[test]
    fn digests_are_64_digits_and_nothing_else() {
        assert_eq!(digest(&"0a".repeat(32)), Some([10; 32]));
        for wrong in ["", "0a", &"0g".repeat(32), &"é".repeat(32), &"0a".repeat(33)] {
            assert_eq!(digest(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_blocks_that_are_the_same_count() {
        let line = "11".repeat(32);
        let other = "22".repeat(32);
        let blocks = read_blocks(&told(&format!("size {}\n{line}\n{other}\n{line}\n", MIB * 2 + 5)), 1).expect("blocks");
        assert_eq!(blocks.same_as(&[[0x11; 32]; 3], 10 * MIB), [0..MIB, 2 * MIB..2 * MIB + 5]);
        assert_eq!(blocks.same_as(&[[0x22; 32]; 3], 10 * MIB).first(), Some(&(MIB..MIB * 2)));
        assert!(blocks.same_as(&[], 10 * MIB).is_empty());
        for wrong in ["", "size\n", "size -1\n", "size 5\nx\n"] {
            assert!(read_blocks(&told(wrong), 1).is_none(), "{wrong}");
        }
    }
}
