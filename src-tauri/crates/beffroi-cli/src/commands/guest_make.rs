//! `guest create|rebuild|lint|spec`: guests by their specifications.

use std::path::Path;

use beffroi_api::wire::{GuestFinding, GuestFindingLevel, GuestLint, GuestMake, GuestSpecAsked, GuestSpecKeep, PlanView, YnhSentDrop};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::{GuestMakeCommand, Making, SpecCommand};
use crate::commands::guest_image;
use crate::commands::host::described_json;
use crate::commands::plan::carry_out_made;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, plain, sentence};

/// What speaks against it would be refused.
const REFUSED: u8 = 7;
/// It is no specification.
const FAULTY: u8 = 2;

pub(super) async fn run(context: &Context, command: GuestMakeCommand) -> Ended {
    match command {
        GuestMakeCommand::Lint { spec, stage } => lint(context, &spec, stage).await,
        GuestMakeCommand::Create(making) => make(context, making, false).await,
        GuestMakeCommand::Rebuild(making) => make(context, making, true).await,
        GuestMakeCommand::Image(command) => guest_image::run(context, command).await,
        GuestMakeCommand::Spec(command) => {
            context.open().await?;
            spec(context, command).await
        }
    }
}

/// What is declared.
async fn spec(context: &Context, command: SpecCommand) -> Ended {
    match command {
        SpecCommand::Show { guest } => {
            let kept = context.api.guest_spec(GuestSpecAsked { guest }).await?;
            Answer::new(&kept, kept.text.clone())
        }
        SpecCommand::Keep { guest, spec, driver } => {
            let (text, folder) = read(&spec)?;
            let kept = context.api.guest_spec_keep(GuestSpecKeep { guest: guest.clone(), text, folder, driver }).await?;
            confirmed(context, "cli.guest-spec-kept", &[("guest", guest)]);
            Answer::new(&kept, String::new())
        }
        SpecCommand::Forget { guest } => {
            let done = context.api.guest_spec_forget(GuestSpecAsked { guest: guest.clone() }).await?;
            confirmed(context, "cli.guest-spec-forgotten", &[("guest", guest)]);
            Answer::new(&done, String::new())
        }
    }
}

/// The text of a specification, and the folder that it lies in.
fn read(path: &Path) -> Result<(String, String), ApiError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((text_of(path)?, input::absolute(folder)?))
}

fn text_of(path: &Path) -> Result<String, ApiError> {
    std::fs::read_to_string(path).map_err(|error| ApiError::new(ErrorCode::GuestSource).with("path", path.display()).with("reason", error))
}

async fn make(context: &Context, making: Making, rebuild: bool) -> Ended {
    let (text, folder) = making.spec.as_deref().map(read).transpose()?.unzip();
    context.open().await?;
    let host = making.guest.rsplit_once('/').map(|(host, _)| host.to_owned()).unwrap_or_default();
    let guest = making.guest.clone();
    let typed = context.global.confirm.clone();
    let asked = GuestMake { guest: making.guest, text, folder, driver: making.driver, only: making.only, rebuild, typed };
    let planned = context.api.guest_make_plan(asked).await?;
    let Some(plan) = planned.plan.clone() else {
        return Answer::new(&planned, format!("{}\n", plain(&sentence(context, "cli.guest-same", &[("guest", guest)]))));
    };
    carry_out_sent(context, host, plan, planned.sent).await
}

/// Carries a plan out; what was sent for it goes where no job was made of it.
pub(super) async fn carry_out_sent(context: &Context, on: String, plan: PlanView, sent: Option<String>) -> Ended {
    let ended = carry_out_made(context, plan).await;
    if let Some(path) = sent
        && let Err(error) = context.api.ynh_sent_drop(YnhSentDrop { on, path }).await
    {
        tracing::info!(code = %error.code.name(), "what was sent stays on its host for now");
    }
    ended
}

async fn lint(context: &Context, path: &Path, stage: String) -> Ended {
    let asked = GuestLint { text: text_of(path)?, stage: Some(stage) };
    // The policy of a stage is asked for where a vault is meant: open elsewhere, or named.
    let found = if context.is_answered_elsewhere() || context.global.vault.is_some() {
        context.open().await?;
        context.api.guest_lint(asked).await?
    } else {
        context.here.guest_lint(asked).await?
    };
    let has = |level| found.findings.iter().any(|finding| finding.level == level);
    let exit = if has(GuestFindingLevel::Fault) {
        FAULTY
    } else if has(GuestFindingLevel::Refuse) {
        REFUSED
    } else {
        0
    };
    let mut text: String = found.findings.iter().map(|finding| told(context, finding)).collect();
    if text.is_empty() {
        text = format!("{}\n", context.words("cli.guest-lint-well"));
    }
    Ok(described_json(context, &found, text)?.exiting(exit))
}

fn told(context: &Context, finding: &GuestFinding) -> String {
    let level = match finding.level {
        GuestFindingLevel::Fault => "cli.guest-fault",
        GuestFindingLevel::Refuse => "cli.guest-refuse",
        GuestFindingLevel::Warn => "cli.guest-warn",
    };
    let mut place = context.words(level);
    if finding.line > 0 {
        place.push_str(&format!(", {}", sentence(context, "cli.guest-line", &[("line", finding.line.to_string())])));
    }
    format!("{place}{}{}\n", context.language.colon(), plain(&context.say(&finding.message)))
}
