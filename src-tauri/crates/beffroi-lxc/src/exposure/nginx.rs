//! What `nginx -T` prints: servers, the ports they listen on, and where they lead.

use std::collections::HashMap;

/// Words of a configuration that are read.
const MOST_WORDS: usize = 400_000;
/// How deep blocks may lie in each other.
const MOST_DEPTH: usize = 16;

/// A server of nginx.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// Its names.
    pub names: Vec<String>,
    /// The ports that it listens on.
    pub ports: Vec<u16>,
    /// The ports on which it answers for names that no other has, because it says so.
    pub default_on: Vec<u16>,
    /// The ports on which it speaks TLS.
    pub tls_on: Vec<u16>,
    /// Where its locations lead: the location, and the address behind `proxy_pass`, `uwsgi_pass` or `fastcgi_pass`, such as
    /// `10.0.3.5:8000`.
    pub passes: Vec<(String, String)>,
}

impl Server {
    /// Whether it is for a name.
    #[must_use]
    pub fn is_for(&self, name: &str) -> bool {
        self.names.iter().any(|own| match own.strip_prefix("*.") {
            Some(rest) => name.strip_suffix(rest).is_some_and(|start| start.ends_with('.')),
            None => own == name,
        })
    }
}

/// The server that answers on a port for a name that none has: the one that says so, else the first on that port.
#[must_use]
pub fn fallback(servers: &[Server], port: u16) -> Option<&Server> {
    let said = servers.iter().find(|server| server.default_on.contains(&port));
    said.or_else(|| servers.iter().find(|server| server.ports.contains(&port)))
}

/// The folder whose files are read as servers, of those that distributions have for it.
#[must_use]
pub(super) fn folder(text: &str) -> Option<String> {
    let includes = |folder: &str| {
        let wanted = format!("{folder}/*.conf;");
        text.lines().any(|line| line.trim().strip_prefix("include").is_some_and(|rest| rest.trim() == wanted))
    };
    // Alpine has the first for servers, and the second for what is not of HTTP.
    ["/etc/nginx/http.d", "/etc/nginx/conf.d"].into_iter().find(|folder| includes(folder)).map(str::to_owned)
}

/// Reads a configuration, all files after each other.
#[must_use]
pub(super) fn read(text: &str) -> Vec<Server> {
    let (mut servers, mut upstreams): (Vec<Server>, HashMap<String, String>) = (Vec::new(), HashMap::new());
    let (mut blocks, mut words): (Vec<Vec<String>>, Vec<String>) = (Vec::new(), Vec::new());
    for word in Words(text).take(MOST_WORDS) {
        match word.as_str() {
            "{" => {
                if blocks.len() >= MOST_DEPTH {
                    break;
                }
                if words.first().is_some_and(|first| first == "server") && words.len() == 1 {
                    servers.push(Server::default());
                }
                blocks.push(std::mem::take(&mut words));
            }
            "}" => {
                blocks.pop();
                words.clear();
            }
            ";" => {
                directive(&std::mem::take(&mut words), &blocks, &mut servers, &mut upstreams);
            }
            _ => words.push(word),
        }
    }
    for (_, to) in servers.iter_mut().flat_map(|server| &mut server.passes) {
        if let Some(real) = upstreams.get(to.as_str()) {
            to.clone_from(real);
        }
    }
    servers
}

fn directive(words: &[String], blocks: &[Vec<String>], servers: &mut [Server], upstreams: &mut HashMap<String, String>) {
    let Some((name, values)) = words.split_first() else { return };
    let first = values.first().map(String::as_str).unwrap_or_default();
    let innermost = blocks.last().and_then(|block| block.first()).map(String::as_str);
    if innermost == Some("upstream") && name == "server" {
        if let Some(called) = blocks.last().and_then(|block| block.get(1)) {
            upstreams.entry(called.clone()).or_insert_with(|| first.to_owned());
        }
        return;
    }
    let is_in_server = blocks.iter().any(|block| block.first().is_some_and(|first| first == "server"));
    let Some(server) = servers.last_mut().filter(|_| is_in_server) else { return };
    match name.as_str() {
        "listen" => {
            let port = first.rsplit(':').next().and_then(|port| port.parse().ok());
            let Some(port) = port.or_else(|| (!first.starts_with("unix:")).then_some(80)) else { return };
            let says = |words: &[&str]| values.iter().skip(1).any(|value| words.contains(&value.as_str()));
            server.ports.push(port);
            server.default_on.extend(says(&["default_server", "default"]).then_some(port));
            server.tls_on.extend(says(&["ssl"]).then_some(port));
        }
        "server_name" => server.names.extend(values.iter().cloned()),
        "proxy_pass" | "uwsgi_pass" | "fastcgi_pass" => {
            let location = blocks.iter().rev().find(|block| block.first().is_some_and(|first| first == "location"));
            let location = location.map(|block| block.get(1..).unwrap_or_default().join(" ")).unwrap_or_default();
            let (scheme, rest) = first.split_once("://").unwrap_or(("", first));
            let host = rest.split('/').next().unwrap_or_default();
            let has_port = host.contains(':') || name != "proxy_pass";
            // An upstream has a name; where none is called so, the scheme's port is meant.
            let to = if has_port || host.parse::<std::net::Ipv4Addr>().is_err() {
                host.to_owned()
            } else {
                format!("{host}:{}", if scheme == "https" { 443 } else { 80 })
            };
            server.passes.push((location, to));
        }
        _ => {}
    }
}

/// Words of a configuration: `{`, `}` and `;` are words of their own.
struct Words<'a>(&'a str);

impl Iterator for Words<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            self.0 = self.0.trim_start();
            match self.0.strip_prefix('#') {
                Some(rest) => self.0 = rest.split_once('\n').map_or("", |(_, rest)| rest),
                None => break,
            }
        }
        let first = self.0.chars().next()?;
        if matches!(first, '{' | '}' | ';') {
            self.0 = self.0.get(1..)?;
            return Some(first.to_string());
        }
        let mut word = String::new();
        let quote = matches!(first, '"' | '\'').then_some(first);
        let mut characters = self.0.char_indices().skip(usize::from(quote.is_some()));
        let end = loop {
            match characters.next() {
                None => break self.0.len(),
                Some((at, c)) if Some(c) == quote => break at + 1,
                Some((_, '\\')) => word.extend(characters.next().map(|(_, c)| c)),
                // A variable of its own: `${name}`.
                Some((_, '$')) if quote.is_none() => word.push('$'),
                Some((at, c)) if quote.is_none() && (c.is_whitespace() || matches!(c, ';' | '}') || (c == '{' && !word.ends_with('$'))) => {
                    break at;
                }
                Some((_, c)) => word.push(c),
            }
        };
        self.0 = self.0.get(end..)?;
        Some(word)
    }
}
