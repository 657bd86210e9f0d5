//! What a survey tells of whole machines, and what differs between two of them.

use beffroi_tests::{Containers, Sandbox};
use serde_json::{Value, json};

#[test]
fn a_survey_tells_what_a_machine_is() {
    let Some(lab) = Containers::up(&["deb-1", "busy-1", "busy-2"]) else { return };
    let (sandbox, names) = (Sandbox::with_vault(), ["busy-1", "busy-2", "deb-1"]);
    lab.known_to(&sandbox, &names);
    let results = sandbox.json(&["host", "survey", "all"]).success().data("host-survey")["results"].take();
    for (name, result) in names.iter().zip(results.as_array().unwrap()) {
        let (facts, host) = (&result["survey"]["facts"], lab.host(name));
        assert_eq!((&result["host"], &facts["hostname"], &facts["uid"]), (&json!(name), &json!(name), &json!(0)), "{result}");
        assert_eq!(facts["kernel"], host.exec("uname -r").trim(), "{name}");
        let entries = |area: &str| facts[area].as_array().unwrap_or_else(|| panic!("{name}: {area}: {}", facts["missing"])).clone();
        let root = entries("disks").into_iter().find(|disk| disk["mount"] == "/").unwrap();
        assert!(root["total_bytes"].as_u64() > Some(0), "{name}: {root}");
        let ssh = |listener: &Value| listener["port"] == 22 && listener["protocol"] == "tcp";
        assert!(entries("listeners").iter().any(ssh), "{name}: {}", facts["listeners"]);
        assert!(entries("accounts").iter().any(|account| account["name"] == "root" && account["uid"] == 0), "{name}");
        let keys: Vec<Value> = entries("host_keys").iter().map(|key| key["fingerprint"].clone()).collect();
        assert!(host.fingerprints.values().all(|fingerprint| keys.contains(&json!(fingerprint))), "{name}: {keys:?}");
        let key = client_fingerprint(&lab);
        assert!(entries("authorized_keys").iter().any(|known| known["account"] == "root" && known["fingerprint"] == key), "{name}");
        assert_eq!(facts["init"], if *name == "deb-1" { "systemd" } else { "init" }, "{name}");
    }
    let (busy, deb) = (&results[0]["survey"]["facts"], &results[2]["survey"]["facts"]);
    assert_eq!((&busy["os_id"], &deb["os_id"], &busy["python3"]), (&json!("busybox"), &json!("debian"), &Value::Null));
    let logins: Vec<&str> = deb["accounts"].as_array().unwrap().iter().filter_map(|account| account["name"].as_str()).collect();
    assert!(["root", "admin", "ops", "fr"].iter().all(|name| logins.contains(name)), "{logins:?}");
    let rules = deb["sudo"]["rules"].as_array().unwrap();
    assert!(rules.iter().any(|rule| rule["who"] == "ops" && rule["no_password"] == true), "{rules:?}");
    assert_eq!(deb["sshd"]["passwordauthentication"], "yes", "{}", deb["sshd"]);
}

#[test]
fn what_weakens_a_host_is_told_first() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    lab.known_to(&sandbox, &["deb-1"]);
    drop(sandbox.beffroi(&["host", "survey", "deb-1"]).success());
    assert_eq!(sandbox.json(&["host", "diff", "deb-1"]).exit(2).error()["code"], "nothing-to-compare");

    host.exec("useradd --create-home --shell /bin/bash mallory");
    host.exec("install -d -m 700 -o mallory -g mallory /home/mallory/.ssh && cp /root/.ssh/authorized_keys /home/mallory/.ssh/");
    host.exec("echo '*/5 * * * * root true' >/etc/cron.d/often");
    let listen = "import socket,time;s=socket.socket();s.bind((\"0.0.0.0\",4444));s.listen();time.sleep(3600)";
    host.exec(&format!("systemd-run --quiet --unit listens python3 -c '{listen}'"));
    host.exec("for i in $(seq 100); do ss -Hltn sport = :4444 | grep -q . && exit 0; sleep 0.1; done; exit 1");
    drop(sandbox.beffroi(&["host", "survey", "deb-1", "--refresh"]).success());

    let found = sandbox.json(&["host", "diff", "deb-1"]).success().data("host-diff");
    let differences = found["differences"].as_array().unwrap();
    let rank =
        |difference: &Value| ["security", "change", "noise"].iter().position(|severity| difference["severity"] == **severity).unwrap();
    assert!(differences.is_sorted_by_key(rank), "{found}");
    let security = |area: &str, names: &str| {
        let of_area = |difference: &&Value| difference["area"] == area && difference["severity"] == "security";
        let appeared = |difference: &&Value| difference["before"] == Value::Null && difference["path"].to_string().contains(names);
        differences.iter().filter(of_area).any(|difference| appeared(&difference))
    };
    assert!(security("accounts", "mallory") && security("authorized_keys", "mallory") && security("listeners", "4444"), "{found}");
    let cron = differences.iter().find(|difference| difference["area"] == "cron").unwrap_or_else(|| panic!("{found}"));
    assert_eq!(cron["severity"], "change");
    assert!(differences.iter().all(|difference| difference["severity"] != "noise"), "{found}");
    let noisy = sandbox.json(&["host", "diff", "deb-1", "--noise"]).success().data("host-diff");
    assert!(noisy["differences"].as_array().unwrap().iter().any(|difference| difference["severity"] == "noise"), "{noisy}");
    let text = sandbox.beffroi(&["host", "diff", "deb-1"]).success().stdout;
    assert!(text.find("mallory") < text.find("often"), "{text}");
}

fn client_fingerprint(lab: &Containers) -> Value {
    let told = std::process::Command::new("ssh-keygen").arg("-lf").arg(lab.client_key()).output().expect("ssh-keygen is installed");
    json!(String::from_utf8_lossy(&told.stdout).split(' ').nth(1).expect("a fingerprint"))
}
