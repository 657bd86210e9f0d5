//! Jobs on hosts behind bad links, begun and followed by programs that are killed: every log must be whole, every exit
//! status right, every command run once, and nothing may be left on the hosts.

use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

use beffroi_tests::{Containers, Fleet, LabHost, Relay, Running, Way, processes_called, send};
use serde_json::{Value, json};

use crate::Fault;
use crate::dice::Dice;
use crate::report::say;

/// Fewer jobs than this are no proof.
const MARK: u64 = 200;
const PLAIN: [&str; 3] = ["plain-1", "ynh-1", "ynh-slow"];
/// So many names has each host: jobs of one name take turns, those of several run side by side.
const NAMES: [&str; 2] = ["a", "b"];
/// So often a job is followed again before it is called lost.
const MOST_ATTACHES: usize = 6;

/// What was reached.
#[derive(Default)]
struct Counts {
    jobs: u64,
    rounds: u64,
    cuts: u64,
    ends: u64,
    stalls: u64,
    half_opens: u64,
    drops: u64,
    programs_killed: u64,
    agents_killed: u64,
    links_lost: u64,
    attaches: u64,
    /// Jobs whose program was killed before it had sent their start. They are begun anew, and judged like every other.
    killed_before_start: u64,
    wrong: Vec<String>,
}

impl Counts {
    fn wrong(&mut self, what: String) {
        say(&format!("WRONG: {what}"));
        self.wrong.push(what);
    }

    fn kills(&self) -> u64 {
        self.programs_killed + self.agents_killed
    }

    fn data(&self, seed: u64) -> Value {
        json!({
            "seed": seed, "jobs": self.jobs, "rounds": self.rounds, "cuts": self.cuts, "ends": self.ends, "stalls": self.stalls,
            "half_opens": self.half_opens, "links_that_drop": self.drops, "programs_killed": self.programs_killed,
            "agents_killed": self.agents_killed, "links_lost": self.links_lost, "attaches": self.attaches,
            "killed_before_start": self.killed_before_start, "wrong": self.wrong.len(),
        })
    }
}

/// A host behind a link of its own.
struct Far {
    name: &'static str,
    relay: Relay,
}

struct World {
    fleet: Fleet,
    containers: Option<Containers>,
    far: Vec<Far>,
    agent: bool,
}

/// What every job of a round does, and what must come of it.
struct Work {
    mark: String,
    lines: usize,
    pause_after: usize,
    code: u32,
}

impl Work {
    fn new(seed: u64, round: u64, dice: &mut Dice) -> Self {
        let code = if dice.one_in(2) { 0 } else { u32::try_from(1 + dice.below(120)).unwrap_or(1) };
        Self { mark: format!("soak-{seed:x}-{round}"), lines: 40 + dice.below(400), pause_after: 5 + dice.below(20), code }
    }

    fn line(&self, number: usize) -> String {
        format!("{} {number} {:x}", self.mark, number.wrapping_mul(0x9e37_79b1))
    }

    fn command(&self) -> String {
        let Self { mark, lines, pause_after, code } = self;
        format!(
            "echo $BEFFROI_STEP >>ran; n=0; while [ $n -lt {lines} ]; do n=$((n+1)); printf '{mark} %d %x\\n' $n $((n * {})); \
             [ $((n % {pause_after})) -ne 0 ] || sleep 0.05; done; printf 'the end' >&2; exit {code}",
            0x9e37_79b1_u32
        )
    }

    fn stdout(&self) -> String {
        (1..=self.lines).map(|number| self.line(number) + "\n").collect()
    }
}

/// Runs for so many seconds. Whether nothing was wrong and enough was done.
pub(crate) fn run(seconds: u64, seed: u64) -> Result<bool, Fault> {
    let end = Instant::now() + Duration::from_secs(seconds);
    say(&format!("seed {seed}"));
    let (mut world, mut counts) = (World::new()?, Counts::default());
    while Instant::now() < end && counts.wrong.len() < 10 {
        counts.rounds += 1;
        world.round(seed, &mut counts)?;
    }
    world.end(seed, &mut counts);
    let data = counts.data(seed);
    writeln!(std::io::stdout().lock(), "{data:#}")?;
    if counts.jobs < MARK {
        say(&format!("{} jobs are fewer than {MARK}", counts.jobs));
    }
    Ok(counts.wrong.is_empty() && counts.jobs >= MARK)
}

impl World {
    fn new() -> Result<Self, Fault> {
        let fleet = Fleet::of(&[]);
        let mut far: Vec<Far> = PLAIN.into_iter().map(|name| Far { name, relay: Relay::before(fleet.lab.host(name)) }).collect();
        let containers = Containers::up(&["deb-1"]);
        if let Some(containers) = &containers {
            let key = containers.client_key();
            drop(fleet.sandbox.beffroi(&["secret", "set", "root-key", "--from-file", &key.to_string_lossy()]).success());
            far.push(Far { name: "deb-1", relay: Relay::before(&containers.host("deb-1").login("root")) });
        }
        for Far { name, relay } in &far {
            for suffix in NAMES {
                let host: &LabHost = relay.host();
                let identity = if *name == "deb-1" { "root-key" } else { "key" };
                let flags = ["--trust", host.fingerprint.as_str(), "--identity", identity];
                drop(fleet.add_with(&format!("{name}-{suffix}"), host, &flags).success());
            }
        }
        Ok(Self { fleet, containers, far, agent: false })
    }

    /// One run on every host, with whatever happens to it; then every job of it is followed to its end.
    fn round(&mut self, seed: u64, counts: &mut Counts) -> Result<(), Fault> {
        let mut dice = Dice::new(seed, counts.rounds);
        if !self.agent && dice.one_in(2) {
            drop(self.fleet.sandbox.beffroi(&["vault", "unlock"]).success());
            self.agent = true;
        }
        let work = Work::new(seed, counts.rounds, &mut dice);
        let program = self.fleet.sandbox.start(&["--yes", "--quiet", "run", "--detach", "--on", "all", "--", &work.command()]);
        let killed = self.trouble(program, &mut dice, counts)?;
        let listed = self.fleet.sandbox.json(&["job", "list"]).success().data("job-list");
        let is_ours = |job: &&Value| job["title"]["values"]["command"].as_str().is_some_and(|text| text.contains(&work.mark));
        for job in listed["jobs"].as_array().into_iter().flatten().filter(is_ours) {
            let (Some(id), Some(host)) = (job["id"].as_str(), job["host"].as_str()) else { return Err("a job without a name".into()) };
            counts.jobs += 1;
            if let Err(what) = self.follow(id, host, &work, killed, counts) {
                counts.wrong(format!("round {}, {host}, {id}: {what}", counts.rounds));
            }
        }
        Ok(())
    }

    /// What befalls links and programs while jobs run. Whether a program that drove them was killed.
    fn trouble(&mut self, program: Running, dice: &mut Dice, counts: &mut Counts) -> Result<bool, Fault> {
        let before = counts.kills();
        let mut program = Some(program);
        for _ in 0..2 + dice.below(6) {
            std::thread::sleep(Duration::from_millis(20 + dice.below(500) as u64));
            let relay = &dice.pick(&self.far).ok_or("there are hosts")?.relay;
            match dice.below(40) {
                0..=9 => {
                    relay.cut();
                    counts.cuts += 1;
                }
                10..=14 => {
                    relay.finish();
                    counts.ends += 1;
                }
                15..=19 => {
                    relay.stall();
                    counts.stalls += 1;
                }
                20..=23 => relay.resume(),
                24..=28 => {
                    relay.set(&["drop-every=3"]);
                    counts.drops += 1;
                }
                29 => {
                    relay.vanish(Way::Both);
                    counts.half_opens += 1;
                }
                30..=36 => {
                    if let Some(program) = program.take() {
                        drop(program.kill());
                        counts.programs_killed += 1;
                    }
                }
                _ => self.kill_agent(counts),
            }
        }
        for Far { relay, .. } in &self.far {
            relay.resume();
            relay.set(&["drop-every=0"]);
        }
        // How it ended is judged by what is kept of its jobs.
        if program.map(Running::wait).is_some_and(|answer| answer.code.is_none()) {
            return Err("the program crashed".into());
        }
        Ok(counts.kills() > before)
    }

    fn kill_agent(&mut self, counts: &mut Counts) {
        if !self.agent {
            return;
        }
        let status = self.fleet.sandbox.bare(&["--json", "agent", "status"]);
        self.agent = false;
        let pid = if status.code == Some(0) { status.data("agent-status")["pid"].as_u64() } else { None };
        if let Some(pid) = pid.and_then(|pid| u32::try_from(pid).ok()) {
            send("KILL", pid);
            counts.agents_killed += 1;
        }
    }

    /// Follows a job until it ended, and looks at what is kept of it.
    fn follow(&self, id: &str, host: &str, work: &Work, killed: bool, counts: &mut Counts) -> Result<(), String> {
        let sandbox = &self.fleet.sandbox;
        for _ in 0..MOST_ATTACHES {
            counts.attaches += 1;
            let mut data = sandbox.json(&["job", "attach", id]).data("job-attach");
            if data["results"][0]["error"]["code"] == "job-not-started" {
                if !killed {
                    return Err("it was not started, though nothing was killed".to_owned());
                }
                counts.killed_before_start += 1;
                if self.ran(id, host) != 0 {
                    return Err("it ran, and is said not to have started".to_owned());
                }
                data = sandbox.json(&["--yes", "job", "retry", id]).data("job-retry");
            }
            let result = &data["results"][0];
            if result["status"] == "running" || result["status"] == "unreachable" {
                continue;
            }
            return self.judge(id, host, work, &data, counts);
        }
        Err("it does not end".to_owned())
    }

    fn judge(&self, id: &str, host: &str, work: &Work, data: &Value, counts: &mut Counts) -> Result<(), String> {
        let result = &data["results"][0];
        let pieces: Vec<&Value> = data["output"].as_array().into_iter().flatten().collect();
        let text = |stream: &str| -> String {
            pieces.iter().filter(|piece| piece["stream"] == stream).filter_map(|piece| piece["text"].as_str()).collect()
        };
        counts.links_lost += pieces.iter().filter(|piece| piece["note"]["key"] == "note.link-lost").count() as u64;
        if result["exit_code"] != work.code {
            return Err(format!("it should exit with {}: {result}", work.code));
        }
        let stdout = text("stdout");
        if stdout != work.stdout() {
            return Err(format!("{} of {} lines", stdout.lines().count(), work.lines));
        }
        if text("stderr") != "the end" {
            return Err(format!("its standard error is {:?}", text("stderr")));
        }
        match self.ran(id, host) {
            1 => Ok(()),
            times => Err(format!("it ran {times} times")),
        }
    }

    /// How often a job's command ran, as its host tells.
    fn ran(&self, id: &str, host: &str) -> usize {
        let machine = host.rsplit_once('-').map_or(host, |(machine, _)| machine);
        let text = match self.containers.as_ref().filter(|_| machine == "deb-1") {
            Some(containers) => containers.host(machine).exec("cat /root/ran 2>/dev/null || true"),
            None => fs::read_to_string(self.fleet.lab.home(machine).join("ran")).unwrap_or_default(),
        };
        text.lines().filter(|line| *line == format!("{id}.1")).count()
    }

    /// Cleans, and looks at what is left.
    fn end(&self, seed: u64, counts: &mut Counts) {
        for Far { name, .. } in &self.far {
            // Several names lead to one host: what lies there is cleaned by any of them.
            drop(self.fleet.sandbox.beffroi(&["--yes", "host", "clean", &format!("{name}-a")]).success());
            let left = match self.containers.as_ref().filter(|_| *name == "deb-1") {
                Some(containers) => containers.host(name).exec("ls -A /var/lib/beffroi/jobs 2>/dev/null || true"),
                None => self.fleet.lab.ssh(name, "ls -A \"$XDG_STATE_HOME\"/beffroi/jobs 2>/dev/null || true"),
            };
            if !left.is_empty() {
                counts.wrong(format!("left on {name}: {left}"));
            }
        }
        let running = processes_called(&format!("soak-{seed:x}-"));
        if !running.is_empty() {
            counts.wrong(format!("{} processes still run", running.len()));
        }
        let verified = self.fleet.sandbox.json(&["vault", "verify"]).success().data("vault-verify");
        if verified["intact"] != true {
            counts.wrong(format!("the vault is damaged: {verified}"));
        }
    }
}
