//! What a plan shows where Incus or LXD is there without its client: the requests that `assets/remote/guest-rest.sh` sends.

use super::script::{GuestPlace, own_volumes, pairs};
use super::{Change, Stop};
use crate::model::{Guest, GuestState};

/// The requests that are sent for a change, in their order.
pub(super) fn requests(change: &Change, place: &GuestPlace, guest: &Guest) -> Vec<String> {
    let own = Own { place };
    let name = &place.name;
    let volume = |pair: &[String]| format!("/1.0/storage-pools/{}/volumes/custom/{}", pair[0], pair[1]);
    match change {
        Change::Start if guest.state == GuestState::Frozen => vec![own.state("unfreeze", None)],
        Change::Start => vec![own.state("start", None)],
        Change::Stop(stop) => own.stop(*stop, guest),
        Change::Restart(stop) => [own.stop(*stop, guest), vec![own.state("start", None)]].concat(),
        Change::Freeze => vec![own.state("freeze", None)],
        Change::Thaw => vec![own.state("unfreeze", None)],
        Change::Rename { to } => {
            let renamed = |pair: &[String]| {
                let called = pair[1].strip_prefix(&format!("{name}.")).unwrap_or(&pair[1]);
                own.of("POST", &volume(pair), &format!(r#"{{"name":"{to}.{called}"}}"#))
            };
            let first = own.post("", &format!(r#"{{"name":"{to}"}}"#));
            std::iter::once(first).chain(own_volumes(place, guest).chunks_exact(2).map(renamed)).collect()
        }
        Change::Copy { to } => {
            let half = format!("{to}-beffroi-copy");
            let project = own.project();
            let profiles = guest.profiles.iter().map(|profile| format!("\"{profile}\"")).collect::<Vec<_>>().join(",");
            let source = format!(
                r#"{{"name":"{half}","source":{{"type":"copy","source":"{name}","project":"{project}"}},"profiles":[{profiles}],"config":{{"user.beffroi-copy":"of {name}"}}}}"#
            );
            vec![
                own.of("POST", "/1.0/instances", &source),
                own.of("POST", &format!("/1.0/instances/{half}"), &format!(r#"{{"name":"{to}"}}"#)),
            ]
        }
        Change::Set(settings) => {
            let body = |pair: &[String]| {
                let value = if pair[1] == "none" { "" } else { &pair[1] };
                match pair[0].as_str() {
                    "disk" => format!(r#"{{"devices":{{"root":{{"size":"{value}"}}}}}}"#),
                    "memory" => format!(r#"{{"config":{{"limits.memory":"{value}"}}}}"#),
                    "cpu" => format!(r#"{{"config":{{"limits.cpu":"{value}"}}}}"#),
                    _ => format!(r#"{{"config":{{"boot.autostart":"{value}"}}}}"#),
                }
            };
            pairs(settings, place.driver).chunks_exact(2).map(|pair| own.with("PATCH", "", &body(pair))).collect()
        }
        Change::Delete { volumes } => {
            let gone = if *volumes { own_volumes(place, guest) } else { Vec::new() };
            std::iter::once(own.with("DELETE", "", ""))
                .chain(gone.chunks_exact(2).map(|pair| own.of("DELETE", &volume(pair), "")))
                .collect()
        }
        Change::Snapshot { name } => vec![own.post("/snapshots", &format!(r#"{{"name":"{name}"}}"#))],
        Change::Restore { name } => vec![own.with("PUT", "", &format!(r#"{{"restore":"{name}"}}"#))],
        Change::Forget { name } => vec![own.with("DELETE", &format!("/snapshots/{name}"), "")],
    }
}

/// The request that reads the state back.
pub(super) fn reading(change: &Change, place: &GuestPlace) -> String {
    match change {
        Change::Rename { to } | Change::Copy { to } => Own { place: &place.called(to) }.with("GET", "", ""),
        Change::Snapshot { .. } | Change::Forget { .. } => Own { place }.with("GET", "/snapshots", ""),
        _ => Own { place }.with("GET", "", ""),
    }
}

/// Requests about one guest.
struct Own<'a> {
    place: &'a GuestPlace,
}

impl Own<'_> {
    fn project(&self) -> &str {
        if self.place.project.is_empty() { "default" } else { &self.place.project }
    }

    fn of(&self, method: &str, path: &str, body: &str) -> String {
        format!("{method} {path}?project={} {body}", self.project()).trim_end().to_owned()
    }

    fn with(&self, method: &str, below: &str, body: &str) -> String {
        self.of(method, &format!("/1.0/instances/{}{below}", self.place.name), body)
    }

    fn post(&self, below: &str, body: &str) -> String {
        self.with("POST", below, body)
    }

    fn state(&self, action: &str, stop: Option<Stop>) -> String {
        let (timeout, force) = match stop {
            Some(stop) if !stop.force => (stop.timeout.as_secs().max(1).to_string(), false),
            other => ("-1".to_owned(), other.is_some()),
        };
        self.with("PUT", "/state", &format!(r#"{{"action":"{action}","timeout":{timeout},"force":{force}}}"#))
    }

    fn stop(&self, stop: Stop, guest: &Guest) -> Vec<String> {
        let thawed = (guest.state == GuestState::Frozen && !stop.force).then(|| self.state("unfreeze", None));
        thawed.into_iter().chain([self.state("stop", Some(stop))]).collect()
    }
}
