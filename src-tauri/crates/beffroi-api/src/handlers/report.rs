//! Reports for whoever owns the hosts.

use std::path::{Path, PathBuf};

use beffroi_app::{ReportKind, ReportOrder};
use jiff::tz::TimeZone;

use crate::messages::Language;
use crate::papers::{Voice, Written, checked, csv, pdf, write};
use crate::wire::{ReportCheck, ReportChecked, ReportRequest, ReportView, ReportWrite, ReportWritten};
use crate::{Api, ApiError, ErrorCode};

/// What kind of statement is signed of a report's files.
const KIND: &str = "report";
/// What a statement is called after the file that it is about.
const STATEMENT: &str = "signature.json";

impl Api {
    /// `report_make`
    pub async fn report_make(&self, request: ReportRequest) -> Result<ReportView, ApiError> {
        let (voice, order) = (voice(&request)?, order(request)?);
        Ok(voice.view(self.app().report(order).await?))
    }

    /// `report_write`
    pub async fn report_write(&self, request: ReportWrite) -> Result<ReportWritten, ApiError> {
        let ReportWrite { report, format, path, table, force, sign } = request;
        let (voice, order) = (voice(&report)?, order(report)?);
        let (kind, path) = (order.kind, PathBuf::from(path));
        let report = self.app().report(order).await?;
        let (to, beside) = (path.clone(), with_ending(&path, STATEMENT));
        if sign && !force && beside.symlink_metadata().is_ok() {
            let reason = std::io::Error::from(std::io::ErrorKind::AlreadyExists).to_string();
            return Err(beffroi_app::AppError::LocalFile { path: beside, reason }.into());
        }
        let made = tokio::task::spawn_blocking(move || {
            let files = files(&voice, &voice.view(report), &format, &to, table.as_deref())?;
            write(&files, force)
        });
        let files = made.await.map_err(internal)??;
        let (mut statement, mut signer) = (None, None);
        if sign {
            let name = |path: &str| Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let lines: Vec<String> = files.iter().map(|file| format!("{}  {}\n", file.sha256, name(&file.path))).collect();
            let signed = self.app().sign_statement(KIND, lines.concat()).await?;
            let to = vec![(beside.clone(), signed.text.into_bytes())];
            tokio::task::spawn_blocking(move || write(&to, force)).await.map_err(internal)??;
            (statement, signer) = (Some(beside.display().to_string()), Some(signed.signer));
        }
        self.app().note_report(kind, &path).await?;
        Ok(ReportWritten { files, statement, signer })
    }

    /// `report_check`
    pub async fn report_check(&self, request: ReportCheck) -> Result<ReportChecked, ApiError> {
        let path = PathBuf::from(&request.path);
        let statement = self.app().check_statement(&path, KIND, request.signer).await?;
        let (at, text) = (path.clone(), statement.text);
        let files = tokio::task::spawn_blocking(move || checked(&at, &text)).await.map_err(internal)?;
        let files = files.ok_or_else(|| ApiError::new(ErrorCode::StatementBroken).with("path", path.display()))?;
        Ok(ReportChecked { signer: statement.signer, name: statement.name, at_ms: statement.at_ms, files })
    }
}

fn internal(error: tokio::task::JoinError) -> ApiError {
    ApiError::new(ErrorCode::Internal).with("what", error)
}

fn invalid(what: impl ToString) -> ApiError {
    ApiError::new(ErrorCode::InvalidRequest).with("what", what.to_string())
}

fn voice(request: &ReportRequest) -> Result<Voice, ApiError> {
    let language = match request.language.as_str() {
        "fr" => Language::French,
        "en" => Language::English,
        other => return Err(invalid(format!("no language {other}"))),
    };
    Ok(Voice { language, zone: TimeZone::system() })
}

fn order(request: ReportRequest) -> Result<ReportOrder, ApiError> {
    let ReportRequest { kind, on, since_ms, until_ms, handed, .. } = request;
    let kind = ReportKind::from_name(&kind).ok_or_else(|| invalid(format!("no report {kind}")))?;
    Ok(ReportOrder { kind, on, since_ms, until_ms, handed: handed.into_iter().map(PathBuf::from).collect(), now_ms: None })
}

/// A report in files.
fn files(voice: &Voice, report: &ReportView, format: &str, path: &Path, only: Option<&str>) -> Result<Written, ApiError> {
    if only.is_some() && format != "csv" {
        return Err(invalid("a table is chosen of a CSV only"));
    }
    match format {
        "pdf" => Ok(vec![(path.to_owned(), pdf(voice, report)?)]),
        "json" => {
            let mut text = serde_json::to_vec_pretty(report).map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))?;
            text.push(b'\n');
            Ok(vec![(path.to_owned(), text)])
        }
        "csv" => {
            let tables = report.sections.iter().flat_map(|section| &section.tables);
            let Some(only) = only else {
                return Ok(tables.map(|table| (named(path, &table.name), csv(voice, table).into_bytes())).collect());
            };
            let names: Vec<&str> = tables.clone().map(|table| table.name.as_str()).collect();
            let table = tables.into_iter().find(|table| table.name == only);
            let table = table.ok_or_else(|| invalid(format!("no table {only}: {}", names.join(", "))))?;
            Ok(vec![(path.to_owned(), csv(voice, table).into_bytes())])
        }
        other => Err(invalid(format!("no format {other}"))),
    }
}

/// `report.csv` of the table `hosts` is `report-hosts.csv`.
fn named(path: &Path, table: &str) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let ending = path.extension().map_or_else(|| "csv".to_owned(), |ending| ending.to_string_lossy().into_owned());
    path.with_file_name(format!("{stem}-{table}.{ending}"))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!("{name}.{ending}"))
}
