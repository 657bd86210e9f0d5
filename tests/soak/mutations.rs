//! Vaults that somebody changed: refused or reported, never wrong data.

use std::path::Path;

use beffroi_app::AppError;
use beffroi_secret::SecretText;

use crate::Fault;
use crate::dice::Dice;
use crate::image::{Image, mutate};
use crate::kills::STARTING;
use crate::opened::{Ground, look, lost_value, open_values, write, wrong_value};
use crate::report::{Report, Verdict, Watched};
use crate::world::{Op, Script, World};

/// Changes on one vault; then another one is made.
const PER_VAULT: u64 = 4000;
const ROUNDS: usize = 4;
const WRITES: usize = 18;

/// A vault as it was at several moments.
struct Past {
    vault: String,
    words: SecretText,
    world: World,
    /// The newest state: as a crash leaves it, its log full; and as a lock leaves it.
    newest: [(Image, World); 2],
    older: Vec<Image>,
}

impl Past {
    async fn make(seed: u64, number: u64) -> Result<Self, Fault> {
        let folder = tempfile::Builder::new().prefix("beffroi-soak-").tempdir()?;
        let ground = Ground::in_folder(folder.path());
        let words = ground.create().await?;
        let mut older = vec![Image::take(&ground)?];
        let mut script = Script::new(Dice::new(seed, number), World::new());
        let mut newest = None;
        let mut vault = String::new();
        for round in 0..=ROUNDS {
            let (app, facts) = ground.open(&words).await?;
            vault = facts.id.to_string();
            script.forget_open();
            for turn in 0..WRITES {
                let op = match (round, turn) {
                    (0, 0) => Op::AddStage("prod".to_owned()),
                    (1, 9) => Op::Protect { stage: "prod".to_owned(), secret: "4 stage that is 0ften sealed and 2 open".to_owned() },
                    _ => script.next_but_new_root(),
                };
                let known = script.world.stages.get("prod").is_some_and(|stage| stage.secret.is_some());
                if matches!(&op, Op::AddStage(name) if script.world.stages.contains_key(name))
                    || (known && matches!(op, Op::Protect { .. }))
                {
                    continue;
                }
                let outcome = write(&app, &ground, &words, &script.world, &op).await?;
                script.acknowledge(&op, &outcome);
                if turn % 5 == 4 {
                    older.push(Image::take(&ground)?);
                }
            }
            let live = Image::take(&ground)?;
            app.lock_vault().await?;
            let locked = Image::take(&ground)?;
            if round == ROUNDS {
                newest = Some([(live, script.world.clone()), (locked, script.world.clone())]);
            } else {
                older.extend([live, locked]);
            }
        }
        Ok(Self { vault, words, world: script.world, newest: newest.ok_or("no state")?, older })
    }
}

/// Changes vaults until `report` has enough.
pub(crate) async fn run(seed: u64, report: &Report, watched: &Watched) -> Result<(), Fault> {
    let folder = tempfile::Builder::new().prefix("beffroi-soak-").tempdir()?;
    let case = folder.path().join("case");
    let mut past = Past::make(seed, 0).await?;
    check_untouched(&past, &case).await?;
    for number in 0.. {
        if report.mutations_are_over() {
            break;
        }
        if number > 0 && number % PER_VAULT == 0 {
            past = Past::make(seed, number).await?;
        }
        let mut dice = Dice::new(!seed, number);
        let (mut image, world) = past.newest.get(dice.below(2)).cloned().ok_or("no state")?;
        let Some((kind, how)) = mutate(&mut image, &past.older, &mut dice) else { continue };
        let name = format!("mutation {number} of seed {seed}: {how}");
        watched.begin(&name);
        let _nobody_starts = STARTING.read().await;
        let ground = image.put(&case, &past.vault)?;
        let panics = report.panics();
        let with_stages = dice.one_in(200);
        match judge(&ground, &past.words, &world, with_stages).await {
            Ok(verdict) if report.panics() == panics => report.mutated(kind, verdict),
            Ok(_) => report.wrong(&format!("{name}: a panic")),
            Err(wrong) => {
                report.mutated(kind, Verdict::Wrong);
                report.wrong(&format!("{name}: {wrong}"));
                report.keep(&image, &past.vault, past.words.expose())?;
            }
        }
        watched.end();
    }
    Ok(())
}

/// What was not changed opens, holds everything, and reports nothing: else the rest would prove nothing.
async fn check_untouched(past: &Past, case: &Path) -> Result<(), Fault> {
    for (image, world) in &past.newest {
        let ground = image.put(case, &past.vault)?;
        match judge(&ground, &past.words, world, true).await? {
            Verdict::Right => {}
            other => return Err(format!("an untouched vault: {other:?}").into()),
        }
    }
    if past.world.secrets.is_empty() || past.world.hosts.is_empty() {
        return Err(format!("a vault without secrets or hosts: {:?}", past.world).into());
    }
    Ok(())
}

/// Opens a vault that was changed, and compares what it shows with what was written.
async fn judge(ground: &Ground, words: &SecretText, world: &World, with_stages: bool) -> Result<Verdict, Fault> {
    let app = match ground.open(words).await {
        Ok((app, _)) => app,
        Err(error) => return refusal(error),
    };
    let seen = look(&app).await;
    // Its journal may not be one that can be written to any more.
    drop(app.lock_vault().await);
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => return refusal(error),
    };
    let reported = seen.behind.is_some() || !seen.reported.is_empty();
    let differs = seen.differs(world);
    if let Some(differs) = differs.filter(|_| !reported) {
        return Err(differs.into());
    }
    let values = match open_values(ground, words, world, with_stages) {
        Ok(values) => values,
        Err(_) if reported => return Ok(Verdict::Reported),
        Err(error) => return Err(format!("nothing was reported, and the secrets do not open: {error}").into()),
    };
    // One that is behind holds what was once true.
    if let Some(wrong) = wrong_value(&values, world).filter(|_| seen.behind.is_none()) {
        return Err(wrong.into());
    }
    match lost_value(&values, world, with_stages) {
        Some(lost) if !reported => Err(lost.into()),
        _ if reported => Ok(Verdict::Reported),
        _ => Ok(Verdict::Right),
    }
}

/// A refusal has to name what is wrong with the vault, not with the program.
fn refusal(error: AppError) -> Result<Verdict, Fault> {
    match error {
        AppError::Internal { what } => Err(format!("a fault of the program: {what}").into()),
        _ => Ok(Verdict::Refused),
    }
}
