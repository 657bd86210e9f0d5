//! Images of guests on real classic LXC, Incus, LXD, and Proxmox's stand-in: of guests, by debootstrap, carried from host to host; and
//! guests that are declared by a kept specification.

use std::path::{Path, PathBuf};
use std::process::Command;

use beffroi_tests::{Answer, ContainerHost, Containers, Sandbox};
use serde_json::Value;

use crate::guests_spec::SITE;

/// A vault that knows these hosts, a specification for an image, and the secret that it names.
fn prepared(lab: &Containers, hosts: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, hosts);
    let token = sandbox.file("token", "a-secret-of-the-site");
    drop(sandbox.beffroi(&["secret", "set", "token", "--from-file", token.to_str().expect("text")]).success());
    sandbox
}

fn site(image: &str) -> String {
    format!("{}\n[network]\noff = true\n", SITE.replace("openrc", image))
}

fn spec(sandbox: &Sandbox, image: &str) -> String {
    let file = sandbox.file(&format!("{image}.toml"), &format!("logs = false\n{}", site(image)));
    file.to_str().expect("text").to_owned()
}

fn asked(sandbox: &Sandbox, words: &[&str]) -> Answer {
    sandbox.json(&[&["--yes"], words].concat())
}

fn import(sandbox: &Sandbox, host: &str, file: &Path, name: &str) -> Value {
    let file = file.to_str().expect("text");
    asked(sandbox, &["guest", "image", "import", file, "--on", host, "--name", name]).success().data("guest-image-import")
}

/// The images of a host: driver, name and what tells each apart.
fn images(sandbox: &Sandbox, host: &str) -> Vec<(String, String, String)> {
    let list = sandbox.json(&["guest", "image", "list", "--on", host]).success().data("guest-image-list");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let row = |image: &Value| (text(&image["driver"]), text(&image["name"]), text(&image["id"]));
    list["images"].as_array().expect("a list").iter().map(row).collect()
}

fn names(sandbox: &Sandbox, host: &str) -> Vec<String> {
    images(sandbox, host).into_iter().map(|(_, name, _)| name).collect()
}

fn openrc(lab: &Containers) -> PathBuf {
    lab.images(&["openrc"])["openrc.tar.gz"].clone()
}

/// Whether a guest serves what its specification says.
fn serves(host: &ContainerHost, enter: &str) -> String {
    host.exec(&format!("{enter} /bin/sh -c 'busybox wget -q -O - http://127.0.0.1:8000/'")).trim().to_owned()
}

/// What a tar of this machine holds.
fn listed(file: &Path) -> Vec<String> {
    let output = Command::new("tar").arg("-tf").arg(file).output().expect("tar can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim_start_matches("./").to_owned()).collect()
}

fn sha256(file: &Path) -> String {
    let output = Command::new("sha256sum").arg(file).output().expect("sha256sum can be started");
    String::from_utf8_lossy(&output.stdout).split_whitespace().next().unwrap_or_default().to_owned()
}

fn export(sandbox: &Sandbox, host: &str, name: &str, file: &Path) -> Value {
    let told = sandbox.json(&["guest", "image", "export", name, file.to_str().expect("text"), "--on", host]);
    told.success().data("guest-image-export")
}

/// What has no place in an image of the guest `site`, and what has.
fn looked_at(files: &[String], below: &str) {
    let has = |path: &str| files.iter().any(|file| file.trim_end_matches('/') == format!("{below}{path}"));
    assert!(has("srv/www/index.html") && has("etc/init.d/site") && has("bin/busybox"), "{files:?}");
    for left in ["etc/beffroi/environment", "etc/beffroi/base", "etc/ssh/ssh_host_ed25519_key", "srv/data/kept"] {
        assert!(!has(left), "{left}");
    }
}

#[test]
fn an_image_of_a_guest_is_carried_to_another_driver() {
    let Some(lab) = Containers::up(&["lxc-1", "incus-1"]) else { return };
    let sandbox = prepared(&lab, &["lxc-1", "incus-1"]);
    let host = lab.host("lxc-1");
    import(&sandbox, "lxc-1", &openrc(&lab), "openrc");
    drop(asked(&sandbox, &["guest", "create", "lxc-1/site", "--spec", &spec(&sandbox, "openrc")]).success());
    let inside = "lxc-attach -n site --clear-env --";
    host.exec(&format!(
        "{inside} /bin/sh -c 'echo kept > /srv/data/kept; mkdir -p /etc/ssh /var/log/httpd; echo key > /etc/ssh/ssh_host_ed25519_key; \
         echo 0123456789abcdef > /etc/machine-id; echo said > /var/log/httpd/access; mkfifo /srv/pipe'"
    ));

    // What is written into meanwhile would be packed halfway.
    let create = ["guest", "image", "create", "lxc-1/site", "--name", "of-site"];
    assert_eq!(asked(&sandbox, &create).exit(7).error()["code"], "guest-not-stopped");
    drop(asked(&sandbox, &["guest", "stop", "lxc-1/site"]).success());
    let plan = sandbox.json(&[&["--plan"], &create[..]].concat()).success().data("guest-image-create");
    let warnings = plan["hosts"][0]["warnings"].to_string();
    assert!(warnings.contains("warning.guest-image-of-guest"), "{plan}");
    assert_eq!(names(&sandbox, "lxc-1"), ["openrc"], "a plan changes nothing");
    assert_eq!(host.exec("ls -A /var/lib/beffroi/sent"), "", "and leaves nothing");
    drop(asked(&sandbox, &create).success());
    assert_eq!(names(&sandbox, "lxc-1"), ["of-site", "openrc"]);

    let file = sandbox.files().join("of-site.tar.gz");
    let told = export(&sandbox, "lxc-1", "of-site", &file);
    assert_eq!(told["sha256"], sha256(&file), "{told}");
    let files = listed(&file);
    looked_at(&files, "");
    assert!(files.iter().any(|file| file == "var/log/httpd/") && !files.iter().any(|file| file == "var/log/httpd/access"), "{files:?}");
    let empty = Command::new("tar").args(["-xOf", file.to_str().expect("text"), "./etc/machine-id"]).output().expect("tar");
    assert!(empty.status.success() && empty.stdout.is_empty(), "no number of a machine");
    let again = sandbox.json(&["guest", "image", "export", "of-site", file.to_str().expect("text"), "--on", "lxc-1"]).exit(1).error();
    assert_eq!(again["code"], "local-file", "{again}");

    // Elsewhere, by another driver, with ids of another range.
    import(&sandbox, "incus-1", &file, "carried");
    let spec = spec(&sandbox, "carried");
    drop(asked(&sandbox, &["guest", "create", "incus-1/site", "--spec", &spec]).success());
    assert_eq!(serves(lab.host("incus-1"), "incus exec site -T --"), "hello");

    // Of a snapshot, while it runs.
    drop(asked(&sandbox, &["guest", "start", "lxc-1/site"]).success());
    drop(asked(&sandbox, &["guest", "snapshot", "create", "lxc-1/site", "before"]).success());
    let of_snapshot = ["guest", "image", "create", "lxc-1/site", "--name", "before", "--snapshot", "before"];
    drop(asked(&sandbox, &of_snapshot).success());
    assert_eq!(names(&sandbox, "lxc-1"), ["before", "of-site", "openrc"]);

    // What lies in the folder of images is in the ledger, and goes with the program.
    let ledger = |sandbox: &Sandbox| {
        let ledger = sandbox.json(&["host", "ledger", "lxc-1"]).success().data("host-ledger");
        let of_kind = |entry: &&Value| entry["kind"] == "image";
        let rows = ledger["entries"].as_array().expect("entries").iter().filter(of_kind);
        rows.map(|entry| entry["what"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ledger(&sandbox), ["before", "of-site", "openrc"]);
    drop(asked(&sandbox, &["guest", "image", "remove", "of-site", "--on", "lxc-1"]).success());
    assert_eq!(ledger(&sandbox), ["before", "openrc"]);
    drop(sandbox.json(&["--yes", "host", "detach", "lxc-1"]).success());
    assert_eq!(ledger(&sandbox), [""; 0]);
    assert_eq!(host.exec("ls /var/lib/beffroi/images; ls /var/lib/lxc/site/rootfs/srv/www"), "index.html\n", "guests stay");
}

/// Names and fingerprints move only when the new image is there; what is ours and has no name goes, what is somebody's stays.
fn names_of_a_daemon(name: &str, client: &str) {
    let Some(lab) = Containers::up(&[name]) else { return };
    let sandbox = prepared(&lab, &[name]);
    let host = lab.host(name);
    let driver = if client == "incus" { "incus" } else { "lxd" };
    let print_of =
        |image: &str| images(&sandbox, name).into_iter().find(|(_, called, _)| called == image).map(|(_, _, id)| id).unwrap_or_default();
    let count = || host.exec(&format!("{client} image list --format csv --columns f")).lines().count();
    let theirs = print_of("openrc");
    let file = openrc(&lab);
    import(&sandbox, name, &file, "openrc");
    let first = print_of("openrc");
    assert!(first != theirs && host.exec(&format!("{client} image list --format csv --columns F")).contains(&theirs), "somebody's stays");
    import(&sandbox, name, &file, "openrc");
    assert_eq!((print_of("openrc"), count()), (first.clone(), 2), "the same again is the same");

    // One that the daemon does not take leaves the one before.
    let metadata = sandbox.file("metadata.yaml", "architecture: [\n");
    let broken = sandbox.files().join("broken.tar.gz");
    let packed =
        Command::new("tar").arg("-czf").arg(&broken).arg("-C").arg(metadata.parent().expect("a folder")).arg("metadata.yaml").status();
    assert!(packed.expect("tar").success());
    let words =
        ["guest", "image", "import", file.to_str().expect("text"), broken.to_str().expect("text"), "--on", name, "--name", "openrc"];
    let other = sandbox.files().join("other.tar.gz");
    repacked(&file, &other, "one more");
    let of_other = words.map(|word| if word == file.to_str().expect("text") { other.to_str().expect("text") } else { word });
    assert_eq!(asked(&sandbox, &of_other).exit(1).error()["code"], "guest-not-done");
    assert_eq!((print_of("openrc"), count()), (first.clone(), 2));

    // Another one takes the name, and ours goes.
    import(&sandbox, name, &other, "openrc");
    let second = print_of("openrc");
    assert!(second != first && second != theirs && count() == 2, "{second}");

    // Of a guest: of a copy, which goes.
    drop(asked(&sandbox, &["guest", "create", &format!("{name}/site"), "--spec", &spec(&sandbox, "openrc")]).success());
    let enter = format!("{client} exec site -T --");
    host.exec(&format!("{enter} /bin/sh -c 'echo kept > /srv/data/kept; mkdir -p /etc/ssh; echo key > /etc/ssh/ssh_host_ed25519_key'"));
    drop(asked(&sandbox, &["guest", "stop", &format!("{name}/site")]).success());
    drop(asked(&sandbox, &["guest", "image", "create", &format!("{name}/site"), "--name", "of-site"]).success());
    assert!(!host.exec(&format!("{client} list --format csv --columns n")).contains("beffroi"), "no orphan");
    drop(asked(&sandbox, &["guest", "start", &format!("{name}/site")]).success());
    assert_eq!(host.exec(&format!("{enter} cat /etc/ssh/ssh_host_ed25519_key")), "key\n", "the guest is as it was");
    let exported = sandbox.files().join("of-site.tar.gz");
    export(&sandbox, name, "of-site", &exported);
    looked_at(&listed(&exported), "rootfs/");
    drop(asked(&sandbox, &["guest", "create", &format!("{name}/other"), "--spec", &spec(&sandbox, "of-site")]).success());
    assert_eq!(serves(host, &format!("{client} exec other -T --")), "hello");

    // A name is one driver's, and only that image goes.
    let remove = ["guest", "image", "remove", "of-site", "--on", name];
    assert_eq!(asked(&sandbox, &[&remove[..], &["--driver", "lxc"]].concat()).exit(2).error()["code"], "guest-no-image");
    drop(asked(&sandbox, &[&remove[..], &["--driver", driver]].concat()).success());
    assert!(print_of("of-site").is_empty() && print_of("openrc") == second);
}

/// The same archive with one more file.
fn repacked(from: &Path, to: &Path, content: &str) {
    let script = "set -e; dir=$(mktemp -d); gzip -dc \"$1\" >\"$dir/image.tar\"; echo \"$3\" >\"$dir/more\"; \
                  tar -C \"$dir\" --owner=0 --group=0 -rf \"$dir/image.tar\" ./more; gzip -c \"$dir/image.tar\" >\"$2\"; rm -rf \"$dir\"";
    let done = Command::new("sh").args(["-c", script, "sh"]).arg(from).arg(to).arg(content).status().expect("sh can be started");
    assert!(done.success());
}

#[test]
fn names_move_when_the_image_is_there_on_incus() {
    names_of_a_daemon("incus-1", "incus");
}

#[test]
fn names_move_when_the_image_is_there_on_lxd() {
    names_of_a_daemon("lxd-1", "lxc");
}

#[test]
fn an_image_is_sent_once_then_by_difference_and_gone_on_with() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = prepared(&lab, &["lxc-1"]);
    let host = lab.host("lxc-1");
    let plain = sandbox.files().join("first.tar");
    let script = "set -e; dir=$(mktemp -d); gzip -dc \"$1\" >\"$2\"; head -c 100000000 /dev/urandom >\"$dir/ballast\"; \
                  tar -C \"$dir\" --owner=0 --group=0 -rf \"$2\" ./ballast; rm -rf \"$dir\"";
    let made = Command::new("sh").args(["-c", script, "sh"]).arg(openrc(&lab)).arg(&plain).status().expect("sh can be started");
    assert!(made.success());

    // Cut while it is sent.
    let words = ["--yes", "guest", "image", "import", plain.to_str().expect("text"), "--on", "lxc-1", "--name", "large"];
    let running = sandbox.start(&words);
    let arrived = || {
        let bytes = host.exec("cat /var/lib/beffroi/sent/image-*/image/*part* 2>/dev/null | wc -c");
        bytes.trim().parse::<u64>().expect("a number")
    };
    beffroi_tests::until("a part to arrive", || (arrived() > 8 << 20).then_some(()));
    drop(running.kill());
    let cut = arrived();
    // How many bytes were there already is said before the plan.
    let there_already = |file: &Path| {
        let answer =
            sandbox.beffroi(&["--yes", "guest", "image", "import", file.to_str().expect("text"), "--on", "lxc-1", "--name", "large"]);
        let said = answer.success().stderr;
        let number =
            said.split("; ").find_map(|part| part.split_once(" bytes were there already")).map(|(number, _)| number.trim().to_owned());
        number.and_then(|number| number.parse::<u64>().ok()).unwrap_or_else(|| panic!("no number in {said}"))
    };
    assert!(there_already(&plain) >= cut / 2, "what had come is not sent again");
    assert_eq!(host.exec("ls -A /var/lib/beffroi/sent"), "");

    // Another version of it: what differs is sent.
    let second = sandbox.files().join("second.tar");
    std::fs::copy(&plain, &second).expect("copied");
    let more = sandbox.file("more", "one more file");
    let added = Command::new("tar").arg("-C").arg(more.parent().expect("a folder")).arg("-rf").arg(&second).arg("more").status();
    assert!(added.expect("tar").success());
    assert!(there_already(&second) > 90_000_000);
    let (_, name, id) = images(&sandbox, "lxc-1").pop().expect("one image");
    assert_eq!((name.as_str(), id), ("large", sha256(&second)));
}

/// Brings the lab's mirror to `/srv/mirror` of a host. Gives its suite.
fn mirrored(lab: &Containers, sandbox: &Sandbox, name: &str) -> String {
    let images = lab.images(&["mirror"]);
    for file in ["mirror", "mirror.gpg", "tools"] {
        drop(sandbox.beffroi(&["put", images[file].to_str().expect("text"), &format!("{name}:/srv/{file}")]).success());
    }
    lab.host(name).exec("cat /srv/mirror/suite").trim().to_owned()
}

#[test]
fn an_image_of_debian_is_built_on_a_host() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = prepared(&lab, &["lxc-1"]);
    let host = lab.host("lxc-1");
    let suite = mirrored(&lab, &sandbox, "lxc-1");
    let build = |more: &[&str]| {
        let words = ["guest", "image", "build", "debian", "--on", "lxc-1", "--suite", &suite, "--mirror", "file:///srv/mirror"];
        asked(&sandbox, &[&words[..], more].concat())
    };
    let said = |answer: Answer| answer.exit(1).error()["message"].as_str().expect("text").to_owned();
    let lacking = said(build(&["--mirror-keys", "/srv/mirror.gpg"]));
    assert!(lacking.contains("apt install debootstrap"), "{lacking}");
    host.exec("dpkg -i /srv/tools/*.deb");
    // A mirror whose key is not given is not taken for a good one.
    drop(build(&[]).exit(1));
    assert_eq!(names(&sandbox, "lxc-1"), [""; 0]);
    drop(build(&["--mirror-keys", "/srv/mirror.gpg"]).success());
    assert_eq!(names(&sandbox, "lxc-1"), ["debian"]);
    assert_eq!(
        host.exec("ls -A /var/lib/beffroi/sent | wc -l; grep -c beffroi/sent /proc/mounts || true"),
        "2\n0\n",
        "what failed may be begun again"
    );

    // A signature is left out only where that is said, and the plan says it.
    let unsigned = ["--plan", "guest", "image", "build", "other", "--on", "lxc-1", "--suite", &suite, "--mirror", "file:///srv/mirror"];
    let plan = sandbox.json(&[&unsigned[..], &["--no-check-signature"]].concat()).success().data("guest-image-build");
    assert!(plan["hosts"][0]["warnings"].to_string().contains("warning.guest-image-unsigned"), "{plan}");
    let plan = sandbox.json(&[&unsigned[..], &["--packages", "vim,-x"]].concat()).exit(2).error();
    assert_eq!(plan["code"], "invalid-request", "{plan}");

    let spec = sandbox.file("debian.toml", "image = \"debian\"\n\n[network]\noff = true\n");
    drop(asked(&sandbox, &["guest", "create", "lxc-1/small", "--spec", spec.to_str().expect("text")]).success());
    let ask = |text: &str| host.exec(&format!("lxc-attach -n small --clear-env -- /bin/sh -c '{text}'"));
    assert!(ask("cat /etc/os-release; readlink /sbin/init").contains("systemd"));
    assert_eq!(ask("wc -c </etc/apt/sources.list; dpkg --audit; ls /debootstrap 2>/dev/null | wc -l"), "0\n0\n");
}

#[test]
fn templates_of_proxmox_are_kept_and_removed() {
    let Some(lab) = Containers::up(&["pve-1"]) else { return };
    let sandbox = prepared(&lab, &["pve-1"]);
    let host = lab.host("pve-1");
    let file = openrc(&lab);
    import(&sandbox, "pve-1", &file, "mine");
    let has = |id: &str| images(&sandbox, "pve-1").iter().any(|(driver, _, known)| driver == "proxmox" && known == id);
    assert!(has("local:vztmpl/mine.tar.gz"), "{:?}", images(&sandbox, "pve-1"));
    host.exec("pct create 150 local:vztmpl/mine.tar.gz --hostname mine --memory 64 --swap 0 --unprivileged 1 && pct destroy 150");
    let exported = sandbox.files().join("mine.tar.gz");
    assert_eq!(export(&sandbox, "pve-1", "mine.tar.gz", &exported)["sha256"], sha256(&file));
    // What Proxmox does not take as a template is refused before it lies there.
    let plain = sandbox.files().join("plain.tar");
    let unpacked = Command::new("sh").args(["-c", "gzip -dc \"$1\" >\"$2\"", "sh"]).arg(&file).arg(&plain).status();
    assert!(unpacked.expect("sh").success());
    let words = ["guest", "image", "import", plain.to_str().expect("text"), "--on", "pve-1", "--name", "plain"];
    assert!(asked(&sandbox, &words).exit(1).error()["message"].as_str().is_some_and(|said| said.contains(".tar.zst")));
    drop(asked(&sandbox, &["guest", "image", "remove", "mine.tar.gz", "--on", "pve-1"]).success());
    assert!(!has("local:vztmpl/mine.tar.gz") && !host.exec("ls /var/lib/vz/template/cache").contains("mine"));

    // Of a guest that is stopped: it is mounted for it, and free again.
    drop(asked(&sandbox, &["guest", "image", "create", "pve-1/old", "--name", "of-old"]).success());
    assert!(has("local:vztmpl/of-old.tar.gz") && !host.exec("pct config 102").contains("lock"));
    host.exec("pct create 151 local:vztmpl/of-old.tar.gz --hostname again --memory 64 --swap 0 --unprivileged 1 && pct start 151 && pct exec 151 -- true");
}

#[test]
fn a_guest_is_declared_by_the_specification_that_is_kept() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = prepared(&lab, &["lxc-1"]);
    let host = lab.host("lxc-1");
    import(&sandbox, "lxc-1", &openrc(&lab), "openrc");
    let row = |name: &str| {
        let list = sandbox.json(&["guest", "list", "--on", "lxc-1", "--refresh"]).success().data("guest-list");
        let rows = list["hosts"][0]["guests"].as_array().expect("guests").clone();
        rows.into_iter().find(|row| row["name"] == name).unwrap_or_default()
    };
    assert_eq!(row("lxc-1/web")["presence"], "present");
    let none = sandbox.json(&["guest", "spec", "show", "lxc-1/site"]).exit(2).error();
    assert_eq!(none["code"], "guest-spec-not-kept", "{none}");
    assert_eq!(asked(&sandbox, &["guest", "create", "lxc-1/site"]).exit(2).error()["code"], "guest-spec-not-kept");

    // Declared before it is there; made from what is kept.
    let text = site("openrc");
    let spec = sandbox.file("site.toml", &text).to_str().expect("text").to_owned();
    drop(sandbox.json(&["guest", "spec", "keep", "lxc-1/site", &spec, "--driver", "lxc"]).success());
    let declared = row("lxc-1/site");
    assert_eq!((&declared["presence"], &declared["declared"]["image"]), (&Value::from("declared"), &Value::from("openrc")), "{declared}");
    assert_eq!(sandbox.beffroi(&["guest", "spec", "show", "lxc-1/site"]).success().stdout, text);
    drop(asked(&sandbox, &["guest", "create", "lxc-1/site"]).success());
    let both = row("lxc-1/site");
    assert_eq!((&both["presence"], &both["declared"]["drift"]), (&Value::from("both"), &serde_json::json!([])), "{both}");

    // What was changed beside it is shown, and goes when it is made again.
    drop(asked(&sandbox, &["guest", "set", "lxc-1/site", "--memory", "256MiB"]).success());
    assert_eq!(row("lxc-1/site")["declared"]["drift"], serde_json::json!(["memory"]));
    drop(asked(&sandbox, &["guest", "rebuild", "lxc-1/site"]).success());
    assert_eq!(row("lxc-1/site")["declared"]["drift"], serde_json::json!([]));
    assert_eq!(serves(host, "lxc-attach -n site --clear-env --"), "hello");

    // It follows the guest.
    drop(asked(&sandbox, &["guest", "stop", "lxc-1/site"]).success());
    drop(asked(&sandbox, &["guest", "rename", "lxc-1/site", "shop"]).success());
    assert_eq!(row("lxc-1/shop")["declared"]["image"], "openrc");
    assert!(row("lxc-1/site").is_null());
    let delete = ["guest", "delete", "lxc-1/shop"];
    let plan = sandbox.json(&[&["--plan"], &delete[..]].concat()).success().data("guest-delete");
    assert!(plan["hosts"][0]["warnings"].to_string().contains("warning.guest-spec-goes"), "{plan}");
    drop(sandbox.json(&[&["--yes", "--confirm", "lxc-1/shop"], &delete[..]].concat()).success());
    assert!(row("lxc-1/shop").is_null());
    drop(sandbox.json(&["guest", "spec", "show", "lxc-1/shop"]).exit(2));
}
