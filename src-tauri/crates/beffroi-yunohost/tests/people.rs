//! Accounts, groups, permissions and SSH keys, seen through on the lab's stand-in; and what the guards keep from happening.

mod common;

use beffroi_domain::Exit;
use beffroi_yunohost::{Cause, CheckResult, Operation, Outcome, Raw, Refusal, Seen, Verdict, Weight, YunohostFacts};
use common::{ON, StandIn, given, list, secret, surveyed_on, surveyed_with, text};
use serde_json::{Value, json};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEEdHxxV6yizeHIoZs9N9YtEacdM+B/+Teela/2HQuGC";

fn because(cause: Cause, about: &str) -> Refusal {
    Refusal::Foreseen { cause, about: about.to_owned() }
}

/// What an operation is given.
type Raws = Vec<(&'static str, Raw)>;

fn person(username: &str, mut more: Raws) -> Raws {
    more.extend([("username", text(username)), ("fullname", text("Some Body")), ("password", secret("Canary-Passw0rd-4711"))]);
    more
}

fn edit(username: &str, mut more: Raws) -> Raws {
    more.push(("username", text(username)));
    more
}

fn group(name: &str, mut more: Raws) -> Raws {
    more.push(("group", text(name)));
    more
}

fn permission(name: &str, names: &[&str]) -> Raws {
    vec![("permission", text(name)), ("names", list(names))]
}

fn key(username: &str, key: &str) -> Raws {
    vec![("username", text(username)), ("key", text(key))]
}

/// Why a guard says no, by what a survey found; for guards that need no more than that.
#[track_caller]
fn refused(facts: &YunohostFacts, operation: &str, raw: Raws) -> Refusal {
    let (operation, mut given) = given(operation, raw);
    operation.guard(&mut given, &Seen { facts, answers: &[] }).expect_err("a guard says no")
}

/// The keys of what speaks against an operation that its guard allows.
async fn warned(lab: &StandIn, operation: &str, raw: Vec<(&str, Raw)>) -> Vec<&'static str> {
    let (operation, mut given) = given(operation, raw);
    let (facts, answers) = surveyed_with(&lab.remote, &(operation.asks)(&given)).await.expect("a YunoHost");
    let seen = Seen { facts: &facts, answers: &answers };
    assert_eq!(operation.guard(&mut given, &seen), Ok(()));
    operation.warnings(&given, &seen).iter().map(|message| message.key).collect()
}

/// A house whose catalog of applications is gone: what the portal needs is not written, after everything else was.
fn without_catalog() -> StandIn {
    StandIn::seeded(&json!({"apps": [{"id": "wiki", "path": "/wiki", "allowed": ["all_users"]}], "no_catalog": true}))
}

#[tokio::test]
async fn a_login_shell_is_kept_by_an_edit_and_proved() {
    let lab = StandIn::new();
    lab.through("user-add", person("elise", vec![("shell", text("/bin/sh"))]), Verdict::Done).await;
    let record = lab.through("user-edit", edit("elise", vec![("mailbox-quota", text("1G"))]), Verdict::Done).await;
    assert_eq!(record.given["shell"], "/bin/sh", "said, as YunoHost would set another");
    // What an edit does that says nothing of it.
    assert!(lab.unguarded("user-edit", edit("elise", vec![("mailbox-quota", text("2G"))])).await.succeeded);
    let CheckResult::NotHeld(message) = record.check(&lab.remote).await.expect("a check") else { unreachable!("the shell is another") };
    assert_eq!(message.values, [("fields", "shell, mailbox-quota".to_owned())]);
    let record = lab.through("user-edit", edit("elise", vec![("fullname", text("Élise D"))]), Verdict::Done).await;
    assert!(!record.given.contains_key("shell"), "the usual one needs no saying");
    let unknown = lab.unguarded("user-edit", edit("elise", vec![("shell", text("/bin/nope"))])).await;
    assert_eq!(unknown.cause, Some(Cause::InvalidArgument));
}

#[tokio::test]
async fn logins_that_are_taken_are_refused() {
    let lab = StandIn::new();
    lab.through("user-edit", edit("noemie", vec![("fullname", text("Carol"))]), Verdict::Done).await;
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    assert_eq!(refused(&facts, "user-add", person("camille", vec![])), because(Cause::UserExists, "camille"));
    assert_eq!(refused(&facts, "user-add", person("atelier", vec![])), because(Cause::UserExists, "atelier"));
    assert_eq!(refused(&facts, "user-add", person("carol", vec![])), because(Cause::FullnameTaken, "carol"));
    let domain = || vec![("domain", text("atelier-dubois.example"))];
    assert_eq!(lab.unguarded("user-add", person("carol", domain())).await.cause, Some(Cause::FullnameTaken));

    // A group of the system would be deleted.
    assert_eq!(refused(&facts, "user-add", person("video", vec![])), because(Cause::SystemNameTaken, "video"));
    let made = lab.unguarded("user-add", person("video", domain())).await;
    assert!(made.succeeded && made.warnings.iter().any(|line| line.contains("YunoHost will remove it")), "{made:?}");
}

#[tokio::test]
async fn addresses_of_others_are_refused() {
    let lab = StandIn::new();
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    let alias = |address: &str| edit("julien", vec![("add-mailalias", list(&[address]))]);
    let cases = [
        ("contact@atelier-dubois.example", Cause::AddressTaken),
        ("sarah_k@dubois-joinery.example", Cause::AddressTaken),
        ("abuse@atelier-dubois.example", Cause::ReservedName),
        ("a+b@atelier-dubois.example", Cause::InvalidArgument),
    ];
    for (address, cause) in cases {
        assert_eq!(refused(&facts, "user-edit", alias(address)), because(cause, address));
        assert_eq!(lab.unguarded("user-edit", alias(address)).await.cause, Some(cause));
    }
    assert_eq!(refused(&facts, "user-edit", alias("x@other.example")), because(Cause::DomainUnknown, "other.example"));
    assert_eq!(refused(&facts, "user-edit", edit("nobody", vec![("fullname", text("N"))])), because(Cause::UserUnknown, "nobody"));
    // Of another group, which is not read: YunoHost refuses, and nothing is done.
    lab.through("user-edit", alias("compta@atelier-dubois.example"), Verdict::NotDone).await;
    assert_eq!(lab.unguarded("user-edit", alias("compta@atelier-dubois.example")).await.cause, Some(Cause::AddressTaken));

    for param in ["remove-mailalias", "remove-mailforward"] {
        let remove = || edit("julien", vec![(param, list(&["gone@atelier-dubois.example"]))]);
        assert_eq!(refused(&facts, "user-edit", remove()), because(Cause::AddressUnknown, "gone@atelier-dubois.example"));
        assert_eq!(lab.unguarded("user-edit", remove()).await.cause, Some(Cause::AddressUnknown));
    }
}

#[tokio::test]
async fn forwards_are_not_added_and_removed_at_once() {
    let lab = StandIn::new();
    let both = || {
        let (new, old) = (list(&["new@partner.example"]), list(&["sarah@partner.example"]));
        edit("sarah_k", vec![("add-mailforward", new), ("remove-mailforward", old)])
    };
    assert_eq!(lab.refused("user-edit", both()).await, because(Cause::NotTogether, "add-mailforward, remove-mailforward"));
    assert!(lab.unguarded("user-edit", both()).await.succeeded, "YunoHost says it did both");
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    assert!(facts.users.value().expect("users")["sarah_k"].mail_forwards.is_empty(), "and did one");
    lab.through("user-edit", edit("sarah_k", vec![("add-mailforward", list(&["new@partner.example"]))]), Verdict::Done).await;
}

#[tokio::test]
async fn a_new_main_address_gives_up_the_former() {
    let lab = StandIn::new();
    let mail = |address: &str| edit("noemie", vec![("mail", text(address))]);
    assert_eq!(warned(&lab, "user-edit", mail("n@atelier-dubois.example")).await, ["warning.ynh-address-given-up"]);
    assert!(warned(&lab, "user-edit", mail("noemie@atelier-dubois.example")).await.is_empty());
    lab.through("user-edit", mail("n@atelier-dubois.example"), Verdict::Done).await;
    lab.through("user-edit", edit("noemie", vec![("add-mailalias", list(&["noemie@atelier-dubois.example"]))]), Verdict::Done).await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let lab = StandIn::new();
    lab.through("group-remove", group("admins", vec![("users", list(&["julien"]))]), Verdict::Done).await;
    let last = because(Cause::LastAdmin, "camille");
    assert_eq!(lab.refused("user-remove", vec![("username", text("camille"))]).await, last);
    let leave = || group("admins", vec![("users", list(&["julien", "camille"]))]);
    assert_eq!(lab.refused("group-remove", leave()).await, last);
    assert_eq!(lab.unguarded("group-remove", leave()).await.cause, Some(Cause::LastAdmin));

    // What the guard keeps from happening: the account is in no group any more, and cannot be put back.
    assert_eq!(lab.unguarded("user-remove", vec![("username", text("camille"))]).await.cause, Some(Cause::LastAdmin));
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    let groups = facts.groups.value().expect("groups");
    assert!(facts.users.value().expect("users").contains_key("camille") && !groups["all_users"].members.contains(&"camille".to_owned()));
    let back = lab.unguarded("group-add", group("all_users", vec![("users", list(&["camille"]))])).await;
    assert_eq!(back.cause, Some(Cause::GroupProtected));

    let (operation, admins) = given("group-remove", leave());
    assert_eq!(operation.weight(&admins), Weight::LocksOut);
    let (operation, others) = given("group-remove", group("atelier", vec![("users", list(&["julien"]))]));
    assert_eq!(operation.weight(&others), Weight::Light);
}

#[tokio::test]
async fn a_group_from_its_making_to_its_end() {
    let lab = StandIn::new();
    lab.through("group-create", group("famille", vec![]), Verdict::Done).await;
    lab.through("group-add", group("famille", vec![("users", list(&["noemie", "h.moreau"]))]), Verdict::Done).await;
    lab.through("group-add", group("famille", vec![("users", list(&["noemie"]))]), Verdict::Done).await;
    lab.through("group-remove", group("famille", vec![("users", list(&["noemie", "julien"]))]), Verdict::Done).await;
    let aliases = || vec![("aliases", list(&["famille@atelier-dubois.example", "nous@dubois-joinery.example"]))];
    lab.through("group-add-mailalias", group("famille", aliases()), Verdict::Done).await;
    let record = lab.through("group-remove-mailalias", group("famille", aliases()), Verdict::Done).await;
    lab.through("permission-add", permission("vaultwarden.main", &["famille"]), Verdict::Done).await;
    let deleted = lab.through("group-delete", group("famille", vec![]), Verdict::Done).await;
    let gone = CheckResult::NotHeld(beffroi_domain::Message::new("found.missing").with("what", "famille"));
    assert_eq!(record.check(&lab.remote).await.expect("a check"), gone);
    lab.through("group-create", group("famille", vec![]), Verdict::Done).await;
    assert!(matches!(deleted.check(&lab.remote).await.expect("a check"), CheckResult::NotHeld(_)));
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    assert!(!facts.permissions.value().expect("permissions")["vaultwarden.main"].allowed.contains(&"famille".to_owned()));
}

#[tokio::test]
async fn groups_that_are_not_for_administrators_are_refused() {
    let lab = StandIn::new();
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    let users = || vec![("users", list(&["noemie"]))];
    for (operation, more) in [("group-add", users as fn() -> Raws), ("group-remove", users), ("group-delete", Vec::new)] {
        for name in ["all_users", "visitors", "noemie"] {
            assert_eq!(refused(&facts, operation, group(name, more())), because(Cause::GroupProtected, name), "{operation}");
            assert_eq!(lab.unguarded(operation, group(name, more())).await.cause, Some(Cause::GroupProtected), "{operation}");
        }
        assert_eq!(refused(&facts, operation, group("nope", more())), because(Cause::GroupUnknown, "nope"), "{operation}");
        assert_eq!(lab.unguarded(operation, group("nope", more())).await.cause, Some(Cause::GroupUnknown), "{operation}");
    }
    assert_eq!(refused(&facts, "group-delete", group("admins", vec![])), because(Cause::GroupProtected, "admins"));
    let stranger = || group("atelier", vec![("users", list(&["noemie", "nobody"]))]);
    assert_eq!(refused(&facts, "group-add", stranger()), because(Cause::UserUnknown, "nobody"));
    assert_eq!(lab.unguarded("group-add", stranger()).await.cause, Some(Cause::UserUnknown));
    for (name, cause) in [("atelier", Cause::GroupExists), ("noemie", Cause::GroupExists), ("staff", Cause::SystemNameTaken)] {
        assert_eq!(refused(&facts, "group-create", group(name, vec![])), because(cause, name));
        assert_eq!(lab.unguarded("group-create", group(name, vec![])).await.cause, Some(cause));
    }
}

#[tokio::test]
async fn addresses_of_groups() {
    let lab = StandIn::new();
    let of = |name: &str, address: &str| group(name, vec![("aliases", list(&[address]))]);
    lab.through("group-add-mailalias", of("all_users", "tous@atelier-dubois.example"), Verdict::Done).await;
    lab.through("group-add-mailalias", of("admins", "abuse@dubois-joinery.example"), Verdict::Done).await;
    let refusals = [
        ("group-add-mailalias", "visitors", "x@atelier-dubois.example", Cause::GroupProtected, "visitors"),
        ("group-add-mailalias", "noemie", "x@atelier-dubois.example", Cause::GroupProtected, "noemie"),
        ("group-add-mailalias", "nope", "x@atelier-dubois.example", Cause::GroupUnknown, "nope"),
        ("group-add-mailalias", "atelier", "abuse@atelier-dubois.example", Cause::ReservedName, "abuse@atelier-dubois.example"),
        ("group-add-mailalias", "atelier", "contact@atelier-dubois.example", Cause::AddressTaken, "contact@atelier-dubois.example"),
        ("group-add-mailalias", "atelier", "x@other.example", Cause::DomainUnknown, "other.example"),
        ("group-remove-mailalias", "admins", "root@atelier-dubois.example", Cause::ReservedName, "root@atelier-dubois.example"),
        ("group-remove-mailalias", "atelier", "compta@atelier-dubois.example", Cause::AddressUnknown, "compta@atelier-dubois.example"),
    ];
    for (operation, name, address, cause, about) in refusals {
        assert_eq!(lab.refused(operation, of(name, address)).await, because(cause, about), "{operation} {name} {address}");
        if cause != Cause::GroupProtected {
            assert_eq!(lab.unguarded(operation, of(name, address)).await.cause, Some(cause), "{operation} {name} {address}");
        }
    }
    // Without the guard, a group of nobody would swallow the mail.
    assert!(lab.unguarded("group-add-mailalias", of("visitors", "x@atelier-dubois.example")).await.succeeded);
}

#[tokio::test]
async fn permissions_are_given_and_taken() {
    let lab = StandIn::new();
    lab.through("permission-add", permission("vaultwarden.main", &["noemie", "atelier"]), Verdict::Done).await;
    lab.through("permission-remove", permission("vaultwarden.main", &["noemie", "uk_office"]), Verdict::Done).await;
    lab.through("permission-add", permission("wordpress.main", &["visitors"]), Verdict::Done).await;
    lab.through("permission-add", permission("sftp.main", &["uk_office"]), Verdict::Done).await;

    assert_eq!(warned(&lab, "permission-add", permission("nextcloud.main", &["atelier"])).await, ["warning.ynh-permission-of-all"]);
    assert!(warned(&lab, "permission-add", permission("paperless-ngx.main", &["atelier"])).await.is_empty());
    let nobody = || permission("paperless-ngx.main", &["comptabilite", "atelier"]);
    assert_eq!(warned(&lab, "permission-remove", nobody()).await, ["warning.ynh-permission-of-nobody"], "and is allowed");
    assert!(warned(&lab, "permission-remove", permission("vaultwarden.main", &["atelier"])).await.is_empty());
    let record = lab.through("permission-remove", nobody(), Verdict::Done).await;
    assert!(lab.unguarded("permission-add", permission("paperless-ngx.main", &["atelier"])).await.succeeded);
    let CheckResult::NotHeld(message) = record.check(&lab.remote).await.expect("a check") else { unreachable!("one has it again") };
    assert_eq!((message.key, message.values.as_slice()), ("found.still-there", &[("what", "atelier".to_owned())][..]));
}

#[tokio::test]
async fn what_a_name_may_do_outlives_it() {
    let lab = StandIn::new();
    lab.through("permission-add", permission("ssh.main", &["noemie"]), Verdict::Done).await;
    lab.through("permission-add", permission("vaultwarden.main", &["noemie"]), Verdict::Done).await;
    let remove = || vec![("username", text("noemie"))];
    assert_eq!(warned(&lab, "user-remove", remove()).await, ["warning.ynh-rights-stay"]);
    assert_eq!(warned(&lab, "group-delete", group("atelier", vec![])).await, ["warning.ynh-rights-stay"], "of sftp.main");
    assert!(warned(&lab, "group-delete", group("uk_office", vec![])).await.is_empty());
    lab.through("user-remove", remove(), Verdict::Done).await;
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    let allowed = |name: &str| facts.permissions.value().expect("permissions")[name].allowed.contains(&"noemie".to_owned());
    assert_eq!((allowed("ssh.main"), allowed("vaultwarden.main")), (true, false));
    assert_eq!(warned(&lab, "user-add", person("noemie", vec![])).await, ["warning.ynh-rights-from-before"]);
    assert_eq!(warned(&lab, "group-create", group("noemie", vec![])).await, ["warning.ynh-rights-from-before"]);
    assert!(warned(&lab, "user-add", person("elise", vec![])).await.is_empty());
}

#[tokio::test]
async fn permissions_that_cannot_be_given_are_refused() {
    let lab = StandIn::new();
    let facts = surveyed_on(&lab.remote).await.expect("a YunoHost");
    let refusals = [
        ("permission-add", "mail.main", ["visitors", "atelier"], Cause::PermissionProtected, "mail.main"),
        ("permission-add", "ssh.main", ["all_users", "atelier"], Cause::PermissionProtected, "ssh.main"),
        ("permission-add", "sftp.main", ["all_users", "atelier"], Cause::PermissionProtected, "sftp.main"),
        ("permission-add", "nextcloud.nope", ["noemie", "atelier"], Cause::PermissionUnknown, "nextcloud.nope"),
        ("permission-remove", "nextcloud.nope", ["noemie", "atelier"], Cause::PermissionUnknown, "nextcloud.nope"),
        ("permission-add", "nextcloud.main", ["atelier", "nobody"], Cause::GroupUnknown, "nobody"),
    ];
    for (operation, name, names, cause, about) in refusals {
        assert_eq!(refused(&facts, operation, permission(name, &names)), because(cause, about), "{operation} {about}");
        assert_eq!(lab.unguarded(operation, permission(name, &names)).await.cause, Some(cause), "{operation} {about}");
    }
    let protected = StandIn::seeded(&json!({
        "apps": [{"id": "wiki", "settings": {"_permissions": {"main": {"url": "/", "allowed": ["visitors"]},
            "admin": {"url": "/admin", "protected": true, "allowed": ["admins"]}, "api": {"url": "re:/api/.*"}, "hidden": {}}}}],
    }));
    let facts = surveyed_on(&protected.remote).await.expect("a YunoHost");
    for operation in ["permission-add", "permission-remove"] {
        let raw = || permission("wiki.admin", &["visitors"]);
        assert_eq!(refused(&facts, operation, raw()), because(Cause::PermissionProtected, "wiki.admin"));
        assert_eq!(protected.unguarded(operation, raw()).await.cause, Some(Cause::PermissionProtected));
    }
    for name in ["wiki.api", "wiki.hidden"] {
        let tile = || vec![("permission", text(name)), ("show-tile", text("True"))];
        assert_eq!(refused(&facts, "permission-update", tile()), because(Cause::TileImpossible, name));
        assert!(protected.unguarded("permission-update", tile()).await.succeeded, "YunoHost only warns");
    }
    protected.through("permission-update", vec![("permission", text("wiki.admin")), ("label", text("Boss"))], Verdict::Done).await;
    let empty = vec![("permission", text("wiki.admin")), ("label", text(""))];
    assert_eq!(refused(&facts, "permission-update", empty), because(Cause::InvalidArgument, "label"));
}

#[tokio::test]
async fn how_a_permission_looks() {
    let lab = StandIn::new();
    let name = || ("permission", text("wordpress.main"));
    let all = vec![
        name(),
        ("label", text("Vitrine — été")),
        ("show-tile", text("False")),
        ("description", text("")),
        ("order", text("7")),
        ("hide-from-public", text("True")),
    ];
    let record = lab.through("permission-update", all, Verdict::Done).await;
    assert!(lab.unguarded("permission-update", vec![name(), ("order", text("8"))]).await.succeeded);
    let CheckResult::NotHeld(message) = record.check(&lab.remote).await.expect("a check") else { unreachable!("the order is another") };
    assert_eq!(message.values, [("fields", "order".to_owned())]);
    let system = || vec![("permission", text("mail.main")), ("label", text("Post"))];
    assert_eq!(lab.refused("permission-update", system()).await, because(Cause::PermissionProtected, "mail.main"));
    assert!(!lab.unguarded("permission-update", system()).await.succeeded);

    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("logo.png");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\nsmall").expect("written");
    let logo = || vec![name(), ("logo", text(picture.to_str().expect("text")))];
    let record = lab.through("permission-update", logo(), Verdict::Done).await;
    assert_eq!(record.before, Value::Null);
    let again = lab.through("permission-update", logo(), Verdict::Done).await;
    assert!(matches!(again.check(&lab.remote).await.expect("a check"), CheckResult::NotKnown(_)), "the same picture as before");
    std::fs::write(&picture, "no picture").expect("written");
    assert!(!lab.unguarded("permission-update", logo()).await.succeeded);
    std::fs::remove_file(&picture).expect("removed");
    assert_eq!(lab.unguarded("permission-update", logo()).await.cause, Some(Cause::WrongUsage));
}

#[tokio::test]
async fn keys_are_added_once_and_removed_whole() {
    let lab = StandIn::new();
    let longer = format!("{KEY} noemie@laptop");
    let mut with_comment = key("noemie", KEY);
    with_comment.push(("comment", text("laptop")));
    lab.through("ssh-add-key", with_comment, Verdict::Done).await;
    assert_eq!(lab.refused("ssh-add-key", key("noemie", &longer)).await, because(Cause::KeyExists, "noemie"));
    assert_eq!(lab.refused("ssh-remove-key", key("noemie", &longer)).await, because(Cause::KeyUnknown, "noemie"));
    assert_eq!(lab.unguarded("ssh-remove-key", key("noemie", &longer)).await.cause, Some(Cause::KeyUnknown));

    // Added by somebody else: to cut the first out would break it.
    assert!(lab.unguarded("ssh-add-key", key("noemie", &longer)).await.succeeded);
    assert_eq!(lab.refused("ssh-remove-key", key("noemie", KEY)).await, because(Cause::KeyInsideAnother, &longer));
    lab.through("ssh-remove-key", key("noemie", &longer), Verdict::Done).await;
    assert!(lab.unguarded("ssh-add-key", key("noemie", &longer)).await.succeeded);
    assert!(lab.unguarded("ssh-remove-key", key("noemie", KEY)).await.succeeded);
    lab.through("ssh-remove-key", key("noemie", "noemie@laptop"), Verdict::Done).await;

    for operation in ["ssh-add-key", "ssh-remove-key"] {
        for username in ["nobody", "root"] {
            assert_eq!(lab.refused(operation, key(username, KEY)).await, because(Cause::UserUnknown, username), "{operation}");
        }
        assert_eq!(lab.unguarded(operation, key("nobody", KEY)).await.cause, Some(Cause::UserUnknown), "{operation}");
    }
    assert_eq!(Operation::find("ssh-remove-key").expect("it").weight, Weight::LocksOut);
    let record = lab.through("ssh-add-key", key("noemie", KEY), Verdict::Done).await;
    lab.through("user-remove", vec![("username", text("noemie")), ("purge", ON)], Verdict::Done).await;
    assert!(matches!(record.check(&lab.remote).await.expect("a check"), CheckResult::NotHeld(_)), "nobody is there");
}

#[tokio::test]
async fn without_a_catalog_things_are_done_although_they_fail() {
    let lab = without_catalog();
    lab.through("user-add", person("elise", vec![]), Verdict::HeldThoughFailed).await;
    lab.through("user-edit", edit("elise", vec![("fullname", text("Élise D"))]), Verdict::HeldThoughFailed).await;
    lab.through("group-add", group("atelier", vec![("users", list(&["elise"]))]), Verdict::Done).await;
    lab.through("permission-add", permission("wiki.main", &["atelier"]), Verdict::HeldThoughFailed).await;
    lab.through("permission-update", vec![("permission", text("wiki.main")), ("label", text("Pages"))], Verdict::HeldThoughFailed).await;
    lab.through("permission-remove", permission("wiki.main", &["atelier"]), Verdict::HeldThoughFailed).await;
    lab.through("permission-add", permission("sftp.main", &["uk_office"]), Verdict::Done).await;
    lab.through("user-remove", vec![("username", text("elise"))], Verdict::HeldThoughFailed).await;
    let outcome = lab.unguarded("permission-add", permission("wiki.main", &["atelier"])).await;
    assert_eq!(outcome.cause, Some(Cause::CatalogUnreachable));
}

#[test]
fn a_list_that_must_be_given_is_not_empty() {
    let operation = Operation::find("group-add").expect("an operation");
    let raw = group("atelier", vec![("users", list(&[]))]).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let missing = beffroi_yunohost::Given::read(operation, raw).expect_err("it is empty");
    assert_eq!(missing, beffroi_yunohost::InvalidGiven::Missing { param: "users" });
}

/// What was recorded on a real YunoHost 12.1.25, and why it did not do it.
#[test]
fn the_reasons_of_the_recordings_are_recognised() {
    let reasons = |name: &str| match name.get(..3).unwrap_or(name) {
        "p03" | "p05" => Some(Cause::GroupExists),
        "p04" => Some(Cause::SystemNameTaken),
        "p06" | "p58" => Some(Cause::UserUnknown),
        "p07" | "p31" | "p49" => Some(Cause::GroupUnknown),
        "p08" | "p09" | "p17" | "p50" => Some(Cause::GroupProtected),
        "p12" => Some(Cause::LastAdmin),
        "p14" | "p20" => Some(Cause::AddressTaken),
        "p15" | "p75" => Some(Cause::DomainUnknown),
        "p16" | "p23" | "p67" => Some(Cause::ReservedName),
        "p22" | "p62" | "p63" => Some(Cause::AddressUnknown),
        "p35" | "p36" => Some(Cause::PermissionProtected),
        "p38" | "p44" => Some(Cause::PermissionUnknown),
        "p39" | "p43" | "p45" => Some(Cause::AppUnknown),
        "p57" | "p59" => Some(Cause::KeyUnknown),
        "p68" | "p69" | "p70" | "p76" => Some(Cause::InvalidArgument),
        "p73" => Some(Cause::FullnameTaken),
        "p82" | "p84" | "p85" | "p86" | "p89" => Some(Cause::CatalogUnreachable),
        _ => None,
    };
    let mut read = 0;
    for path in common::recordings() {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !name.starts_with('p') {
            continue;
        }
        let recorded: Value = serde_json::from_slice(&std::fs::read(&path).expect("a recording")).expect("JSON");
        let (stdout, stderr) = (recorded["stdout"].as_str().expect("text"), recorded["stderr"].as_str().expect("text"));
        let exit = Exit::Status(recorded["exit"].as_u64().and_then(|status| u32::try_from(status).ok()).expect("a status"));
        assert_eq!(Outcome::read(stdout.as_bytes(), stderr.as_bytes(), &exit).cause, reasons(&name), "{name}");
        read += 1;
    }
    assert!(read > 70, "{read} recordings");
}
