//! `app …`

mod config;
mod install;
mod place;
mod seen;
mod setting;
mod upgrade;

use super::{Elsewhere, panels};
use crate::operation::{Given, Kind, Operation, Param, Question, WayBack, Weight, operation, question};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("app catalog", "catalog: it is read and searched here"),
    ("app search", "catalog: it is searched here, in two languages"),
    ("app manifest", "read before app-install: its questions, its requirements, what speaks against it"),
    ("app list", "survey: apps"),
    ("app info", "read before and after app-change-url, app-setting-set and app-dismiss-notification"),
    ("app map", "read before app-install and app-change-url: which addresses are taken"),
    ("app shell", "`beffroi shell`: it wants a terminal"),
    (
        "app register-url",
        "for the scripts of packages: YunoHost refuses it where an application has an address, which app-change-url changes",
    ),
    ("app action list", "the panel that app-action-run reads has the actions too, with what they ask"),
    ("app config get", "read before and after app-config-set"),
];

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["app", "install"],
        params: &[
            Param::place("source", Kind::AppSource),
            Param::option("label", Kind::Line(64), "--label"),
            Param::option("answers", Kind::Settings, "--args"),
            Param::option("force", Kind::Switch, "--force"),
            Param::option("ignore-yunohost-version", Kind::Switch, "--ignore-yunohost-version"),
        ],
        weight: Weight::Heavy,
        asks: install::asks,
        guard: install::guard,
        warns: install::notes,
        remembers: install::remembers,
        proof: install::proof,
        judge: install::judge,
        ..operation!("app-install")
    },
    Operation {
        command: &["app", "upgrade"],
        params: &[
            Param::place("apps", Kind::Apps).required(false),
            Param::option("source", Kind::AppSource, "--url"),
            Param::option("even-if-up-to-date", Kind::Switch, "--force"),
            Param::option("continue-on-failure", Kind::Switch, "--continue-on-failure"),
            Param::option("ignore-yunohost-version", Kind::Switch, "--ignore-yunohost-version"),
        ],
        weight: Weight::Heavy,
        asks: upgrade::asks,
        guard: upgrade::guard,
        warns: upgrade::notes,
        remembers: upgrade::remembers,
        proof: upgrade::proof,
        judge: upgrade::judge,
        ..operation!("app-upgrade")
    },
    Operation {
        command: &["app", "remove"],
        params: &[Param::place("app", Kind::App), Param::option("purge", Kind::Switch, "--purge")],
        way_back: WayBack::Unless(|given| Some(if given.is_on("purge") { "undo.ynh-app-purge" } else { "undo.ynh-app-remove" })),
        weight: Weight::Destroys,
        asks: seen::ask_catalog,
        guard: install::guard_remove,
        proof: install::proof_remove,
        judge: install::judge_remove,
        ..operation!("app-remove")
    },
    Operation {
        command: &["app", "change-url"],
        params: &[
            Param::place("app", Kind::App),
            Param::option("domain", Kind::Domain, "--domain").required(true),
            Param::option("path", Kind::UrlPath, "--path").required(true),
        ],
        weight: Weight::Heavy,
        asks: place::asks,
        guard: place::guard,
        remembers: place::remembers,
        proof: place::proof,
        judge: place::judge,
        ..operation!("app-change-url")
    },
    Operation {
        command: &["app", "change-label"],
        params: &[Param::place("app", Kind::App), Param::place("label", Kind::Line(64))],
        guard: setting::guard_label,
        proof: list,
        judge: setting::judge_label,
        ..operation!("app-change-label")
    },
    Operation {
        command: &["app", "setting"],
        params: &[Param::place("app", Kind::App), panels::KEY, panels::VALUE.required(true)],
        weight: Weight::Heavy,
        guard: setting::guard_set,
        proof: info,
        judge: setting::judge_set,
        ..operation!("app-setting-set")
    },
    Operation {
        command: &["app", "setting"],
        always: &["--delete"],
        params: &[Param::place("app", Kind::App), panels::KEY],
        way_back: WayBack::Lost,
        weight: Weight::Heavy,
        asks: info,
        guard: setting::guard_unset,
        proof: info,
        judge: setting::judge_unset,
        ..operation!("app-setting-unset")
    },
    Operation {
        command: &["app", "makedefault"],
        params: &[Param::place("app", Kind::App), Param::option("domain", Kind::Domain, "--domain")],
        guard: place::guard_default,
        proof: place::proof_default,
        judge: place::judge_default,
        ..operation!("app-makedefault")
    },
    Operation {
        command: &["app", "makedefault"],
        always: &["--undo"],
        params: &[Param::place("app", Kind::App), Param::option("domain", Kind::Domain, "--domain")],
        guard: place::guard_default,
        proof: place::proof_default,
        judge: place::judge_undefault,
        ..operation!("app-makedefault-undo")
    },
    Operation {
        command: &["app", "config", "set"],
        params: &[Param::place("app", Kind::App), panels::KEY.required(false), panels::VALUE, panels::VALUES],
        needs_a_change: true,
        weight: Weight::Heavy,
        asks: config::panel,
        guard: config::guard,
        remembers: config::remembers,
        proof: config::panel,
        judge: config::judge,
        ..operation!("app-config-set")
    },
    Operation {
        command: &["app", "action", "run"],
        params: &[Param::place("app", Kind::App), Param::place("action", Kind::Key), Param::option("answers", Kind::Settings, "--args")],
        way_back: WayBack::Lost,
        weight: Weight::Heavy,
        asks: config::asks_action,
        guard: config::guard_action,
        remembers: config::remembers_action,
        proof: seen::journal_now,
        judge: config::judge_action,
        ..operation!("app-action-run")
    },
    Operation {
        command: &["app", "dismiss-notification"],
        params: &[Param::place("app", Kind::App), Param::place("notification", Kind::Choice(&["post_install", "post_upgrade"]))],
        guard: setting::guard_installed,
        proof: info,
        judge: setting::judge_dismiss,
        ..operation!("app-dismiss-notification")
    },
    Operation {
        command: &["app", "ssowatconf"],
        way_back: WayBack::Nothing,
        asks: seen::ask_catalog,
        guard: |_, seen| seen::catalog_is_there(seen, 0),
        proof: |_| vec![question(&["app", "map"])],
        judge: |_, _, answers| seen::not_shown(answers),
        ..operation!("app-ssowatconf")
    },
];

/// What is installed.
fn list(_: &Given) -> Vec<Question> {
    vec![question(&["app", "list"])]
}

/// Everything about one application, its settings among it.
fn info(given: &Given) -> Vec<Question> {
    vec![question(&["app", "info", given.text("app"), "--full"])]
}
