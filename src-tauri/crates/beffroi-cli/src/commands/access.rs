//! `host`: how hosts are reached, and what is trusted of them.

use std::path::Path;

use beffroi_api::wire::{
    Access, HostAccess, HostDetail, HostEnrol, HostTest, HostTestStep, KnownHostsExport, KnownHostsImport, KnownHostsImported, Legacy,
};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::AccessArguments;
use crate::commands::host::described_json;
use crate::commands::run::typing;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, error_text, plain, sentence, talk};

/// What takes away what stands in the catalog.
const NONE: &str = "none";

/// What the flags say of a host, for the wire.
pub(crate) fn wire(flags: AccessArguments) -> Result<HostAccess, ApiError> {
    let clearing = |value: Option<String>| value.map(|value| if value == NONE { String::new() } else { value });
    let list = |values: Vec<String>| match values.as_slice() {
        [] => None,
        [only] if only == NONE => Some(Vec::new()),
        _ => Some(values),
    };
    let legacy = list(flags.legacy).map(|algorithms| legacy(algorithms, flags.legacy_until.as_deref(), flags.legacy_why));
    Ok(HostAccess {
        address: None,
        port: flags.port,
        user: flags.user,
        jump: clearing(flags.jump),
        others: list(flags.others).map(|ways| ways.iter().map(|way| access(way)).collect()).transpose()?,
        stage: flags.stage,
        tags: list(flags.tags),
        identity: clearing(flags.identity),
        password: clearing(flags.password),
        one_time: clearing(flags.one_time),
        sudo: flags.sudo,
        legacy: legacy.transpose()?,
    })
}

fn invalid(what: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest).with("what", what)
}

fn legacy(algorithms: Vec<String>, until: Option<&str>, why: Option<String>) -> Result<Legacy, ApiError> {
    if algorithms.is_empty() {
        return Ok(Legacy { algorithms, why: String::new(), until_ms: 0 });
    }
    let until = until.ok_or_else(|| ApiError::new(ErrorCode::FlagMissing).with("flag", "--legacy-until"))?;
    let day: jiff::civil::Date = until.parse().map_err(|_| invalid(format!("YYYY-MM-DD, not {until}")))?;
    let end = day.tomorrow().and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC)).map_err(|_| invalid(until))?;
    let until_ms = u64::try_from(end.timestamp().as_millisecond()).unwrap_or(0);
    Ok(Legacy { algorithms, why: why.unwrap_or_default(), until_ms })
}

/// `USER@ADDRESS:PORT[,jump=HOST][,identity=SECRET]`; user and port may be left out, an IPv6 address with a port stands in brackets.
fn access(way: &str) -> Result<Access, ApiError> {
    let wrong = || invalid(format!("USER@ADDRESS:PORT[,jump=HOST][,identity=SECRET], not {way}"));
    let mut parts = way.split(',');
    let place = parts.next().unwrap_or_default();
    let (user, place) = place.rsplit_once('@').map_or((None, place), |(user, place)| (Some(user.to_owned()), place));
    let (address, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or_else(wrong)?;
            (address, port.strip_prefix(':'))
        }
        None if place.matches(':').count() == 1 => place.split_once(':').map_or((place, None), |(address, port)| (address, Some(port))),
        None => (place, None),
    };
    let port = port.map(|port| port.parse::<u16>().map_err(|_| wrong())).transpose()?;
    let mut access = Access { address: address.to_owned(), port, user, jump: None, identity: None };
    for part in parts {
        match part.split_once('=') {
            Some(("jump", jump)) => access.jump = Some(jump.to_owned()),
            Some(("identity", identity)) => access.identity = Some(identity.to_owned()),
            _ => return Err(wrong()),
        }
    }
    if access.address.is_empty() { Err(wrong()) } else { Ok(access) }
}

pub(crate) fn exit_of_test(test: &HostTest) -> u8 {
    test.steps.iter().find_map(|step| step.error.as_ref()).map_or(0, |error| error.code.exit_status())
}

pub(crate) fn test_text(context: &Context, test: &HostTest) -> String {
    let line = |step: &HostTestStep| {
        let what = plain(&context.say(&step.what));
        let found = step.found.as_ref().map(|found| format!(": {}", plain(&context.say(found)))).unwrap_or_default();
        match (&step.error, &step.warning) {
            (Some(error), _) => format!("FAIL  {what}\n{}", error_text(context.language, error)),
            (None, Some(warning)) => format!("WARN  {what}{found} ({})\n", plain(&context.say(warning))),
            (None, None) => format!("ok    {what}{found} ({} ms)\n", step.duration_ms),
        }
    };
    test.steps.iter().map(line).collect()
}

/// Gives a host a key of its own: what would be done is shown first, and somebody says yes.
pub(crate) async fn enrol(context: &Context, host: String, keep_password: bool) -> Ended {
    let order = |plan, typed| HostEnrol { host: host.clone(), plan, keep_password, typed };
    let planned = context.api.host_enrol(order(true, None)).await?;
    let steps: String = planned.steps.iter().enumerate().map(|(at, step)| format!("{}. {}\n", at + 1, plain(&context.say(step)))).collect();
    let text = format!("{}{steps}", test_text(context, &planned.test));
    if context.global.plan || !planned.test.passed {
        return Ok(described_json(context, &planned, text)?.exiting(exit_of_test(&planned.test)));
    }
    talk(&text);
    context.confirm("prompt.enrol").await?;
    let enrolled = typing(context, async |typed| context.api.host_enrol(order(false, typed)).await).await?;
    let fingerprint = enrolled.fingerprint.clone().unwrap_or_default();
    let text = sentence(context, "journal.host-enrolled", &[("name", host), ("fingerprint", fingerprint)]);
    let exit = exit_of_test(&enrolled.test);
    Ok(described_json(context, &enrolled, format!("{text}\n"))?.exiting(exit))
}

pub(crate) async fn import_keys(context: &Context, file: &Path, on: Option<String>, dry_run: bool) -> Ended {
    let request = KnownHostsImport { file: input::absolute(file)?, on, dry_run };
    let imported = context.api.known_hosts_import(request).await?;
    let failed = imported.hosts.iter().find_map(|host| host.error.as_ref()).map_or(0, |error| error.code.exit_status());
    let text = imported_text(context, &imported);
    Ok(described_json(context, &imported, text)?.exiting(failed))
}

fn imported_text(context: &Context, imported: &KnownHostsImported) -> String {
    let mut text = String::new();
    for host in &imported.hosts {
        for (sign, keys) in [("+", &host.trusted), ("+ @cert-authority", &host.authorities), ("- @revoked", &host.revoked)] {
            text.extend(keys.iter().map(|key| format!("{} {sign} {key}\n", host.host)));
        }
        text.extend(host.error.as_ref().map(|error| error_text(context.language, error)));
    }
    for line in &imported.not_understood {
        let values = [("line", line.line.to_string()), ("reason", plain(&line.reason))];
        text.push_str(&format!("{}\n", sentence(context, "cli.known-hosts-line", &values)));
    }
    text.push_str(&format!("{}\n", sentence(context, "cli.known-hosts-unused", &[("count", imported.unused.to_string())])));
    text
}

pub(crate) async fn export_keys(context: &Context, destination: &Path, on: Option<String>, hashed: bool) -> Ended {
    let request = KnownHostsExport { destination: input::absolute(destination)?, on, hashed };
    let exported = context.api.known_hosts_export(request).await?;
    let values = [("path", exported.path.clone()), ("lines", exported.lines.to_string())];
    let mut text = format!("{}\n", sentence(context, "cli.known-hosts-exported", &values));
    if !exported.unseen.is_empty() {
        text.push_str(&format!("{}\n", sentence(context, "cli.known-hosts-unseen", &[("hosts", exported.unseen.join(", "))])));
    }
    Answer::new(&exported, text)
}

/// How a host is reached and what is trusted of it, for people.
pub(crate) fn rows(context: &Context, detail: &HostDetail) -> Vec<(String, String)> {
    let host = &detail.host;
    let mut rows = Vec::new();
    let mut add = |key: &str, value: Option<String>| rows.extend(value.map(|value| (context.words(key), value)));
    add("cli.jump", host.jump.clone());
    for other in &host.others {
        let port = other.port.unwrap_or(22);
        let way = format!("{}@{}:{port}", other.user.as_deref().unwrap_or(&host.user), other.address);
        add("cli.other-way", Some(other.jump.as_ref().map_or(way.clone(), |jump| format!("{way} ({jump})"))));
    }
    add("cli.password", host.password.clone());
    add("cli.one-time", host.one_time.clone());
    add("cli.sudo", (host.sudo != "never").then(|| host.sudo_secret.clone().unwrap_or_else(|| host.sudo.clone())));
    add("cli.legacy", host.legacy.as_ref().map(|legacy| format!("{} ({})", legacy.algorithms.join(" "), plain(&legacy.why))));
    for key in &detail.keys {
        let by = if key.by.is_empty() { String::new() } else { format!(", {}", plain(&key.by)) };
        add(
            if key.authority { "cli.authority" } else { "cli.pins" },
            Some(
                format!("{} {} ({}{by}) {}", key.fingerprint, key.algorithm, key.how, plain(&key.patterns.join(","))).trim_end().to_owned(),
            ),
        );
    }
    add("cli.revoked", (!detail.revoked.is_empty()).then(|| detail.revoked.join(" ")));
    for key in &detail.announced {
        add("cli.announced", Some(format!("{} {}", key.fingerprint, key.algorithm)));
    }
    if let Some(reached) = &detail.reached {
        add("cli.reached", Some(reached.way.clone()));
        for way in &reached.passed_over {
            add("cli.passed-over", Some(format!("{}{}{}", way.way, context.language.colon(), plain(&way.reason))));
        }
    }
    rows
}
