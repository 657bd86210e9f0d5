//! A Flask application from wheels of this machine, in guests that reach no network: kept by OpenRC and published by nginx, kept by pm2
//! and published by a rule. Each is reached through every hop; then each kind of hop is broken on purpose, and the right one named.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use beffroi_tests::{ContainerHost, Containers, Sandbox, until};

use crate::exposure::{blamed, hop, is, way};

const APPLICATION: &str = r#"
import os
from flask import Flask, abort
from waitress import serve

app = Flask(__name__)

@app.get("/")
def page():
    if os.path.exists("/tmp/broken"):
        abort(500)
    return "a page"

serve(app, host="0.0.0.0", port=8000)
"#;

/// The specification of a guest with the application; `service` is what keeps it, where the guest's own init does.
fn specification(sandbox: &Sandbox, images: &BTreeMap<String, PathBuf>, image: &str, address: &str, service: &str) -> String {
    let wheels = fs::read_dir(&images["wheels"]).expect("a folder of wheels").map(|entry| entry.expect("an entry").path());
    let mut files = Vec::new();
    fs::create_dir_all(sandbox.files().join("wheels")).expect("a folder can be made");
    for wheel in wheels {
        let name = wheel.file_name().and_then(|name| name.to_str()).expect("a plain name").to_owned();
        if !name.starts_with("pip-") {
            fs::copy(&wheel, sandbox.files().join("wheels").join(&name)).expect("a file can be copied");
            files.push(format!("\"wheels/{name}\""));
        }
    }
    sandbox.file("main.py", APPLICATION);
    let text = format!(
        "image = \"{image}\"\n{service}\n[packages]\nfiles = [{}]\n[[files]]\npath = \"/opt/site/main.py\"\nsource = \"main.py\"\n\
         [network]\nbridge = \"lxcbr0\"\naddress = \"{address}/24\"\ngateway = \"10.0.3.1\"\n",
        files.join(", ")
    );
    sandbox.file(&format!("{image}.toml"), &text).to_str().expect("a plain name").to_owned()
}

fn import(sandbox: &Sandbox, images: &BTreeMap<String, PathBuf>, image: &str) {
    let file = images[&format!("{image}.tar.gz")].to_str().expect("a plain name");
    drop(sandbox.json(&["--yes", "guest", "image", "import", file, "--on", "lxc-1", "--name", image]).success());
}

/// Whether the application answers in its guest.
fn answers(host: &ContainerHost, guest: &str) -> Option<()> {
    let asked = format!("lxc-attach -n {guest} --clear-env -- /bin/busybox wget -q -O - http://127.0.0.1:8000/ 2>/dev/null || true");
    host.exec(&asked).contains("a page").then_some(())
}

#[test]
fn an_application_kept_by_openrc_is_reached_through_every_hop_and_each_broken_one_is_named() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let images = lab.images(&["app"]);
    let mut sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    let host = lab.host("lxc-1");
    host.exec("systemctl enable --quiet --now nginx");
    import(&sandbox, &images, "app");
    let service = "[service]\nname = \"site\"\ncommand = [\"/usr/bin/python3\", \"/opt/site/main.py\"]\n\
        [health]\nhttp = { port = 8000, path = \"/\" }\ninterval = \"1s\"";
    let spec = specification(&sandbox, &images, "app", "10.0.3.60", service);
    let guest = "lxc-1/site";
    drop(sandbox.json(&["--yes", "guest", "create", guest, "--spec", &spec]).success());
    sandbox.resolve(&[("site.example", &host.address), ("router.example", "127.0.0.2")]);
    let publish = || sandbox.json(&["--yes", "expose", "publish", guest, "site.example", "--to", "8000"]).success().data("expose-publish");
    let published = publish();
    let kinds: Vec<&str> =
        published["exposure"]["ways"][0]["hops"].as_array().expect("hops").iter().map(|hop| hop["hop"].as_str().expect("text")).collect();
    assert_eq!(kinds, ["name", "router", "firewall", "entry", "way", "guest", "process", "answer"]);
    let works = || {
        let tried = way(&sandbox, &["test", guest, "site.example"], 0);
        assert_eq!(hop(&tried, "answer")["found"], "HTTP 200", "{tried:#}");
        assert!(hop(&tried, "process")["found"].as_str().is_some_and(|found| found.contains("python3")), "{tried:#}");
    };
    works();
    let named = |by: &str| blamed(&sandbox, guest, by);
    let inside = |text: &str| host.exec(&format!("lxc-attach -n site --clear-env -- sh -c '{text}'"));

    // A name that nobody has; one whose address is a router's, which does not send it on.
    host.exec(
        "sed -i 's/server_name site.example;/server_name site.example router.example gone.invalid;/' /etc/nginx/conf.d/beffroi-*; nginx -s reload",
    );
    assert_eq!(named("gone.invalid"), is("name", "name-unknown"));
    assert_eq!(named("router.example"), is("router", "router-closed"));
    host.exec("nft add table inet closed; nft 'add chain inet closed in { type filter hook input priority 10; policy accept; }'; nft add rule inet closed in tcp dport 80 drop");
    assert_eq!(named("site.example"), is("firewall", "firewall-closed"));
    host.exec("nft delete table inet closed; systemctl stop nginx");
    assert_eq!(named("site.example"), is("entry", "entry-nginx-stopped"));
    host.exec(
        "systemctl start nginx; sed -i 's,http://10.0.3[0-9.]*:8000,http://10.0.3.250:8000,' /etc/nginx/conf.d/beffroi-*; nginx -s reload",
    );
    assert_eq!(named("site.example"), is("way", "way-elsewhere"));
    drop(publish());
    // The host lets nothing to the guest.
    host.exec("nft add table inet cut; nft 'add chain inet cut out { type filter hook output priority 10; policy accept; }'; nft add rule inet cut out ip daddr 10.0.3.0/24 tcp dport 8000 reject");
    assert_eq!(named("site.example"), is("guest", "guest-closed"));
    host.exec("nft delete table inet cut");
    inside("touch /tmp/broken");
    assert_eq!(named("site.example"), is("answer", "answer"));
    inside("rm /tmp/broken; rc-service site stop");
    assert_eq!(named("site.example"), is("process", "process-none"));
    host.exec("lxc-stop -n site -k");
    assert_eq!(named("site.example"), is("guest", "guest-stopped"));
    drop(sandbox.json(&["--yes", "guest", "start", guest]).success());
    until("OpenRC to have started the application", || answers(host, "site"));
    drop(publish());
    works();
    drop(sandbox.json(&["--yes", "expose", "withdraw", guest]).success());
    assert_eq!(named("site.example"), is("entry", "entry-default"));
}

#[test]
fn an_application_kept_by_pm2_is_reached_and_the_hop_that_it_leaves_is_named() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let images: BTreeMap<_, _> = lab.images(&["app", "node"]);
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    let host = lab.host("lxc-1");
    import(&sandbox, &images, "node");
    let spec = specification(&sandbox, &images, "node", "10.0.3.70", "");
    let guest = "lxc-1/kept";
    drop(sandbox.json(&["--yes", "guest", "create", guest, "--spec", &spec]).success());
    drop(sandbox.json(&["put", images["pm2.tar.gz"].to_str().expect("a plain name"), "lxc-1/kept:/tmp/pm2.tar.gz"]).success());
    let pm2 = |words: &str| {
        let text = format!("export HOME=/root PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin; pm2 {words}");
        host.exec(&format!("lxc-attach -n kept --clear-env -- sh -c '{text}'"))
    };
    host.exec("lxc-attach -n kept --clear-env -- tar -xzf /tmp/pm2.tar.gz -C /usr/local");
    pm2("start /opt/site/main.py --name site --interpreter /usr/bin/python3 && pm2 save");
    until("pm2 to have started the application", || answers(host, "kept"));

    let published = sandbox.json(&["--yes", "expose", "publish", guest, ":8090", "--to", "8000"]).success().data("expose-publish");
    let tried = &published["exposure"]["ways"][0];
    assert_eq!((&tried["by"], &hop(tried, "answer")["found"]), (&"dnat".into(), &"HTTP 200".into()), "{tried:#}");
    pm2("stop site");
    assert_eq!(blamed(&sandbox, guest, ":8090"), is("process", "process-none"));
    pm2("restart site");
    until("pm2 to have started it again", || answers(host, "kept"));
    assert_eq!(hop(&way(&sandbox, &["test", guest, ":8090"], 0), "answer")["found"], "HTTP 200");
    drop(sandbox.json(&["--yes", "expose", "withdraw", guest, ":8090"]).success());
    assert!(!host.exec("nft list tables").contains("beffroi"));
}
