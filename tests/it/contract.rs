//! `--json`: what every command answers with, whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_tests::{Fleet, Sandbox};
use serde_json::{Value, json};

use crate::reference;

/// A key that a person logs in by.
const PUBLIC_KEY: &str = "ssh-ed25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Every command with words that make it whole, and whether it works on several hosts.
const COMMANDS: &[(&str, &[&str], bool)] = &[
    ("vault-info", &["vault", "info"], false),
    ("vault-list", &["vault", "list"], false),
    ("vault-verify", &["vault", "verify"], false),
    ("vault-health", &["vault", "health"], false),
    ("vault-copy", &["vault", "copy", "copies"], false),
    ("vault-slot-list", &["vault", "slot", "list"], false),
    ("vault-slot-add", &["vault", "slot", "add", "recovery"], false),
    ("vault-passwd", &["vault", "passwd", "--new-passphrase-file", "new-passphrase"], false),
    ("identity-create", &["identity", "create", "Ada"], false),
    ("identity-show", &["identity", "show"], false),
    ("identity-export", &["identity", "export", "card"], false),
    ("stage-add", &["stage", "add", "test"], false),
    ("stage-protect", &["stage", "protect", "test", "--stage-secret", "test=stage-secret"], false),
    ("stage-unseal", &["stage", "unseal", "test", "--for", "5m", "--stage-secret", "test=stage-secret"], false),
    ("stage-policy", &["stage", "policy", "test", "--typed", "yes", "--stage-secret", "test=stage-secret"], false),
    ("stage-passwd", &["stage", "passwd", "test", "--new-secret-file", "new-secret", "--stage-secret", "test=stage-secret"], false),
    ("stage-rekey", &["stage", "rekey", "test", "--stage-secret", "test=new-secret"], false),
    ("stage-seal", &["stage", "seal", "test"], false),
    ("stage-list", &["stage", "list"], false),
    ("search", &["search", "ynh"], false),
    ("inventory", &["inventory", "--list"], false),
    ("ssh-config", &["ssh-config"], false),
    ("secret-set", &["secret", "set", "more", "--from-file", "password"], false),
    ("secret-generate", &["secret", "generate", "made", "--length", "32"], false),
    ("secret-rename", &["secret", "rename", "made", "made-2"], false),
    ("secret-get", &["secret", "get", "made-2"], false),
    ("secret-list", &["secret", "list"], false),
    ("secret-edit", &["secret", "edit", "more", "--user", "root", "--tag", "web"], false),
    ("secret-template-set", &["secret", "template", "set", "till", "--account", "--expires", "--hidden-field", "PIN"], false),
    ("secret-template-list", &["secret", "template", "list"], false),
    ("secret-template-remove", &["secret", "template", "remove", "till"], false),
    ("secret-attach", &["secret", "attach", "more", "password"], false),
    ("secret-save", &["secret", "save", "more", "password", "saved"], false),
    ("secret-detach", &["secret", "detach", "more", "password", "--yes"], false),
    ("secret-show", &["secret", "show", "more"], false),
    ("secret-set", &["secret", "set", "more", "--from-file", "new-passphrase"], false),
    ("secret-revert", &["secret", "revert", "more", "--yes"], false),
    ("secret-edit", &["secret", "edit", "more", "--totp-file", "codes"], false),
    ("secret-code", &["secret", "code", "more"], false),
    ("secret-generate", &["secret", "generate", "made-key", "--kind", "key"], false),
    ("secret-public", &["secret", "public", "made-key"], false),
    ("secret-health", &["secret", "health", "--old", "365"], false),
    ("secret-scan", &["secret", "scan", "--rules-only", "new-passphrase"], false),
    ("secret-where", &["secret", "where", "more"], false),
    ("secret-rotate", &["secret", "rotate", "key", "--plan"], false),
    ("secret-allow", &["secret", "allow", "more"], false),
    ("secret-remove", &["secret", "remove", "more", "--yes"], false),
    ("secret-trash", &["secret", "trash"], false),
    ("secret-restore", &["secret", "restore", "more", "--to", "more-again"], false),
    ("secret-empty-trash", &["secret", "empty-trash", "--yes"], false),
    ("host-add", &["host", "add", "more", "127.0.0.1"], false),
    ("host-list", &["host", "list"], false),
    ("host-show", &["host", "show", "ynh-1"], false),
    ("host-test", &["host", "test", "ynh-1"], false),
    ("host-trust", &["host", "trust", "more", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"], false),
    ("host-distrust", &["host", "distrust", "more", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"], false),
    ("host-revoke", &["host", "revoke", "more", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"], false),
    ("host-edit", &["host", "edit", "more", "--tag", "web"], false),
    ("host-enrol", &["--plan", "host", "enrol", "ynh-1"], false),
    ("host-export-keys", &["host", "export-keys", "known"], false),
    ("host-import-keys", &["host", "import-keys", "known"], false),
    ("host-survey", &["host", "survey", "ynh-1", "--refresh"], true),
    ("host-hardening", &["host", "hardening", "ynh-1"], true),
    ("host-diff", &["host", "diff", "ynh-1", "--with", "ynh-1"], false),
    ("host-ledger", &["host", "ledger", "ynh-1", "--ask"], false),
    ("host-clean", &["host", "clean", "ynh-1", "--yes"], false),
    ("host-detach", &["host", "detach", "ynh-1", "--yes"], false),
    ("host-remove", &["host", "remove", "more", "--yes"], false),
    ("guest-list", &["guest", "list", "--on", "ynh-1", "--refresh"], false),
    ("run-retry", &["run", "retry", "RUN"], true),
    ("run-show", &["run", "show", "RUN"], true),
    ("run-cancel", &["run", "cancel", "RUN"], true),
    ("run-list", &["run", "list"], false),
    ("run", &["run", "--on", "ynh-1", "--", "true"], true),
    ("recipe-set", &["recipe", "set", "recipe"], false),
    ("recipe-list", &["recipe", "list"], false),
    ("recipe-show", &["recipe", "show", "greet"], false),
    ("recipe-run", &["recipe", "run", "greet", "--on", "ynh-1", "-p", "who=ada"], true),
    ("recipe-remove", &["recipe", "remove", "greet", "--yes"], false),
    ("put", &["put", "password", "ynh-1:file"], false),
    ("get", &["get", "ynh-1:file", "file"], false),
    ("files", &["files", "ynh-1:"], false),
    ("files-mkdir", &["files", "mkdir", "ynh-1:made"], false),
    ("files-rename", &["files", "rename", "ynh-1:made", "made-2"], false),
    ("files-remove", &["files", "remove", "ynh-1:made-2", "--yes"], false),
    ("ynh-user-list", &["ynh", "user", "list", "--on", "ynh-1"], true),
    ("ynh-user-add", &["ynh", "user", "add", "ada", "--fullname", "Ada L", "--password-file", "password", "--yes", "--on", "ynh-1"], true),
    ("ynh-user-edit", &["ynh", "user", "edit", "ada", "--fullname", "Ada B", "--yes", "--on", "ynh-1"], true),
    ("ynh-user-remove", &["ynh", "user", "remove", "ada", "--yes", "--on", "ynh-1"], true),
    ("ynh-app-list", &["ynh", "app", "list", "--on", "ynh-1"], true),
    ("ynh-service-list", &["ynh", "service", "list", "--on", "ynh-1"], true),
    ("ynh-service-log", &["ynh", "service", "log", "nginx", "--on", "ynh-1"], true),
    ("ynh-app-info", &["ynh", "app", "info", "roundcube", "--on", "ynh-1"], true),
    ("ynh-app-catalog", &["ynh", "app", "catalog", "--file", "apps.json"], false),
    ("ynh-app-catalog-keep", &["--plan", "ynh", "app", "catalog-keep", "apps.json", "--on", "ynh-1"], false),
    ("ynh-app-catalog-back", &["--plan", "ynh", "app", "catalog-back", "--on", "ynh-1"], false),
    ("ynh-app-manifest", &["ynh", "app", "manifest", "dokuwiki", "--on", "ynh-1"], false),
    ("ynh-domain-config-show", &["ynh", "domain", "config-show", "atelier-dubois.example", "--on", "ynh-1"], false),
    ("ynh-settings-show", &["ynh", "settings", "show", "--on", "ynh-1"], false),
    ("ynh-domain-dns", &["ynh", "domain", "dns", "atelier-dubois.example", "--on", "ynh-1"], true),
    ("ynh-settings-list", &["ynh", "settings", "list", "--on", "ynh-1"], true),
    ("ynh-firewall-list", &["ynh", "firewall", "list", "--on", "ynh-1"], true),
    ("ynh-log-list", &["ynh", "log", "list", "--on", "ynh-1"], true),
    ("ynh-migration-list", &["ynh", "migration", "list", "--on", "ynh-1"], true),
    ("ynh-regen-conf-diff", &["ynh", "regen-conf", "diff", "--on", "ynh-1"], true),
    ("ynh-diagnosis-show", &["ynh", "diagnosis", "show", "--on", "ynh-1"], true),
    ("ynh-upgrades", &["ynh", "upgrades", "--on", "ynh-1"], true),
    ("ynh-fleet-versions", &["ynh", "fleet", "versions"], false),
    ("ynh-fleet-apps", &["ynh", "fleet", "apps"], false),
    ("ynh-fleet-upgrades", &["ynh", "fleet", "upgrades"], false),
    ("ynh-fleet-certificates", &["ynh", "fleet", "certificates"], false),
    ("ynh-fleet-diagnosis", &["ynh", "fleet", "diagnosis"], false),
    ("ynh-fleet-backups", &["ynh", "fleet", "backups"], false),
    ("ynh-service-restart", &["ynh", "service", "restart", "nginx", "--yes", "--on", "ynh-1"], true),
    ("ynh-log-show", &["ynh", "log", "show", "last", "--on", "ynh-1"], true),
    ("person-add", &["person", "add", "grace", "--fullname", "Grace Hopper", "--on", "ynh-1", "--yes"], true),
    ("person-list", &["person", "list"], false),
    ("person-show", &["person", "show", "grace"], false),
    ("person-edit", &["person", "edit", "grace", "--notes", "admiral"], false),
    ("person-unlink", &["person", "unlink", "grace", "--on", "ynh-1"], false),
    ("person-link", &["person", "link", "grace", "--on", "ynh-1"], false),
    ("person-matrix", &["person", "matrix"], false),
    ("person-grant", &["person", "grant", "grace", "mail.main", "--on", "ynh-1", "--yes"], true),
    ("person-revoke", &["person", "revoke", "grace", "mail.main", "--on", "ynh-1", "--yes"], true),
    ("person-add-key", &["person", "add-key", "grace", PUBLIC_KEY, "--on", "ynh-1", "--yes"], true),
    ("person-remove-key", &["person", "remove-key", "grace", PUBLIC_KEY, "--on", "ynh-1", "--yes"], true),
    ("person-rotate", &["person", "rotate", "grace", "--on", "ynh-1", "--yes"], true),
    ("person-import", &["person", "import", "people.csv", "--on", "ynh-1"], false),
    ("person-export", &["person", "export", "people"], false),
    ("person-drift", &["person", "drift"], false),
    ("person-accept", &["person", "accept", "grace", "--on", "ynh-1"], false),
    ("person-offboard", &["person", "offboard", "grace", "--yes"], true),
    ("person-report", &["person", "report", "grace"], false),
    ("person-remove", &["person", "remove", "grace", "--yes"], false),
    ("report-interventions", &["report", "interventions", "--since", "2026-01-01"], false),
    ("report-state", &["report", "state", "--on", "ynh-1"], false),
    ("report-dossier", &["report", "dossier", "--out", "dossier.pdf", "--sign"], false),
    ("report-verify", &["report", "verify", "dossier.pdf.signature.json"], false),
    ("ca-init", &["ca", "init", "Workshop", "--permit", "atelier-dubois.example"], false),
    ("ca-issue", &["ca", "issue", "atelier-dubois.example", "--host", "ynh-1"], false),
    ("ca-list", &["ca", "list"], false),
    ("ca-show", &["ca", "show", "atelier-dubois.example"], false),
    ("ca-renew", &["ca", "renew", "atelier-dubois.example"], false),
    ("ca-push", &["--plan", "ca", "push", "atelier-dubois.example"], false),
    ("ca-export", &["ca", "export", "Workshop", "workshop.pem"], false),
    ("ca-trust-kit", &["ca", "trust-kit", "kit"], false),
    ("ca-revoke", &["ca", "revoke", "atelier-dubois.example", "--yes"], false),
    ("job-list", &["job", "list"], false),
    ("job-show", &["job", "show", "JOB"], false),
    ("job-attach", &["job", "attach", "JOB"], true),
    ("job-cancel", &["job", "cancel", "JOB"], true),
    ("job-retry", &["job", "retry", "FAILED", "--yes"], true),
    ("journal-list", &["journal", "list"], false),
    ("journal-verify", &["journal", "verify"], false),
    ("journal-export", &["journal", "export", "export.jsonl"], false),
    ("vault-unlock", &["vault", "unlock"], false),
    ("agent-status", &["agent", "status"], false),
    ("vault-lock", &["vault", "lock"], false),
    ("agent-stop", &["agent", "stop"], false),
];

/// Those that need no vault, or no passphrase of one.
const WITHOUT_VAULT: &[&str] = &["vault-list", "agent-status", "vault-lock", "agent-stop", "report-verify", "secret-scan"];

/// What is made of the table of YunoHost's operations: all alike but for what they do, which the tests of `beffroi-yunohost`
/// see through one by one, and `operations` by the command line for one of each category.
const OPERATIONS: &[&str] = &[
    "ynh-app-action-run",
    "ynh-app-change-label",
    "ynh-app-change-url",
    "ynh-app-config-set",
    "ynh-app-dismiss-notification",
    "ynh-app-install",
    "ynh-app-makedefault",
    "ynh-app-makedefault-undo",
    "ynh-app-remove",
    "ynh-app-setting-set",
    "ynh-app-setting-unset",
    "ynh-app-ssowatconf",
    "ynh-app-upgrade",
    "ynh-backup-create",
    "ynh-backup-list",
    "ynh-backup-remove",
    "ynh-backup-restore",
    "ynh-backup-restore-system",
    "ynh-diagnosis-ignore",
    "ynh-diagnosis-run",
    "ynh-diagnosis-unignore",
    "ynh-domain-add",
    "ynh-domain-cert-install",
    "ynh-domain-cert-renew",
    "ynh-domain-config-set",
    "ynh-domain-dns-push",
    "ynh-domain-dyndns-set-recovery-password",
    "ynh-domain-dyndns-subscribe",
    "ynh-domain-dyndns-unsubscribe",
    "ynh-domain-list",
    "ynh-domain-main",
    "ynh-domain-remove",
    "ynh-dyndns-update",
    "ynh-firewall-close",
    "ynh-firewall-delete",
    "ynh-firewall-open",
    "ynh-firewall-reload",
    "ynh-firewall-upnp",
    "ynh-group-add",
    "ynh-group-add-mailalias",
    "ynh-group-create",
    "ynh-group-delete",
    "ynh-group-list",
    "ynh-group-remove",
    "ynh-group-remove-mailalias",
    "ynh-permission-add",
    "ynh-permission-list",
    "ynh-permission-remove",
    "ynh-permission-update",
    "ynh-service-add",
    "ynh-service-disable",
    "ynh-service-enable",
    "ynh-service-reload",
    "ynh-service-reload-or-restart",
    "ynh-service-remove",
    "ynh-service-start",
    "ynh-service-stop",
    "ynh-settings-reset",
    "ynh-settings-reset-all",
    "ynh-settings-set",
    "ynh-ssh-add-key",
    "ynh-ssh-remove-key",
    "ynh-tools-basic-space-cleanup",
    "ynh-tools-migrations-run",
    "ynh-tools-postinstall",
    "ynh-tools-reboot",
    "ynh-tools-regen-conf",
    "ynh-tools-rootpw",
    "ynh-tools-shutdown",
    "ynh-tools-update",
    "ynh-tools-upgrade",
];

/// Those that need a second vault or person, or a terminal, go on until they are interrupted, or end what the others work on:
/// `slots`, `identities`, `imports`, `parcels`, `copies`, `shell`, `tunnel`, `exposure`, `inventory`, `bans`, `guests_life`, `guests_spec`, `guest_images`, `processes`, `applications` and `backups` try them.
const ELSEWHERE: &[&str] = &[
    "vault-create",
    "vault-rekey",
    "vault-restore",
    "vault-slot-remove",
    "identity-import",
    "parcel-create",
    "parcel-given",
    "parcel-merge",
    "parcel-open",
    "expose-publish",
    "expose-show",
    "expose-test",
    "expose-withdraw",
    "guest-create",
    "guest-image-build",
    "guest-image-create",
    "guest-image-export",
    "guest-image-import",
    "guest-image-list",
    "guest-image-remove",
    "guest-spec-forget",
    "guest-spec-keep",
    "guest-spec-show",
    "guest-lint",
    "guest-rebuild",
    "guest-show",
    "guest-console",
    "guest-copy",
    "guest-delete",
    "guest-freeze",
    "guest-logs",
    "guest-rename",
    "guest-restart",
    "guest-set",
    "guest-snapshot-create",
    "guest-snapshot-delete",
    "guest-snapshot-list",
    "guest-snapshot-restore",
    "guest-start",
    "guest-stop",
    "guest-unfreeze",
    "host-bans",
    "host-import",
    "process-disable",
    "process-enable",
    "process-list",
    "process-logs",
    "process-restart",
    "process-show",
    "process-start",
    "process-stop",
    "proxy",
    "secret-import",
    "secret-export",
    "host-unban",
    "host-set-clock",
    "shell",
    "tunnel",
    "ynh-app-config-show",
    "ynh-backup-collect",
    "ynh-backup-info",
    "ynh-backup-prune",
    "ynh-backup-pull",
    "ynh-backup-push",
    "ynh-backup-rehearse",
    "ynh-backup-schedule",
    "ynh-backup-verify",
];

#[test]
fn every_command_answers_in_its_schema() {
    let fleet = Fleet::of(&["ynh-1"]);
    fleet.sandbox.file("password", "Un-Canard-Violet-71\n");
    fleet.sandbox.file("codes", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n");
    fleet.sandbox.file("apps.json", "{\"apps\": {}}");
    fleet.sandbox.file("people.csv", "username;firstname;lastname;mail\ngrace;Grace;Hopper;grace@atelier-dubois.example\n");
    fleet.sandbox.file("new-passphrase", "teapot-canyon-silver-marble\n");
    fleet.sandbox.file("stage-secret", "orbit-velvet-canoe-timber-ladder-magnet-walnut-prism\n");
    fleet.sandbox.file("new-secret", "harbor-quilt-saddle-ember-violin-copper-meadow-lantern\n");
    fleet
        .sandbox
        .file("recipe", "name = \"greet\"\n[[parameters]]\nname = \"who\"\ntype = \"text\"\n[[steps]]\ncommand = \"echo {who}\"\n");
    let mut named = what_failed(&fleet);
    for (name, words, several) in COMMANDS {
        let words: Vec<&str> = words.iter().map(|word| named.get(word).map_or(*word, String::as_str)).collect();
        let answer = fleet.sandbox.json(&words).success();
        let data = answer.data(name);
        assert!(answer.stderr.is_empty(), "{name} talks to a program: {}", answer.stderr);
        assert_eq!(answer.stdout.lines().count(), 1, "{name}: one line");
        assert!(!answer.stdout.contains("Canard") && !answer.stdout.contains("PRIVATE KEY"), "{name}: {}", answer.stdout);
        if *several {
            for result in data["results"].as_array().unwrap() {
                assert_result(name, result);
            }
        }
        if let Some(run) = data["run"].as_str() {
            named.insert("RUN", run.to_owned());
        }
        if *name == "job-list" {
            named.insert("JOB", data["jobs"][0]["id"].as_str().unwrap().to_owned());
        }
    }
}

/// A run and a job that failed, and succeed when they are repeated: what the commands call `RUN` and `FAILED`.
fn what_failed(fleet: &Fleet) -> BTreeMap<&'static str, String> {
    let fails = ["run", "--on", "ynh-1", "--", "test -e repeated"];
    let run = fleet.sandbox.json(&fails).exit(1).data("run")["run"].as_str().expect("a run has a name").to_owned();
    drop(fleet.sandbox.json(&[&["--yes", "run", "--detach"], &fails[1..]].concat()).exit(1));
    let job = fleet.sandbox.json(&["job", "list"]).success().data("job-list")["jobs"][0]["id"].as_str().expect("a job has one").to_owned();
    std::fs::write(fleet.lab.home("ynh-1").join("repeated"), "").expect("a file can be written");
    BTreeMap::from([("RUN", run), ("FAILED", job)])
}

#[track_caller]
fn assert_result(command: &str, result: &Value) {
    const STATUS: [&str; 8] = ["ok", "changed", "failed", "unreachable", "sealed", "skipped", "cancelled", "running"];
    assert_eq!(result["host"], "ynh-1", "{command}: {result}");
    assert!(STATUS.contains(&result["status"].as_str().unwrap_or_default()), "{command}: {result}");
    assert!(result["duration_ms"].is_u64(), "{command}: {result}");
    let reads = result["entries"].is_array();
    let exits = command == "run" || command.starts_with("job-") || (command.starts_with("ynh-") && !command.ends_with("-list") && !reads);
    assert!(!exits || result["exit_code"] == json!(0), "{command}: {result}");
}

#[test]
fn every_command_is_in_this_list() {
    let listed: BTreeSet<String> = COMMANDS
        .iter()
        .map(|(name, ..)| *name)
        .chain(ELSEWHERE.iter().copied())
        .chain(OPERATIONS.iter().copied())
        .map(str::to_owned)
        .collect();
    let known: BTreeSet<String> = reference::commands().into_iter().map(|words| words.join("-")).collect();
    assert_eq!(listed, known, "the list of this test and the program's own");
}

#[test]
fn every_command_refuses_in_the_schema_of_errors() {
    let sandbox = Sandbox::without_vault();
    sandbox.file("recovery", &"abandon ".repeat(24));
    sandbox.file("password", "Un-Canard-Violet-71\n");
    sandbox.file("new-passphrase", "Une-Loutre-Verte-72\n");
    sandbox.file("codes", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n");
    sandbox.file("recipe", "");
    for (name, words, _) in COMMANDS.iter().filter(|(name, ..)| !WITHOUT_VAULT.contains(name)) {
        let answer = sandbox.json(words).exit(3);
        let object = answer.json();
        assert_eq!(object["schema"], "beffroi/error/1", "{name}: {object}");
        let fields: BTreeSet<&str> = object["error"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, BTreeSet::from(["code", "message", "remedy"]), "{name}: {object}");
        assert_eq!(object["error"]["code"], "vault-not-found", "{name}: {object}");
        assert!(answer.stderr.is_empty(), "{name}: {}", answer.stderr);
    }
}

#[test]
fn quiet_is_quiet_and_the_language_is_the_systems() {
    let fleet = Fleet::of(&["plain-1"]);
    let quiet = fleet.sandbox.beffroi(&["--quiet", "--yes", "run", "--detach", "--on", "plain-1", "--", "echo talk"]).success();
    assert!(quiet.stderr.is_empty(), "{quiet:?}");
    let words = ["--vault", "nowhere", "--recovery-file", "recovery", "host", "list"];
    let in_language = |language: &str| fleet.sandbox.bare_in(&[("LC_ALL", language)], &words).exit(3).stderr;
    assert_ne!(in_language("fr_FR.UTF-8"), in_language("en_US.UTF-8"));
    assert_eq!(in_language("de_DE.UTF-8"), in_language("C"));
}
