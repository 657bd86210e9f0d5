//! YunoHost's own settings.

use super::{Check, Fix, FixValue, Judged, Seen, check, set};

pub(super) const CHECKS: &[Check] = &[
    check!("ynh-ssh", Medium, |seen| is(seen, "ssh_compatibility", "modern"), |seen| set(seen, "security.ssh.ssh_compatibility", "modern")),
    check!("ynh-https", Medium, |seen| is(seen, "nginx_redirect_to_https", "yes"), |seen| {
        set(seen, "security.nginx.nginx_redirect_to_https", "yes")
    }),
    check!("ynh-tls", Low, |seen| is(seen, "nginx_compatibility", "modern"), |seen| {
        set(seen, "security.nginx.nginx_compatibility", "modern")
    }),
    check!("ynh-mail-tls", Low, mail, |seen| set(seen, "security.postfix.postfix_compatibility", "intermediate")),
    check!("ynh-passwords", Medium, strength, |seen| set(seen, "security.password.admin_strength", "3")),
    check!("ynh-web-admin", Low, web_admin, |_| {
        let given = [("services", FixValue::List(vec!["yunohost-api".to_owned()]))];
        Some(Fix::Yunohost { operation: "service-stop", given: given.into() })
    }),
];

fn setting<'a>(seen: &Seen<'a>, name: &str) -> Option<&'a str> {
    seen.yunohost?.settings.as_ref()?.get(name).map(String::as_str)
}

/// Whether a setting has the one value that it should have.
fn is(seen: &Seen<'_>, name: &str, wanted: &str) -> Judged {
    if seen.yunohost.is_none() {
        return Judged::NotHere;
    }
    let judged = |value: &str| Judged::of(if value == wanted { Vec::new() } else { vec![format!("{name} {value}")] });
    setting(seen, name).map_or(Judged::Unknown(None), judged)
}

/// A sender that knows no TLS 1.3 sends in clear then, where it could have used TLS 1.2.
fn mail(seen: &Seen<'_>) -> Judged {
    is(seen, "postfix_compatibility", "intermediate")
}

/// From 2 on more than a length is asked for: 8 characters may be `password`.
fn strength(seen: &Seen<'_>) -> Judged {
    if seen.yunohost.is_none() {
        return Judged::NotHere;
    }
    let Some(strength) = setting(seen, "admin_strength") else { return Judged::Unknown(None) };
    let weak = !strength.parse::<i64>().is_ok_and(|strength| strength >= 2);
    Judged::of(if weak { vec![format!("admin_strength {strength}")] } else { Vec::new() })
}

/// The web administration is root's, behind a password: it should be off while nobody needs it, or for some addresses only.
fn web_admin(seen: &Seen<'_>) -> Judged {
    if seen.yunohost.is_none() {
        return Judged::NotHere;
    }
    let runs = seen.facts.watched_services.as_ref().and_then(|services| services.get("yunohost-api").copied());
    match (runs, setting(seen, "webadmin_allowlist_enabled")) {
        (_, Some("yes")) | (Some(false), _) => Judged::Ok,
        (Some(true), Some(_)) => Judged::ToDo(vec!["yunohost-api".to_owned()]),
        (None, _) | (_, None) => Judged::Unknown(None),
    }
}
