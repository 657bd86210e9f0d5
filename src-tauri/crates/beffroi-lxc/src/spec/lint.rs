//! What speaks against a specification. A stage that refuses warnings refuses a guest of one with findings.

use beffroi_domain::Message;

use super::{Check, Content, Network, Setting, Spec};

/// Something that speaks against a specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule: `service`, `state`, `logs`, `health`, `limits`, `image`, `privileged`, `open-port` or `secret`; and `stage`, of one
    /// that the vault does not have.
    pub rule: &'static str,
    /// What it is about, and what to do.
    pub message: Message,
}

/// Where packages are known to keep state, by a part of their name.
const STATE: [(&str, &str); 12] = [
    ("postgresql", "/var/lib/postgresql"),
    ("mariadb", "/var/lib/mysql"),
    ("mysql", "/var/lib/mysql"),
    ("redis", "/var/lib/redis"),
    ("valkey", "/var/lib/valkey"),
    ("mongodb", "/var/lib/mongodb"),
    ("influxdb", "/var/lib/influxdb"),
    ("slapd", "/var/lib/ldap"),
    ("openldap", "/var/lib/openldap"),
    ("rabbitmq", "/var/lib/rabbitmq"),
    ("grafana", "/var/lib/grafana"),
    ("prometheus", "/var/lib/prometheus"),
];
/// Packages that are a service of their own: two of them are two services.
const SERVERS: [&str; 12] = [
    "nginx",
    "apache2",
    "postgresql",
    "mariadb-server",
    "mysql-server",
    "redis",
    "redis-server",
    "valkey",
    "slapd",
    "rabbitmq-server",
    "openssh-server",
    "postfix",
];
/// Folders that are there to hold what somebody or something writes.
const DATA: [&str; 6] = ["/srv", "/home", "/var/lib", "/var/spool", "/var/mail", "/var/www"];
/// Endings of files that are written to while they are used.
const WRITTEN: [&str; 6] = [".db", ".sqlite", ".sqlite3", ".rdb", ".ldb", ".mdb"];
/// Parts of the names of variables whose values are secrets.
const SECRET: [&str; 7] = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "PRIVATE_KEY", "API_KEY", "CREDENTIAL"];

/// What speaks against a specification, in the order of its parts.
#[must_use]
pub fn lint(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |rule: &'static str, message: Message| found.push(Finding { rule, message });
    if spec.image.sha256.is_none() {
        say("image", Message::new("lint.image").with("image", &spec.image.name));
    }
    let servers: Vec<&str> =
        spec.packages.install.iter().map(|package| bare(package)).filter(|package| SERVERS.contains(package)).collect();
    let is_own = spec.service.as_ref().is_some_and(|service| !service.command.is_empty());
    if spec.service.is_none() {
        say("service", Message::new("lint.no-service"));
    }
    if servers.len() + usize::from(is_own) > 1 {
        say("service", Message::new("lint.services").with("packages", servers.join(", ")));
    }
    for package in &spec.packages.install {
        let known = STATE.iter().find(|(part, _)| bare(package).starts_with(part) && !bare(package).contains("client"));
        if let Some((_, path)) = known.filter(|(_, path)| !spec.is_in_volume(path)) {
            say("state", Message::new("lint.package-state").with("package", package).with("path", path));
        }
    }
    for file in &spec.files {
        let lies_in_data = DATA.iter().any(|folder| file.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
        let is_written = WRITTEN.iter().any(|ending| file.path.ends_with(ending));
        if is_written && (lies_in_data || !file.path.starts_with("/usr/")) && !spec.is_in_volume(&file.path) {
            say("state", Message::new("lint.file-state").with("path", &file.path));
        }
        if let Content::Content(text) = &file.from
            && text.contains("-----BEGIN ")
            && text.contains("PRIVATE KEY-----")
        {
            say("secret", Message::new("lint.key-in-file").with("path", &file.path));
        }
    }
    for (name, setting) in &spec.environment {
        let upper = name.to_ascii_uppercase();
        if matches!(setting, Setting::Value(value) if !value.is_empty()) && SECRET.iter().any(|part| upper.contains(part)) {
            say("secret", Message::new("lint.secret-value").with("name", name));
        }
    }
    if !spec.volumes.iter().any(|volume| volume.path == super::LOGS) {
        say("logs", Message::new("lint.logs"));
    }
    for port in spec.ports.iter().filter(|port| port.listen.ip().is_unspecified()) {
        say("open-port", Message::new("lint.open-port").with("listen", port.listen));
    }
    if !spec.ports.is_empty() && spec.network == Network::Off {
        say("open-port", Message::new("lint.port-without-network"));
    }
    if spec.limits.memory.is_none() || spec.limits.cpus.is_none() {
        say("limits", Message::new("lint.limits"));
    }
    match &spec.health {
        None => say("health", Message::new("lint.health")),
        Some(health) if matches!(&health.check, Check::Command(words) if is_empty_check(words)) => {
            say("health", Message::new("lint.health-empty"));
        }
        Some(_) => {}
    }
    if !spec.unprivileged {
        say("privileged", Message::new("lint.privileged"));
    }
    found
}

/// A package's name without its version.
fn bare(package: &str) -> &str {
    package.split(['=', '~', ':']).next().unwrap_or(package)
}

/// A check that says nothing.
fn is_empty_check(words: &[String]) -> bool {
    matches!(words, [program] if matches!(program.rsplit('/').next(), Some("true" | ":")))
}
