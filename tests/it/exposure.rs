//! `expose`: the way from a name to a process in a guest, drawn, tried, and each kind of hop broken on purpose.

use beffroi_tests::{ContainerHost, Containers, Sandbox};
use serde_json::Value;

/// A web page of the guest `web`, from its own small server, on an address of its choice.
pub(crate) fn serve(host: &ContainerHost, enter: &str, listen: &str) {
    host.exec(&format!(
        "{enter} sh -c 'mkdir -p /tmp/www; echo page > /tmp/www/index.html; killall httpd 2>/dev/null; httpd -p {listen} -h /tmp/www'"
    ));
}

/// The one way that is told.
#[track_caller]
pub(crate) fn way(sandbox: &Sandbox, words: &[&str], exit: i32) -> Value {
    let told = sandbox.json(&[&["expose"], words].concat()).exit(exit).data(&format!("expose-{}", words[0]));
    let ways = told["ways"].as_array().expect("ways");
    assert_eq!(ways.len(), 1, "{told:#}");
    ways[0].clone()
}

pub(crate) fn hop<'a>(way: &'a Value, kind: &str) -> &'a Value {
    way["hops"].as_array().expect("hops").iter().find(|hop| hop["hop"] == kind).unwrap_or(&Value::Null)
}

/// Tries the way, and says which hop is to blame and why.
#[track_caller]
pub(crate) fn blamed(sandbox: &Sandbox, guest: &str, by: &str) -> (String, String) {
    let way = way(sandbox, &["test", guest, by], 1);
    let at = way["culprit"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("one is to blame");
    let hop = &way["hops"][at];
    (hop["hop"].as_str().expect("text").to_owned(), hop["why"]["key"].as_str().expect("text").to_owned())
}

pub(crate) fn is(hop: &str, why: &str) -> (String, String) {
    (hop.to_owned(), format!("exposure.{why}"))
}

#[test]
fn a_forward_of_nftables_is_followed_and_each_broken_hop_is_named() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["lxc-1"]);
    let host = lab.host("lxc-1");
    let enter = "lxc-attach -n web --clear-env --";
    serve(host, enter, "0.0.0.0:8000");
    let address = host.exec("lxc-info -n web -iH").lines().next().expect("an address").trim().to_owned();
    let forward = |to: &str| {
        host.exec("nft delete table ip forwards 2>/dev/null || true");
        host.exec(&format!("nft add table ip forwards; nft 'add chain ip forwards to {{ type nat hook prerouting priority dstnat; }}'; nft add rule ip forwards to tcp dport 8080 dnat to {to}"));
    };
    forward(&format!("{address}:8000"));

    let shown = way(&sandbox, &["show", "lxc-1/web"], 0);
    assert_eq!((&shown["by"], &shown["port"]), (&"dnat".into(), &8080.into()));
    assert!(hop(&shown, "process")["found"].as_str().is_some_and(|found| found.contains("httpd")), "{shown:#}");
    assert_eq!(hop(&way(&sandbox, &["test", "lxc-1/web", ":8080"], 0), "answer")["found"], "HTTP 200");
    let drawn = sandbox.beffroi(&["expose", "test", "lxc-1/web", ":8080"]).success().stdout;
    assert!(drawn.starts_with(":8080 (by a rule of the firewall)\n") && drawn.lines().count() == 7, "{drawn}");

    // A name that nobody has.
    assert_eq!(blamed(&sandbox, "lxc-1/web", "shop.invalid:8080"), is("name", "name-unknown"));
    // The process listens on the loopback only, then not at all.
    serve(host, enter, "127.0.0.1:8000");
    assert_eq!(blamed(&sandbox, "lxc-1/web", ":8080"), is("process", "process-loopback"));
    host.exec(&format!("{enter} killall httpd"));
    assert_eq!(blamed(&sandbox, "lxc-1/web", ":8080"), is("process", "process-none"));
    serve(host, enter, "0.0.0.0:8000");
    // The forward leads to where the guest once was.
    forward("10.0.3.250:8000");
    assert_eq!(blamed(&sandbox, "lxc-1/web", ":8080"), is("way", "way-elsewhere"));
    forward(&format!("{address}:8000"));
    // The host lets nothing through.
    host.exec("nft add table inet closed; nft 'add chain inet closed through { type filter hook forward priority 10; policy accept; }'; nft add rule inet closed through tcp dport 8000 drop");
    assert_eq!(blamed(&sandbox, "lxc-1/web", ":8080"), is("firewall", "firewall-closed"));
    host.exec("nft delete table inet closed");
    assert_eq!(hop(&way(&sandbox, &["test", "lxc-1/web", ":8080"], 0), "answer")["found"], "HTTP 200");
    // Nothing leads there.
    assert_eq!(blamed(&sandbox, "lxc-1/web", ":9999"), is("entry", "entry-nobody"));
    // The guest does not run.
    host.exec("lxc-stop -n web -k");
    assert_eq!(blamed(&sandbox, "lxc-1/web", ":8080"), is("guest", "guest-stopped"));
}

#[test]
fn a_proxy_device_of_incus_is_followed() {
    let Some(lab) = Containers::up(&["incus-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["incus-1"]);
    let host = lab.host("incus-1");
    serve(host, "incus exec web --", "127.0.0.1:8000");
    host.exec("incus config device add web page proxy listen=tcp:0.0.0.0:8081 connect=tcp:127.0.0.1:8000");
    let tried = way(&sandbox, &["test", "incus-1/web", ":8081"], 0);
    assert_eq!((&tried["by"], &hop(&tried, "answer")["found"]), (&"proxy".into(), &"HTTP 200".into()), "{tried:#}");
    host.exec("incus exec web -- killall httpd");
    assert_eq!(blamed(&sandbox, "incus-1/web", ":8081"), is("process", "process-none"));
    serve(host, "incus exec web --", "127.0.0.1:8000");
    host.exec("nft add table inet closed; nft 'add chain inet closed in { type filter hook input priority 10; policy accept; }'; nft add rule inet closed in tcp dport 8081 drop");
    assert_eq!(blamed(&sandbox, "incus-1/web", ":8081"), is("firewall", "firewall-closed"));
}
