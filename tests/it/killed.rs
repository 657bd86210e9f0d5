//! The program is killed in the middle; its work is not.

use std::fs;
use std::path::Path;

use beffroi_tests::{Fleet, ProcessWatch, files_holding, forms_of, processes_called, until};
use serde_json::{Value, json};

#[test]
fn what_a_killed_program_began_is_followed_to_its_end_and_no_password_is_left() {
    let password = format!("Kanarie-{}-im-Schacht", std::process::id());
    let fleet = Fleet::of(&["ynh-slow"]);
    fleet.lab.slow("ynh-slow", 8);
    fleet.sandbox.file("password", &password);
    let watch = ProcessWatch::start(forms_of(&password));

    let words = ["--yes", "ynh", "user", "add", "ada", "--fullname", "Ada L", "--password-file", "password", "--on", "ynh-slow"];
    let mut running = fleet.sandbox.start(&words);
    running.wait_for("Step 5 of 20");
    fs::remove_file(fleet.sandbox.files().join("password")).unwrap();
    assert_eq!(running.kill().code, None);
    assert_no_trace(&fleet, &password);

    let id = only_job(&fleet)["id"].as_str().unwrap().to_owned();
    let attached = fleet.sandbox.json(&["job", "attach", &id]).success().data("job-attach");
    let result = &attached["results"][0];
    assert_eq!((&result["status"], &result["exit_code"]), (&json!("changed"), &json!(0)), "{attached}");
    let text: String = attached["output"].as_array().unwrap().iter().filter_map(|piece| piece["text"].as_str()).collect();
    let steps: Vec<u32> = text.lines().filter_map(|line| line.split_once("Step ")?.1.split_once(" of 20")?.0.parse().ok()).collect();
    assert_eq!(steps, (1..=20).collect::<Vec<_>>(), "{text}");

    assert_eq!(watch.stop(), Vec::<String>::new(), "the password in an argument list or an environment");
    assert_no_trace(&fleet, &password);
    let operations = fleet.lab.yunohost("ynh-slow", "log list")["operation"].take();
    assert_eq!(operations.as_array().map(Vec::len), Some(1), "created once: {operations}");
    assert!(fleet.lab.users("ynh-slow").contains(&"ada".to_owned()));
    let report = fleet.sandbox.json(&["vault", "verify"]).success().data("vault-verify");
    assert_eq!(report["intact"], true, "{report}");
}

#[test]
fn what_a_killed_program_began_is_cancelled_by_another() {
    let fleet = Fleet::of(&["plain-1"]);
    // A length that no other test sleeps for.
    let sleep = format!("sleep 8{}.2", std::process::id());
    let command = format!("echo began; {sleep}; touch went-on");
    let mut running = fleet.sandbox.start(&["--yes", "run", "--detach", "--on", "plain-1", "--", &command]);
    running.wait_for("began\n");
    drop(running.kill());
    assert_eq!(processes_called(&sleep).iter().filter(|line| line.ends_with(&format!("{sleep} "))).count(), 1, "it goes on");
    let job = only_job(&fleet);
    assert_eq!((&job["state"], &job["attached"]), (&json!("running"), &json!(false)));

    let id = job["id"].as_str().unwrap();
    let answer = fleet.sandbox.json(&["job", "cancel", id]).success().data("job-cancel");
    assert_eq!(answer["results"][0]["status"], "cancelled", "{answer}");
    until("the end of every process of the job", || processes_called(&sleep).is_empty().then_some(()));
    assert!(!fleet.lab.home("plain-1").join("went-on").exists());
    let job = only_job(&fleet);
    assert_eq!((&job["state"], &job["error"]["code"]), (&json!("cancelled"), &json!("job-cancelled")));
    assert_eq!(fleet.lab.ssh("plain-1", "ls -A \"$XDG_STATE_HOME\"/beffroi/jobs"), "", "nothing of it is left on the host");
    // Once more changes nothing.
    drop(fleet.sandbox.json(&["job", "cancel", id]));
    assert_eq!(only_job(&fleet)["state"], "cancelled");
}

#[test]
fn a_vault_opens_after_every_kill_with_what_was_acknowledged() {
    let fleet = Fleet::of(&["plain-1"]);
    let mut acknowledged = 0;
    for round in 1..=12 {
        // Killed while it writes a host; those whose adding was answered are there.
        let name = format!("host-{round}");
        let mut running = fleet.sandbox.start(&["--json", "host", "add", &name, "127.0.0.1"]);
        for _ in 0..round * 2 {
            if running.goes_on() {
                std::thread::yield_now();
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        }
        let answer = running.kill();
        acknowledged += usize::from(answer.stdout.contains("beffroi/host-add/1"));
        let hosts = fleet.sandbox.json(&["host", "list"]).success().data("host-list")["hosts"].take();
        let count = hosts.as_array().unwrap().iter().filter(|host| host["name"] != "plain-1").count();
        assert!(count >= acknowledged, "{acknowledged} were acknowledged: {hosts}");
        if answer.stdout.contains("beffroi/host-add/1") {
            assert!(hosts.as_array().unwrap().iter().any(|host| host["name"] == name.as_str()), "{hosts}");
        }
    }
    let report = fleet.sandbox.json(&["vault", "verify"]).success().data("vault-verify");
    assert_eq!(report["intact"], true, "{report}");
}

fn only_job(fleet: &Fleet) -> Value {
    let jobs = fleet.sandbox.json(&["job", "list"]).success().data("job-list");
    let [job] = jobs["jobs"].as_array().expect("jobs").as_slice() else { beffroi_tests::fail(format!("one job: {jobs}")) };
    job.clone()
}

/// Nowhere on this machine, nor on the hosts, which are on this machine too.
#[track_caller]
fn assert_no_trace(fleet: &Fleet, secret: &str) {
    let forms = forms_of(secret);
    let (sandbox, lab) = (fleet.sandbox.root().to_owned(), fleet.lab.folder());
    let mut found: Vec<_> = [&sandbox, &lab].into_iter().flat_map(|folder| files_holding(folder, &forms)).collect();
    // In memory, for as long as it takes to hand it over; and where crashes would leave it.
    for folder in ["/dev/shm", "/run", "/var/lib/beffroi", "/var/crash"] {
        let ours = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let ours = ours.filter(|path| path.to_string_lossy().contains("beffroi"));
        found.extend(ours.filter(|path| path.is_file()).filter(|path| holds(path, &forms)));
    }
    assert_eq!(found, Vec::<std::path::PathBuf>::new(), "the password is in these files");
}

fn holds(path: &Path, forms: &[Vec<u8>]) -> bool {
    let content = fs::read(path).unwrap_or_default();
    forms.iter().any(|form| content.windows(form.len()).any(|window| window == form))
}
