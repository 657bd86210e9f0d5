//! Templates of secrets: kept by name, and all there after a merge.

use beffroi_app::{App, AppError, MergeKeep, MergeOrder, TemplateError, TemplateField, TemplatePlace};

use super::Pair;
use crate::kit::{Ground, events, holds};

fn fields(places: &[(TemplatePlace, &str)]) -> Vec<TemplateField> {
    places.iter().map(|(place, name)| TemplateField { place: *place, name: (*name).to_owned() }).collect()
}

async fn keep(app: &App, name: &str, places: &[(TemplatePlace, &str)]) -> Result<(), AppError> {
    app.set_secret_template(name, fields(places)).await.map(drop)
}

/// The vault's own templates, each with the names of its fields.
async fn own(app: &App) -> Vec<(String, Vec<String>)> {
    let templates = app.secret_templates().await.expect("templates").into_iter().filter(|template| template.own);
    templates.map(|template| (template.name, template.fields.into_iter().map(|field| field.name).collect())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_kept_by_its_name_and_what_is_none_is_refused() {
    use TemplatePlace::{Account, Expires, Field, Hidden};
    let ground = Ground::new();
    let app = ground.open().await;
    let known: Vec<_> = app.secret_templates().await.expect("templates").into_iter().map(|template| template.name).collect();
    assert_eq!(known, ["server-login", "database", "web-admin", "api-token", "snmp", "licence", "wifi", "disk-encryption"]);
    keep(&app, " Caisse ", &[(Account, ""), (Field, "magasin")]).await.expect("kept");
    keep(&app, "Caisse", &[(Expires, ""), (Hidden, "PIN")]).await.expect("replaced");
    keep(&app, "Alarme", &[(Hidden, "code")]).await.expect("kept");
    let alarm = ("Alarme".to_owned(), vec!["code".to_owned()]);
    assert_eq!(own(&app).await, [alarm.clone(), ("Caisse".to_owned(), vec![String::new(), "PIN".to_owned()])]);

    let refused = async |name: &str, places: &[(TemplatePlace, &str)]| match keep(&app, name, places).await {
        Err(AppError::Template(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(matches!(refused("database", &[(Account, "")]).await, TemplateError::Known { .. }));
    for name in ["", "a\nb", &"x".repeat(101)] {
        assert!(matches!(refused(name, &[(Account, "")]).await, TemplateError::Name { .. }));
        assert!(matches!(refused("other", &[(Field, name)]).await, TemplateError::Name { .. }));
    }
    assert!(matches!(refused("other", &[(Account, "me")]).await, TemplateError::Name { .. }));
    let many: Vec<String> = (0..33).map(|number| number.to_string()).collect();
    let many: Vec<_> = many.iter().map(|name| (Field, name.as_str())).collect();
    for places in [&[][..], &[(Account, ""), (Account, "")], &[(Field, "PIN"), (Hidden, "PIN")], &many] {
        assert!(matches!(refused("other", places).await, TemplateError::Fields));
    }
    keep(&app, "other", many.get(..32).expect("32 of them")).await.expect("32 fields");
    for number in 3..100 {
        keep(&app, &format!("template {number}"), &[(Account, "")]).await.expect("kept");
    }
    assert!(matches!(refused("one more", &[(Account, "")]).await, TemplateError::TooMany));
    keep(&app, "other", &[(Account, "")]).await.expect("one that is there can still be changed");

    app.remove_secret_template("Caisse").await.expect("removed");
    let gone = app.remove_secret_template("Caisse").await;
    assert!(matches!(gone, Err(AppError::Template(TemplateError::Unknown { .. }))), "{gone:?}");
    let stays = app.remove_secret_template("wifi").await;
    assert!(matches!(stays, Err(AppError::Template(TemplateError::Known { .. }))), "{stays:?}");
    assert_eq!(own(&app).await.first(), Some(&alarm));
    let told = events(&app).await;
    assert_eq!(told.iter().filter(|event| *event == "template-removed").count(), 1);
    holds(&app.verify_vault().await.expect("checks"));
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_that_two_copies_made_apart_are_all_there() {
    use TemplatePlace::{Account, Field};
    let pair = Pair::of(Ground::new(), async |app: &App| keep(app, "shared", &[(Account, "")]).await.expect("kept")).await;
    keep(&pair.here, "mine", &[(Field, "a")]).await.expect("kept");
    keep(&pair.there, "theirs", &[(Field, "b")]).await.expect("kept");
    keep(&pair.here, "both", &[(Field, "c")]).await.expect("kept");
    keep(&pair.there, "both", &[(Field, "c")]).await.expect("kept");
    pair.there.remove_secret_template("shared").await.expect("removed");
    let merged = pair.both_ways(None).await;
    assert_eq!(merged.conflicts, []);
    let names = |own: Vec<(String, Vec<String>)>| own.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(own(&pair.here).await), ["both", "mine", "theirs"]);
    assert_eq!(own(&pair.here).await, own(&pair.there).await);

    // One name with other fields on each side is asked about, in words that people have for it.
    keep(&pair.here, "both", &[(Field, "d")]).await.expect("kept");
    keep(&pair.there, "both", &[(Account, "")]).await.expect("kept");
    let rehearsal = MergeOrder { rehearse: true, ..pair.taking_theirs(None) };
    let asked = pair.here.merge_vault(rehearsal).await.expect("asked");
    let conflict = asked.conflicts.first().expect("a conflict");
    assert_eq!(conflict.name, "both");
    let field = conflict.fields.first().expect("a field");
    assert_eq!((field.field.as_str(), field.ours.as_deref(), field.theirs.as_deref()), ("fields", Some("field d"), Some("account")));
    pair.both_ways(Some(MergeKeep::Theirs)).await;
    assert_eq!(own(&pair.here).await.first(), Some(&("both".to_owned(), vec![String::new()])));
    assert_eq!(own(&pair.here).await, own(&pair.there).await);
}
