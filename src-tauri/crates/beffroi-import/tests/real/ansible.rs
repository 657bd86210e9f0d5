//! Ansible: the hosts, groups and variables that `ansible-inventory` sees, what `ansible-vault` encrypted, and what it opens.

use std::collections::BTreeMap;
use std::path::Path;

use beffroi_import::formats::ansible::vault::seal;
use beffroi_import::{Entry, Format, Parsed, Reading, Source, Unlock, Work, detect, read};
use beffroi_secret::{SecretBytes, SecretText};
use serde_json::Value;

use crate::{Tool, tool};

fn write(folder: &Path, path: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

fn unlock(passwords: &[&str]) -> Unlock {
    let text = |text: &&str| SecretText::new((*text).to_owned());
    Unlock { password: passwords.first().map(text), identities: passwords.iter().skip(1).map(text).collect(), ..Unlock::default() }
}

fn read_at(path: &Path, unlock: &Unlock) -> Parsed {
    let (source, work) = (Source::open(path).expect("open"), Work::default());
    let format = detect(&source).expect("a format");
    read(format, &Reading { source: &source, unlock, work: &work }).expect("read")
}

fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("", |value| value.expose())
}

fn named<'a>(parsed: &'a Parsed, title: &str) -> &'a Entry {
    parsed.entries.iter().find(|entry| entry.title == title).expect(title)
}

/// What `ansible-inventory` says of each host: address, port, account; and its groups.
fn seen(tool: &Tool, words: &[&str]) -> BTreeMap<String, (String, u16, Option<String>, Vec<String>)> {
    let list: Value = serde_json::from_slice(&tool.run(words, "")).expect("JSON");
    let groups = list.as_object().expect("groups");
    let strings =
        |value: &Value| -> Vec<String> { value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect() };
    let within = |host: &str| {
        let mut found: Vec<String> = Vec::new();
        let mut next: Vec<String> = groups
            .iter()
            .filter(|(_, group)| strings(&group["hosts"]).iter().any(|name| name == host))
            .map(|(name, _)| name.clone())
            .collect();
        while let Some(name) = next.pop() {
            next.extend(groups.iter().filter(|(_, group)| strings(&group["children"]).contains(&name)).map(|(name, _)| name.clone()));
            if name != "all" && name != "ungrouped" && !found.contains(&name) {
                found.push(name);
            }
        }
        found.sort();
        found
    };
    let hosts = list["_meta"]["hostvars"].as_object().expect("hosts");
    let of = |(name, said): (&String, &Value)| {
        let port = said["ansible_port"].as_u64().or_else(|| said["ansible_port"].as_str()?.parse().ok()).unwrap_or(22);
        let address = said["ansible_host"].as_str().unwrap_or(name).to_owned();
        (name.clone(), (address, u16::try_from(port).expect("a port"), said["ansible_user"].as_str().map(str::to_owned), within(name)))
    };
    hosts.iter().map(of).collect()
}

fn ours(parsed: &Parsed) -> BTreeMap<String, (String, u16, Option<String>, Vec<String>)> {
    let of = |host: &beffroi_import::Host| {
        let mut groups = host.tags.clone();
        groups.sort();
        (host.name.clone(), (host.address.clone(), host.port.unwrap_or(22), host.user.clone(), groups))
    };
    parsed.hosts.iter().map(of).collect()
}

const INI: &str = "\
mail ansible_host=192.0.2.9 ansible_user=\"post master\" # the old one

[web]
web[01:03].example.org ansible_port=2200
web09.example.org:2209 ansible_user=nine

[db]
db-[a:b] ansible_user='dba'
[2001:db8::5]:2022

[prod:children]
web
db

[staging]
stage1

[web:vars]
ansible_user=web
ansible_ssh_common_args='-o ProxyJump=ops@bastion:2222'

[prod:vars]
ansible_user=prod
ansible_port=2100

[all:vars]
ansible_user=anybody
";

#[test]
fn a_project_is_what_ansible_sees() {
    let (Some(inventory), Some(vault)) = (tool("ansible-inventory"), tool("ansible-vault")) else { return };
    let home = inventory.home();
    write(vault.home(), "one", "first one\n");
    write(vault.home(), "two", "second-two\n");
    write(home, "one", "first one\n");
    write(home, "two", "second-two\n");
    let inline = |name: &str, clear: &str, id: &str| {
        let text =
            vault.run(["encrypt_string", "--encrypt-vault-id", id, "--vault-id", &format!("{id}@{id}"), "--stdin-name", name], clear);
        String::from_utf8(text).expect("text")
    };
    write(home, "ansible.cfg", "[defaults]\ninventory = ./hosts\n");
    write(home, "hosts", INI);
    write(home, "group_vars/all.yml", "ansible_port: 22\nmotd: hello\n");
    write(home, "group_vars/prod.yml", "ansible_user: fromfile\nsmtp_password: \"{{ vault_smtp }}\"\n");
    write(home, "group_vars/web/main.yml", format!("ansible_port: 2222\n{}", inline("ansible_password", "w€b pass", "one")));
    write(
        home,
        "host_vars/db-a.yml",
        format!(
            "ansible_host: 198.51.100.7\nnested:\n  list:\n    - {}",
            inline("x", "deep", "two").replace("x: ", "").replace('\n', "\n  ")
        ),
    );
    write(vault.home(), "vault.yml", "vault_smtp: s3cret\nansible_become_password: root one\napi:\n  token: t0ken\n");
    vault.run(["encrypt", "--encrypt-vault-id", "two", "--vault-id", "two@two", "vault.yml"], "");
    std::fs::create_dir_all(home.join("group_vars/db")).expect("made");
    std::fs::copy(vault.home().join("vault.yml"), home.join("group_vars/db/vault.yml")).expect("copied");
    write(vault.home(), "key", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
    vault.run(["encrypt", "--encrypt-vault-id", "one", "--vault-id", "one@one", "key"], "");
    std::fs::create_dir_all(home.join("roles/x/files")).expect("made");
    std::fs::copy(vault.home().join("key"), home.join("roles/x/files/deploy")).expect("copied");

    let parsed = read_at(home, &unlock(&["first one", "second-two\n"]));
    assert_eq!(ours(&parsed), seen(&inventory, &["--list", "-i", "hosts", "--vault-id", "one@one", "--vault-id", "two@two"]));
    assert_eq!(parsed.refused.iter().map(|refused| (&refused.what, refused.why)).collect::<Vec<_>>(), []);

    let web = named(&parsed, "fromfile@web01.example.org");
    assert_eq!((value(web), web.user.as_deref()), ("w€b pass", Some("fromfile")));
    assert_eq!(web.hosts, ["web01.example.org", "web02.example.org", "web03.example.org"]);
    assert_eq!(value(named(&parsed, "nine@web09.example.org")), "w€b pass");
    let host = parsed.hosts.iter().find(|host| host.name == "web01.example.org").expect("web01");
    assert_eq!((host.credential.as_deref(), host.stage.as_deref()), (Some("group_vars/web/main.yml#ansible_password"), Some("prod")));
    assert_eq!(host.jump, ["ops@bastion:2222"]);
    assert_eq!(value(named(&parsed, "dba@db-a")), "root one");
    for (title, expected) in [("vault_smtp", "s3cret"), ("api.token", "t0ken"), ("nested.list[0]", "deep")] {
        assert_eq!(value(named(&parsed, title)), expected);
    }
    assert!(value(named(&parsed, "deploy")).starts_with("-----BEGIN"));
    assert!(parsed.notices.iter().any(|notice| notice.key == "ansible-jinja" && notice.what == "group_vars/prod.yml#smtp_password"));

    // With one password of two, what it opens is there, and the rest is told.
    let half = read_at(home, &unlock(&["first one"]));
    assert!(half.refused.iter().any(|refused| refused.what == "group_vars/db/vault.yml" && refused.why == "wrong-password"));
    assert_eq!(half.hosts.len(), parsed.hosts.len());
    let again = read_at(home, &unlock(&["first one", "second-two"]));
    let origins = |parsed: &Parsed| parsed.entries.iter().map(|entry| entry.origin.clone()).collect::<Vec<_>>();
    assert_eq!(origins(&again), origins(&parsed));
}

const YAML: &str = "\
all:
  vars: {ansible_user: anybody}
  hosts:
    lone:
    alias: {ansible_host: 203.0.113.4, ansible_port: 2022}
  children:
    production:
      children:
        web: {hosts: {'w[1:3]': {ansible_user: w}, v1: }}
        z_last: {hosts: {v1: }, vars: {ansible_user: z, ansible_port: 1}}
      vars: {ansible_port: 2, ansible_user: p}
    a_low:
      hosts: {v1: }
      vars: {ansible_user: a, ansible_host: low}
    heavy:
      hosts: {lone: }
      vars: {ansible_user: heavy, ansible_group_priority: 10}
    light:
      hosts: {lone: }
      vars: {ansible_user: light}
";

#[test]
fn a_yaml_inventory_has_the_precedence_of_ansible() {
    let Some(inventory) = tool("ansible-inventory") else { return };
    write(inventory.home(), "hosts.yml", YAML);
    let parsed = read_at(&inventory.home().join("hosts.yml"), &Unlock::default());
    assert_eq!(ours(&parsed), seen(&inventory, &["--list", "-i", "hosts.yml"]));
    assert_eq!(parsed.hosts.len(), 6);
}

#[test]
fn ansible_vault_opens_what_is_written_here() {
    let Some(vault) = tool("ansible-vault") else { return };
    write(vault.home(), "password", "correct horse\n");
    let clear = "db_password: 'hünter2'\nlong: ".to_owned() + &"x".repeat(1000) + "\n";
    for id in [None, Some("prod")] {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).expect("random");
        let (bytes, password) = (SecretBytes::new(clear.clone().into_bytes()), SecretText::new("correct horse".to_owned()));
        write(vault.home(), "sealed.yml", seal(&bytes, &password, id, &salt).expect("sealed"));
        let words = ["view", "--vault-id", &format!("{}@password", id.unwrap_or("default")), "sealed.yml"];
        assert_eq!(vault.run(words, ""), clear.as_bytes());
        let parsed = read_at(&vault.home().join("sealed.yml"), &unlock(&["correct horse"]));
        assert_eq!(value(named(&parsed, "db_password")), "hünter2");
    }
    assert_eq!(Format::named("ansible-vault"), Some(Format::AnsibleVault));
}
