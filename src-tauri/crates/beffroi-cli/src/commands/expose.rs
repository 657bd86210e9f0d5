//! `expose`

use beffroi_api::wire::{ExposePublish, ExposeWithdraw, ExposedWay, Exposure, ExposureAsked, ExposureHop, PlanView};

use crate::args::{Entrance, ExposeCommand};
use crate::commands::plan::carry_out_made;
use crate::context::Context;
use crate::output::{Answer, Ended, sentence};

pub(crate) async fn run(context: &Context, command: ExposeCommand) -> Ended {
    let (guest, by, test) = match command {
        ExposeCommand::Show { guest, by } => (guest, by.unwrap_or_default(), false),
        ExposeCommand::Test { guest, by } => (guest, by.unwrap_or_default(), true),
        ExposeCommand::Publish { guest, at, to, by, certificate, key } => {
            let Entrance { name, port } = at.unwrap_or_default();
            let by = by.map(|by| by.name().to_owned());
            context.open().await?;
            let asked = ExposePublish { guest, by, name, port, to, certificate, key };
            let plan = context.api.expose_publish(asked.clone()).await?;
            return published(context, plan, asked).await;
        }
        ExposeCommand::Withdraw { guest, at } => {
            let Entrance { name, port } = at.unwrap_or_default();
            context.open().await?;
            let plan = context.api.expose_withdraw(ExposeWithdraw { guest, name, port }).await?;
            return carry_out_made(context, plan).await;
        }
    };
    context.open().await?;
    let found = context.api.exposure(ExposureAsked { guest, name: by.name, port: by.port, test }).await?;
    let is_broken = found.ways.iter().any(|way| way.culprit.is_some());
    let answer = Answer::new(&found, drawn(context, &found))?;
    Ok(if test && is_broken { answer.exiting(1) } else { answer })
}

/// Runs the plan, then tries what it published: that is its proof.
async fn published(context: &Context, plan: PlanView, asked: ExposePublish) -> Ended {
    let mut answer = carry_out_made(context, plan).await?;
    if context.global.plan || answer.exit != 0 {
        return Ok(answer);
    }
    let usual = match (&asked.name, &asked.certificate) {
        (_, Some(_)) => 443,
        (Some(_), None) => 80,
        (None, None) => asked.to,
    };
    let port = Some(asked.port.unwrap_or(usual));
    let tried = context.api.exposure(ExposureAsked { guest: asked.guest, name: asked.name, port, test: true }).await?;
    let is_broken = tried.ways.iter().any(|way| way.culprit.is_some());
    answer.text.push_str(&drawn(context, &tried));
    if let Some(data) = answer.data.as_object_mut() {
        data.insert("exposure".to_owned(), Answer::new(&tried, String::new())?.data);
    }
    Ok(if is_broken { answer.exiting(1) } else { answer })
}

fn drawn(context: &Context, found: &Exposure) -> String {
    if found.ways.is_empty() {
        return format!("{}\n", sentence(context, "cli.expose-none", &[("guest", found.guest.clone())]));
    }
    found.ways.iter().map(|way| way_drawn(context, way)).collect::<Vec<_>>().join("\n")
}

fn way_drawn(context: &Context, way: &ExposedWay) -> String {
    let title = way.name.as_deref().map_or_else(|| format!(":{}", way.port), |name| format!("{name}:{}", way.port));
    let mut text = format!("{title} ({})\n", context.words(&format!("exposure.by-{}", way.by)));
    for (at, hop) in way.hops.iter().enumerate() {
        let is_culprit = way.culprit.is_some_and(|culprit| culprit as usize == at);
        text.push_str(&hop_drawn(context, hop, at + 1 == way.hops.len(), is_culprit));
    }
    text
}

fn hop_drawn(context: &Context, hop: &ExposureHop, is_last: bool, is_culprit: bool) -> String {
    let sign = match hop.state.as_str() {
        "fine" => "ok",
        "broken" => "!!",
        _ => "??",
    };
    let branch = if is_last { "└" } else { "├" };
    let kind = context.words(&format!("exposure.hop-{}", hop.hop));
    let mut text = format!("{branch} {sign}  {kind}{}{}\n", context.language.colon(), hop.found);
    let line = if is_last { " " } else { "│" };
    if let Some(why) = &hop.why {
        text.push_str(&format!("{line}       {}\n", context.say(why)));
    }
    // What follows from another hop is mended with it.
    if let Some(remedy) = hop.remedy.as_ref().filter(|_| is_culprit || hop.state == "unclear") {
        text.push_str(&format!("{line}       {}\n", context.say(remedy)));
    }
    text
}
