//! `report`

use std::path::Path;

use beffroi_api::wire::{ReportCheck, ReportRequest, ReportTable, ReportView, ReportWrite};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::{ReportArguments, ReportCommand};
use crate::context::Context;
use crate::input::{self, absolute};
use crate::output::{Answer, Ended, plain, sentence};
use crate::table::{pairs, table};

pub(crate) async fn run(context: &Context, command: ReportCommand) -> Ended {
    if let ReportCommand::Verify { file, signer } = &command {
        return verify(context, file, signer.clone()).await;
    }
    context.open().await?;
    let bound = |text: &Option<String>, read: fn(&str) -> Result<u64, ApiError>| text.as_deref().map(read).transpose();
    let (kind, which, since_ms, until_ms, handed) = match command {
        ReportCommand::Interventions { which, since, until } => {
            ("interventions", which, bound(&since, input::moment_ms)?, bound(&until, input::end_ms)?, Vec::new())
        }
        ReportCommand::State { which } => ("state", which, None, None, Vec::new()),
        ReportCommand::Dossier { which, handed } => ("dossier", which, None, None, handed),
        ReportCommand::Verify { file, signer } => return verify(context, &file, signer).await,
    };
    let handed = handed.iter().map(|file| absolute(file)).collect::<Result<Vec<_>, _>>()?;
    let ReportArguments { on, out, format, table, force, sign } = which;
    let report = ReportRequest { kind: kind.to_owned(), on, since_ms, until_ms, handed, language: context.language.tag().to_owned() };
    let Some(out) = out else {
        let made = context.api.report_make(report).await?;
        return Answer::new(&made, told(context, &made));
    };
    let format = format.map_or_else(|| ending(&out), Ok)?;
    let written = context.api.report_write(ReportWrite { report, format, path: absolute(&out)?, table, force, sign }).await?;
    let mut text = String::new();
    for file in &written.files {
        let values = [("path", file.path.clone()), ("bytes", file.bytes.to_string()), ("sha256", file.sha256.clone())];
        text.push_str(&format!("{}\n", plain(&sentence(context, "cli.report-written", &values))));
    }
    if let (Some(path), Some(signer)) = (&written.statement, &written.signer) {
        let values = [("path", path.clone()), ("signer", signer.clone())];
        text.push_str(&format!("{}\n", plain(&sentence(context, "cli.report-signed", &values))));
    }
    Answer::new(&written, text)
}

/// What a file is by its ending.
fn ending(out: &Path) -> Result<String, ApiError> {
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending
        .filter(|ending| matches!(ending.as_str(), "pdf" | "csv" | "json"))
        .ok_or_else(|| ApiError::new(ErrorCode::InvalidRequest).with("what", "--format pdf, csv or json"))
}

async fn verify(context: &Context, file: &Path, signer: Option<String>) -> Ended {
    let checked = context.api.report_check(ReportCheck { path: absolute(file)?, signer }).await?;
    let values = [("name", checked.name.clone()), ("signer", checked.signer.clone()), ("time", input::moment(checked.at_ms))];
    let mut text = format!("{}\n", plain(&sentence(context, "cli.report-statement", &values)));
    for file in &checked.files {
        let key = format!("cli.report-{}", file.state);
        text.push_str(&format!("{}\n", plain(&sentence(context, &key, &[("name", file.name.clone())]))));
    }
    let whole = checked.files.iter().all(|file| file.state == "same");
    let exit = if whole { 0 } else { ErrorCode::StatementBroken.exit_status() };
    Ok(Answer::new(&checked, text)?.exiting(exit))
}

fn told(context: &Context, report: &ReportView) -> String {
    let mut text = format!("{}\n\n{}", report.title, pairs(&report.about));
    for section in &report.sections {
        text.push_str(&format!("\n{}\n", section.title));
        section.notes.iter().for_each(|note| text.push_str(&format!("{note}\n")));
        for (number, step) in section.steps.iter().enumerate() {
            text.push_str(&format!("{}. {}\n", number + 1, step.text));
            step.code.lines().for_each(|line| text.push_str(&format!("     {line}\n")));
        }
        for one in &section.tables {
            if section.tables.len() > 1 {
                text.push_str(&format!("\n{}\n", one.title));
            }
            text.push_str(&shown(context, one));
        }
    }
    text
}

fn shown(context: &Context, one: &ReportTable) -> String {
    if one.rows.is_empty() {
        return format!("{}\n", context.words("paper.empty"));
    }
    let heading: Vec<String> = one.columns.iter().map(|column| column.title.clone()).collect();
    let rows: Vec<Vec<String>> = one.rows.iter().map(|row| row.iter().map(|cell| cell.text.replace('\n', ", ")).collect()).collect();
    table(&heading, &rows)
}
