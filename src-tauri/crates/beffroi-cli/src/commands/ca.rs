//! `ca`

use std::path::Path;

use beffroi_api::wire::{
    CaAuthority, CaCertificate, CaExport, CaInit, CaIssue, CaKit, CaKitLanguage, CaName, CaPush, CaRenew, HostStatus, Nothing,
};

use crate::args::{CaCommand, Lang};
use crate::commands::host::described_json;
use crate::commands::plan::carry_out_made;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, error_text, exit_of, plain, sentence};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: CaCommand) -> Ended {
    context.open().await?;
    match command {
        CaCommand::List => list(context).await,
        CaCommand::Init { name, stage, permitted } => {
            let made = context.api.ca_init(CaInit { name, stage, permitted }).await?;
            confirmed(context, "journal.authority-made", &[("name", made.name.clone()), ("stage", made.stage.clone())]);
            Answer::new(&made, described(context, &authority_rows(context, &made)))
        }
        CaCommand::Issue { names, host, authority } => {
            let issued = context.api.ca_issue(CaIssue { names, authority, host }).await?;
            let values = [("names", issued.names.join(" ")), ("authority", issued.authority.clone())];
            confirmed(context, "journal.certificate-issued", &values);
            Answer::new(&issued, described(context, &certificate_rows(context, &issued)))
        }
        CaCommand::Show { certificate } => {
            let found = context.api.ca_show(CaName { certificate }).await?;
            Answer::new(&found, described(context, &certificate_rows(context, &found)))
        }
        CaCommand::Renew { certificates, due: _, all, within } => renew(context, CaRenew { certificates, all, within_days: within }).await,
        CaCommand::Revoke { certificate } => {
            context.confirm("prompt.revoke-certificate").await?;
            let revoked = context.api.ca_revoke(CaName { certificate }).await?;
            let values = [("names", revoked.names.join(" ")), ("authority", revoked.authority.clone())];
            confirmed(context, "journal.certificate-revoked", &values);
            Answer::new(&revoked, String::new())
        }
        CaCommand::Export { name, file, der, list } => {
            let written = context.api.ca_export(CaExport { name, path: absolute(&file)?, der, list }).await?;
            let values = [("path", written.path.clone()), ("fingerprint", written.fingerprint.clone())];
            Answer::new(&written, format!("{}\n", plain(&sentence(context, "cli.ca-exported", &values))))
        }
        CaCommand::Push { certificates, domains, on, back } => {
            let plan = context.api.ca_push(CaPush { certificates, domains, on, back }).await?;
            carry_out_made(context, plan).await
        }
        CaCommand::TrustKit { folder, authority } => kit(context, &folder, authority).await,
    }
}

async fn list(context: &Context) -> Ended {
    let list = context.api.ca_list(Nothing {}).await?;
    let heading = ["cli.authority", "cli.stage", "cli.permitted", "cli.valid-until", "cli.days", "cli.certificates"];
    let authorities = list.authorities.iter().map(|authority| {
        vec![
            authority.name.clone(),
            authority.stage.clone(),
            permitted(context, authority),
            day(authority.until_ms),
            authority.days_left.to_string(),
            authority.certificates.to_string(),
        ]
    });
    let mut text = table(&heading.map(|key| context.words(key)), &authorities.collect::<Vec<_>>());
    let heading = ["cli.names", "cli.host", "cli.authority", "cli.valid-until", "cli.days", "cli.state", "cli.id"];
    let certificates = list.certificates.iter().map(|certificate| {
        vec![
            certificate.names.join(" "),
            certificate.host.clone().unwrap_or_default(),
            certificate.authority.clone(),
            day(certificate.until_ms),
            certificate.days_left.to_string(),
            state(context, certificate),
            certificate.id.clone(),
        ]
    });
    text.push('\n');
    text.push_str(&table(&heading.map(|key| context.words(key)), &certificates.collect::<Vec<_>>()));
    Answer::new(&list, text)
}

async fn renew(context: &Context, request: CaRenew) -> Ended {
    let renewed = context.api.ca_renew(request).await?;
    let mut text = String::new();
    for result in &renewed.results {
        match (&result.certificate, &result.error) {
            (Some(certificate), _) => {
                let values = [("names", certificate.names.join(" ")), ("authority", certificate.authority.clone())];
                text.push_str(&format!("{}\n", plain(&sentence(context, "journal.certificate-renewed", &values))));
            }
            (None, Some(error)) => {
                text.push_str(&format!("{}{}{}", plain(&result.name), context.language.colon(), error_text(context.language, error)));
            }
            (None, None) => {}
        }
    }
    if renewed.results.is_empty() {
        text = format!("{}\n", context.words("cli.ca-nothing-due"));
    } else if renewed.results.iter().any(|result| result.certificate.is_some()) {
        text.push_str(&format!("{}\n", context.words("cli.ca-push-next")));
    }
    let status = |error: &Option<_>| error.as_ref().map_or(HostStatus::Ok, HostStatus::of);
    let exit = exit_of(renewed.results.iter().map(|result| (status(&result.error), result.error.as_ref())));
    Ok(described_json(context, &renewed, text)?.exiting(exit))
}

async fn kit(context: &Context, folder: &Path, authority: Option<String>) -> Ended {
    let language = |lang: Lang| match lang {
        Lang::Fr => CaKitLanguage::Fr,
        Lang::En => CaKitLanguage::En,
    };
    let languages = context.global.lang.map(language).into_iter().collect();
    let written = context.api.ca_kit(CaKit { authority, path: absolute(folder)?, languages }).await?;
    let values = [("path", written.path.clone()), ("fingerprint", written.fingerprint.clone())];
    let mut text = format!("{}\n", plain(&sentence(context, "cli.ca-kit", &values)));
    text.extend(written.files.iter().map(|file| format!("  {}\n", plain(file))));
    Answer::new(&written, text)
}

fn absolute(path: &Path) -> Result<String, beffroi_api::ApiError> {
    input::absolute(path)
}

fn authority_rows(context: &Context, authority: &CaAuthority) -> Vec<(String, String)> {
    vec![
        (context.words("cli.permitted"), permitted(context, authority)),
        (context.words("cli.valid-until"), day(authority.until_ms)),
        (context.words("cli.fingerprint"), authority.fingerprint.clone()),
        (context.words("cli.key"), authority.key.clone()),
    ]
}

fn certificate_rows(context: &Context, certificate: &CaCertificate) -> Vec<(String, String)> {
    let row = |key: &str, value: String| (context.words(key), value);
    vec![
        row("cli.names", certificate.names.join(" ")),
        row("cli.authority", certificate.authority.clone()),
        row("cli.host", certificate.host.clone().unwrap_or_default()),
        row("cli.stage", certificate.stage.clone()),
        row("cli.valid-until", day(certificate.until_ms)),
        row("cli.days", certificate.days_left.to_string()),
        row("cli.state", state(context, certificate)),
        row("cli.serial", certificate.serial.clone()),
        row("cli.fingerprint", certificate.fingerprint.clone()),
        row("cli.key", certificate.key.clone()),
        row("cli.id", certificate.id.clone()),
    ]
}

fn described(context: &Context, rows: &[(String, String)]) -> String {
    rows.iter().map(|(name, value)| format!("{name}{}{}\n", context.language.colon(), plain(value))).collect()
}

fn permitted(context: &Context, authority: &CaAuthority) -> String {
    if authority.permitted.is_empty() { context.words("cli.ca-everywhere") } else { authority.permitted.join(" ") }
}

fn state(context: &Context, certificate: &CaCertificate) -> String {
    let key = match certificate {
        CaCertificate { revoked: true, .. } => "ca.state.revoked",
        CaCertificate { days_left, .. } if *days_left < 0 => "ca.state.ended",
        CaCertificate { due: true, .. } => "ca.state.due",
        CaCertificate { is_there: true, .. } => "ca.state.there",
        _ => "ca.state.not-there",
    };
    context.words(key)
}

/// The day of a moment, in UTC.
fn day(at_ms: i64) -> String {
    let moment = input::moment(u64::try_from(at_ms).unwrap_or_default());
    moment.split(['T', ' ']).next().unwrap_or_default().to_owned()
}
