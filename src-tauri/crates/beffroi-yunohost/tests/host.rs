//! The scripts that run on hosts, run here: against a small yunohost that these tests write, and the lab's stand-in.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{LocalRemote, Output, Remote, RunRequest};
use beffroi_yunohost::facts::{Part, User};
use beffroi_yunohost::{Cause, CheckResult, RemoteInvocation, Verdict};
use common::{ON, StandIn, given, outcome, run, secret, surveyed_on, text};
use tempfile::TempDir;

/// Tells what it was given; waits while the file `hold` is there; a `user list` answers one user.
const FAKE: &str = r#"#!/usr/bin/env python3
import json, os, sys, time
folder = os.path.dirname(os.path.abspath(__file__))
words = sys.argv[1:]
if words[:2] == ["user", "create"]:
    open(os.path.join(folder, "running"), "w").close()
    while os.path.exists(os.path.join(folder, "hold")):
        time.sleep(0.01)
    print("INFO working", flush=True)
    told = {"argv": sys.argv, "stdin": sys.stdin.read() + os.readlink("/proc/self/fd/0"), "locale": os.environ.get("LC_ALL"), "main": __name__}
    told["cmdline"] = open("/proc/self/cmdline").read() + open("/proc/self/environ").read()
    print(json.dumps(told))
elif words[:2] == ["user", "delete"]:
    print("ERROR The user 'x' is the last user in the group 'admins'", file=sys.stderr)
    sys.exit(1)
elif words[:2] == ["service", "restart"]:
    sys.exit("told in words")
elif words[:2] == ["user", "update"]:
    raise RuntimeError("broken")
elif words[:2] == ["user", "list"]:
    print(json.dumps({"users": {"élise": {"fullname": "É", "pid": os.getpid()}}}))
elif words[:2] == ["app", "list"]:
    sys.stdout.write("x" * (5 << 20))
elif words[:2] == ["domain", "list"]:
    os.kill(os.getpid(), 9)
else:
    print("{}")
"#;

fn fake() -> (TempDir, LocalRemote) {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("yunohost");
    std::fs::write(&program, FAKE).expect("written");
    executable(&program);
    let remote = host(folder.path(), folder.path());
    (folder, remote)
}

fn executable(program: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}

fn host(folder: &Path, bin: &Path) -> LocalRemote {
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("PATH"));
    LocalRemote::new(folder).with_variable("PATH", &path)
}

fn add(username: &str, password: &str) -> RemoteInvocation {
    let raw = vec![
        ("username", text(username)),
        ("fullname", text("Élise D'Août")),
        ("password", secret(password)),
        ("domain", text("ynh1.test")),
    ];
    let (operation, given) = given("user-add", raw);
    operation.command(&given, &BTreeSet::new())
}

fn command(operation: &str, raw: Vec<(&str, beffroi_yunohost::Raw)>) -> RemoteInvocation {
    let (operation, given) = given(operation, raw);
    operation.command(&given, &BTreeSet::new())
}

/// Every argument list of this machine that can be read, with the environments.
fn process_lists() -> String {
    let mut all = String::new();
    for process in std::fs::read_dir("/proc").expect("/proc").flatten() {
        for file in ["cmdline", "environ"] {
            let bytes = std::fs::read(process.path().join(file)).unwrap_or_default();
            let _ = writeln!(all, "{}", String::from_utf8_lossy(&bytes));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_in_no_argument_list_while_the_command_runs() {
    let (folder, remote) = fake();
    let hold = folder.path().join("hold");
    std::fs::write(&hold, "").expect("written");
    // Other programs of this machine may speak of canaries too.
    let (name, password) = (format!("elise.{}", std::process::id()), format!("canary-'\"$x é-{}", std::process::id()));
    let (secret, username) = (password.clone(), name.clone());
    let invocation = add(&name, &password);
    let running = tokio::spawn(async move { run(&remote, invocation).await });
    while !folder.path().join("running").exists() {
        assert!(!running.is_finished(), "it ended before it began");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seen = process_lists();
    assert!(seen.contains("runpy.run_path"), "the command is seen while it runs");
    assert!(!seen.contains(&secret) && !seen.contains(&username), "nothing of its arguments is");
    std::fs::remove_file(hold).expect("removed");

    let output = running.await.expect("it ran");
    let outcome = outcome(&output);
    assert!(outcome.succeeded && output.stderr.is_empty(), "{outcome:?}");
    let told = outcome.json.expect("JSON");
    let program = folder.path().join("yunohost");
    assert_eq!(told["argv"][0], program.to_str().expect("text"));
    assert_eq!(told["argv"][5], "Élise D'Août");
    assert_eq!(told["argv"][7], secret);
    assert_eq!((&told["stdin"], &told["locale"], &told["main"]), (&"/dev/null".into(), &"C".into(), &"__main__".into()));
    assert!(!told["cmdline"].as_str().expect("text").contains("canary-"));
}

#[tokio::test]
async fn streams_and_exit_are_those_of_the_command() {
    let (folder, remote) = fake();
    let output = run(&remote, command("user-remove", vec![("username", text("x"))])).await;
    assert_eq!((output.exit.clone(), output.stdout.is_empty()), (Exit::Status(1), true));
    assert_eq!(outcome(&output).cause, Some(Cause::LastAdmin));

    let output = run(&remote, command("service-restart", vec![("service", text("nginx"))])).await;
    assert_eq!((&output.exit, output.stderr.as_slice()), (&Exit::Status(1), &b"told in words\n"[..]));

    let output = run(&remote, command("user-edit", vec![("username", text("x")), ("fullname", text("X"))])).await;
    let outcome = outcome(&output);
    assert_eq!((outcome.cause, outcome.errors.as_slice()), (Some(Cause::Traceback), &["RuntimeError: broken".to_owned()][..]));

    // A module of the folder that the login starts in is not imported.
    std::fs::write(folder.path().join("json.py"), "raise SystemExit('taken over')").expect("written");
    let output = run(&remote, add("elise", "canary-1")).await;
    assert_eq!(output.exit, Exit::Status(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_host_without_the_program_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let only = folder.path().join("bin");
    std::fs::create_dir(&only).expect("a folder");
    for name in ["sh", "env", "python3"] {
        std::os::unix::fs::symlink(real(name), only.join(name)).expect("a link");
    }
    let remote = LocalRemote::new(folder.path()).with_variable("PATH", only.to_str().expect("text"));
    if !Path::new("/usr/bin/yunohost").exists() {
        let output = run(&remote, add("elise", "canary-1")).await;
        assert!(!outcome(&output).succeeded);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("canary"), "an error shows no secret");
    }
    std::fs::remove_file(only.join("python3")).expect("removed");
    let output = run(&remote, add("elise", "canary-1")).await;
    assert_eq!(outcome(&output).cause, Some(Cause::ProgramMissing));
}

fn real(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("PATH");
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.exists()).expect(name)
}

async fn request(remote: &LocalRemote, stdin: &[u8]) -> Output {
    // The same command as an action's, with another standard input.
    let command = command("service-restart", vec![("service", text("x"))]).command;
    remote.run(RunRequest::new(command).with_stdin(beffroi_secret::SecretBytes::new(stdin.to_vec()))).await.expect("it runs")
}

#[tokio::test]
async fn what_is_not_a_request_is_refused_without_being_shown() {
    let (_folder, remote) = fake();
    let long = [b"{\"run\": [\"".as_slice(), &b"a".repeat(2 << 20), b"\"]}"].concat();
    for bad in [&b""[..], b"canary", b"[]", b"null", b"{}", b"{\"run\": [1]}", b"{\"run\": \"canary\"}", b"{\"survey\": [[1]]}", &long] {
        let output = request(&remote, bad).await;
        assert!(!output.exit.is_success());
        assert!(output.stdout.is_empty() && !String::from_utf8_lossy(&output.stderr).contains("canary"));
    }
}

#[tokio::test]
async fn a_survey_bounds_what_each_command_takes() {
    let (_folder, remote) = fake();
    let stdin =
        br#"{"survey": [["user","list"],["app","list"],["domain","list"],["user","list"],["user","update"],["other"]], "seconds": 30}"#;
    let output = request(&remote, stdin).await;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!(answer["yunohost_survey"], 1);
    let results = answer["results"].as_array().expect("results");
    assert_eq!(
        results.iter().map(|result| result["exit"].as_i64()).collect::<Vec<_>>(),
        [Some(0), Some(0), Some(-9), Some(0), Some(1), Some(0)]
    );
    assert_eq!(results[0]["argv"], serde_json::json!(["user", "list"]));
    assert!(results[0]["stdout"].as_str().expect("text").contains("\\u00e9lise"));
    assert_ne!(results[0]["stdout"], results[3]["stdout"], "each is a process of its own");
    assert_eq!((results[1]["stdout"].as_str().map(str::len), &results[1]["cut"]), (Some(4 << 20), &true.into()));
    assert!(results[4]["stderr"].as_str().expect("text").contains("RuntimeError: broken"));
}

#[tokio::test]
async fn a_command_that_hangs_is_stopped_and_the_others_are_not() {
    let (folder, remote) = fake();
    std::fs::write(folder.path().join("hold"), "").expect("written");
    let output = request(&remote, br#"{"survey": [["user","create"],["user","list"]], "seconds": 4}"#).await;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!((&answer["results"][0]["timed_out"], &answer["results"][0]["exit"]), (&true.into(), &(-9).into()));
    assert_eq!((&answer["results"][1]["timed_out"], &answer["results"][1]["exit"]), (&false.into(), &0.into()));
}

#[tokio::test]
async fn the_part_speaks_every_shell() {
    let (folder, remote) = fake();
    let shells = [&["sh"][..], &["dash"], &["bash"], &["busybox", "sh"]];
    let there =
        |words: &&&[&str]| std::env::split_paths(&std::env::var_os("PATH").expect("PATH")).any(|folder| folder.join(words[0]).exists());
    for words in shells.iter().filter(there) {
        // The part runs under `sh`: the shell to be tried stands in its place.
        let bin = folder.path().join(words[0].to_owned() + ".bin");
        std::fs::create_dir(&bin).expect("a folder");
        std::fs::write(
            bin.join("sh"),
            format!("#!{}\nexec {} {} \"$@\"\n", real("sh").display(), real(words[0]).display(), words[1..].join(" ")),
        )
        .expect("written");
        executable(&bin.join("sh"));
        let path = format!("{}:{}:{}", bin.display(), folder.path().display(), std::env::var("PATH").expect("PATH"));
        let yunohost = surveyed_on(&remote.clone().with_variable("PATH", &path)).await.expect("a YunoHost");
        assert_eq!(yunohost.users.value().expect("users")["élise"], User { fullname: "É".to_owned(), ..User::default() });
        assert!(matches!(yunohost.apps, Part::Failed { cause: Cause::AnswerNotUnderstood, .. }));
        assert!(matches!(yunohost.domains, Part::Failed { cause: Cause::Killed, .. }));
    }
}

#[tokio::test]
async fn a_linux_without_yunohost_says_so() {
    if real_yunohost() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(surveyed_on(&LocalRemote::new(folder.path())).await, None);
}

fn real_yunohost() -> bool {
    std::env::split_paths(&std::env::var_os("PATH").expect("PATH")).any(|folder| folder.join("yunohost").exists())
}

/// The lab's stand-in keeps state: an operation is seen through from its guard to its check.
#[tokio::test]
async fn operations_change_the_stand_in_and_their_checks_see_it() {
    let lab = StandIn::new();
    let person = |password| vec![("username", text("elise")), ("fullname", text("Élise D'Août")), ("password", secret(password))];
    let record = lab.through("user-add", person("Canary-Passw0rd-4711"), Verdict::Done).await;
    assert_eq!(record.check(&lab.remote).await.expect("a check"), CheckResult::Held, "again, by a later program");

    let edit = vec![("username", text("elise")), ("fullname", text("Élise Petit")), ("mailbox-quota", text("1G"))];
    lab.through("user-edit", edit, Verdict::Done).await;
    lab.through("user-edit", vec![("username", text("elise")), ("password", secret("-Other-Passw0rd-4711"))], Verdict::Done).await;
    lab.through("service-restart", vec![("service", text("nginx"))], Verdict::Done).await;

    let weak = vec![("username", text("weak")), ("fullname", text("W")), ("password", secret("password")), ("domain", text("ynh1.test"))];
    let weak = lab.unguarded("user-add", weak).await;
    assert!(matches!(weak.cause, Some(Cause::PasswordListed | Cause::PasswordTooSimple)), "{weak:?}");
    lab.through("user-remove", vec![("username", text("elise")), ("purge", ON)], Verdict::Done).await;
}

/// The handler of the log as in moulinette 11.2 and in a newer one: one leaves the level out without a terminal.
const LOGGED: &str = r#"
import logging, sys, types
class TTYHandler(logging.StreamHandler):
    def supports_color(self):
        return False
    def format(self, record):
        return record.getMessage() if OLDER else record.levelname + " " + record.getMessage()
for name in ("moulinette", "moulinette.interfaces", "moulinette.interfaces.cli"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["moulinette.interfaces.cli"].TTYHandler = TTYHandler
"#;

#[tokio::test]
async fn lines_of_the_log_have_their_level_whatever_the_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("yunohost");
    let text = "#!/usr/bin/env python3\nimport logging\nfrom moulinette.interfaces.cli import TTYHandler\nlog = logging.getLogger('x')\n\
        log.addHandler(TTYHandler())\nlog.warning('careful')\nlog.error('ERRORS: none')\nlog.error('The group %s is unknown', \"'x'\")\n";
    std::fs::write(&program, text).expect("written");
    executable(&program);
    let remote = host(folder.path(), folder.path());
    let helper = include_str!("../../../../assets/remote/yunohost.py");
    for older in ["True", "False"] {
        let whole = format!("OLDER = {older}\n{LOGGED}\n{helper}");
        let command = beffroi_remote::CommandLine::new(["python3", "-I", "-c", &whole]);
        let stdin = beffroi_secret::SecretBytes::new(b"{\"run\": [\"user\", \"group\"]}\n".to_vec());
        let output = remote.run(RunRequest::new(command).with_stdin(stdin)).await.expect("it runs");
        let said = outcome(&output);
        assert!(!said.succeeded && output.exit.is_success(), "{older}: an error that ends well is told by its level");
        assert_eq!(
            (said.warnings, said.errors),
            (vec!["careful".to_owned()], vec!["ERRORS: none".to_owned(), "The group 'x' is unknown".to_owned()])
        );
    }
}
