//! Where the windows stood and how large their text is: kept on this machine, outside every vault. It names no host.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// How large the text can be, in percent.
pub(crate) const ZOOMS: RangeInclusive<u16> = 50..=200;
const NO_ZOOM: u16 = 100;

/// A larger file is not ours.
const MOST_BYTES: u64 = 64 << 10;
/// The widest and highest a window can be in X11's protocol; more is damage.
const LARGEST: u32 = 32_767;
/// What of a window has to be on a screen, or it could not be dragged back: of its width, and of its title's height.
const GRIP: (i64, i64) = (160, 32);

/// A rectangle in logical pixels: a window, or what of a screen is free for windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// How a window stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frame {
    /// Its place when it is not maximised.
    pub(crate) area: Area,
    pub(crate) maximized: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    zoom_percent: u16,
    windows: BTreeMap<String, Frame>,
}

impl Default for Kept {
    fn default() -> Self {
        Self { zoom_percent: NO_ZOOM, windows: BTreeMap::new() }
    }
}

/// What is kept of the windows.
pub(crate) struct WindowState {
    path: PathBuf,
    kept: Mutex<Kept>,
}

impl WindowState {
    /// Reads what was kept in a file. One that is missing, damaged or not ours counts as empty: windows are where they are
    /// without it.
    pub(crate) fn read(path: PathBuf) -> Self {
        let small = fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() <= MOST_BYTES);
        let text = if small { fs::read(&path).unwrap_or_default() } else { Vec::new() };
        let mut kept: Kept = serde_json::from_slice(&text).unwrap_or_default();
        if !ZOOMS.contains(&kept.zoom_percent) {
            kept.zoom_percent = NO_ZOOM;
        }
        kept.windows.retain(|_, frame| (1..=LARGEST).contains(&frame.area.width) && (1..=LARGEST).contains(&frame.area.height));
        Self { path, kept: Mutex::new(kept) }
    }

    /// How a window stood when it was last seen.
    pub(crate) fn frame(&self, label: &str) -> Option<Frame> {
        self.look(|kept| kept.windows.get(label).copied())
    }

    /// Keeps how a window stands. While it is maximised, the place it goes back to stays what it was.
    pub(crate) fn keep_frame(&self, label: &str, seen: Frame) {
        self.change(|kept| {
            let frame = match kept.windows.get(label) {
                Some(before) if seen.maximized => Frame { area: before.area, maximized: true },
                _ => seen,
            };
            kept.windows.insert(label.to_owned(), frame);
        });
    }

    /// How large the text is, in percent.
    pub(crate) fn zoom_percent(&self) -> u16 {
        self.look(|kept| kept.zoom_percent)
    }

    /// Keeps how large the text is, in percent of [`ZOOMS`].
    pub(crate) fn keep_zoom(&self, percent: u16) {
        self.change(|kept| kept.zoom_percent = percent);
    }

    fn look<Answer>(&self, read: impl FnOnce(&Kept) -> Answer) -> Answer {
        read(&self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A place that cannot be written is worth no more than a warning: the window is the same without it.
    fn change(&self, change: impl FnOnce(&mut Kept)) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.clone();
        change(&mut kept);
        if *kept == before {
            return;
        }
        if let Err(error) = self.write(&kept) {
            tracing::warn!(%error, "where the windows stand is not kept");
        }
    }

    /// Beside it, then in its place: whoever reads it sees all of the old or all of the new.
    fn write(&self, kept: &Kept) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(kept)?;
        if let Some(folder) = self.path.parent() {
            make_private_folder(folder)?;
        }
        let part = self.path.with_extension("part");
        fs::File::create(&part)?.write_all(&text)?;
        fs::rename(&part, &self.path)
    }
}

fn make_private_folder(path: &std::path::Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Where a window goes that stood at `wanted`, on the screens that there are now: where it stood if it can be seen and held
/// there, else in the middle of the first; never larger than its screen, and not smaller than `least` where that is possible.
/// Nothing without a screen.
pub(crate) fn bounded(wanted: Area, least: (u32, u32), screens: &[Area]) -> Option<Area> {
    let held = screens.iter().filter(|screen| is_held(wanted, **screen)).max_by_key(|screen| shared(wanted, **screen));
    let screen = held.or(screens.first())?;
    let width = wanted.width.max(least.0).min(screen.width);
    let height = wanted.height.max(least.1).min(screen.height);
    let (x, y) = if held.is_some() {
        (wanted.x, wanted.y)
    } else {
        (middle(screen.x, screen.width, width), middle(screen.y, screen.height, height))
    };
    Some(Area { x: within(x, width, screen.x, screen.width), y: within(y, height, screen.y, screen.height), width, height })
}

/// Whether enough of a window's title is on a screen to see it and to drag it.
fn is_held(window: Area, screen: Area) -> bool {
    let title = Area { height: u32::try_from(GRIP.1).unwrap_or(window.height), ..window };
    overlap(title, screen).0 >= GRIP.0.min(window.width.into()) && overlap(title, screen).1 >= GRIP.1
}

fn shared(window: Area, screen: Area) -> i64 {
    let (width, height) = overlap(window, screen);
    width * height
}

fn overlap(one: Area, other: Area) -> (i64, i64) {
    let along = |at: i32, long: u32, other_at: i32, other_long: u32| {
        let end = (i64::from(at) + i64::from(long)).min(i64::from(other_at) + i64::from(other_long));
        (end - i64::from(at.max(other_at))).max(0)
    };
    (along(one.x, one.width, other.x, other.width), along(one.y, one.height, other.y, other.height))
}

fn middle(start: i32, room: u32, long: u32) -> i32 {
    start.saturating_add_unsigned(room.saturating_sub(long) / 2)
}

/// `at`, moved so that something `long` lies within the room as far as it fits.
fn within(at: i32, long: u32, start: i32, room: u32) -> i32 {
    at.min(start.saturating_add_unsigned(room.saturating_sub(long))).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: (u32, u32) = (1024, 700);
    const DESK: [Area; 2] = [area(0, 0, 1920, 1080), area(1920, 0, 2560, 1440)];

    const fn area(x: i32, y: i32, width: u32, height: u32) -> Area {
        Area { x, y, width, height }
    }

    #[test]
    fn a_window_stands_where_it_stood() {
        for wanted in [area(100, 80, 1280, 800), area(2400, 300, 1600, 900), area(1500, 10, 1280, 800)] {
            let got = bounded(wanted, LEAST, &DESK).expect("a screen");
            assert_eq!((got.width, got.height), (wanted.width, wanted.height));
            assert!(
                DESK.iter().any(|screen| shared(got, *screen) == i64::from(got.width) * i64::from(got.height)),
                "{got:?} is on one screen"
            );
        }
        assert_eq!(bounded(area(100, 80, 1280, 800), LEAST, &DESK), Some(area(100, 80, 1280, 800)));
    }

    #[test]
    fn a_window_of_a_screen_that_is_gone_comes_to_the_middle_of_one_that_is_there() {
        let wanted = area(2400, 300, 1600, 900);
        assert_eq!(bounded(wanted, LEAST, &[DESK[0]]), Some(area(160, 90, 1600, 900)));
        assert_eq!(bounded(area(-5000, -5000, 1280, 800), LEAST, &DESK), Some(area(320, 140, 1280, 800)));
        assert_eq!(bounded(area(200, 1075, 1280, 800), LEAST, &[DESK[0]]), Some(area(320, 140, 1280, 800)), "its title is below the edge");
        assert_eq!(bounded(wanted, LEAST, &[]), None);
    }

    #[test]
    fn a_window_is_never_larger_than_its_screen_nor_useless() {
        let small = area(0, 0, 1280, 720);
        assert_eq!(bounded(area(300, 200, 4000, 3000), LEAST, &[small]), Some(small));
        assert_eq!(bounded(area(10, 10, 3, 3), LEAST, &[small]), Some(area(10, 10, 1024, 700)));
        assert_eq!(bounded(area(0, 0, 3, 3), LEAST, &[area(0, 0, 800, 600)]), Some(area(0, 0, 800, 600)));
    }

    #[test]
    fn numbers_at_the_edge_do_no_harm() {
        let wild = area(i32::MAX, i32::MIN, u32::MAX, u32::MAX);
        assert_eq!(bounded(wild, LEAST, &DESK), Some(DESK[0]));
        assert!(bounded(area(0, 0, 100, 100), LEAST, &[wild]).is_some());
    }

    #[test]
    fn what_is_kept_comes_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("state").join("window.json");
        let state = WindowState::read(path.clone());
        assert_eq!((state.frame("main"), state.zoom_percent()), (None, 100));
        let normal = Frame { area: area(10, 20, 1280, 800), maximized: false };
        state.keep_frame("main", normal);
        state.keep_frame("main", Frame { area: area(0, 0, 1920, 1080), maximized: true });
        state.keep_zoom(150);
        let again = WindowState::read(path.clone());
        assert_eq!(again.frame("main"), Some(Frame { maximized: true, ..normal }), "the place it goes back to is kept");
        assert_eq!(again.zoom_percent(), 150);
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("readable").count(), 1, "nothing lies beside it");
    }

    #[test]
    fn a_damaged_file_is_ignored_and_written_anew() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("window.json");
        let huge = format!("{{\"zoom_percent\": 150, \"x\": \"{}\"}}", "x".repeat(70_000));
        let wrong = r#"{"zoom_percent": 9000, "windows": {"main": {"area": {"x": 0, "y": 0, "width": 0, "height": 4000000000}, "maximized": false}}}"#;
        for text in ["", "{", "null", "[1]", "{\"zoom_percent\": -3}", "\u{0}\u{0}\u{0}", &huge, wrong] {
            fs::write(&path, text).expect("writable");
            let state = WindowState::read(path.clone());
            assert_eq!((state.frame("main"), state.zoom_percent()), (None, 100), "{text:.40}");
        }
        WindowState::read(path.clone()).keep_zoom(125);
        assert_eq!(WindowState::read(path).zoom_percent(), 125);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_trouble() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("file");
        fs::write(&file, "").expect("writable");
        let state = WindowState::read(file.join("window.json"));
        state.keep_zoom(125);
        assert_eq!(state.zoom_percent(), 125);
    }
}
