//! Following jobs to their end, showing output as it comes.

use std::collections::BTreeMap;

use beffroi_api::ApiError;
use beffroi_api::wire::{JobName, JobOutputRequest, JobView, OutputPiece};

use crate::context::Context;
use crate::output::{plain, talk};

/// What was shown of a job.
struct Shown {
    after: u64,
    /// The beginning of a line whose end was not seen, of each stream.
    unfinished: BTreeMap<String, String>,
}

/// Follows jobs until none is followed by this process any more; gives them as they then stand.
pub(crate) async fn follow(context: &Context, jobs: Vec<JobView>) -> Result<Vec<JobView>, ApiError> {
    let several = jobs.len() > 1;
    let mut shown: Vec<Shown> = jobs.iter().map(|_| Shown { after: 0, unfinished: BTreeMap::new() }).collect();
    let mut ended = Vec::with_capacity(jobs.len());
    loop {
        ended.clear();
        for (job, shown) in jobs.iter().zip(&mut shown) {
            let view = context.api.job_show(JobName { job: job.id.clone() }).await?;
            show(context, &view, shown, several).await?;
            ended.push(view);
        }
        if ended.iter().all(|job| !job.attached) {
            for (job, shown) in ended.iter().zip(&mut shown) {
                show(context, job, shown, several).await?;
                for (stream, rest) in std::mem::take(&mut shown.unfinished).into_iter().filter(|(_, rest)| !rest.is_empty()) {
                    line(context, job, several, &stream, &rest);
                }
            }
            return Ok(ended);
        }
        context.until_something_changed().await;
    }
}

async fn show(context: &Context, job: &JobView, shown: &mut Shown, several: bool) -> Result<(), ApiError> {
    loop {
        let output = context.api.job_output(JobOutputRequest { job: job.id.clone(), after: shown.after }).await?;
        for piece in &output.pieces {
            shown.after = piece.ordinal;
            show_piece(context, job, shown, several, piece);
        }
        if !output.more {
            return Ok(());
        }
    }
}

fn show_piece(context: &Context, job: &JobView, shown: &mut Shown, several: bool, piece: &OutputPiece) {
    if let Some(note) = &piece.note {
        return line(context, job, several, "note", &context.say(note));
    }
    let unfinished = shown.unfinished.entry(piece.stream.clone()).or_default();
    unfinished.push_str(&piece.text);
    while let Some((first, rest)) = unfinished.split_once('\n') {
        line(context, job, several, &piece.stream, first);
        *unfinished = rest.to_owned();
    }
}

/// One line: talk, since the data of a job is how it ended.
fn line(context: &Context, job: &JobView, several: bool, stream: &str, text: &str) {
    if context.global.quiet || context.global.json {
        return;
    }
    let host = if several { format!("{} ", job.host) } else { String::new() };
    let mark = match stream {
        "stderr" => "err ",
        "note" => "    ",
        _ => "out ",
    };
    talk(&format!("{host}{mark}{}\n", plain(text)));
}
