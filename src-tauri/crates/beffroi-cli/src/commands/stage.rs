//! `stage`

use std::path::Path;

use beffroi_api::wire::{
    Nothing, StageFreeze, StageInfo, StageName, StagePasswd, StagePolicySet, StageProtect, StageProtected, StageRekey, StageUnseal,
};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretText;

use crate::args::{StageCommand, YesNo};
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, sentence};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: StageCommand) -> Ended {
    // A stage that is given a secret is not unsealed with it first.
    match &command {
        StageCommand::Protect { .. } | StageCommand::Unseal { .. } | StageCommand::Passwd { .. } | StageCommand::Rekey { .. } => {
            context.open_sealed().await?;
        }
        _ => drop(context.open().await?),
    }
    match command {
        StageCommand::List => {
            let list = context.api.stage_list(Nothing {}).await?;
            let heading = ["cli.stage", "cli.state", "cli.hosts", "cli.secrets"].map(|key| context.words(key));
            let row =
                |stage: &StageInfo| vec![stage.name.clone(), state(context, stage), stage.hosts.to_string(), stage.secrets.to_string()];
            Answer::new(&list, table(&heading, &list.stages.iter().map(row).collect::<Vec<_>>()))
        }
        StageCommand::Add { stage } => {
            let info = context.api.stage_add(StageName { stage }).await?;
            confirmed(context, "journal.stage-added", &[("stage", info.name.clone())]);
            Answer::new(&info, String::new())
        }
        StageCommand::Protect { stage } => {
            let secret = file_of(context, &stage)?.map(|file| input::secret_file(Path::new(&file))).transpose()?;
            if !context.global.yes && context.can_ask() {
                context.confirm("prompt.protect").await?;
            }
            let made = context.api.stage_protect(StageProtect { stage, secret: secret.map(Into::into) }).await?;
            confirmed(context, "journal.stage-protected", &[("stage", made.stage.name.clone())]);
            told(context, &made)
        }
        StageCommand::Unseal { stage, duration } => {
            let for_s = duration.as_deref().map(input::seconds).transpose()?;
            let secret = secret_of(context, &stage)?.into();
            let info = context.api.stage_unseal(StageUnseal { stage, secret, for_s }).await?;
            let values = [("stage", info.name.clone()), ("seconds", info.seconds_left.unwrap_or(0).to_string())];
            confirmed(context, "journal.stage-unsealed", &values);
            Answer::new(&info, String::new())
        }
        StageCommand::Seal { stage } => {
            let info = context.api.stage_seal(StageName { stage }).await?;
            confirmed(context, "journal.stage-sealed", &[("stage", info.name.clone())]);
            Answer::new(&info, String::new())
        }
        StageCommand::Passwd { stage, new_secret_file } => {
            let secret = secret_of(context, &stage)?.into();
            let new = new_secret_file.map(|file| input::secret_file(&file)).transpose()?.map(Into::into);
            let made = context.api.stage_passwd(StagePasswd { stage, secret, new }).await?;
            confirmed(context, "journal.stage-secret-changed", &[("stage", made.stage.name.clone())]);
            told(context, &made)
        }
        StageCommand::Rekey { stage } => {
            let secret = secret_of(context, &stage)?.into();
            let info = context.api.stage_rekey(StageRekey { stage, secret }).await?;
            confirmed(context, "journal.stage-rekeyed", &[("stage", info.name.clone())]);
            Answer::new(&info, String::new())
        }
        StageCommand::Policy { stage, typed, refuse_warnings, unsealed, freeze, why } => {
            let list = context.api.stage_list(Nothing {}).await?;
            let missing = || ApiError::new(ErrorCode::StageNotFound).with("name", &stage);
            let info = list.stages.into_iter().find(|info| info.name == stage).ok_or_else(missing)?;
            let mut policy = info.policy.clone();
            policy.typed_confirmation = typed.map_or(policy.typed_confirmation, |typed| typed == YesNo::Yes);
            policy.refuse_warnings = refuse_warnings.map_or(policy.refuse_warnings, |refuse| refuse == YesNo::Yes);
            if let Some(unsealed) = unsealed {
                policy.unsealed_s = input::seconds(&unsealed)?;
            }
            match freeze.as_deref() {
                None => {}
                Some("none") => policy.freeze = None,
                Some(until) => {
                    policy.freeze =
                        Some(StageFreeze { from_ms: input::now_ms(), until_ms: input::moment_ms(until)?, why: why.unwrap_or_default() });
                }
            }
            if policy == info.policy {
                return Answer::new(&info, described(context, &info));
            }
            let info = context.api.stage_policy(StagePolicySet { stage, policy }).await?;
            confirmed(context, "journal.stage-policy", &[("stage", info.name.clone())]);
            Answer::new(&info, described(context, &info))
        }
    }
}

/// A secret that was made goes to standard output, the one time that it is shown.
fn told(context: &Context, made: &StageProtected) -> Ended {
    if made.secret.is_some() {
        confirmed(context, "cli.stage-secret", &[("stage", made.stage.name.clone())]);
    }
    Answer::new(made, made.secret.as_ref().map(|secret| format!("{secret}\n")).unwrap_or_default())
}

fn state(context: &Context, stage: &StageInfo) -> String {
    match (stage.protected, stage.seconds_left) {
        (false, _) => context.words("cli.stage-open"),
        (true, None) => context.words("cli.stage-sealed"),
        (true, Some(left)) => sentence(context, "cli.stage-unsealed", &[("time", format!("{}:{:02}", left / 60, left % 60))]),
    }
}

fn described(context: &Context, stage: &StageInfo) -> String {
    let yes = |yes| context.words(if yes { "cli.yes" } else { "cli.no" });
    let freeze = stage
        .policy
        .freeze
        .as_ref()
        .map_or_else(|| context.words("cli.no"), |freeze| format!("{} {}", input::moment(freeze.until_ms), freeze.why));
    crate::table::pairs(&[
        (context.words("cli.stage"), format!("{} ({})", stage.name, state(context, stage))),
        (context.words("cli.typed"), yes(stage.policy.typed_confirmation)),
        (context.words("cli.refuse-warnings"), yes(stage.policy.refuse_warnings)),
        (context.words("cli.unsealed-for"), format!("{} min", stage.policy.unsealed_s / 60)),
        (context.words("cli.frozen-until"), freeze),
    ])
}

/// The file that a flag names for a stage's secret.
pub(crate) fn file_of(context: &Context, stage: &str) -> Result<Option<String>, ApiError> {
    let mut found = None;
    for given in &context.global.stage_secrets {
        let (name, file) =
            given.split_once('=').ok_or_else(|| ApiError::new(ErrorCode::FlagMissing).with("flag", "--stage-secret STAGE=FILE"))?;
        if name == stage {
            found = Some(file.to_owned());
        }
    }
    Ok(found)
}

/// The secret of a stage: from the file that a flag names, else asked for.
fn secret_of(context: &Context, stage: &str) -> Result<SecretText, ApiError> {
    match file_of(context, stage)? {
        Some(file) => input::secret_file(Path::new(&file)),
        None => context.ask_secret("prompt.stage-secret", &format!("--stage-secret {stage}=FILE")),
    }
}
