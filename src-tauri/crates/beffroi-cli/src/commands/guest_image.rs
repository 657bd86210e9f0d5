//! `guest image`: what guests are made from.

use beffroi_api::ApiError;
use beffroi_api::wire::{
    CopyName, GuestImage, GuestImageBuild, GuestImageCreate, GuestImageExport, GuestImageExported, GuestImageImport, GuestImageRemove,
    GuestImagesAsked, GuestMakePlan,
};
use indicatif::ProgressBar;

use crate::args::ImageCommand;
use crate::commands::copy::{bar, tell, unless_interrupted};
use crate::commands::guest_make::carry_out_sent;
use crate::commands::plan::carry_out_made;
use crate::commands::ynh::read::size;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, plain, sentence, talk};
use crate::table::table;

pub(super) async fn run(context: &Context, command: ImageCommand) -> Ended {
    let typed = context.global.confirm.clone();
    match command {
        ImageCommand::List { on } => list(context, on).await,
        ImageCommand::Import { files, on, name, sha256, driver } => {
            let files = files.iter().map(|file| input::absolute(file)).collect::<Result<_, _>>()?;
            import(context, GuestImageImport { host: on, files, name, sha256, driver, typed }).await
        }
        ImageCommand::Create { guest, name, snapshot } => {
            context.open().await?;
            let host = guest.rsplit_once('/').map(|(host, _)| host.to_owned()).unwrap_or_default();
            let planned = context.api.guest_image_create(GuestImageCreate { guest, name, snapshot, typed }).await?;
            carry_out(context, host, planned).await
        }
        ImageCommand::Build { name, on, suite, mirror, packages, mirror_keys, no_check_signature, driver } => {
            context.open().await?;
            let host = on.clone();
            let asked = GuestImageBuild {
                host: on,
                name,
                suite,
                mirror,
                packages,
                keyring: mirror_keys,
                unsigned: no_check_signature,
                driver,
                typed,
            };
            let planned = context.api.guest_image_build(asked).await?;
            carry_out(context, host, planned).await
        }
        ImageCommand::Export { name, file, on, driver } => {
            context.open().await?;
            // Tells this copy's progress from that of others, where another process makes it.
            let copy = Some(format!("cli-{}", std::process::id()));
            export(context, GuestImageExport { host: on, name, driver, file: input::absolute(&file)?, copy }).await
        }
        ImageCommand::Remove { name, on, driver } => {
            context.open().await?;
            let plan = context.api.guest_image_remove(GuestImageRemove { host: on, name, driver }).await?;
            carry_out_made(context, plan).await
        }
    }
}

async fn list(context: &Context, host: String) -> Ended {
    context.open().await?;
    let found = context.api.guest_images(GuestImagesAsked { host }).await?;
    let heading = ["cli.name", "cli.guest-driver", "cli.size", "cli.guest-image-id"].map(|key| context.words(key));
    let row =
        |image: &GuestImage| vec![image.name.clone(), image.driver.clone(), image.bytes.map(size).unwrap_or_default(), image.id.clone()];
    let rows: Vec<_> = found.images.iter().map(row).collect();
    let text = if rows.is_empty() { String::new() } else { table(&heading, &rows) };
    Answer::new(&found, text)
}

async fn import(context: &Context, asked: GuestImageImport) -> Ended {
    context.open().await?;
    let host = asked.host.clone();
    let planned = context.api.guest_image_import(asked).await?;
    let told = [("name", planned.name.clone()), ("sha256", planned.sha256.clone()), ("unchanged", planned.unchanged.to_string())];
    let Some(plan) = planned.plan.clone() else {
        return Answer::new(&planned, format!("{}\n", plain(&sentence(context, "cli.guest-image-same", &told))));
    };
    if !context.global.json && !context.global.quiet {
        talk(&format!("{}\n", plain(&sentence(context, "cli.guest-image-sent", &told))));
    }
    carry_out_sent(context, host, plan, planned.sent).await
}

async fn carry_out(context: &Context, host: String, planned: GuestMakePlan) -> Ended {
    match planned.plan.clone() {
        Some(plan) => carry_out_sent(context, host, plan, planned.sent).await,
        None => Answer::new(&planned, String::new()),
    }
}

async fn export(context: &Context, asked: GuestImageExport) -> Ended {
    let bar = bar(context);
    let mut progress = |at| tell(&bar, &at);
    let name = asked.copy.clone().unwrap_or_default();
    let exported = unless_interrupted(context, CopyName { name }, context.guest_image_export(asked, &mut progress)).await;
    told(context, &bar, exported)
}

fn told(context: &Context, bar: &ProgressBar, exported: Result<GuestImageExported, ApiError>) -> Ended {
    bar.finish_and_clear();
    let exported = exported?;
    let values = [("files", exported.files.join(", ")), ("bytes", size(exported.bytes)), ("sha256", exported.sha256.clone())];
    Answer::new(&exported, format!("{}\n", plain(&sentence(context, "cli.guest-image-exported", &values))))
}
