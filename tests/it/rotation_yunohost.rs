//! A password of a YunoHost's administrator is rotated by YunoHost itself: the account is in its directory, not the machine's own.

use beffroi_tests::{ContainerHost, Containers, Sandbox};
use serde_json::json;

use crate::rotation::{DEPLOYING, SWITCHED, is_step, killed_when, known};
use crate::ways::{add, said};

/// Whether the directory takes a password, by its own word (`ldapwhoami` of OpenLDAP).
fn binds(host: &ContainerHost, user: &str, password: &str) -> bool {
    let bind = format!("ldapwhoami -x -H ldap://localhost -D uid={user},ou=users,dc=yunohost,dc=org -y /dev/stdin");
    // Past the SSH server and outside of what is written down of it: only the test's own words stand there.
    host.exec(&format!("printf %s '{password}' | {bind} >/dev/null 2>&1 && echo yes || echo no")).trim() == "yes"
}

fn value(sandbox: &Sandbox, name: &str) -> String {
    sandbox.beffroi(&["secret", "get", name]).success().stdout.trim().to_owned()
}

/// The directory takes one of the values that the vault has.
#[track_caller]
fn opens(sandbox: &Sandbox, host: &ContainerHost) {
    let values = ["camille", "camille.next"].into_iter().filter(|name| known(sandbox, name)).map(|name| value(sandbox, name));
    assert!(values.into_iter().any(|value| binds(host, "camille", &value)), "locked out");
}

/// A YunoHost with an administrator and a user, and a vault that logs in as each of them.
fn up() -> Option<(Containers, Sandbox, [String; 2])> {
    let lab = Containers::up(&["deb-1"])?;
    let first = ["Camille", "Julien"].map(|name| format!("{name}-{}-am-Anfang", std::process::id()));
    lab.administered_with("deb-1", &[("camille", &first[0]), ("julien", &first[1])]);
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    // Not the shell that YunoHost sets when none is said.
    host.exec("yunohost user update camille --loginShell /bin/sh >/dev/null");
    for (name, password) in ["camille", "julien"].iter().zip(&first) {
        sandbox.file("first", password);
        drop(sandbox.beffroi(&["secret", "set", name, "--from-file", "first"]).success());
    }
    add(&sandbox, "ynh", host, &["--user", "camille", "--identity", "camille", "--sudo", "camille"]);
    drop(sandbox.beffroi(&["host", "survey", "ynh"]).success());
    Some((lab, sandbox, first))
}

#[test]
fn an_administrator_of_a_yunohost_is_rotated_whatever_kills_the_program() {
    let Some((lab, sandbox, [first, _])) = up() else { return };
    let host = lab.host("deb-1");
    assert_eq!(host.exec("grep -c ^camille: /etc/passwd || true").trim(), "0");

    let planned = sandbox.json(&["--plan", "secret", "rotate", "camille"]).success().data("secret-rotate");
    let steps = &planned["rotation"]["hosts"][0]["steps"];
    assert_eq!(steps[0]["key"], "rotation.do-password-yunohost", "{planned}");
    let rotated = sandbox.json(&["--yes", "secret", "rotate", "camille"]).success().data("secret-rotate");
    assert_eq!((&rotated["over"], &rotated["hosts"][0]["unproven"]), (&json!(true), &json!(false)), "{rotated}");
    let second = value(&sandbox, "camille");
    assert!(binds(host, "camille", &second) && !binds(host, "camille", &first));
    assert_eq!(said(&sandbox, "ynh", "id -un"), "camille");
    // It is YunoHost that did it, and it left the shell alone.
    assert_eq!(host.exec("getent passwd camille").trim().rsplit(':').next(), Some("/bin/sh"));
    assert!(host.exec("yunohost log list --output-as json").contains("user_update-camille"));
    let tried = host.exec("journalctl --sync; journalctl -b --no-pager | grep -c 'Authentication token manipulation error' || true");
    assert_eq!(tried.trim(), "0", "chpasswd was not asked");

    // Killed after ever more of the steps, until there is none left.
    assert!(killed_when(&sandbox, &["--yes", "secret", "rotate", "camille"], |told| told.contains(DEPLOYING)));
    let mut kills = 1;
    for most in 1.. {
        opens(&sandbox, host);
        if !known(&sandbox, "camille.next") {
            break;
        }
        let words = ["--yes", "secret", "rotate", "camille", "--resume"];
        kills += usize::from(killed_when(&sandbox, &words, |told| told.lines().filter(|line| is_step(line)).count() >= most));
    }
    assert!(kills >= 2, "{kills}");
    opens(&sandbox, host);
    let third = value(&sandbox, "camille");
    assert!(binds(host, "camille", &third) && !binds(host, "camille", &second));

    // And the way back, once it was switched.
    assert!(
        killed_when(&sandbox, &["--yes", "secret", "rotate", "camille"], |told| told.contains(SWITCHED))
            || !known(&sandbox, "camille.next")
    );
    if known(&sandbox, "camille.next") {
        drop(sandbox.beffroi(&["--yes", "secret", "rotate", "camille", "--back"]).success());
        assert_eq!(value(&sandbox, "camille"), third);
    }
    opens(&sandbox, host);
    assert_eq!(host.exec("getent passwd camille").trim().rsplit(':').next(), Some("/bin/sh"));
    assert_eq!(said(&sandbox, "ynh", "id -un"), "camille");
}

#[test]
fn what_yunohost_would_not_do_is_said_first_and_an_earlier_change_is_waited_for() {
    let Some((lab, sandbox, [first, other])) = up() else { return };
    let host = lab.host("deb-1");
    // Only root may set it, and nothing says how to become root as this one.
    add(&sandbox, "as-user", host, &["--user", "julien", "--identity", "julien", "--sudo", "never"]);
    let stands = sandbox.json(&["--yes", "secret", "rotate", "julien"]).exit(1).data("secret-rotate");
    assert_eq!(stands["hosts"][0]["step"], "deploying", "{stands}");
    assert!(
        stands["hosts"][0]["error"].to_string().contains("no account of the machine itself"),
        "nobody surveyed it: the host says so itself: {stands}"
    );
    assert!(binds(host, "julien", &other));
    assert_eq!(sandbox.json(&["--yes", "secret", "rotate", "julien", "--back"]).success().data("secret-rotate")["over"], true);
    drop(sandbox.beffroi(&["host", "edit", "ynh", "--sudo", "never"]).success());
    let refused = sandbox.json(&["--plan", "secret", "rotate", "camille"]).exit(2).error();
    assert_eq!(refused["code"], "rotation-needs-root", "{refused}");
    drop(sandbox.beffroi(&["host", "edit", "ynh", "--sudo", "camille"]).success());

    // What a lost link left behind there would set its password after this one: it is waited for, and nothing is done meanwhile.
    host.exec("systemd-run --quiet --unit=held flock /usr/bin/yunohost sleep 600");
    let stands = sandbox.json(&["--yes", "secret", "rotate", "camille"]).exit(1).data("secret-rotate");
    let why = &stands["hosts"][0]["error"];
    assert!(why.to_string().contains("an earlier change of an account by YunoHost"), "{stands}");
    assert!(binds(host, "camille", &first));
    host.exec("systemctl stop held");
    let ended = sandbox.json(&["--yes", "secret", "rotate", "camille", "--resume"]).success().data("secret-rotate");
    assert_eq!(ended["over"], true, "{ended}");
    assert!(!binds(host, "camille", &first) && binds(host, "camille", &value(&sandbox, "camille")));
}

#[test]
fn a_users_password_is_proved_by_the_directory_itself() {
    let Some((lab, sandbox, [_, other])) = up() else { return };
    let host = lab.host("deb-1");
    let edit = |password: &str| {
        sandbox.file("changed", password);
        sandbox.json(&["--yes", "ynh", "user", "edit", "julien", "--password-file", "changed", "--on", "ynh"])
    };
    let second = format!("Julien-{}-danach", std::process::id());
    drop(edit(&second).success());
    assert!(binds(host, "julien", &second) && !binds(host, "julien", &other));
    // YunoHost says that it did, and the directory has what it had.
    host.exec("mv /etc/ldap/slapd.conf /etc/ldap/elsewhere.conf");
    let refused = edit(&format!("Julien-{}-niemals", std::process::id()));
    assert_ne!(refused.code, Some(0), "{}", refused.stdout);
    assert!(
        refused.stdout.contains("password-not-taken") || refused.stdout.contains("does not take the new password"),
        "{}",
        refused.stdout
    );
    assert!(binds(host, "julien", &second));
}
