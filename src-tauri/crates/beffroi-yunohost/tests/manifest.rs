//! Manifests, panels and catalogs, as a real YunoHost 12.1.25 printed them.

mod common;

use beffroi_yunohost::catalog::{Catalog, NoCatalog};
use beffroi_yunohost::manifest::{Field, FieldKind, Manifest, Panel, Unfit, fields};
use common::{kept, recording};
use serde_json::{Value, json};

fn recorded(number: &str) -> Value {
    serde_json::from_str(&recording(number).stdout).expect("JSON")
}

fn panels(number: &str) -> Vec<Panel> {
    Panel::read_all(&recorded(number)).expect("panels")
}

#[track_caller]
fn field<'a>(panels: &'a [Panel], key: &str) -> &'a Field {
    fields(panels).find(|(name, _)| name == key).expect(key).1
}

fn catalog() -> Catalog {
    Catalog::from_file(&std::fs::read(kept("catalog.json")).expect("a catalog")).expect("a catalog")
}

#[test]
fn a_manifest_has_its_questions_in_order() {
    let manifest = Manifest::read(&recorded("500")).expect("a manifest");
    assert_eq!((manifest.id.as_str(), manifest.name.as_str(), manifest.version.as_str()), ("labapp", "Lab App", "1.0~ynh1"));
    assert!(manifest.multi_instance && manifest.requirements.values().all(|requirement| requirement.passed));
    assert_eq!((manifest.state.as_str(), manifest.level, manifest.is_vouched_for()), ("thirdparty", None, false));
    assert_eq!((manifest.wants.disk.as_str(), manifest.wants.architectures.len()), ("1M", 0));
    assert_eq!(manifest.notes["PRE_INSTALL"]["main"].in_language("fr"), "Read this before installing.");
    let ids: Vec<(&str, FieldKind)> = manifest.questions.iter().map(|question| (question.id.as_str(), question.kind)).collect();
    let expected = [
        ("domain", FieldKind::Domain),
        ("path", FieldKind::Path),
        ("init_main_permission", FieldKind::Group),
        ("admin", FieldKind::User),
        ("password", FieldKind::Password),
        ("greeting", FieldKind::String),
        ("colour", FieldKind::Select),
        ("count", FieldKind::Number),
        ("optional_note", FieldKind::String),
        ("fail", FieldKind::Boolean),
        ("sleep", FieldKind::Number),
    ];
    assert_eq!(ids, expected);
    let question = |id: &str| manifest.questions.iter().find(|question| question.id == id).expect(id);
    assert_eq!(question("domain").choices.iter().map(|choice| choice.value.as_str()).collect::<Vec<_>>(), ["second.test", "ynh1.test"]);
    assert_eq!(question("domain").default.as_deref(), Some("ynh1.test"));
    assert_eq!((question("count").min, question("count").max, question("count").default.as_deref()), (Some(1), Some(9), Some("3")));
    assert_eq!((question("fail").default.as_deref(), question("fail").yes.as_deref()), (Some("0"), Some("1")));
    assert!(question("password").secret && question("optional_note").optional);
    assert_eq!(question("count").refuses(Some("10")), Some(Unfit::Range));

    let known = Manifest::read(&recorded("092")).expect("a manifest");
    assert_eq!(known.description.in_language("fr"), "Jeu de puzzle très rapide");
}

#[test]
fn the_clear_password_of_a_panel_is_nowhere() {
    let panels = panels("142");
    assert!(recording("142").stdout.contains("Sftp-Passw0rd-77"), "it stands in what the host printed");
    assert!(!serde_json::to_string(&panels).expect("JSON").contains("Sftp-Passw0rd"));
    let password = field(&panels, "main.sftp.password");
    assert_eq!((password.secret, &password.value, password.visible.as_deref()), (true, &None, Some("with_sftp")));
    assert_eq!(field(&panels, "main.sftp.with_sftp").value.as_deref(), Some("1"));
    assert_eq!(field(&panels, "main.php_fpm_config.phpversion").choices.len(), 7);
}

#[test]
fn panels_of_domains_and_settings_are_read_alike() {
    let domain = panels("124");
    let default = field(&domain, "feature.app.default_app");
    assert_eq!((default.kind, default.value.as_deref(), default.choices.len()), (FieldKind::App, Some("_none"), 5));
    assert_eq!(field(&domain, "feature.portal.portal_logo").more["accept"], json!(["image/png", "image/jpeg", "image/svg+xml"]));
    assert_eq!(field(&domain, "feature.portal.search_engine").kind, FieldKind::Url);

    let settings = panels("165");
    let port = field(&settings, "security.ssh.ssh_port");
    assert_eq!((port.kind, port.value.as_deref()), (FieldKind::Number, Some("22")));
    let strength = field(&settings, "security.password.user_strength");
    assert_eq!((strength.choices[0].value.as_str(), strength.choices[0].label.as_str()), ("1", "Require at least 8 chars"));
    for (key, field) in fields(&settings).chain(fields(&domain)) {
        assert_ne!(field.kind, FieldKind::Other, "{key} has a type that is known");
    }
}

#[test]
fn actions_are_the_buttons_of_a_panel() {
    let panels = panels("a24");
    let (kind, enabled) = (field(&panels, "actions.page.greet").kind, &field(&panels, "actions.page.greet").enabled);
    assert_eq!((kind, enabled), (FieldKind::Button, &None));
    let section = panels.iter().flat_map(|panel| &panel.sections).find(|section| section.id == "page").expect("a section");
    assert!(section.actions);
    assert_eq!(field(&panels, "actions.page.who").value.as_deref(), Some("world"));
    assert!(!serde_json::to_string(&panels).expect("JSON").contains("first secret"));
}

#[test]
fn hostile_manifests_are_bounded_and_cleaned() {
    let options: Vec<Value> =
        (0..2000).map(|number| json!({"id": format!("q{number}"), "type": "hologram", "ask": "a\u{1b}[31m\u{7}b"})).collect();
    let manifest =
        json!({"id": "x", "install": options, "notifications": {"PRE_INSTALL": {"main": {"en": "a\u{202e}\n".repeat(100_000)}}}});
    let manifest = Manifest::read(&manifest).expect("a manifest");
    assert_eq!(manifest.questions.len(), 500);
    assert_eq!((manifest.questions[0].ask.in_language("en"), manifest.questions[0].kind), ("ab", FieldKind::Other));
    assert!(manifest.notes["PRE_INSTALL"]["main"].in_language("en").len() <= 64 << 10);

    let odd = json!({"id": "x", "type": "string", "big": "x".repeat(10_000), "list": ["\u{7}a", 1], "visible": false, "pattern": "^a$",
        "choices": {"a": {"fr": "Un"}}, "default": [1, "a", "b"]});
    let secret = json!({"id": "y", "type": "string", "redact": true, "value": "canary", "default": "canary", "hint": "canary"});
    let questions = Manifest::read(&json!({"id": "x", "install": [odd, secret, 5, {"type": "string"}]})).expect("a manifest").questions;
    assert_eq!(questions.len(), 2, "what has no name is left out");
    assert_eq!((questions[0].more.get("big"), &questions[0].more["list"]), (None, &json!(["a", 1])));
    assert_eq!((questions[0].visible.as_deref(), questions[0].default.as_deref()), (Some("false"), Some("a,b")));
    assert_eq!((questions[0].choices[0].label.as_str(), questions[0].pattern.as_ref().expect("one").regexp.as_str()), ("Un", "^a$"));
    assert!(!format!("{:?}", questions[1]).contains("canary"));
    for nothing in [json!(null), json!([]), json!({}), json!({"id": 5.5, "install": 5}), json!({"id": ""})] {
        assert!(Manifest::read(&nothing).is_none_or(|manifest| manifest.questions.is_empty()), "{nothing}");
        assert_eq!(Panel::read_all(&nothing), None);
    }
}

#[test]
fn a_catalog_is_read_in_all_its_languages() {
    let catalog = catalog();
    let hextris = &catalog.apps["hextris"];
    assert_eq!((hextris.name.as_str(), hextris.level, hextris.state.as_str()), ("Hextris", Some(8), "working"));
    assert_eq!((hextris.category.as_str(), hextris.version.as_str(), hextris.maintained), ("games", "2023.06.09~ynh2", true));
    assert_eq!(hextris.description.in_language("fr"), "Jeu de puzzle très rapide");
    assert_eq!(hextris.description.in_language("de"), "Fast paced puzzle game");
    assert_eq!(catalog.apps["nextcloud"].yunohost, ">= 12.1.39");
    let category = &catalog.categories[0];
    assert_eq!((category.id.as_str(), category.title.in_language("fr")), ("synchronization", "Synchronisation"));

    // Short, as `app catalog` prints it without `--full`.
    let short = Catalog::read(&json!({"apps": {"hextris": {"description": "Puzzle", "level": 8}}})).expect("a catalog");
    assert_eq!((short.apps["hextris"].name.as_str(), short.apps["hextris"].description.in_language("fr")), ("hextris", "Puzzle"));
    assert!(short.categories.is_empty());
}

#[test]
fn a_catalog_is_searched_in_two_languages_without_accents() {
    let catalog = catalog();
    let found = |words: &str, category| -> Vec<&str> { catalog.search(words, "fr", category).into_iter().map(|(id, _)| id).collect() };
    assert_eq!(found("", None), ["hextris", "my_webapp", "nextcloud"]);
    assert_eq!(found("TRES rapide", None), ["hextris"]);
    assert_eq!(found("puzzle game", None), ["hextris"]);
    assert_eq!(found("nextcloud", None), ["nextcloud"]);
    assert_eq!(found("application", Some("publishing")), ["my_webapp"]);
    assert_eq!(found("", Some("website")), ["my_webapp"]);
    assert_eq!(found("nextcloud puzzle", None), Vec::<&str>::new());
    // The name before what only speaks of it.
    let named = json!({"apps": {"aa": {"description": "like zz"}, "zz": {"description": "x"}, "zzz": {}}});
    let named = Catalog::read(&named).expect("a catalog");
    assert_eq!(named.search("zz", "en", None).into_iter().map(|(id, _)| id).collect::<Vec<_>>(), ["zz", "zzz", "aa"]);
}

#[test]
fn what_is_no_catalog_is_refused() {
    for not in [&b""[..], b"[]", b"{}", b"{\"apps\": []}", b"\xff"] {
        assert_eq!(Catalog::from_file(not), Err(NoCatalog::NotUnderstood));
    }
    assert_eq!(Catalog::from_file(&vec![b' '; (32 << 20) + 1]), Err(NoCatalog::TooLarge));
    let many: serde_json::Map<String, Value> = (0..20_000).map(|number| (format!("a{number}"), json!({"level": -1}))).collect();
    let catalog = Catalog::read(&json!({"apps": many})).expect("a catalog");
    assert_eq!((catalog.apps.len(), catalog.apps["a1"].level), (10_000, None));
}
