//! What a configuration says for one name, as `ssh -G` prints it: of each setting the first value counts (`readconf.c`).

use super::file::{Criterion, Files, Line, Setting, Test, What};
use super::words::{matches, matches_host, matches_list};
use crate::ImportError;
use crate::limits::{affordable, within};

/// How deep files include each other (`READCONF_MAX_DEPTH`).
const MOST_INCLUDES: u64 = 16;
/// Lines and patterns that are looked at for all names of a configuration together: some seconds of one core.
const MOST_STEPS: u64 = 50_000_000;
/// Pairs of characters that are compared in one of them.
const COMPARED: usize = 4096;
/// Key files and certificates of one name (`SSH_MAX_IDENTITY_FILES`).
const MOST_IDENTITIES: usize = 100;

/// What counts for a name.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Expanded.
    pub(super) hostname: Option<String>,
    pub(super) user: Option<String>,
    pub(super) port: Option<u16>,
    /// As it is written; `none` is one.
    pub(super) jump: Option<String>,
    pub(super) proxy_command: Option<String>,
    pub(super) identity_files: Vec<String>,
    pub(super) certificate_files: Vec<String>,
    /// All else, by its name as it is first written.
    pub(super) others: Vec<(String, String)>,
}

/// Looks names up.
pub(super) struct Resolver<'a> {
    pub(super) files: &'a Files,
    pub(super) local_user: &'a str,
    pub(super) steps: u64,
}

/// One pass over the files.
struct Pass<'a> {
    alias: &'a str,
    /// What `Host` is compared with.
    host: String,
    is_final: bool,
    wants_final: bool,
}

impl Resolver<'_> {
    /// What the configuration says for a name.
    pub(super) fn resolve(&mut self, alias: &str) -> Result<Settings, ImportError> {
        let mut settings = Settings::default();
        let mut pass = Pass { alias, host: alias.to_owned(), is_final: false, wants_final: false };
        self.apply(0, &mut settings, &mut pass, &mut true, false, 0)?;
        let mut host = match &settings.hostname {
            Some(written) => with_host(written, alias)?,
            None => alias.to_owned(),
        };
        if host.parse::<std::net::IpAddr>().is_err() {
            host.make_ascii_lowercase();
        }
        settings.hostname = Some(host.clone());
        if pass.wants_final {
            let mut pass = Pass { host, is_final: true, ..pass };
            self.apply(0, &mut settings, &mut pass, &mut true, false, 0)?;
        }
        Ok(settings)
    }

    fn apply(
        &mut self,
        file: usize,
        settings: &mut Settings,
        pass: &mut Pass<'_>,
        active: &mut bool,
        never: bool,
        depth: u64,
    ) -> Result<(), ImportError> {
        within("Include", depth, MOST_INCLUDES)?;
        let lines = self.files.files.get(file).map(Vec::as_slice).unwrap_or_default();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            self.costs(line, pass)?;
            at += 1;
            match &line.what {
                What::Host(patterns) => *active = !never && is_meant(&pass.host, patterns),
                What::Match(criteria) => *active = self.holds(criteria, settings, pass)? && !never,
                What::Include(included) => {
                    let outside = *active;
                    for file in included {
                        self.apply(*file, settings, pass, active, never || !outside, depth + 1)?;
                        *active = outside;
                    }
                }
                What::Option(setting) if *active => settings.take(setting)?,
                What::Option(_) => at = line.next,
            }
        }
        Ok(())
    }

    /// Counts what comparing a line's patterns with a name costs.
    fn costs(&mut self, line: &Line, pass: &Pass<'_>) -> Result<(), ImportError> {
        let longest = pass.host.len().max(pass.alias.len());
        let cost = match &line.what {
            What::Host(patterns) => patterns.iter().map(|pattern| 1 + pattern.len() * longest / COMPARED).sum(),
            What::Match(criteria) => criteria.iter().map(|criterion| 1 + criterion.length() * longest / COMPARED).sum(),
            What::Include(included) => 1 + included.len(),
            What::Option(_) => 1,
        };
        self.steps = affordable("Host", self.steps + cost as u64, MOST_STEPS)?;
        Ok(())
    }

    fn holds(&self, criteria: &[Criterion], settings: &Settings, pass: &mut Pass<'_>) -> Result<bool, ImportError> {
        let host = match &settings.hostname {
            Some(written) if !pass.is_final => with_host(written, pass.alias)?,
            Some(written) => written.clone(),
            None => pass.alias.to_owned(),
        };
        let user = settings.user.as_deref().unwrap_or(self.local_user);
        let mut all = true;
        for Criterion { negated, test } in criteria {
            let found = match test {
                Test::All => true,
                Test::Final => {
                    pass.wants_final = true;
                    pass.is_final
                }
                Test::Host(list) => matches_host(&host, list),
                Test::OriginalHost(list) => matches_host(pass.alias, list),
                Test::User(list) => matches_list(user, list),
                Test::LocalUser(list) => matches_list(self.local_user, list),
                Test::Tagged(list) => {
                    let tag = settings.others.iter().find(|(name, _)| name.eq_ignore_ascii_case("tag"));
                    matches_list(tag.map_or("", |(_, tag)| tag), list)
                }
                // Whichever way it stands there.
                Test::Unknown => *negated,
            };
            all &= found != *negated;
        }
        Ok(all)
    }
}

/// Whether `Host` means a name.
fn is_meant(host: &str, patterns: &[String]) -> bool {
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(excluded) if matches(host, excluded) => return false,
            Some(_) => {}
            None => found |= matches(host, pattern),
        }
    }
    found
}

/// `HostName` knows `%h` and `%%` only.
fn with_host(written: &str, alias: &str) -> Result<String, ImportError> {
    let malformed = ImportError::Malformed { what: "HostName", at: 0 };
    expand(written, |token| (token == 'h').then(|| alias.to_owned())).ok_or(malformed)
}

/// Puts in what each `%` stands for. None for one that stands for nothing.
pub(super) fn expand(written: &str, of: impl Fn(char) -> Option<String>) -> Option<String> {
    let mut text = String::with_capacity(written.len());
    let mut rest = written.chars();
    while let Some(next) = rest.next() {
        match next {
            '%' => match rest.next()? {
                '%' => text.push('%'),
                token => text.push_str(&of(token)?),
            },
            next => text.push(next),
        }
        // A name that is a kilobyte long is none.
        if text.len() > 4096 {
            return None;
        }
    }
    Some(text)
}

impl Settings {
    fn take(&mut self, setting: &Setting) -> Result<(), ImportError> {
        let first = || setting.words.first().cloned().unwrap_or_default();
        let command = || setting.rest.trim_start_matches([' ', '\t', '=']).to_owned();
        match setting.key.as_str() {
            "hostname" => first_wins(&mut self.hostname, first),
            "user" => first_wins(&mut self.user, first),
            "port" => self.port = self.port.or_else(|| first().parse().ok()),
            "proxyjump" if self.proxy_command.is_none() => {
                let written = command();
                let jump = written.split('#').next().unwrap_or_default().trim_end().to_owned();
                first_wins(&mut self.jump, || jump);
            }
            // `ProxyJump none` keeps other ones out, and lets a command through.
            "proxycommand" if self.jump.as_ref().is_none_or(|jump| jump.eq_ignore_ascii_case("none")) => {
                first_wins(&mut self.proxy_command, command)
            }
            "proxyjump" | "proxycommand" => {}
            "identityfile" | "identityfile2" | "certificatefile" => {
                let list = if setting.key == "certificatefile" { &mut self.certificate_files } else { &mut self.identity_files };
                if !list.contains(&first()) {
                    list.push(first());
                    within("IdentityFile", list.len() as u64, MOST_IDENTITIES as u64)?;
                }
            }
            key => {
                let several = matches!(key, "sendenv" | "setenv" | "localforward" | "remoteforward" | "dynamicforward");
                if several || !self.others.iter().any(|(name, _)| name.eq_ignore_ascii_case(key)) {
                    let takes_command = matches!(key, "localcommand" | "remotecommand" | "knownhostscommand");
                    self.others.push((setting.name.clone(), if takes_command { command() } else { setting.words.join(" ") }));
                    within("options", self.others.len() as u64, 1_000)?;
                }
            }
        }
        Ok(())
    }
}

fn first_wins(slot: &mut Option<String>, value: impl FnOnce() -> String) {
    if slot.is_none() {
        *slot = Some(value());
    }
}
