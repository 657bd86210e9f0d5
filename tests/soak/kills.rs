//! Writers that are killed at any moment, and what the vault then holds.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::sleep;
use std::time::Duration;

use beffroi_app::{AppError, Authority, SlotOrder};
use beffroi_secret::SecretText;
use beffroi_vault::{OpenError, SlotKind, UnlockError};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

use crate::Fault;
use crate::dice::Dice;
use crate::opened::{Ground, PASSPHRASE, Seen, look, lost_value, open_values, text, write, wrong_value};
use crate::report::{Report, Watched};
use crate::world::{Op, Outcome, Script, World};

/// A vault is written to by this many writers, then a new one is made: its journal is read whole after each of them.
const PER_VAULT: usize = 100;
const MOST_ACKNOWLEDGED: usize = 25;

/// A process that is being started holds, until it begins, what this one has open, locks of vaults included: nothing is
/// opened and closed meanwhile.
pub(crate) static STARTING: RwLock<()> = RwLock::const_new(());

/// What a writer is told on its standard input.
#[derive(Serialize, Deserialize)]
struct Order {
    folder: std::path::PathBuf,
    words: String,
    world: World,
    seed: u64,
    number: u64,
}

/// What a writer says, a line each.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Done(Outcome),
    Failed(String),
}

/// The writer: writes until it is killed, and says so after each write.
pub(crate) async fn writer() -> Result<(), Fault> {
    let order: Order = serde_json::from_reader(std::io::stdin().lock())?;
    let ground = Ground::in_folder(&order.folder);
    let mut words = text(&order.words);
    let (app, _) = ground.open(&words).await?;
    let mut script = Script::new(Dice::new(order.seed, order.number), order.world);
    loop {
        let op = script.next();
        let said = match write(&app, &ground, &words, &script.world, &op).await {
            Ok(outcome) => {
                script.acknowledge(&op, &outcome);
                words = outcome.words.as_deref().map_or(words, text);
                Said::Done(outcome)
            }
            Err(error) => Said::Failed(format!("{op:?}: {error}")),
        };
        let failed = matches!(said, Said::Failed(_));
        let mut line = serde_json::to_vec(&said)?;
        line.push(b'\n');
        // One call: an acknowledgement is there or not.
        std::io::stdout().lock().write_all(&line)?;
        if failed {
            return Ok(());
        }
    }
}

/// A vault with what it must hold.
struct Kept {
    folder: tempfile::TempDir,
    ground: Ground,
    words: SecretText,
    /// The slot of the words.
    base: String,
    world: World,
    journal: u64,
}

impl Kept {
    async fn make() -> Result<Self, Fault> {
        let folder = tempfile::Builder::new().prefix("beffroi-soak-").tempdir()?;
        let ground = Ground::in_folder(folder.path());
        let words = ground.create().await?;
        let (app, facts) = ground.open(&words).await?;
        let base = facts.slots.iter().find(|slot| slot.slot.kind == SlotKind::Recovery).ok_or("no recovery slot")?.slot.id.to_string();
        app.lock_vault().await?;
        Ok(Self { folder, ground, words, base, world: World::new(), journal: 0 })
    }
}

struct Writer {
    child: Child,
    said: Receiver<String>,
}

impl Writer {
    fn start(kept: &Kept, seed: u64, number: u64) -> Result<Self, Fault> {
        let order =
            Order { folder: kept.folder.path().to_owned(), words: kept.words.expose().clone(), world: kept.world.clone(), seed, number };
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.arg("writer").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (mut stdin, stdout) = (child.stdin.take().ok_or("no input")?, child.stdout.take().ok_or("no output")?);
        stdin.write_all(&serde_json::to_vec(&order)?)?;
        let (say, said) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                let Ok(line) = line else { return };
                if say.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, said })
    }

    /// Kills it, and gives what it still said before.
    fn kill(mut self) -> Result<Vec<Outcome>, Fault> {
        self.child.kill()?;
        self.child.wait()?;
        self.said.iter().map(|line| read(&line)).filter_map(Result::transpose).collect()
    }
}

/// What a line acknowledges; nothing for one that the kill cut off.
fn read(line: &str) -> Result<Option<Outcome>, Fault> {
    match serde_json::from_str(line) {
        Ok(Said::Done(outcome)) => Ok(Some(outcome)),
        Ok(Said::Failed(why)) => Err(format!("a write was refused: {why}").into()),
        Err(_) => Ok(None),
    }
}

/// Kills writers until `report` has enough.
pub(crate) async fn run(seed: u64, report: &Report, watched: &Watched) -> Result<(), Fault> {
    let mut kept = Kept::make().await?;
    for number in 0.. {
        if report.kills_are_over() {
            break;
        }
        if number > 0 && number % PER_VAULT as u64 == 0 {
            kept = Kept::make().await?;
        }
        watched.begin(&format!("kill {number} of seed {seed}"));
        if let Err(wrong) = kill_one(&mut kept, seed, number, report).await {
            report.wrong(&format!("kill {number}: {wrong}"));
            drop(kept.folder.keep());
            kept = Kept::make().await?;
        }
        watched.end();
    }
    Ok(())
}

async fn kill_one(kept: &mut Kept, seed: u64, number: u64, report: &Report) -> Result<(), Fault> {
    let mut dice = Dice::new(!seed, number);
    let writer = {
        let _alone = STARTING.write().await;
        Writer::start(kept, seed, number)?
    };
    let mut script = Script::new(Dice::new(seed, number), kept.world.clone());
    let wanted = dice.below(MOST_ACKNOWLEDGED);
    let (mut rekeyed, mut copy, mut acknowledged) = (false, None, 0_u64);
    let take = |script: &mut Script, outcome: &Outcome, kept: &mut Kept| {
        let op = script.next();
        script.acknowledge(&op, outcome);
        report.acknowledged(&op);
        if let Some(words) = &outcome.words {
            kept.words = text(words);
        }
        (matches!(op, Op::Rekey), outcome.copy.clone())
    };
    let mut note = |script: &mut Script, outcome: &Outcome, kept: &mut Kept| {
        let (new_root, copied) = take(script, outcome, kept);
        rekeyed |= new_root;
        // What was copied before has other words.
        copy = if new_root { None } else { copied.or(copy.take()) };
        acknowledged += 1;
    };
    for _ in 0..wanted {
        // It ends its output when it ends.
        let Ok(line) = writer.said.recv() else { break };
        if let Some(outcome) = read(&line)? {
            note(&mut script, &outcome, kept);
        }
    }
    let slow = Script::clone(&script).next().is_slow();
    let longest = if wanted == 0 {
        60_000
    } else if slow {
        2_500_000
    } else {
        8_000
    };
    sleep(Duration::from_micros(dice.below(longest) as u64));
    for outcome in writer.kill()? {
        note(&mut script, &outcome, kept);
    }
    let in_flight = script.clone().next();
    report.killed(&in_flight);

    let before = script.world.clone();
    let mut after = before.clone();
    after.apply(&in_flight, &Outcome::default());
    let found = reopen(kept, &in_flight).await?;
    if rekeyed || found.by_passphrase {
        let [base] = found.seen.recovery.get(..1).unwrap_or_default() else { return Err("no recovery slot".into()) };
        kept.base = if found.by_passphrase { found.base.clone() } else { base.clone() };
    }
    if found.by_passphrase {
        // The words of the new root key were never told; others were added to go on with.
        after.slots = vec![String::new()];
    }
    if found.seen.behind.is_some() || !found.seen.reported.is_empty() {
        return Err(format!("{in_flight:?} in flight: behind {:?}, reported {:?}", found.seen.behind, found.seen.reported).into());
    }
    if found.seen.journal < kept.journal + acknowledged {
        return Err(format!("{} journal entries after {} and {acknowledged} writes", found.seen.journal, kept.journal).into());
    }
    // Whether a write into a sealed stage was kept shows only there.
    let hidden = match &in_flight {
        Op::SetSecret { kept: set, .. } => before.stages.get(&set.stage).is_some_and(|stage| stage.secret.is_some()),
        _ => matches!(in_flight, Op::Protect { .. } | Op::Rekey),
    };
    let with_stages = hidden || number.is_multiple_of(10);
    let values = open_values(&kept.ground, &kept.words, &after, with_stages)?;
    let differs = |world: &World| {
        found.seen.differs(world).or_else(|| wrong_value(&values, world)).or_else(|| lost_value(&values, world, with_stages))
    };
    kept.world = match (differs(&before), differs(&after)) {
        (None, _) => before,
        (Some(_), None) => {
            report.kept_in_flight();
            after
        }
        (Some(one), Some(other)) => return Err(format!("{in_flight:?} in flight: without it: {one}; with it: {other}").into()),
    };
    kept.world.slots = found.seen.recovery.iter().filter(|slot| **slot != kept.base).cloned().collect();
    kept.journal = found.seen.journal;
    if let Some(copy) = copy {
        rehearse(kept, &copy).await?;
        report.rehearsed();
    }
    drop(fs::remove_dir_all(kept.ground.state.join("copies")));
    Ok(())
}

struct Found {
    seen: Seen,
    by_passphrase: bool,
    base: String,
}

/// Opens the vault after a kill, reads it, and locks it. Killed while it got a new root key, its words may be ones that were
/// never told: its passphrase opens it then.
async fn reopen(kept: &mut Kept, in_flight: &Op) -> Result<Found, Fault> {
    let (mut by_passphrase, mut base) = (false, kept.base.clone());
    let app = match kept.ground.open(&kept.words).await {
        Ok((app, _)) => app,
        Err(AppError::Open(OpenError::Unlock(UnlockError::WrongRecoveryWords))) if matches!(in_flight, Op::Rekey) => {
            by_passphrase = true;
            let (app, _) = kept.ground.open_by(Authority::Passphrase(text(PASSPHRASE))).await?;
            let order = SlotOrder { kind: SlotKind::Recovery, passphrase: None, key_file: None, identity: None, label: None };
            let (facts, words) = app.add_slot(Authority::Passphrase(text(PASSPHRASE)), order).await?;
            (kept.words, base) = (words.ok_or("no words")?, facts.slot.id.to_string());
            app
        }
        Err(error) => return Err(format!("{in_flight:?} in flight: it does not open: {error}").into()),
    };
    let seen = look(&app).await;
    app.lock_vault().await?;
    Ok(Found { seen: seen?, by_passphrase, base })
}

/// Whether a copy that was acknowledged opens and holds.
async fn rehearse(kept: &Kept, copy: &str) -> Result<(), Fault> {
    let (app, _) = kept.ground.open(&kept.words).await?;
    let into = kept.folder.path().join("rehearsed.beffroi").display().to_string();
    let facts = app.restore_vault(copy, &into, Authority::RecoveryWords(kept.words.duplicate()), true).await;
    app.lock_vault().await?;
    let facts = facts?;
    match facts.checks.iter().find(|check| !check.held) {
        Some(check) => Err(format!("a copy does not hold: {}", check.what.key).into()),
        None => Ok(()),
    }
}
