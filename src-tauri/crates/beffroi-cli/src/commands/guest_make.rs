//! `guest create|rebuild|lint|image`: guests by their specifications.

use std::path::Path;

use beffroi_api::wire::{
    GuestFinding, GuestFindingLevel, GuestImageImport, GuestImageRemove, GuestImagesAsked, GuestLint, GuestMake, PlanView, YnhSentDrop,
};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::{GuestMakeCommand, ImageCommand, Making};
use crate::commands::host::described_json;
use crate::commands::plan::carry_out_made;
use crate::commands::ynh::read::size;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, plain, sentence, talk};
use crate::table::table;

/// What speaks against it would be refused.
const REFUSED: u8 = 7;
/// It is no specification.
const FAULTY: u8 = 2;

pub(super) async fn run(context: &Context, command: GuestMakeCommand) -> Ended {
    match command {
        GuestMakeCommand::Lint { spec, stage } => lint(context, &spec, stage).await,
        GuestMakeCommand::Create(making) => make(context, making, false).await,
        GuestMakeCommand::Rebuild(making) => make(context, making, true).await,
        GuestMakeCommand::Image(ImageCommand::List { on }) => {
            context.open().await?;
            let found = context.api.guest_images(GuestImagesAsked { host: on }).await?;
            let heading = ["cli.name", "cli.guest-driver", "cli.size", "cli.guest-image-id"].map(|key| context.words(key));
            let row = |image: &beffroi_api::wire::GuestImage| {
                vec![image.name.clone(), image.driver.clone(), image.bytes.map(size).unwrap_or_default(), image.id.clone()]
            };
            let rows: Vec<_> = found.images.iter().map(row).collect();
            let text = if rows.is_empty() { String::new() } else { table(&heading, &rows) };
            Answer::new(&found, text)
        }
        GuestMakeCommand::Image(ImageCommand::Import { files, on, name, sha256, driver }) => {
            context.open().await?;
            let files = files.iter().map(|file| input::absolute(file)).collect::<Result<_, _>>()?;
            let typed = context.global.confirm.clone();
            let asked = GuestImageImport { host: on.clone(), files, name, sha256, driver, typed };
            let planned = context.api.guest_image_import(asked).await?;
            let told = [("name", planned.name.clone()), ("sha256", planned.sha256.clone()), ("unchanged", planned.unchanged.to_string())];
            let Some(plan) = planned.plan.clone() else {
                return Answer::new(&planned, format!("{}\n", plain(&sentence(context, "cli.guest-image-same", &told))));
            };
            if !context.global.json && !context.global.quiet {
                talk(&format!("{}\n", plain(&sentence(context, "cli.guest-image-sent", &told))));
            }
            carry_out_sent(context, on, plan, planned.sent).await
        }
        GuestMakeCommand::Image(ImageCommand::Remove { name, on }) => {
            context.open().await?;
            let plan = context.api.guest_image_remove(GuestImageRemove { host: on, name }).await?;
            carry_out_made(context, plan).await
        }
    }
}

fn read(path: &Path) -> Result<String, ApiError> {
    std::fs::read_to_string(path).map_err(|error| ApiError::new(ErrorCode::GuestSource).with("path", path.display()).with("reason", error))
}

async fn make(context: &Context, making: Making, rebuild: bool) -> Ended {
    let text = read(&making.spec)?;
    let folder = making.spec.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = input::absolute(folder)?;
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
async fn carry_out_sent(context: &Context, on: String, plan: PlanView, sent: Option<String>) -> Ended {
    let ended = carry_out_made(context, plan).await;
    if let Some(path) = sent
        && let Err(error) = context.api.ynh_sent_drop(YnhSentDrop { on, path }).await
    {
        tracing::info!(code = %error.code.name(), "what was sent stays on its host for now");
    }
    ended
}

async fn lint(context: &Context, path: &Path, stage: String) -> Ended {
    let asked = GuestLint { text: read(path)?, stage: Some(stage) };
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
