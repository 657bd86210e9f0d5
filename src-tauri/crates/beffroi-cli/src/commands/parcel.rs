//! `parcel`

mod hand_over;

use std::path::Path;

use beffroi_api::wire::{MergeConflict, MergeEffect, MergeField, MergeKeep, MergeResolved, ParcelMerge, ParcelMerged};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::ParcelCommand;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, plain, sentence, talk};

pub(crate) async fn run(context: &Context, command: ParcelCommand) -> Ended {
    match command {
        ParcelCommand::Create(arguments) => hand_over::create(context, arguments).await,
        ParcelCommand::Open(arguments) => hand_over::open(context, arguments).await,
        ParcelCommand::Given { who } => hand_over::given(context, who).await,
        ParcelCommand::Merge { other, keep_mine, take_theirs, resolve } => {
            context.open().await?;
            let keep = keep_mine.then_some(MergeKeep::Mine).or(take_theirs.then_some(MergeKeep::Theirs));
            let resolved = resolve.as_deref().map(resolutions).transpose()?.unwrap_or_default();
            merge(context, ParcelMerge { other: input::absolute(&other)?, keep, resolved, rehearse: true }).await
        }
    }
}

/// What it would do comes first, and somebody says yes: nothing is written while something is in conflict, or where only that was
/// asked for.
async fn merge(context: &Context, request: ParcelMerge) -> Ended {
    let planned = context.api.parcel_merge(request.clone()).await?;
    let open = planned.conflicts.iter().filter(|conflict| conflict.kept.is_none()).count();
    if open > 0 {
        let answer = Answer::new(&planned, said(context, &planned))?;
        return Ok(answer.exiting(ErrorCode::MergeUnresolved.exit_status()));
    }
    if context.global.plan {
        return Answer::new(&planned, said(context, &planned));
    }
    if !planned.taken.is_empty() || !planned.conflicts.is_empty() || planned.entries > 0 {
        if !context.global.yes && context.can_ask() {
            talk(&said(context, &planned));
        }
        context.confirm("prompt.merge").await?;
    }
    let merged = context.api.parcel_merge(ParcelMerge { rehearse: false, ..request }).await?;
    if merged.merged {
        let values = [
            ("from", merged.other.clone()),
            ("taken", merged.taken.len().to_string()),
            ("conflicts", merged.conflicts.len().to_string()),
            ("entries", merged.entries.to_string()),
        ];
        confirmed(context, "journal.vault-merged", &values);
    }
    Answer::new(&merged, said(context, &merged))
}

fn said(context: &Context, merged: &ParcelMerged) -> String {
    let mut lines = Vec::new();
    if merged.taken.is_empty() && merged.conflicts.is_empty() && merged.entries == 0 {
        lines.push(context.words("merge.nothing"));
    }
    for taken in &merged.taken {
        let effect = match taken.effect {
            MergeEffect::Added => "merge.added",
            MergeEffect::Changed => "merge.changed",
            MergeEffect::Removed => "merge.removed",
        };
        lines.push(format!("{}  {}  {}", context.words(effect), context.words(&format!("merge.what.{}", taken.what)), plain(&taken.name)));
    }
    for rename in &merged.renames {
        lines.push(plain(&sentence(context, "merge.renamed", &[("from", rename.from.clone()), ("to", rename.to.clone())])));
    }
    for conflict in &merged.conflicts {
        lines.extend(conflict_lines(context, conflict));
    }
    let open = merged.conflicts.iter().filter(|conflict| conflict.kept.is_none()).count();
    if open > 0 {
        lines.push(sentence(context, "merge.open", &[("count", open.to_string())]));
    }
    if merged.other_ways {
        lines.push(context.words("merge.other-ways"));
    }
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}

fn conflict_lines(context: &Context, conflict: &MergeConflict) -> Vec<String> {
    let kept = match conflict.kept {
        Some(MergeKeep::Mine) => "merge.kept-mine",
        Some(MergeKeep::Theirs) => "merge.kept-theirs",
        None => "merge.conflict",
    };
    let what = context.words(&format!("merge.what.{}", conflict.what));
    let mut lines = vec![format!("{}  {what}  {}  ({})", context.words(kept), plain(&conflict.name), conflict.key)];
    if conflict.removed_here {
        lines.push(format!("      {}", context.words("merge.removed-here")));
    }
    if conflict.removed_there {
        lines.push(format!("      {}", context.words("merge.removed-there")));
    }
    if conflict.fields.is_empty() {
        lines.push(format!("      {}", context.words("merge.sealed")));
    }
    let side = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map_or_else(|| "—".to_owned(), plain);
    let line = |field: &MergeField| {
        let name = plain(&context.language.field(&field.field));
        if field.hidden {
            return format!("      {name}: {}", context.words("merge.differs"));
        }
        format!("      {name}: {} | {}", side(&field.mine), side(&field.theirs))
    };
    lines.extend(conflict.fields.iter().map(line));
    lines
}

/// Reads a file of resolutions: a line for each, empty ones and those that begin with `#` are passed over.
fn resolutions(path: &Path) -> Result<Vec<MergeResolved>, ApiError> {
    let failed = |reason: String| ApiError::new(ErrorCode::LocalFile).with("path", path.display()).with("reason", reason);
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, keep) = line.rsplit_once(char::is_whitespace).unwrap_or((line, ""));
        let keep = match keep {
            "mine" => MergeKeep::Mine,
            "theirs" => MergeKeep::Theirs,
            _ => return Err(failed(format!("line {at}"))),
        };
        found.push(MergeResolved { key: key.trim().to_owned(), keep });
    }
    Ok(found)
}
