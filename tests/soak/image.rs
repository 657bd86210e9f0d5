//! The files of a vault in memory, and what can be done to them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Fault;
use crate::dice::Dice;
use crate::opened::Ground;

pub(crate) const PAGE: usize = 4096;
const WAL_HEADER: usize = 32;
const FRAME: usize = 24 + PAGE;
/// The copy of the anchor that is outside of the folder.
pub(crate) const OUTSIDE: &str = "anchor outside";
const DEVICE: &str = "device";
pub(crate) const CATALOG: &str = "catalog.db";
pub(crate) const LOG: &str = "catalog.db-wal";

/// The files of a vault, and what the machine keeps of it, by name.
#[derive(Debug, Clone)]
pub(crate) struct Image(pub(crate) BTreeMap<String, Vec<u8>>);

impl Image {
    /// Reads them as a crash at this moment would leave them.
    pub(crate) fn take(ground: &Ground) -> Result<Self, Fault> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&ground.vault)? {
            let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()))?;
            // Made anew by whoever opens the vault.
            if name != "lock" && name != "catalog.db-shm" {
                files.insert(name, fs::read(entry)?);
            }
        }
        let anchor = fs::read_dir(ground.state.join("anchors"))?.next().ok_or("no anchor")??.path();
        files.insert(OUTSIDE.to_owned(), fs::read(anchor)?);
        files.insert(DEVICE.to_owned(), fs::read(ground.state.join(DEVICE))?);
        Ok(Self(files))
    }

    /// Writes them into a folder that is made anew.
    pub(crate) fn put(&self, folder: &Path, vault: &str) -> Result<Ground, Fault> {
        drop(fs::remove_dir_all(folder));
        let ground = Ground::in_folder(folder);
        for made in [folder, &ground.vault, &ground.state, &ground.state.join("anchors")] {
            fs::create_dir_all(made)?;
        }
        for (name, content) in &self.0 {
            let path = match name.as_str() {
                OUTSIDE => ground.state.join("anchors").join(vault),
                DEVICE => ground.state.join(DEVICE),
                _ => ground.vault.join(name),
            };
            fs::write(path, content)?;
        }
        Ok(ground)
    }
}

/// Changes a file. Gives what was done; nothing when there was nothing to change.
pub(crate) fn mutate(image: &mut Image, older: &[Image], dice: &mut Dice) -> Option<(&'static str, String)> {
    let with_log = image.0.contains_key(LOG);
    let name = match dice.below(100) {
        0..=34 if with_log => LOG,
        0..=64 => CATALOG,
        65..=81 => "header.json",
        82..=89 => "anchor",
        90..=96 => OUTSIDE,
        _ => "header.json.bak",
    };
    let old = dice.pick(older).and_then(|image| image.0.get(name)).cloned();
    let file = image.0.get_mut(name)?;
    let before = file.clone();
    let kind = dice.below(100);
    let (what, how) = match kind {
        0..=34 => ("bits flipped", flip(file, dice)?),
        35..=44 => ("range zeroed", overwrite(file, dice, |_, _| 0)?),
        45..=49 => ("range random", overwrite(file, dice, |_, dice| u8::try_from(dice.below(256)).unwrap_or(0))?),
        50..=57 => ("cut", cut(file, dice)),
        58..=60 => ("longer", lengthen(file, dice)),
        61..=80 if name == LOG => ("log remade", remake_log(file, older, dice)?),
        61..=85 => ("older piece", older_piece(file, &old?, name, dice)?),
        86..=91 => ("older file", older_file(file, old?)),
        92..=93 => ("gone", String::new()),
        _ => ("exchanged pages", exchange(file, dice)?),
    };
    let changed = *file != before;
    if what == "gone" {
        image.0.remove(name);
    }
    (changed || what == "gone").then(|| (what, format!("{name}: {what} {how}")))
}

fn flip(file: &mut [u8], dice: &mut Dice) -> Option<String> {
    let mut how = String::new();
    for _ in 0..1 + dice.below(3) {
        let (at, bit) = (dice.below(file.len()), dice.below(8));
        *file.get_mut(at)? ^= 1 << bit;
        how += &format!("{at}.{bit} ");
    }
    Some(how)
}

/// Begins anywhere, or at a page.
fn range(length: usize, dice: &mut Dice) -> std::ops::Range<usize> {
    let start = if dice.one_in(2) { dice.below(length) } else { dice.below(length / PAGE + 1) * PAGE };
    let most = if dice.one_in(2) { PAGE } else { 64 };
    start.min(length)..(start + 1 + dice.below(most)).min(length)
}

fn overwrite(file: &mut [u8], dice: &mut Dice, mut with: impl FnMut(usize, &mut Dice) -> u8) -> Option<String> {
    let range = range(file.len(), dice);
    for (at, byte) in file.get_mut(range.clone())?.iter_mut().enumerate() {
        *byte = with(at, dice);
    }
    Some(format!("{range:?}"))
}

fn cut(file: &mut Vec<u8>, dice: &mut Dice) -> String {
    let length = match dice.below(3) {
        0 => dice.below(file.len()),
        1 => dice.below(file.len() / PAGE + 1) * PAGE,
        // A log that ends after a whole frame.
        _ => WAL_HEADER + dice.below(file.len() / FRAME + 1) * FRAME,
    };
    file.truncate(length);
    format!("to {length}")
}

fn lengthen(file: &mut Vec<u8>, dice: &mut Dice) -> String {
    let more = 1 + dice.below(2 * PAGE);
    let again = file.iter().copied().cycle().take(more).collect::<Vec<_>>();
    file.extend(again);
    format!("by {more}")
}

fn older_piece(file: &mut [u8], old: &[u8], name: &str, dice: &mut Dice) -> Option<String> {
    let (first, size) = match name {
        CATALOG => (0, PAGE),
        LOG => (WAL_HEADER, FRAME),
        _ => (0, 64),
    };
    let pieces = file.len().min(old.len()).saturating_sub(first) / size;
    let differing = |piece: &usize| {
        let range = first + piece * size..first + (piece + 1) * size;
        file.get(range.clone()) != old.get(range)
    };
    let differing: Vec<usize> = (0..pieces).filter(differing).collect();
    let count = 1 + dice.below(3);
    let mut how = String::new();
    for _ in 0..count {
        let piece = *dice.pick(&differing)?;
        let range = first + piece * size..first + (piece + 1) * size;
        file.get_mut(range.clone())?.copy_from_slice(old.get(range)?);
        how += &format!("{piece} ");
    }
    Some(how)
}

fn older_file(file: &mut Vec<u8>, old: Vec<u8>) -> String {
    *file = old;
    String::new()
}

fn exchange(file: &mut [u8], dice: &mut Dice) -> Option<String> {
    let pages = file.len() / PAGE;
    let (one, other) = (dice.below(pages), dice.below(pages));
    let (first, second) = (one.min(other), one.max(other));
    if first == second {
        return None;
    }
    let (low, high) = file.split_at_mut(second * PAGE);
    low.get_mut(first * PAGE..(first + 1) * PAGE)?.swap_with_slice(high.get_mut(..PAGE)?);
    Some(format!("{first} and {second}"))
}

/// Somebody who knows SQLite's format puts other content into the log and makes its checksums right, which are no secret
/// (<https://www.sqlite.org/fileformat2.html>, "WAL File Format").
fn remake_log(file: &mut Vec<u8>, older: &[Image], dice: &mut Dice) -> Option<String> {
    let frames = file.len().checked_sub(WAL_HEADER)? / FRAME;
    let at = |frame: usize| WAL_HEADER + frame * FRAME;
    let number = |file: &[u8], frame: usize| file.get(at(frame)..at(frame) + 4).map(<[u8]>::to_vec);
    let target = dice.below(frames);
    let how = match dice.below(4) {
        0 => {
            let byte = at(target) + 24 + dice.below(PAGE);
            *file.get_mut(byte)? ^= 1 << dice.below(8);
            format!("frame {target}, byte {byte}")
        }
        1 => {
            // An earlier version of the same page, of this log or of an earlier catalog.
            let page = number(file, target)?;
            let same: Vec<usize> = (0..target).filter(|frame| number(file, *frame).as_ref() == Some(&page)).collect();
            let content = match dice.pick(&same) {
                Some(frame) => file.get(at(*frame) + 24..at(*frame) + FRAME)?.to_vec(),
                None => {
                    let index = u32::from_be_bytes(page.try_into().ok()?) as usize - 1;
                    let catalog = dice.pick(older)?.0.get(CATALOG)?;
                    catalog.get(index * PAGE..(index + 1) * PAGE)?.to_vec()
                }
            };
            file.get_mut(at(target) + 24..at(target) + FRAME)?.copy_from_slice(&content);
            format!("frame {target}, an older page")
        }
        2 => {
            // A transaction that ends sooner: the rest of the log is cut off.
            let pages = u32::try_from(frames).ok()?.to_be_bytes();
            file.get_mut(at(target) + 4..at(target) + 8)?.copy_from_slice(&pages);
            file.truncate(at(target + 1));
            format!("ends with frame {target}")
        }
        _ => {
            let other = dice.below(frames);
            let page = number(file, other)?;
            file.get_mut(at(target)..at(target) + 4)?.copy_from_slice(&page);
            format!("frame {target} under the number of frame {other}")
        }
    };
    rechecksum(file)?;
    Some(how)
}

fn rechecksum(file: &mut [u8]) -> Option<()> {
    let big = *file.get(3)? & 1 == 1;
    let sum = |bytes: &[u8], (mut one, mut two): (u32, u32)| {
        let mut words = bytes.chunks_exact(4).filter_map(|word| {
            let word = word.try_into().ok()?;
            Some(if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
        });
        while let (Some(first), Some(second)) = (words.next(), words.next()) {
            one = one.wrapping_add(first).wrapping_add(two);
            two = two.wrapping_add(second).wrapping_add(one);
        }
        (one, two)
    };
    let mut state = sum(file.get(..24)?, (0, 0));
    for frame in file.get_mut(WAL_HEADER..)?.chunks_exact_mut(FRAME) {
        state = sum(frame.get(24..)?, sum(frame.get(..8)?, state));
        frame.get_mut(16..20)?.copy_from_slice(&state.0.to_be_bytes());
        frame.get_mut(20..24)?.copy_from_slice(&state.1.to_be_bytes());
    }
    Some(())
}
