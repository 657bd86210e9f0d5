//! kubeconfig (<https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>): what each user logs in with, at the servers of
//! its contexts.
//!
//! Only what stands in the file is read: `*-data`, `token`, `username` and `password`. A helper (`exec`, `auth-provider`) is never run and a
//! file that is named is never opened; both are told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_secret::{SecretBytes, SecretText};
use zeroize::Zeroizing;

use super::keys::pem;
use crate::collect::Collected;
use crate::limits::{MOST_ENTRIES, MOST_VALUE, within};
use crate::yaml::{Node, read_one};
use crate::{Attachment, Entry, Field, ImportError, Kind, Parsed, Reading, Source, decode};

/// By what every one of them says.
pub fn tells(source: &Source) -> bool {
    let Source::File { bytes, .. } = source else { return false };
    // Looks for words that are no secrets.
    let Ok(text) = decode(bytes.expose()) else { return false };
    let says =
        |word: &str| text.contains(&format!("\n{word}:")) || text.starts_with(&format!("{word}:")) || text.contains(&format!("\"{word}\""));
    let is_config =
        text.lines().any(|line| matches!(line.trim().trim_end_matches(','), "kind: Config" | "kind: \"Config\"" | "\"kind\": \"Config\""));
    is_config && says("users") && says("clusters")
}

/// Every user's token, password and key.
///
/// # Errors
/// [`ImportError::Malformed`] for what is no YAML, with its line; [`ImportError::TooLarge`]; [`ImportError::Unsupported`] when it is no
/// `Config`.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let (root, _) = read_one(&decode(reading.source.bytes()?)?)?;
    if text(&root, "kind") != Some("Config") {
        return Err(ImportError::Unsupported { what: "kind".to_owned() });
    }
    let (mut parsed, mut origins) = (Parsed::default(), Collected::default());
    let clusters = clusters(&root, &mut parsed);
    for (name, user) in named(&root, "users", "user") {
        within("users", parsed.entries.len() as u64 + 1, MOST_ENTRIES as u64)?;
        for (key, why) in [("exec", "exec-helper"), ("auth-provider", "exec-helper")] {
            if user.get(key).is_some() {
                parsed.notice(why, name);
            }
        }
        for key in ["tokenFile", "client-certificate", "client-key"] {
            if user.get(key).is_some() {
                parsed.notice("file-reference", format!("{name}: {key}"));
            }
        }
        let contexts: Vec<(&str, &Node)> =
            named(&root, "contexts", "context").filter(|(_, context)| text(context, "user") == Some(name)).collect();
        let found = parsed.entries.len();
        credentials(name, user, &mut parsed)?;
        if found == parsed.entries.len() {
            parsed.refuse(name, "no-value");
        }
        for entry in parsed.entries.iter_mut().skip(found) {
            entry.origin = origins.unique(std::mem::take(&mut entry.origin));
            of_contexts(entry, &contexts, &clusters);
        }
    }
    Ok(parsed)
}

/// A cluster.
struct Cluster<'a> {
    name: &'a str,
    server: &'a str,
    authority: Option<Vec<u8>>,
}

fn clusters<'a>(root: &'a Node, parsed: &mut Parsed) -> Vec<Cluster<'a>> {
    let mut found = Vec::new();
    for (name, cluster) in named(root, "clusters", "cluster") {
        if text(cluster, "insecure-skip-tls-verify") == Some("true") {
            parsed.notice("tls-not-verified", name);
        }
        if cluster.get("certificate-authority").is_some() {
            parsed.notice("file-reference", format!("{name}: certificate-authority"));
        }
        let authority = text(cluster, "certificate-authority-data").and_then(|data| STANDARD.decode(data.trim()).ok());
        found.push(Cluster { name, server: text(cluster, "server").unwrap_or_default(), authority });
    }
    found
}

/// The secrets of a user.
fn credentials(name: &str, user: &Node, parsed: &mut Parsed) -> Result<(), ImportError> {
    let entry = |what: &str, kind, value: SecretText| Entry {
        origin: format!("{name}/{what}"),
        title: name.to_owned(),
        kind,
        value: Some(value),
        ..Entry::default()
    };
    let secret = |key| text(user, key).filter(|value| !value.is_empty()).map(|value| SecretText::new(value.to_owned()));
    if let Some(token) = secret("token") {
        parsed.entries.push(entry("token", Kind::Token, token));
    }
    if let Some(password) = secret("password") {
        let user = text(user, "username").map(str::to_owned);
        parsed.entries.push(Entry { user, ..entry("password", Kind::Password, password) });
    }
    let data = |key: &'static str| {
        let Some(data) = text(user, key) else { return Ok(None) };
        let line = user.get(key).map_or(0, |node| node.line);
        let bytes = STANDARD.decode(data.trim()).map(Zeroizing::new);
        let text = bytes.ok().and_then(|bytes| std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned())));
        text.map(Some).ok_or(ImportError::Malformed { what: key, at: line })
    };
    let Some(key) = data("client-key-data")? else { return Ok(()) };
    let certificate = data("client-certificate-data")?.unwrap_or_default();
    if !pem::blocks(&key)?.iter().any(|block| pem::is_key(block.label)) {
        return Err(ImportError::Malformed { what: "client-key-data", at: user.line });
    }
    let mut both = Zeroizing::new(String::with_capacity(key.len() + certificate.len() + 1));
    both.extend([key.trim_end(), "\n", certificate.as_str()]);
    within("value", both.len() as u64, MOST_VALUE as u64)?;
    let kind = if certificate.is_empty() { Kind::PrivateKey } else { Kind::Certificate };
    parsed.entries.push(entry("client-key", kind, SecretText::new(String::clone(&both))));
    Ok(())
}

/// Adds where a user logs in.
fn of_contexts(entry: &mut Entry, contexts: &[(&str, &Node)], clusters: &[Cluster<'_>]) {
    for (context, node) in contexts {
        let namespace = text(node, "namespace").map_or_else(String::new, |namespace| format!(" ({namespace})"));
        entry.fields.push(Field { name: "context".to_owned(), value: SecretText::new(format!("{context}{namespace}")), hidden: false });
        let Some(cluster) = clusters.iter().find(|cluster| text(node, "cluster") == Some(cluster.name)) else { continue };
        if !cluster.server.is_empty() && !entry.urls.iter().any(|url| url == cluster.server) {
            entry.urls.push(cluster.server.to_owned());
        }
        let file = format!("{}-ca.pem", cluster.name.replace(['/', '\\', ':'], "_"));
        if let Some(authority) = &cluster.authority
            && !entry.attachments.iter().any(|attachment| attachment.name == file)
        {
            entry.attachments.push(Attachment { name: file, bytes: SecretBytes::new(authority.clone()) });
        }
    }
}

/// The items of a list, each with its name and what stands under `key`.
fn named<'a>(root: &'a Node, list: &str, key: &'static str) -> impl Iterator<Item = (&'a str, &'a Node)> {
    let items = root.get(list).map(Node::items).unwrap_or_default();
    items.iter().filter_map(move |item| Some((text(item, "name")?, item.get(key)?)))
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key).filter(|value| !value.is_null()).and_then(Node::text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unlock, Work};

    /// A key of no use, made for this.
    const KEY: &str =
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpa\n-----END PRIVATE KEY-----\n";

    fn taken(text: &str) -> Result<Parsed, ImportError> {
        let (source, unlock, work) = (Source::file("config", text), Unlock::default(), Work::default());
        assert!(tells(&source));
        read(&Reading { source: &source, unlock: &unlock, work: &work })
    }

    #[test]
    fn tokens_passwords_and_keys_with_their_servers() {
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters:\n- name: far/away\n  cluster:\n    server: https://192.0.2.1:6443\n    \
             certificate-authority-data: {ca}\n- name: near\n  cluster: {{server: \"https://localhost\", insecure-skip-tls-verify: true, certificate-authority: /ca}}\n\
             contexts:\n- {{name: prod, context: {{cluster: far/away, user: admin, namespace: web}}}}\n- {{name: dev, context: {{cluster: near, user: admin}}}}\n\
             users:\n- name: admin\n  user:\n    token: t0ken\n    client-certificate-data: {ca}\n    client-key-data: {key}\n\
             - {{name: basic, user: {{username: root, password: \"1234\"}}}}\n- {{name: cloud, user: {{exec: {{command: rm}}}}}}\n\
             - {{name: files, user: {{client-key: ~/.ssh/id, client-certificate: x, tokenFile: /run/token}}}}\n",
            ca = STANDARD.encode("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
            key = STANDARD.encode(KEY),
        );
        let parsed = taken(&text).expect("read");
        let found: Vec<_> =
            parsed.entries.iter().map(|entry| (entry.origin.as_str(), entry.kind, entry.urls.len(), entry.attachments.len())).collect();
        assert_eq!(
            found,
            [("admin/token", Kind::Token, 2, 1), ("admin/client-key", Kind::Certificate, 2, 1), ("basic/password", Kind::Password, 0, 0)]
        );
        assert_eq!(parsed.entries[0].attachments[0].name, "far_away-ca.pem");
        assert!(parsed.entries[1].value.as_ref().is_some_and(|value| value.expose().starts_with(KEY)));
        assert_eq!(parsed.entries[2].user.as_deref(), Some("root"));
        let told: Vec<_> = parsed.notices.iter().map(|notice| (notice.key, notice.what.as_str())).collect();
        let expected = [
            ("tls-not-verified", "near"),
            ("file-reference", "near: certificate-authority"),
            ("exec-helper", "cloud"),
            ("file-reference", "files: tokenFile"),
            ("file-reference", "files: client-certificate"),
            ("file-reference", "files: client-key"),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            parsed.refused.iter().map(|refused| (refused.what.as_str(), refused.why)).collect::<Vec<_>>(),
            [("cloud", "no-value"), ("files", "no-value")]
        );
    }

    #[test]
    fn a_key_that_is_none_is_refused_and_other_kinds_too() {
        let text = |kind: &str, data: &str| {
            format!("kind: Config\nclusters: []\nusers:\n- name: a\n  user:\n    client-key-data: {data}\nx: {{kind: {kind}}}\n")
        };
        assert!(matches!(taken(&text("Config", "abc$")), Err(ImportError::Malformed { what: "client-key-data", at: 6 })));
        assert!(matches!(taken(&text("Config", &STANDARD.encode("no key"))), Err(ImportError::Malformed { what: "client-key-data", .. })));
        let other = Source::file("x.yaml", "kind: ConfigMap\nusers: []\nclusters: []\n");
        assert!(!tells(&other));
    }
}
