//! `expose publish` and `withdraw`: a rule, a proxy device and a server of nginx on real hosts, what is not ours left alone; and an
//! application in a guest reached through every hop, each kind of hop then broken on purpose.

use std::fs;
use std::process::Command;

use beffroi_tests::{ContainerHost, Containers, Sandbox, until};
use serde_json::Value;

use crate::exposure::{blamed, hop, is, serve, way};
use crate::jobs_far::newest;

/// Publishes, and gives what was tried at the end.
#[track_caller]
fn publish(sandbox: &Sandbox, words: &[&str], exit: i32) -> Value {
    sandbox.json(&[&["--yes", "expose", "publish"], words].concat()).exit(exit).data("expose-publish")
}

/// The code with which a publication is refused.
#[track_caller]
fn refused(sandbox: &Sandbox, words: &[&str]) -> String {
    let answer = sandbox.json(&[&["--yes", "expose", "publish"], words].concat()).exit(7);
    answer.error()["code"].as_str().expect("a code").to_owned()
}

#[track_caller]
fn withdraw(sandbox: &Sandbox, words: &[&str]) {
    drop(sandbox.json(&[&["--yes", "expose", "withdraw"], words].concat()).success());
}

/// The keys of what a plan warns of.
#[track_caller]
fn warned(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let plan = sandbox.json(&[&["--plan", "expose", "publish"], words].concat()).success().data("expose-publish");
    let warnings = plan["hosts"][0]["warnings"].as_array().expect("warnings").iter();
    warnings.map(|warning| warning["key"].as_str().expect("a key").to_owned()).collect()
}

/// What the ledger says was published.
fn ledger(sandbox: &Sandbox, host: &str) -> Vec<String> {
    let told = sandbox.json(&["host", "ledger", host]).success().data("host-ledger");
    let entries = told["entries"].as_array().expect("entries").iter().filter(|entry| entry["kind"] == "published");
    entries.map(|entry| entry["what"].as_str().expect("text").to_owned()).collect()
}

fn answered(tried: &Value) -> &str {
    hop(&tried["exposure"]["ways"][0], "answer")["found"].as_str().unwrap_or("nothing")
}

/// Gives the guest `web` of a classic host the same address whenever it starts.
fn keep_address(host: &ContainerHost) {
    host.exec(
        "echo 'lxc.net.0.hwaddr = 00:16:3e:00:00:50' >>/var/lib/lxc/web/config
         echo 'dhcp-host=00:16:3e:00:00:50,10.0.3.50' >>/etc/lxc/dnsmasq.conf",
    );
    host.reboot();
    has_address(host);
}

fn has_address(host: &ContainerHost) {
    until("the guest to have its address", || host.exec("lxc-info -n web -iH 2>/dev/null || true").contains("10.0.3.50").then_some(()));
}

const IN_WEB: &str = "lxc-attach -n web --clear-env --";
/// An `nft` that says that it was to load rules, and goes no further.
const STUCK: &str = "printf '%s\\n' '#!/bin/sh' '[ \"$1\" = -f ] || exec /usr/sbin/nft \"$@\"' 'touch /root/halfway; exec sleep 1000' \
    >/usr/local/sbin/nft && chmod +x /usr/local/sbin/nft";
/// Somebody else's forward.
const FOREIGN: &str = "nft add table ip foreign; nft 'add chain ip foreign to { type nat hook prerouting priority dstnat; }'; \
    nft add rule ip foreign to tcp dport 8090 dnat to 10.0.3.99:80";

#[test]
fn a_rule_that_a_boot_cut_is_loaded_by_the_retry_kept_over_a_boot_and_withdrawn() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    let host = lab.host("lxc-1");
    let (guest, at) = ("lxc-1/web", ["lxc-1/web", ":8080", "--to", "8000"]);

    let warnings = warned(&sandbox, &at);
    assert!(warnings.contains(&"warning.publish-address-moves".to_owned()), "{warnings:?}");
    assert!(warnings.contains(&"note.exposure-router".to_owned()), "the lab's addresses are of a site: {warnings:?}");
    host.exec("systemctl enable --quiet nftables");
    keep_address(host);
    assert!(!warned(&sandbox, &at).contains(&"warning.publish-address-moves".to_owned()));

    host.exec(FOREIGN);
    assert_eq!(refused(&sandbox, &[guest, ":22", "--to", "8000"]), "publish-port-taken");
    assert_eq!(refused(&sandbox, &[guest, ":8090", "--to", "8000"]), "publish-port-taken");
    assert_eq!(refused(&sandbox, &[guest, ":8080", "--to", "8000", "--by", "proxy"]), "publish-no-devices");
    assert_eq!(sandbox.json(&["--yes", "expose", "withdraw", guest]).exit(2).error()["code"], "publish-nothing");

    // The host goes down in the middle.
    host.exec(STUCK);
    let running = sandbox.start(&[&["--yes", "expose", "publish"], &at[..]].concat());
    until("the rules to be loaded", || host.exec("ls /root").contains("halfway").then_some(()));
    drop(running.kill());
    assert_eq!(ledger(&sandbox, "lxc-1"), ["dnat 8080 lxc::web"], "known from before it is there");
    host.exec("rm /usr/local/sbin/nft");
    host.reboot();
    let id = newest(&sandbox)["id"].as_str().expect("an id").to_owned();
    let cut = sandbox.json(&["job", "attach", &id]).data("job-attach");
    // The boot is what is told, or that systemd, on its way down, loaded nothing any more.
    let code = cut["results"][0]["error"]["code"].as_str().unwrap_or_default();
    assert!(["host-rebooted", "guest-not-done"].contains(&code), "{cut}");
    has_address(host);
    serve(host, IN_WEB, "0.0.0.0:8000");
    drop(sandbox.json(&["--yes", "job", "retry", &id]).success());
    let tried = way(&sandbox, &["test", guest, ":8080"], 0);
    assert_eq!((&tried["by"], &tried["ours"], &hop(&tried, "answer")["found"]), (&"dnat".into(), &true.into(), &"HTTP 200".into()));

    // Once more changes nothing, and another boot brings it back.
    let state = "nft list table ip beffroi; stat -c '%n %y' /etc/beffroi/forwards/* /etc/beffroi/forwards.sh /etc/systemd/system/beffroi-*";
    let before = host.exec(state);
    assert_eq!(answered(&publish(&sandbox, &at, 0)), "HTTP 200");
    assert_eq!(host.exec(state), before);
    host.reboot();
    has_address(host);
    serve(host, IN_WEB, "0.0.0.0:8000");
    assert_eq!(hop(&way(&sandbox, &["test", guest, ":8080"], 0), "answer")["found"], "HTTP 200");
    // A firewall that is loaded again takes it along.
    host.exec("systemctl restart nftables");
    until("the rules to be loaded again", || host.exec("nft list tables").contains("table ip beffroi").then_some(()));
    host.exec(FOREIGN);

    let error = sandbox.json(&["--yes", "host", "detach", "lxc-1"]).exit(7).error();
    assert_eq!(error["code"], "publish-remains", "{error}");
    withdraw(&sandbox, &[guest, ":8080"]);
    assert_eq!(host.exec("ls -d /etc/beffroi /etc/systemd/system/*beffroi* /etc/systemd/system/*/*beffroi* 2>/dev/null || true"), "");
    let rules = host.exec("nft list ruleset");
    assert!(!rules.contains("beffroi") && rules.contains("tcp dport 8090 dnat to 10.0.3.99:80"), "{rules}");
    assert!(ledger(&sandbox, "lxc-1").is_empty());
    assert_eq!(blamed(&sandbox, guest, ":8080"), is("entry", "entry-nobody"));
}

#[test]
fn a_proxy_device_is_published_and_withdrawn() {
    let Some(lab) = Containers::up(&["incus-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["incus-1"]);
    let host = lab.host("incus-1");
    serve(host, "incus exec web --", "127.0.0.1:8000");
    host.exec("incus config device add web page proxy listen=tcp:0.0.0.0:8090 connect=tcp:127.0.0.1:8000; incus launch openrc other");
    let devices = "incus config device show web";
    let before = host.exec(devices);
    let guest = "incus-1/web";

    assert_eq!(refused(&sandbox, &[guest, ":8090", "--to", "8000"]), "publish-port-taken");
    let tried = publish(&sandbox, &[guest, ":8081", "--to", "8000"], 0);
    assert_eq!((answered(&tried), &tried["exposure"]["ways"][0]["ours"]), ("HTTP 200", &true.into()), "{tried:#}");
    assert_eq!(refused(&sandbox, &["incus-1/other", ":8081", "--to", "80"]), "publish-port-taken", "two of one port");
    let state = host.exec(devices);
    assert_eq!(answered(&publish(&sandbox, &[guest, ":8081", "--to", "8000"], 0)), "HTTP 200");
    assert_eq!(host.exec(devices), state, "once more changes nothing");
    // To another port, where nobody listens: it is led there, and the way says what is missing.
    let tried = publish(&sandbox, &[guest, ":8081", "--to", "8001"], 1);
    let way = &tried["exposure"]["ways"][0];
    let at = way["culprit"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("one is to blame");
    assert_eq!(way["hops"][at]["why"]["key"], "exposure.process-none", "{way:#}");

    withdraw(&sandbox, &[guest]);
    assert_eq!(host.exec(devices), before, "the other device stays");
    assert!(ledger(&sandbox, "incus-1").is_empty());

    // What went with its guest is forgotten when it is asked for, and not while nobody tells what there is.
    drop(publish(&sandbox, &[guest, ":8081", "--to", "8001"], 1));
    host.exec("incus delete --force web; mv /var/lib/incus/unix.socket /var/lib/incus/away");
    let taken = |sandbox: &Sandbox| sandbox.json(&["--yes", "expose", "withdraw", guest]).error()["code"].as_str().map(str::to_owned);
    assert_ne!(taken(&sandbox), None);
    assert_eq!(ledger(&sandbox, "incus-1").len(), 1, "a daemon that does not answer has not said that it is gone");
    host.exec("mv /var/lib/incus/away /var/lib/incus/unix.socket");
    assert_eq!(taken(&sandbox).as_deref(), Some("publish-nothing"));
    assert!(ledger(&sandbox, "incus-1").is_empty());
}

/// A certificate for a name, valid from and until a day such as `20200101`, with its key, as PEM after each other.
fn certificate(sandbox: &Sandbox, name: &str, from: &str, until: &str) -> String {
    let folder = sandbox.files();
    let text = "set -e
        printf '[ca]\\ndefault_ca = c\\n[c]\\ndatabase = index\\nserial = serial\\nnew_certs_dir = .\\ndefault_md = sha256\\npolicy = p\\n' >ca.cnf
        printf 'copy_extensions = copy\\nunique_subject = no\\n[p]\\ncommonName = supplied\\n' >>ca.cnf
        : >index; echo 01 >serial
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out csr.pem -subj \"/CN=$1\" -addext \"subjectAltName=DNS:$1\"
        openssl ca -batch -selfsign -keyfile key.pem -in csr.pem -out cert.pem -startdate \"$2\" -enddate \"$3\" -notext -config ca.cnf";
    let days = [from, until].map(|day| format!("{day}000000Z"));
    let made = Command::new("sh").args(["-c", text, "sh", name]).args(days).current_dir(&folder).output().expect("sh can be started");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    ["cert.pem", "key.pem"].map(|file| fs::read_to_string(folder.join(file)).expect("a file")).concat()
}

#[test]
fn a_server_of_nginx_is_published_each_of_its_hops_is_named_and_it_is_withdrawn() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let mut sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    let host = lab.host("lxc-1");
    let address = host.address.clone();
    sandbox.resolve(&[("shop.example", &address), ("cart.example", &address), ("nobody.example", &address)]);
    serve(host, IN_WEB, "0.0.0.0:8000");
    let guest = "lxc-1/web";
    host.exec("systemctl enable --quiet --now nginx");
    host.exec("echo 'server { listen 80; server_name cart.example; return 204; }' >/etc/nginx/conf.d/cart.conf; systemctl reload nginx");
    let foreign = host.exec("cat /etc/nginx/sites-enabled/* /etc/nginx/conf.d/cart.conf");

    assert_eq!(refused(&sandbox, &[guest, "cart.example", "--to", "8000"]), "publish-name-taken");
    assert_eq!(blamed(&sandbox, guest, "nobody.example"), is("entry", "entry-default"));
    let tried = publish(&sandbox, &[guest, "shop.example", "--to", "8000"], 0);
    assert_eq!((answered(&tried), &tried["exposure"]["ways"][0]["ours"]), ("HTTP 200", &true.into()), "{tried:#}");
    let state = "cat /etc/nginx/conf.d/*; stat -c '%n %y' /etc/nginx/conf.d/*";
    let before = host.exec(state);
    assert_eq!(answered(&publish(&sandbox, &[guest, "shop.example", "--to", "8000"], 0)), "HTTP 200");
    assert_eq!(host.exec(state), before, "once more changes nothing");

    // One that nginx refuses is put back.
    let tls = [guest, "shop.example:443", "--to", "8000", "--certificate", "/etc/nginx/shop.pem", "--key", "/etc/nginx/shop.pem"];
    let failed = sandbox.json(&[&["--yes", "expose", "publish"], &tls[..]].concat()).exit(1).data("expose-publish");
    assert!(failed["results"][0]["error"]["message"].as_str().is_some_and(|said| said.contains("nginx refuses it")), "{failed}");
    assert_eq!(host.exec(state), before);

    // A certificate, one that is over, and one for another name.
    let give = |pem: &str| host.exec(&format!("umask 077; cat >/etc/nginx/shop.pem <<'PEM'\n{pem}PEM\nsystemctl reload nginx"));
    give(&certificate(&sandbox, "shop.example", "20260101", "20660101"));
    let tried = publish(&sandbox, &tls, 0);
    assert_eq!(answered(&tried), "HTTP 200", "{tried:#}");
    give(&certificate(&sandbox, "shop.example", "20200101", "20200201"));
    assert_eq!(blamed(&sandbox, guest, "shop.example:443"), is("certificate", "certificate-expired"));
    give(&certificate(&sandbox, "other.example", "20260101", "20660101"));
    assert_eq!(blamed(&sandbox, guest, "shop.example:443"), is("certificate", "certificate-other"));

    // It leads elsewhere; then nginx does not run.
    let file = "/etc/nginx/conf.d/beffroi-shop.example-80.conf";
    host.exec(&format!("sed -i 's,http://10.0.3[0-9.]*:8000,http://10.0.3.250:8000,' {file}; systemctl reload nginx"));
    assert_eq!(blamed(&sandbox, guest, "shop.example:80"), is("way", "way-elsewhere"));
    assert_eq!(answered(&publish(&sandbox, &[guest, "shop.example", "--to", "8000"], 0)), "HTTP 200", "and is put right");
    host.exec("systemctl stop nginx");
    assert_eq!(blamed(&sandbox, guest, "shop.example:80"), is("entry", "entry-nginx-stopped"));
    host.exec("systemctl start nginx");

    withdraw(&sandbox, &[guest, "shop.example"]);
    assert_eq!(
        host.exec("ls /etc/nginx/conf.d; cat /etc/nginx/sites-enabled/* /etc/nginx/conf.d/cart.conf"),
        format!("cart.conf\n{foreign}")
    );
    assert!(ledger(&sandbox, "lxc-1").is_empty());
    assert_eq!(blamed(&sandbox, guest, "shop.example"), is("entry", "entry-default"));
}
