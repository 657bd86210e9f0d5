//! A host of classic LXC that is a folder, and programs that die at a given moment.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use beffroi_domain::GuestDriver;
use beffroi_lxc::change::GuestPlace;
use beffroi_lxc::spec::SpecFile;
use beffroi_lxc::spec::make::{Given, Making};

/// The parts of a making, and of a rebuild.
pub(crate) const CREATE: [&str; 8] = ["volumes", "root", "swap", "config", "start", "health", "done", "check"];
pub(crate) const REBUILD: [&str; 9] = ["strays", "volumes", "root", "swap", "config", "start", "health", "done", "check"];

/// What changes files, and dies when it is told to.
const CUT: [&str; 5] = ["mv", "cp", "rm", "mkdir", "sync"];
/// How: its own turn is counted; with the whole job, before or after it did what it is for.
const DIES: &str = r#"#!/bin/sh
bed=${0%/bin/*} name=${0##*/}
read -r count <"$bed/count"
echo $((count + 1)) >"$bed/count"
read -r cut <"$bed/cut"
[ "$name" != cp ] || [ ! -e "$bed/copied" ] || case $* in *rootfs/*) cat "$bed/state" >>"$bed/copied" ;; esac
[ "$cut" != "$((count + 1)).before" ] || kill -9 0
"$(PATH=/usr/bin:/bin command -v "$name")" "$@"
status=$?
[ "$cut" != "$((count + 1)).after" ] || kill -9 0
exit "$status"
"#;
/// A guest that says of everything that it is so, but what it is told to lie.
const GUEST: &str = r#"#!/bin/sh
bed=${0%/bin/*}
given=$(cat)
[ ! -e "$bed/given" ] || printf '%s\n' "$given" >>"$bed/given"
printf '%s\n' "$*" >>"$bed/asked"
case $* in
    *dpkg-query*) [ ! -e "$bed/lies" ] || cat "$bed/lies" ;;
    *'echo openrc'*) echo systemd ;;
    *'read -r digest mode'*) printf '%s\n' "$given" | while read -r _ _ _ path; do [ -z "$path" ] || echo "$path"; done ;;
    *'grep -qxF "$1" /etc/beffroi/packages'*) exit 1 ;;
esac
case $* in *beffroi-end*) echo beffroi-end ;; esac
"#;

pub(crate) struct Bed {
    folder: tempfile::TempDir,
}

impl Bed {
    pub(crate) fn new() -> Self {
        let bed = Self { folder: tempfile::tempdir().expect("a folder") };
        for folder in ["bin", "lxc", "etc"] {
            fs::create_dir(bed.path(folder)).expect("made");
        }
        for name in CUT {
            bed.program(name, DIES);
        }
        bed.program("lxc-attach", GUEST);
        bed.stand_in("lxc-config", "echo \"${0%/bin/*}/lxc\"");
        bed.stand_in("lxc-info", "cat \"${0%/bin/*}/state\"");
        bed.stand_in("lxc-start", "echo RUNNING >\"${0%/bin/*}/state\"");
        bed.stand_in("lxc-unfreeze", "echo RUNNING >\"${0%/bin/*}/state\"");
        bed.stand_in("lxc-freeze", "echo FROZEN >\"${0%/bin/*}/state\"");
        bed.stand_in("lxc-stop", "echo STOPPED >\"${0%/bin/*}/state\"");
        bed.stand_in("lxc-wait", ":");
        for (name, prefix) in [("one", ""), ("two", "rootfs")] {
            bed.image(name, prefix);
        }
        bed.set_state("STOPPED");
        bed.cut_at("");
        bed
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.path(path)).expect(path).permissions().mode() & 0o777
    }

    pub(crate) fn list(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).expect(path);
        let mut names: Vec<String> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn state(&self) -> String {
        self.read("state").trim().to_owned()
    }

    pub(crate) fn set_state(&self, state: &str) {
        self.write("state", &format!("{state}\n"));
    }

    /// Until the clock of the file system goes on.
    pub(crate) fn tick(&self) {
        std::thread::sleep(Duration::from_millis(30));
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("made a program");
    }

    pub(crate) fn stand_in(&self, name: &str, line: &str) {
        self.program(name, &format!("#!/bin/sh\n{line}\n"));
    }

    /// An image as `guest image import` leaves it, its root below a folder of it or not.
    fn image(&self, name: &str, prefix: &str) {
        let root = Path::new("image").join(name).join(prefix);
        let file = |path: &str, text: &str| self.write(root.join(path).to_str().expect("text"), text);
        file("etc/version", &format!("{name}\n"));
        file("etc/hostname", "image\n");
        file("srv/data/first", &format!("of the image {name}\n"));
        file("srv/more/first", "more\n");
        fs::create_dir_all(self.path(root.join("var/log").to_str().expect("text"))).expect("made");
        let store = format!("store/{name}");
        self.write(&format!("{store}/name"), &format!("{name}\n"));
        self.write(&format!("{store}/info"), &format!("compression=none\nprefix={prefix}\n"));
        let (from, to) = (self.path("image").join(name), self.path(&store).join("image"));
        assert!(Command::new("tar").arg("-C").arg(from).arg("-cf").arg(to).arg(".").status().expect("tar").success());
    }

    /// What is sent to make a guest from an image, in a folder of its own. `more`: what else its specification says.
    pub(crate) fn place(&self, place: &str, image: &str, rebuild: bool, more: &str) {
        let text = format!(
            "image = \"{image}\"\nunprivileged = false\n[network]\noff = true\n[[volumes]]\nname = \"data\"\npath = \"/srv/data\"\n{more}"
        );
        let file = SpecFile::parse(&text).expect("a specification");
        let spec = file.of_stage("dev");
        let making =
            Making { spec, driver: GuestDriver::Lxc, project: "", name: "web", number: "100", plan: place, digest: "digest", rebuild };
        for (path, given) in making.given() {
            let text = match given {
                Given::Text(text) => text,
                Given::Source(path) => format!("of {path}\n"),
            };
            // The stand-ins are found first, and the folders are those of the bed.
            let text = match path.as_str() {
                "make" => text.replacen("\nPATH=/usr/", &format!("\nPATH={}:/usr/", self.path("bin").display()), 1),
                "spec" => format!("{text}store={}\nsubids={}\n", self.path("store").display(), self.path("etc").display()),
                _ => text,
            };
            self.write(&format!("{place}/{path}"), &text);
        }
    }

    fn cut_at(&self, cut: &str) {
        self.write("cut", &format!("{cut}\n"));
        self.write("count", "0\n");
    }

    /// Runs a text as a job is run: in a group of its own, so that it dies as a whole.
    fn run(&self, text: &str, input: &str) -> Result<String, String> {
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.path("bin").display());
        let mut command = Command::new("sh");
        command.arg("-c").arg(text).env("PATH", path).process_group(0).current_dir(self.folder.path());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell can be started");
        // One that reads nothing may be gone.
        drop(child.stdin.take().expect("its input").write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("it ends");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Runs parts of a making, one after the other; the one that it came to stands in `part`.
    pub(crate) fn make(&self, place: &str, parts: &[&str]) -> Result<String, String> {
        let (parts, place) = (parts.join(" "), self.path(place));
        self.run(&format!("for part in {parts}; do echo $part >part; sh {}/make $part </dev/null || exit; done", place.display()), "")
    }

    /// A part that is given the environment.
    pub(crate) fn make_with(&self, place: &str, part: &str, input: &str) -> Result<String, String> {
        self.run(&format!("sh {}/make {part}", self.path(place).display()), input)
    }

    /// Does something to the guest.
    pub(crate) fn change(&self, words: &[&str]) -> Result<String, String> {
        let place =
            GuestPlace { driver: GuestDriver::Lxc, project: self.path("lxc").to_str().expect("text").to_owned(), name: "web".to_owned() };
        self.run(&place.shell(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()), "")
    }

    /// All that a guest is, and whether it runs, kept beside it.
    pub(crate) fn kept(&self) -> tempfile::TempDir {
        let kept = tempfile::tempdir().expect("a folder");
        assert!(
            Command::new("cp").arg("-a").arg(self.path("lxc")).arg(self.path("state")).arg(kept.path()).status().expect("cp").success()
        );
        kept
    }

    pub(crate) fn put_back(&self, kept: &tempfile::TempDir) {
        fs::remove_dir_all(self.path("lxc")).expect("removed");
        let mut command = Command::new("cp");
        let copied = command.arg("-a").arg(kept.path().join("lxc")).arg(kept.path().join("state")).arg(self.folder.path());
        assert!(copied.status().expect("cp").success());
        // A copy is written later than it was: what was state would not be told from it.
        if self.exists("lxc/web/.beffroi/base") {
            fs::remove_file(self.path("lxc/web/.beffroi/base")).expect("removed");
            self.write("lxc/web/.beffroi/base", "");
        }
    }

    /// Every file of the guests, with its rights and what is in it.
    pub(crate) fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        let mut folders = vec![self.path("lxc")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let about = path.symlink_metadata().expect("it is there");
                let name = path.strip_prefix(self.folder.path()).expect("below it").to_string_lossy().into_owned();
                let holds = if about.is_file() { fs::read_to_string(&path).expect("text") } else { String::new() };
                // The time of a snapshot is another each time.
                let holds = if name.ends_with("/ts") { String::new() } else { holds };
                tree.insert(name, format!("{:o} {holds}", about.permissions().mode()));
                if about.is_dir() {
                    folders.push(path);
                }
            }
        }
        tree
    }

    /// Files of the bed in which something stands.
    pub(crate) fn holding(&self, what: &str) -> Vec<String> {
        let output = Command::new("grep").arg("-rlF").arg(what).arg(self.folder.path()).output().expect("grep");
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    /// Runs parts from what `begin` makes, each time cut at another moment and then begun again at the part that was cut, until
    /// nothing is left to cut. Everything ends as it does uncut.
    #[track_caller]
    pub(crate) fn cut_everywhere(&self, begin: impl Fn(), place: &str, parts: &[&str]) {
        self.everywhere(
            || {
                if self.exists("lxc") {
                    fs::remove_dir_all(self.path("lxc")).expect("removed");
                }
                fs::create_dir(self.path("lxc")).expect("made");
                self.set_state("STOPPED");
                begin();
            },
            |again| {
                let from = if again { parts.iter().position(|part| *part == self.read("part").trim()).expect("a part") } else { 0 };
                self.make(place, &parts[from..])
            },
        );
    }

    /// The same of a change.
    #[track_caller]
    pub(crate) fn cut_change_everywhere(&self, begin: impl Fn(), words: &[&str]) {
        self.everywhere(begin, |_| self.change(words));
    }

    #[track_caller]
    fn everywhere(&self, begin: impl Fn(), run: impl Fn(bool) -> Result<String, String>) {
        self.cut_at("");
        begin();
        run(false).expect("uncut, it ends well");
        let (expected, state) = (self.tree(), self.state());
        let count: u32 = self.read("count").trim().parse().expect("a number");
        assert!(count > 3, "nothing was counted");
        for cut in (1..=count).flat_map(|turn| [format!("{turn}.before"), format!("{turn}.after")]) {
            begin();
            self.cut_at(&cut);
            assert!(run(false).is_err(), "{cut} was not cut");
            self.cut_at("");
            let again = run(true);
            assert!(again.is_ok(), "cut {cut}, it was not ended by the retry: {again:?}");
            assert_eq!(self.state(), state, "cut {cut}");
            let found = self.tree();
            let of = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| -> Vec<String> {
                one.iter().filter(|(path, holds)| other.get(*path) != Some(holds)).map(|(path, holds)| format!("{path}: {holds}")).collect()
            };
            let (there, lacking) = (of(&found, &expected), of(&expected, &found));
            assert!(found == expected, "cut {cut}: there is\n{there:#?}\nand should be\n{lacking:#?}");
        }
    }
}
