use super::*;

const WHOLE: &str = r#"
image = { name = "alpine-3.22", sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
autostart = true
unprivileged = true
nesting = false
needs = ["db"]
logs = true

[service]
name = "web"
command = ["/usr/bin/python3", "/opt/app/it's.py"]
folder = "/opt/app"

[packages]
install = ["python3", "libmagic1=1.2"]
files = ["wheels/flask.whl"]

[[files]]
path = "/etc/app.conf"
content = "a = 1\n"
mode = "0640"
owner = "root:app"

[[files]]
path = "/opt/app/main.py"
source = "main.py"
"#;

/// A specification in which every key stands.
fn whole() -> String {
    WHOLE.to_owned()
        + r#"
[environment]
PORT = "8000"
DB_PASSWORD = { secret = "db/password" }

[[volumes]]
name = "data"
path = "/srv/data"
size = "1 GiB"

[[ports]]
listen = "127.0.0.1:8080"
guest = 8000
protocol = "tcp"

[limits]
memory = "256 MiB"
cpus = 0.5
disk = "2 GiB"

[user]
name = "app"
uid = 1000

[health]
http = { port = 8000, path = "/health" }
interval = "2s"
retries = 5

[network]
bridge = "br0"
address = "10.0.0.2/24"
gateway = "10.0.0.1"

[stage.prod.limits]
memory = "1 GiB"

[stage.prod.environment]
PORT = "9000"
"#
}

fn faults(text: &str) -> Vec<(usize, String, FaultKind)> {
    let faults = SpecFile::parse(text).expect_err(text);
    faults.into_iter().map(|fault| (fault.line, fault.at, fault.kind)).collect()
}

#[test]
fn every_key_is_read_and_a_stage_is_laid_over_the_rest() {
    let file = SpecFile::parse(&whole()).expect("a specification");
    let dev = file.of_stage("dev");
    assert_eq!((dev.limits.memory, dev.limits.cpus), (Some(256 << 20), Some(500)));
    let prod = file.of_stage("prod");
    assert_eq!((prod.limits.memory, prod.limits.cpus), (Some(1 << 30), Some(500)), "the tables are joined");
    assert_eq!(prod.environment.get("PORT"), Some(&Setting::Value("9000".to_owned())));
    assert_eq!(prod.environment.len(), 2);
    assert_eq!(dev.volumes.iter().map(|volume| volume.path.as_str()).collect::<Vec<_>>(), ["/srv/data", "/var/log"]);
    assert_eq!(dev.sources().into_iter().collect::<Vec<_>>(), ["main.py", "wheels/flask.whl"]);
    assert_eq!(dev.secrets().into_iter().collect::<Vec<_>>(), ["db/password"]);
    assert!(lint(dev).is_empty(), "{:?}", lint(dev));
}

#[test]
fn a_fault_says_the_line_and_the_key_that_was_meant() {
    let text = "image = \"alpine\"\n[limits]\nmemroy = \"1 GiB\"\ncpus = \"two\"\n[[ports]]\nlisten = \"8080\"\n";
    assert_eq!(
        faults(text),
        [
            (3, "limits.memroy".to_owned(), FaultKind::UnknownKey { nearest: Some("memory") }),
            (4, "limits.cpus".to_owned(), FaultKind::Expected(Expected::Processors)),
            (6, "ports[1]".to_owned(), FaultKind::Missing { key: "guest" }),
            (6, "ports[1].listen".to_owned(), FaultKind::Expected(Expected::Listen)),
        ]
        .map(|(line, at, kind)| (if at == "ports[1]" { 5 } else { line }, at, kind))
    );
    assert!(matches!(&faults("image = ")[..], [(1, _, FaultKind::Syntax { .. })]));
    assert_eq!(faults("")[0].2, FaultKind::Missing { key: "image" });
    assert_eq!(faults("image = \"a\"\nxyzzy = 1\n")[0].2, FaultKind::UnknownKey { nearest: None });
    let staged = "image = \"a\"\n[stage.prod]\nimge = \"b\"\n";
    assert_eq!(faults(staged), [(3, "stage.prod.imge".to_owned(), FaultKind::UnknownKey { nearest: Some("image") })]);
}

#[test]
fn what_could_lead_elsewhere_is_refused() {
    let file = |path: &str| format!("image = \"a\"\n[[files]]\npath = {path:?}\ncontent = \"\"\n");
    for path in ["etc/passwd", "/etc/../root/x", "/etc//x", "/", "/a b", "/a\nb", "/x/", "/a,b"] {
        assert_eq!(faults(&file(path))[0].2, FaultKind::Expected(Expected::Path), "{path}");
    }
    for source in ["/etc/passwd", "../x", "a/../../b", ""] {
        let text = format!("image = \"a\"\n[[files]]\npath = \"/x\"\nsource = {source:?}\n");
        assert_eq!(faults(&text)[0].2, FaultKind::Expected(Expected::Source), "{source}");
    }
    for package in ["--allow-untrusted", "a b", "$(id)", ""] {
        let text = format!("image = \"a\"\n[packages]\ninstall = [{package:?}]\n");
        assert_eq!(faults(&text)[0].2, FaultKind::Expected(Expected::Package), "{package}");
    }
    assert_eq!(faults("image = \"../x\"\n")[0].2, FaultKind::Expected(Expected::Name));
    assert_eq!(faults("image = \"a\"\n[environment]\n\"A B\" = \"x\"\n")[0].2, FaultKind::Expected(Expected::Variable));
    let two = "image = \"a\"\n[[volumes]]\nname = \"a\"\npath = \"/x\"\n[[volumes]]\nname = \"a\"\npath = \"/y\"\n";
    assert_eq!(faults(two)[0].2, FaultKind::Twice);
}

#[test]
fn one_meaning_has_one_digest() {
    let of = |text: &str| SpecFile::parse(text).expect(text).of_stage("dev").digest(&BTreeMap::new());
    let short = of("image = \"a\"\n");
    assert_eq!(short, of("# a comment\nautostart = true\nunprivileged=true\nlogs = true\nimage = { name = \"a\" }\n"));
    assert_ne!(short, of("image = \"a\"\nautostart = false\n"));
    assert_ne!(
        short,
        SpecFile::parse("image = \"a\"\n").expect("one").of_stage("dev").digest(&BTreeMap::from([("x".to_owned(), [0; 32])]))
    );
}

#[test]
fn what_speaks_against_a_specification_is_found() {
    let rules = |text: &str| -> Vec<&'static str> {
        let file = SpecFile::parse(text).expect(text);
        lint(file.of_stage("dev")).iter().map(|finding| finding.rule).collect()
    };
    assert_eq!(
        rules("image = \"a\"\nlogs = false\nunprivileged = false\n"),
        ["image", "service", "logs", "limits", "health", "privileged"]
    );
    let good = "[limits]\nmemory = \"1 GiB\"\ncpus = 1\n[health]\ncommand = [\"/bin/x\"]\n[service]\nname = \"x\"\n";
    let image = format!("image = {{ name = \"a\", sha256 = \"{}\" }}\n", "0".repeat(64));
    let with = |more: &str| rules(&format!("{image}{good}{more}"));
    assert!(with("").is_empty());
    assert_eq!(with("[packages]\ninstall = [\"postgresql-15\"]\n"), ["state"]);
    assert!(with("[packages]\ninstall = [\"postgresql-client\"]\n").is_empty());
    assert!(with("[packages]\ninstall = [\"postgresql-15\"]\n[[volumes]]\nname = \"db\"\npath = \"/var/lib/postgresql\"\n").is_empty());
    assert_eq!(with("[packages]\ninstall = [\"nginx\", \"redis\"]\n[[volumes]]\nname = \"r\"\npath = \"/var/lib/redis\"\n"), ["service"]);
    assert_eq!(with("[environment]\nDB_PASSWORD = \"x\"\n"), ["secret"]);
    assert!(with("[environment]\nDB_PASSWORD = { secret = \"x\" }\n").is_empty());
    assert_eq!(with("[[ports]]\nlisten = \"0.0.0.0:80\"\nguest = 80\n"), ["open-port"]);
    assert_eq!(with("[[files]]\npath = \"/srv/app.sqlite\"\ncontent = \"\"\n"), ["state"]);
}

/// The keys of the schema and their kinds are those that the parser takes.
#[test]
fn the_schema_and_the_parser_know_the_same_keys() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../../../../assets/schemas/guest.schema.json")).expect("JSON");
    let keys = |at: &str| -> Vec<String> {
        let mut keys: Vec<String> = schema.pointer(at).and_then(|found| found.as_object()).expect(at).keys().cloned().collect();
        keys.sort_unstable();
        keys
    };
    let refused_beside = |text: &str, known: &[String], table: &str| {
        for key in known {
            let line = format!("{key} = {{ nothing = {{}} }}\n");
            let text = text.replace("KEY", &line);
            let is_unknown = SpecFile::parse(&text)
                .err()
                .into_iter()
                .flatten()
                .any(|fault| matches!(fault.kind, FaultKind::UnknownKey { .. }) && fault.at.ends_with(&format!("{table}{key}")));
            assert!(!is_unknown, "{table}{key} stands in the schema, and the parser does not know it");
        }
        let text = text.replace("KEY", "beffroi = 1\n");
        assert!(SpecFile::parse(&text).is_err());
    };
    let mut root = keys("/properties");
    root.retain(|key| key != "$schema");
    let mut known: Vec<String> = WITH_STAGES.iter().map(|key| (*key).to_owned()).collect();
    known.sort_unstable();
    assert_eq!(root, known);
    for (at, text, table, wanted) in [
        ("/$defs/service/properties", "image = \"a\"\n[service]\nKEY", "service.", &["command", "folder", "name"][..]),
        ("/$defs/packages/properties", "image = \"a\"\n[packages]\nKEY", "packages.", &["files", "install"]),
        ("/$defs/file/properties", "image = \"a\"\n[[files]]\nKEY", "files[1].", &["content", "mode", "owner", "path", "source"]),
        ("/$defs/volume/properties", "image = \"a\"\n[[volumes]]\nKEY", "volumes[1].", &["name", "path", "size"]),
        ("/$defs/port/properties", "image = \"a\"\n[[ports]]\nKEY", "ports[1].", &["guest", "listen", "protocol"]),
        ("/$defs/limits/properties", "image = \"a\"\n[limits]\nKEY", "limits.", &["cpus", "disk", "memory"]),
        ("/$defs/health/properties", "image = \"a\"\n[health]\nKEY", "health.", &["command", "http", "interval", "retries"]),
        ("/$defs/network/properties", "image = \"a\"\n[network]\nKEY", "network.", &["address", "bridge", "gateway", "off"]),
    ] {
        let there = keys(at);
        assert_eq!(there, wanted, "{at}");
        refused_beside(text, &there, table);
    }
    let mut stage = keys("/$defs/stage/properties");
    stage.sort_unstable();
    let mut without: Vec<String> = ROOT.iter().map(|key| (*key).to_owned()).collect();
    without.sort_unstable();
    assert_eq!(stage, without);
}

/// That of a guest `web` of classic LXC.
fn making(spec: &Spec) -> make::Making<'_> {
    make::Making {
        spec,
        driver: beffroi_domain::GuestDriver::Lxc,
        project: "",
        name: "web",
        number: "100",
        plan: "p",
        digest: "d",
        rebuild: false,
    }
}

#[test]
fn what_the_host_is_given_holds_no_secret_and_survives_the_shell() {
    let file = SpecFile::parse(&whole()).expect("a specification");
    let spec = file.of_stage("dev");
    let making = making(spec);
    let given = making.given();
    let text = |name: &str| match given.get(name) {
        Some(make::Given::Text(text)) => text.clone(),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(text("files"), "1\t640\troot:app\t/etc/app.conf\n2\t644\troot:root\t/opt/app/main.py\n");
    assert_eq!(text("volumes"), "data\t/srv/data\t1073741824\nlogs\t/var/log\t\n");
    assert_eq!(given.get("local/flask.whl"), Some(&make::Given::Source("wheels/flask.whl".to_owned())));
    let shown = text("command").replace("exec", "printf '<%s>'").replace("cd ", "true ");
    let output = std::process::Command::new("sh").arg("-c").arg(shown).output().expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "</usr/bin/python3></opt/app/it's.py>");
    let secret = "p\"a`id`$HOME\\ 'x";
    let written = make::environment(spec, |name| (name == "db/password").then_some(secret)).expect("it is there");
    let script = format!("{written}printf %s \"$DB_PASSWORD\"");
    let output = std::process::Command::new("sh").arg("-c").arg(script).output().expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stdout), secret);
    assert_eq!(make::environment(spec, |_| None), Err("db/password"));
    assert!(given.values().all(|given| !matches!(given, make::Given::Text(text) if text.contains("db/password"))));
}

#[test]
fn only_what_is_not_so_is_done() {
    let file = SpecFile::parse(&whole()).expect("a specification");
    let spec = file.of_stage("dev");
    let making = making(spec);
    let steps = |text: &str, rebuild: bool, only: &[make::Part]| -> Vec<String> {
        let seen = make::Look::read(text).expect("an answer");
        let steps = make::Making { rebuild, ..making }.steps("h/web", "/x y", &seen, only);
        steps.iter().map(|step| step.shell.rsplit(' ').next().unwrap_or_default().to_owned()).collect()
    };
    let all = ["volumes", "root", "swap", "config", "start", "user", "packages", "files", "service", "health", "done", "check"];
    let absent = "beffroi-guest 1\nstate absent\nguest absent\n";
    assert_eq!(steps(absent, false, &[]), all);
    assert_eq!(steps(&absent.replace("guest absent", "ids differs\nguest absent"), false, &[]), [&["ids"][..], &all].concat());
    let same = "beffroi-guest 1\nstate running\nvolumes same\nroot same\nconfig same\nmark same\nuser same\nfiles same\npackages same\nservice same\n";
    assert!(make::Look::read(same).expect("an answer").is_all_same());
    assert_eq!(steps(same, true, &[]), [&["strays"][..], &all].concat());
    let files = same.replace("files same", "files differs");
    assert!(!make::Look::read(&files).expect("an answer").is_all_same());
    assert_eq!(steps(&files, false, &[]), ["files", "service", "health", "done", "check"]);
    assert_eq!(steps(absent, false, &[make::Part::Image]), ["volumes", "root", "swap", "config", "start"]);
    assert!(make::Look::read("something else").is_none());
}
