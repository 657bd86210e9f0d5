//! From the sections of the probe to the model. What is not understood in one guest is left out, the others are kept.

mod classic;
mod proxmox;
mod rest;
mod value;

use beffroi_domain::GuestDriver;

use crate::model::{MOST_ENTRIES, MOST_GUESTS, Missing, Reading, Why};
use crate::wire::{Answer, Section};

/// Reads what the probe printed; `None` where it never spoke. `mark` is what it was told to mark its own words with.
#[must_use]
pub fn reading(output: &[u8], mark: &str) -> Option<Reading> {
    let text = String::from_utf8_lossy(output);
    let answer = Answer::read(&text, mark)?;
    let mut reading = Reading::default();
    let offset = machine(&answer, &mut reading);
    classic::read(&answer, offset, &mut reading);
    rest::read(&answer, GuestDriver::Incus, &mut reading);
    rest::read(&answer, GuestDriver::Lxd, &mut reading);
    proxmox::read(&answer, &mut reading);
    for (driver, what) in &answer.denied {
        if let Some(driver) = GuestDriver::from_name(driver) {
            reading.missing.push(Missing { driver: Some(driver), what: value::text(what), why: Why::NotAllowed });
        }
    }
    if !answer.ended {
        reading.missing.push(Missing { driver: None, what: "end".to_owned(), why: Why::NotAnswered });
    }
    reading.put_in_order();
    Some(reading)
}

impl Reading {
    /// Sorts, leaves out what is told twice and what is too much, and sums up.
    pub(crate) fn put_in_order(&mut self) {
        self.drivers.sort_by_key(|driver| rank(driver.driver));
        self.guests
            .sort_by(|one, other| (rank(one.driver), &one.project, &one.name).cmp(&(rank(other.driver), &other.project, &other.name)));
        self.guests.dedup_by(|one, other| one.driver == other.driver && one.project == other.project && one.name == other.name);
        if self.guests.len() > MOST_GUESTS {
            self.guests.truncate(MOST_GUESTS);
            self.missing.push(Missing { driver: None, what: "instances".to_owned(), why: Why::Cut });
        }
        self.images.truncate(MOST_GUESTS);
        self.missing.truncate(MOST_ENTRIES);
        self.sum_up();
    }
}

/// Answers of a daemon that were asked for one by one, as the sections that the probe sends.
pub(crate) struct Sections {
    driver: GuestDriver,
    text: String,
}

impl Sections {
    /// Begins with what is known of the machine: limits in parts of a hundred are of its memory.
    pub(crate) fn new(driver: GuestDriver, socket: &str, known: &Reading) -> Self {
        let kib = known.capacity.memory_total_bytes.unwrap_or(0) / 1024;
        let name = driver.name();
        let text = format!(
            "\n\u{1} = machine -\n0 +0000\n0\nMemTotal: {kib}\n\n\u{1} ! 0\n\n\u{1} = {name} -\n{} 1\n\n\u{1} ! 0\n",
            value::text(socket)
        );
        Self { driver, text }
    }

    /// Adds an answer. JSON has no line ends and no control characters inside, so that nothing of it passes for a mark.
    pub(crate) fn add(&mut self, name: &str, word: &str, answer: &serde_json::Value) {
        self.text.push_str(&format!("\n\u{1} = {}-{name} {word}\n{answer}\n\n\u{1} ! 0\n", self.driver.name()));
    }

    pub(crate) fn reading(mut self) -> Reading {
        self.text.push_str("\n\u{1} .\n");
        reading(self.text.as_bytes(), "\u{1}").unwrap_or_default()
    }
}

/// The order in which drivers are told.
fn rank(driver: GuestDriver) -> u8 {
    match driver {
        GuestDriver::Lxc => 0,
        GuestDriver::Incus => 1,
        GuestDriver::Lxd => 2,
        GuestDriver::Proxmox => 3,
    }
}

/// The machine's clock, processors and memory. Gives the seconds that its local time is ahead of UTC.
fn machine(answer: &Answer<'_>, reading: &mut Reading) -> i64 {
    let Some(section) = answer.section("machine") else { return 0 };
    let mut lines = section.body.lines();
    let clock = lines.next().unwrap_or_default();
    let (seconds, zone) = clock.split_once(' ').unwrap_or((clock, ""));
    reading.clock_seconds = seconds.parse().ok();
    reading.capacity.cores = lines.next().and_then(|line| line.trim().parse().ok()).filter(|cores| *cores > 0);
    for line in lines {
        let (key, kib) = line.split_once(": ").unwrap_or((line, ""));
        let bytes = kib.trim().parse::<u64>().ok().map(|kib| kib.saturating_mul(1024));
        match key {
            "MemTotal" => reading.capacity.memory_total_bytes = bytes,
            "MemAvailable" => reading.capacity.memory_available_bytes = bytes,
            _ => {}
        }
    }
    offset(zone.trim()).unwrap_or(0)
}

/// `+0230` in seconds.
fn offset(zone: &str) -> Option<i64> {
    let (sign, digits) = zone.split_at_checked(1)?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    let seconds = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
    match sign {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

/// Says that a section did not come whole.
fn note(reading: &mut Reading, driver: GuestDriver, what: &str, section: &Section<'_>) {
    let why = match section.status {
        Some(0) => return,
        Some(_) => Why::Failed,
        None => Why::Cut,
    };
    reading.missing.push(Missing { driver: Some(driver), what: what.to_owned(), why });
}

/// A list as long as a list may be.
fn bounded<T>(mut list: Vec<T>) -> Vec<T> {
    list.truncate(MOST_ENTRIES);
    list
}
