//! Guests made from a specification on real classic LXC, Incus and LXD: from an operator's root file system to a service that
//! works, and rebuilt under its volumes.

use std::path::{Path, PathBuf};
use std::process::Command;

use beffroi_tests::{ContainerHost, Containers, Sandbox};
use serde_json::Value;

/// A root file system with OpenRC, as an operator brings it.
fn minirootfs() -> PathBuf {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/lab");
    let output = Command::new(lab).args(["full", "images", "openrc"]).output().expect("the lab can be started");
    let files: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    PathBuf::from(files["openrc.tar.gz"].as_str().expect("the image is there"))
}

/// A small web server with one file, one volume and a secret in its environment.
pub(crate) const SITE: &str = r#"
image = "openrc"

[service]
name = "site"
command = ["/bin/busybox", "httpd", "-f", "-p", "8000", "-h", "/srv/www"]

[environment]
TOKEN = { secret = "token" }

[[files]]
path = "/srv/www/index.html"
content = "hello\n"

[[volumes]]
name = "data"
path = "/srv/data"

[limits]
memory = "128 MiB"

[health]
http = { port = 8000, path = "/" }
interval = "1s"
"#;

/// What this module declares besides.
const MORE: &str = r#"
[[files]]
path = "/etc/site.conf"
source = "site.conf"
mode = "0600"

# The image has something there.
[[volumes]]
name = "dhcp"
path = "/etc/udhcpc"

[network]
off = true
"#;

fn spec() -> String {
    let site = SITE.replace("TOKEN", "GREETING = \"good day\"\nTOKEN").replace("\"128 MiB\"", "\"128 MiB\"\ncpus = 0.5");
    format!("{site}{MORE}")
}

/// A vault that knows a host, with a specification and what it needs.
pub(crate) fn prepared(lab: &Containers, host: &str) -> (Sandbox, String) {
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &[host]);
    sandbox.file("site.conf", "colour = blue\n");
    let spec = sandbox.file("site.toml", &spec());
    let token = sandbox.file("token", "a-secret-of-the-site");
    drop(sandbox.beffroi(&["secret", "set", "token", "--from-file", token.to_str().expect("text")]).success());
    (sandbox, spec.to_str().expect("text").to_owned())
}

pub(crate) fn import(sandbox: &Sandbox, host: &str) -> Value {
    let image = minirootfs();
    let image = image.to_str().expect("text");
    sandbox.json(&["--yes", "guest", "image", "import", image, "--on", host, "--name", "openrc"]).success().data("guest-image-import")
}

/// What a command says inside a guest.
pub(crate) fn inside(host: &ContainerHost, driver: &str, guest: &str, command: &str) -> String {
    let enter = match driver {
        "lxc" => format!("lxc-attach -n {guest} --clear-env --"),
        "incus" => format!("incus exec {guest} -T --"),
        _ => format!("lxc exec {guest} -T --"),
    };
    host.exec(&format!("{enter} /bin/sh -c '{command}'")).trim().to_owned()
}

/// Whether a guest is as its specification says, without a plan to make it so.
pub(crate) fn is_same(answer: &Value) -> bool {
    answer["plan"].is_null() && answer.get("sent").is_some()
}

#[test]
fn a_specification_is_looked_at_without_a_vault() {
    let sandbox = Sandbox::without_vault();
    let lint = |text: &str, stage: &str| {
        let spec = sandbox.file("site.toml", text);
        sandbox.bare(&["--json", "guest", "lint", spec.to_str().expect("text"), "--stage", stage])
    };
    let whole = spec();
    let pinned = whole.replace("image = \"openrc\"", &format!("image = {{ name = \"openrc\", sha256 = \"{}\" }}", "0".repeat(64)));
    let clean = lint(&pinned, "prod").success().data("guest-lint");
    assert_eq!(clean["findings"].as_array().map(Vec::len), Some(0), "{clean}");
    let warned = lint(&whole, "dev").success().data("guest-lint");
    assert_eq!(
        (&warned["findings"][0]["rule"], &warned["findings"][0]["level"]),
        (&Value::from("image"), &Value::from("warn")),
        "{warned}"
    );
    let refused = lint(&whole, "prod").exit(7).data("guest-lint");
    assert_eq!(refused["findings"][0]["level"], "refuse", "{refused}");
    let faulty = lint(&whole.replace("[limits]\nmemory", "[limits]\nmemroy"), "dev").exit(2).data("guest-lint");
    let line = whole.lines().position(|line| line.starts_with("memory")).map(|at| at + 1);
    assert_eq!(faulty["findings"][0]["line"].as_u64().map(|line| line as usize), line, "{faulty}");
    assert_eq!(faulty["findings"][0]["message"]["values"]["nearest"], "memory");
}

#[test]
fn a_guest_is_made_and_rebuilt_on_classic_lxc() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let (sandbox, spec) = prepared(&lab, "lxc-1");
    let host = lab.host("lxc-1");
    let make = |verb: &str| sandbox.json(&["--yes", "guest", verb, "lxc-1/site", "--spec", &spec]);
    assert_eq!(make("create").exit(2).error()["code"], "guest-no-image");
    import(&sandbox, "lxc-1");
    assert!(import(&sandbox, "lxc-1")["plan"].is_null(), "the very image is there");
    let images = sandbox.json(&["guest", "image", "list", "--on", "lxc-1"]).success().data("guest-image-list");
    assert_eq!(images["images"][0]["name"], "openrc", "{images}");
    made_and_rebuilt(&sandbox, host, "lxc", "lxc-1", &spec);
    assert_eq!(host.exec("cd /var/lib/lxc/site && ls -A"), ".beffroi\nconfig\nrootfs\n", "no orphan");

    // A snapshot that was restored is no state: all of it is written anew then.
    drop(sandbox.json(&["--yes", "guest", "snapshot", "create", "lxc-1/site", "made"]).success());
    inside(host, "lxc", "site", "echo gone > /srv/gone");
    drop(sandbox.json(&["--yes", "guest", "snapshot", "restore", "lxc-1/site", "made"]).success());
    drop(make("rebuild").success());
    assert_eq!(inside(host, "lxc", "site", "cat /srv/data/kept; ls /srv"), "kept\ndata\nwww");

    // What was written outside the volumes is not thrown away.
    inside(host, "lxc", "site", "echo lost > /srv/lost");
    let error = make("rebuild").exit(7).error();
    assert_eq!(error["code"], "guest-strays", "{error}");
    assert!(error["message"].as_str().is_some_and(|message| message.lines().any(|line| line == "/srv/lost")), "{error}");
    assert_eq!(host.exec("ls -A /var/lib/beffroi/sent"), "", "nothing that was sent for it stays");
    inside(host, "lxc", "site", "rm /srv/lost");

    drop(sandbox.json(&["--yes", "guest", "image", "remove", "openrc", "--on", "lxc-1"]).success());
    let images = sandbox.json(&["guest", "image", "list", "--on", "lxc-1"]).success().data("guest-image-list");
    assert_eq!(images["images"].as_array().map(Vec::len), Some(0), "{images}");
    assert_eq!(inside(host, "lxc", "site", "cat /srv/data/kept"), "kept", "what was made from it stays");
}

/// The same with a daemon's own images and volumes.
fn by_a_daemon(name: &str, driver: &str, client: &str) {
    let Some(lab) = Containers::up(&[name]) else { return };
    let (sandbox, spec) = prepared(&lab, name);
    // The lab's own image of this name is another one.
    lab.host(name).exec(&format!("{client} image alias delete openrc"));
    import(&sandbox, name);
    made_and_rebuilt(&sandbox, lab.host(name), driver, name, &spec);
    let host = lab.host(name);
    drop(sandbox.json(&["--yes", "guest", "snapshot", "create", &format!("{name}/site"), "made"]).success());
    inside(host, driver, "site", "echo gone > /srv/gone");
    drop(sandbox.json(&["--yes", "guest", "snapshot", "restore", &format!("{name}/site"), "made"]).success());
    drop(sandbox.json(&["--yes", "guest", "rebuild", &format!("{name}/site"), "--spec", &spec]).success());
    assert_eq!(inside(host, driver, "site", "cat /srv/data/kept; ls /srv"), "kept\ndata\nwww");
    let left = lab.host(name).exec(&format!("{client} list --format csv --columns n"));
    assert!(!left.contains("beffroi"), "no orphan: {left}");
}

#[test]
fn a_guest_is_made_and_rebuilt_on_incus() {
    by_a_daemon("incus-1", "incus", "incus");
}

#[test]
fn a_guest_is_made_and_rebuilt_on_lxd() {
    by_a_daemon("lxd-1", "lxd", "lxc");
}

/// Made, the same, changed in one part, rebuilt with what is in its volumes.
fn made_and_rebuilt(sandbox: &Sandbox, host: &ContainerHost, driver: &str, name: &str, spec: &str) {
    let guest = format!("{name}/site");
    let make = |verb: &str| sandbox.json(&["--yes", "guest", verb, &guest, "--spec", spec]);
    drop(make("create").success());
    assert_eq!(inside(host, driver, "site", "busybox wget -q -O - http://127.0.0.1:8000/"), "hello");
    assert_eq!(inside(host, driver, "site", "stat -c %a /etc/site.conf; cat /etc/site.conf"), "600\ncolour = blue");
    let environment = inside(host, driver, "site", ENVIRONMENT);
    let of_it = |line: &str| environment.lines().filter(|one| *one == line).count();
    assert_eq!((of_it("TOKEN=a-secret-of-the-site"), of_it("GREETING=good day")), (1, 1), "what the service has: {environment}");
    assert_eq!(inside(host, driver, "site", "stat -c %a:%U /etc/udhcpc/default.script"), "755:root", "a new volume has what the image has");
    let held = host.exec("grep -rl a-secret-of-the-site /var/lib/beffroi /tmp /root /run 2>/dev/null || true");
    assert_eq!(held, "", "nothing of the environment stays on the host");
    assert_eq!(inside(host, driver, "site", "stat -c %a:%U /etc/beffroi/environment"), "600:root");
    let jobs = sandbox.json(&["job", "list"]).success().data("job-list")["jobs"].as_array().map_or(0, Vec::len);

    // As it is, nothing is changed, and nothing of it stays on the host.
    let same = make("create").success().data("guest-create");
    assert!(is_same(&same), "{same}");
    assert_eq!(sandbox.json(&["job", "list"]).success().data("job-list")["jobs"].as_array().map_or(0, Vec::len), jobs);
    assert_eq!(host.exec("ls -A /var/lib/beffroi/sent /var/lib/beffroi/jobs | grep -v : || true").trim(), "");

    // One part differs: the others are left alone.
    inside(host, driver, "site", "echo kept > /srv/data/kept; echo other > /srv/www/index.html");
    let plan = sandbox.json(&["--plan", "guest", "create", &guest, "--spec", spec]).success().data("guest-create");
    let steps = plan["hosts"][0]["steps"].as_array().expect("steps").iter();
    let steps: Vec<&str> = steps.filter_map(|step| step["what"]["key"].as_str()).collect();
    assert!(steps.contains(&"step.guest-files") && !steps.contains(&"step.guest-root"), "{steps:?}");
    drop(make("create").success());
    assert_eq!(inside(host, driver, "site", "busybox wget -q -O - http://127.0.0.1:8000/"), "hello");

    drop(make("rebuild").success());
    assert_eq!(inside(host, driver, "site", "cat /srv/data/kept; busybox wget -q -O - http://127.0.0.1:8000/"), "kept\nhello");
    assert!(is_same(&make("create").success().data("guest-create")));
}

/// The environment of the service, whatever started it.
const ENVIRONMENT: &str = "for p in /proc/[0-9]*; do case $(tr \"\\0\" \" \" <$p/cmdline 2>/dev/null) in \
    \"/bin/busybox httpd \"*) tr \"\\0\" \"\\n\" <$p/environ ;; esac; done";

#[test]
fn a_guest_waits_for_what_it_needs_and_a_stage_that_is_not_there_is_told() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let (sandbox, _) = prepared(&lab, "lxc-1");
    import(&sandbox, "lxc-1");
    let make = |needs: &str, more: &[&str]| {
        let spec = sandbox.file("needy.toml", &format!("image = \"openrc\"\nneeds = [\"{needs}\"]\n[stage.prdo]\nautostart = false\n"));
        sandbox.json(&[&["--plan", "guest", "create", "lxc-1/needy", "--spec", spec.to_str().expect("text")], more].concat())
    };
    // The lab's own: `old` is stopped, `web` runs.
    for needs in ["db", "old"] {
        let error = make(needs, &[]).exit(7).error();
        assert_eq!(error["code"], "guest-needs", "{error}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(&format!("needs lxc-1/{needs},"))), "{error}");
    }
    assert!(make("db", &["--only", "image"]).success().data("guest-create")["hosts"][0]["steps"].is_array(), "a small core comes first");
    let plan = make("web", &[]).success().data("guest-create");
    let warnings = plan["hosts"][0]["warnings"].as_array().expect("warnings").iter();
    let warnings: Vec<&Value> = warnings.filter(|warning| warning["key"] == "lint.stage").collect();
    assert_eq!(warnings.len(), 1, "{plan}");
    assert_eq!(warnings[0]["values"]["stage"], "prdo", "{plan}");
    assert_eq!(lab.host("lxc-1").exec("ls -d /var/lib/lxc/needy /var/lib/lxc/.volumes 2>/dev/null || true"), "", "a plan changes nothing");
}
