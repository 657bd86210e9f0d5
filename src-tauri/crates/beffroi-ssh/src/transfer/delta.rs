//! Differences between a file and the one that it is to replace.
//!
//! As rsync and zsync do (A. Tridgell, "Efficient Algorithms for Sorting and Synchronization", chapter 3): the host tells a
//! weak and a strong sum for each block of its file; here a window is rolled over the other file, and where the weak sum is
//! known and the strong one agrees, the block need not go over the link. Towards the host, the host makes the part out of
//! its file and what is missing is sent; towards here, the part is made out of our file and what is missing is fetched.
//! Python 3 does the host's half. SHA-256 of the whole decides in the end, so a wrong sum costs time, never content.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use beffroi_remote::{CommandLine, RemoteError};
use sha2::{Digest, Sha256};

use super::host::operand;
use super::local;
use super::receive::{read_at, write_at};
use super::send::{Source, joined};
use super::wire::{Told, Wire};

/// Smaller files are sent whole.
pub(super) const LEAST: u64 = 4 << 20;
/// Bytes of the smallest block; larger ones where there would be too many.
const BLOCK: u64 = 8 << 10;
/// About the most blocks.
const MOST_BLOCKS: u64 = 16 << 10;
/// Bytes that the sums of one block take: Adler-32, and the first half of SHA-256.
const SUM: usize = 20;
/// The most that the host says: files may be eight times as large as what replaces them.
const MOST_SUMS: usize = SUM * 8 * MOST_BLOCKS as usize;
/// The exit status that says that there is no such file.
const NO_FILE: u32 = 3;

const SCRIPT: &str = include_str!("../../../../../assets/remote/delta.py");

/// What came of the search.
pub(super) enum Begun {
    /// There is no such file, or it has nothing of the other.
    Nothing,
    /// The host cannot do its half.
    Unable,
    /// The part is made, with these ranges in place.
    With(Vec<Range<u64>>),
}

/// A piece of the old file that is in the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Same {
    /// Where it is in the file with the sums.
    block: u64,
    /// Where it is in the other.
    rolled: u64,
    length: u64,
}

/// Makes the part on the host out of the file that is there.
pub(super) async fn begin_there(wire: &Wire, source: &Source, destination: &str, part: &str) -> Result<Begun, RemoteError> {
    let block = block_size(source.size);
    let Some(table) = sums(wire, destination, block).await? else { return Ok(Begun::Unable) };
    let same = found(source.reopen()?, table, block, &source.path).await?;
    if same.is_empty() {
        return Ok(Begun::Nothing);
    }
    let list: String = same.iter().map(|same| format!("{} {} {}\n", same.block, same.rolled, same.length)).collect();
    let words = ["fill", &operand(destination), &operand(part), &source.size.to_string()];
    match run(wire, &words, Some(list.into_bytes()), 4096).await? {
        Some(told) if told.is_done() => Ok(Begun::With(same.iter().map(|same| same.rolled..same.rolled + same.length).collect())),
        // The part may be there half made; its name is random, so that only we know it.
        _ => {
            drop(wire.sftp().await?.raw.remove(part).await);
            Ok(Begun::Unable)
        }
    }
}

/// Makes the part here out of the file that is here.
pub(super) async fn begin_here(wire: &Wire, from: &str, destination: &Path, part: &File) -> Result<Begun, RemoteError> {
    let Ok(old) = File::open(destination) else { return Ok(Begun::Nothing) };
    let size = match old.metadata() {
        Ok(found) if found.is_file() && found.len() >= LEAST => found.len(),
        _ => return Ok(Begun::Nothing),
    };
    let block = block_size(size);
    let Some(table) = sums(wire, from, block).await? else { return Ok(Begun::Unable) };
    let wrong = |error: std::io::Error| local(destination, &error);
    let rolled = old.try_clone().map_err(wrong)?;
    let same = found(rolled, table, block, destination).await?;
    if same.is_empty() {
        return Ok(Begun::Nothing);
    }
    let (part, path) = (part.try_clone().map_err(wrong)?, destination.to_owned());
    let copying = tokio::task::spawn_blocking(move || {
        copy(&old, &part, &same).map_err(|error| local(&path, &error))?;
        Ok(Begun::With(same.iter().map(|same| same.block..same.block + same.length).collect()))
    });
    joined(copying).await
}

fn copy(old: &File, part: &File, same: &[Same]) -> std::io::Result<()> {
    for same in same {
        let mut done = 0;
        while done < same.length {
            let mut bytes = vec![0; usize::try_from((same.length - done).min(1 << 20)).unwrap_or(0)];
            read_at(old, &mut bytes, same.rolled + done)?;
            write_at(part, &bytes, same.block + done)?;
            done += bytes.len() as u64;
        }
    }
    Ok(())
}

fn block_size(size: u64) -> u64 {
    (size / MOST_BLOCKS).next_power_of_two().clamp(BLOCK, 1 << 24)
}

/// The sums of a file of the host; empty when there is no such file, `None` where they cannot be had.
async fn sums(wire: &Wire, path: &str, block: u64) -> Result<Option<Vec<u8>>, RemoteError> {
    let told = run(wire, &["sums", &operand(path), &block.to_string()], None, MOST_SUMS).await?;
    Ok(told.and_then(|told| match told.status {
        Some(0) if told.stdout.len().is_multiple_of(SUM) => Some(told.stdout),
        Some(NO_FILE) => Some(Vec::new()),
        _ => None,
    }))
}

async fn run(wire: &Wire, words: &[&str], stdin: Option<Vec<u8>>, most: usize) -> Result<Option<Told>, RemoteError> {
    let line = ["python3", "-I", "-c", SCRIPT].iter().chain(words);
    match wire.exec(CommandLine::new(line), stdin, most).await {
        Ok(told) => Ok(Some(told)),
        Err(RemoteError::Refused { .. } | RemoteError::NotUnderstood { .. } | RemoteError::TooMuchOutput { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn found(file: File, table: Vec<u8>, block: u64, path: &Path) -> Result<Vec<Same>, RemoteError> {
    if table.is_empty() {
        return Ok(Vec::new());
    }
    let path = path.to_owned();
    let rolling = tokio::task::spawn_blocking(move || {
        let block = usize::try_from(block).unwrap_or(usize::MAX);
        roll(file, &Table::new(&table), block).map_err(|error| local(&path, &error))
    });
    joined(rolling).await
}

/// The sums of a file, by the weak one.
struct Table {
    strong: HashMap<u32, Vec<(u64, [u8; 16])>>,
    /// A bit for each low half of a weak sum that occurs: most windows are ruled out by it.
    hint: Vec<bool>,
}

/// Blocks with the same weak sum that are looked at: a file of zeros has only such.
const MOST_ALIKE: usize = 16;

impl Table {
    fn new(sums: &[u8]) -> Self {
        let mut table = Self { strong: HashMap::new(), hint: vec![false; 1 << 16] };
        for (index, sum) in sums.chunks_exact(SUM).enumerate() {
            let (Some(weak), Some(strong)) = (sum.first_chunk::<4>(), sum.last_chunk::<16>()) else { continue };
            let weak = u32::from_be_bytes(*weak);
            if let Some(hint) = table.hint.get_mut(low(weak)) {
                *hint = true;
            }
            table.strong.entry(weak).or_default().push((index as u64, *strong));
        }
        table
    }

    /// The block that this window is, rather the one that is expected.
    fn block(&self, weak: u32, window: &[u8], expected: u64) -> Option<u64> {
        if !self.hint.get(low(weak)).is_some_and(|hint| *hint) {
            return None;
        }
        let alike = self.strong.get(&weak)?;
        let digest = Sha256::digest(window);
        let same = |(_, strong): &&(u64, [u8; 16])| digest.starts_with(strong);
        let next = alike.binary_search_by_key(&expected, |(index, _)| *index).ok().and_then(|at| alike.get(at));
        next.filter(same).or_else(|| alike.iter().take(MOST_ALIKE).find(same)).map(|(index, _)| *index)
    }
}

fn low(weak: u32) -> usize {
    ((weak ^ (weak >> 16)) & 0xffff) as usize
}

/// Adler-32 (RFC 1950, 8.2) of a window that moves.
struct Adler {
    a: u32,
    b: u32,
    length: u32,
}

const ADLER: u32 = 65_521;

impl Adler {
    fn of(window: &[u8]) -> Self {
        let (mut a, mut b) = (1_u32, 0_u32);
        // So many sums of bytes fit before the remainder is to be taken.
        for run in window.chunks(5552) {
            for byte in run {
                a += u32::from(*byte);
                b += a;
            }
            a %= ADLER;
            b %= ADLER;
        }
        Self { a, b, length: u32::try_from(window.len() % ADLER as usize).unwrap_or(0) }
    }

    fn sum(&self) -> u32 {
        (self.b << 16) | self.a
    }

    fn roll(&mut self, out: u8, into: u8) {
        let (out, into) = (u32::from(out), u32::from(into));
        self.a = (self.a + ADLER + into - out) % ADLER;
        self.b = (self.b + 2 * ADLER + self.a - 1 - (self.length * out) % ADLER) % ADLER;
    }
}

/// Finds the blocks of the table in what is read, in its order; neighbours are joined.
fn roll(mut file: impl Read, table: &Table, block: usize) -> std::io::Result<Vec<Same>> {
    let mut found: Vec<Same> = Vec::new();
    let mut buffer: Vec<u8> = Vec::new();
    // Where the buffer begins in the file, and the window in the buffer.
    let (mut base, mut at) = (0_u64, 0_usize);
    let mut adler: Option<Adler> = None;
    let mut expected = 0_u64;
    loop {
        if at + block >= buffer.len() {
            buffer.drain(..at);
            base += at as u64;
            at = 0;
            let more = (&mut file).take((block as u64 * 4).max(4 << 20)).read_to_end(&mut buffer)?;
            if more == 0 && buffer.len() < block {
                return Ok(found);
            }
        }
        let Some(window) = buffer.get(at..at + block) else { return Ok(found) };
        let sum = adler.get_or_insert_with(|| Adler::of(window));
        if let Some(index) = table.block(sum.sum(), window, expected) {
            let same = Same { block: index * block as u64, rolled: base + at as u64, length: block as u64 };
            match found.last_mut() {
                Some(last) if last.block + last.length == same.block && last.rolled + last.length == same.rolled => {
                    last.length += same.length;
                }
                _ => found.push(same),
            }
            expected = index + 1;
            at += block;
            adler = None;
            continue;
        }
        match (buffer.get(at), buffer.get(at + block)) {
            (Some(out), Some(into)) => sum.roll(*out, *into),
            // The last window of the file.
            _ => return Ok(found),
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SMALL: usize = 16;

    fn table(old: &[u8]) -> Table {
        let sums = old.chunks_exact(SMALL).flat_map(|block| {
            let strong: [u8; 32] = Sha256::digest(block).into();
            Adler::of(block).sum().to_be_bytes().into_iter().chain(strong.into_iter().take(16))
        });
        Table::new(&sums.collect::<Vec<_>>())
    }

    #[test]
    fn the_weak_sum_is_adler_32() {
        // The sums that zlib gives.
        assert_eq!(Adler::of(b"Wikipedia").sum(), 0x11e6_0398);
        assert_eq!(Adler::of(&[0xff; 100_000]).sum(), 0x149a_302c);
    }

    proptest! {
        #[test]
        fn a_rolled_sum_is_the_sum_of_the_window(bytes in proptest::collection::vec(any::<u8>(), SMALL + 1..200)) {
            let mut adler = Adler::of(&bytes[..SMALL]);
            for at in 0..bytes.len() - SMALL {
                adler.roll(bytes[at], bytes[at + SMALL]);
                prop_assert_eq!(adler.sum(), Adler::of(&bytes[at + 1..at + 1 + SMALL]).sum());
            }
        }

        #[test]
        fn what_is_the_same_is_the_same(old in proptest::collection::vec(0_u8..4, 0..400), cut in 0_usize..400, put in proptest::collection::vec(0_u8..4, 0..40)) {
            let cut = cut.min(old.len());
            let new: Vec<u8> = old[..cut].iter().chain(&put).chain(&old[cut..]).copied().collect();
            let found = roll(new.as_slice(), &table(&old), SMALL).expect("readable");
            let mut end = 0;
            for same in &found {
                let (block, rolled, length) = (same.block as usize, same.rolled as usize, same.length as usize);
                prop_assert_eq!(&old[block..block + length], &new[rolled..rolled + length]);
                prop_assert!(rolled >= end);
                end = rolled + length;
            }
        }
    }

    #[test]
    fn an_insertion_costs_about_a_block() {
        let old: Vec<u8> = (0..SMALL * 50).map(|at| (at * at / 7 % 251) as u8).collect();
        let mut new = old.clone();
        new.splice(SMALL * 10 + 3..SMALL * 10 + 3, *b"new");
        let found = roll(new.as_slice(), &table(&old), SMALL).expect("readable");
        let length: u64 = found.iter().map(|same| same.length).sum();
        assert!(length >= (SMALL * 48) as u64, "{found:?}");
        assert!(roll(&old[1..SMALL], &table(&old), SMALL).expect("readable").is_empty());
        assert!(found.len() <= 4, "{found:?}");
    }
}
