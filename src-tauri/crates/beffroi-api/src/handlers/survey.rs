//! Facts of hosts, as they cross the wire.

use beffroi_app::Survey;
use beffroi_yunohost::facts::{Part, YunohostFacts};

use crate::wire::{
    HostSurvey, SystemSurvey, YunohostApp, YunohostGroup, YunohostPermission, YunohostService, YunohostSurvey, YunohostUser,
};

pub(crate) fn wire(survey: &Survey) -> HostSurvey {
    let system = &survey.facts;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    HostSurvey {
        taken_ms: survey.taken_ms,
        took_ms: survey.took_ms,
        system: SystemSurvey {
            hostname: text(&system.hostname),
            os: text(&system.os_name),
            kernel: text(&system.kernel),
            architecture: text(&system.architecture),
            uptime_s: system.uptime_seconds,
            load: system.load,
            cpus: system.cpus.and_then(|cpus| u32::try_from(cpus).ok()),
            memory_total: system.memory_total_bytes,
            memory_available: system.memory_available_bytes,
            disk_total: system.disk_total_bytes,
            disk_used: system.disk_used_bytes,
            clock_skew_s: survey.clock_skew_s(),
        },
        facts: survey.facts.clone(),
        yunohost: survey.yunohost.as_ref().map(yunohost),
    }
}

fn yunohost(facts: &YunohostFacts) -> YunohostSurvey {
    let mut failures = Vec::new();
    let groups = read(&facts.groups, "groups", &mut failures);
    YunohostSurvey {
        version: facts.version().map(str::to_owned),
        users: read(&facts.users, "users", &mut failures).map(|users| {
            let user = |(username, user): (&String, &beffroi_yunohost::facts::User)| YunohostUser {
                username: username.clone(),
                fullname: user.fullname.clone(),
                mail: user.mail.clone(),
                mailbox_quota: user.mailbox_quota.clone(),
                groups: user.groups.iter().filter(|group| *group != username && *group != "all_users").cloned().collect(),
            };
            users.iter().map(user).collect()
        }),
        groups: groups.map(|groups| {
            groups.iter().map(|(name, group)| YunohostGroup { name: name.clone(), members: group.members.clone() }).collect()
        }),
        permissions: read(&facts.permissions, "permissions", &mut failures).map(|permissions| {
            let permission = |(name, permission): (&String, &beffroi_yunohost::facts::Permission)| YunohostPermission {
                name: name.clone(),
                label: permission.label.clone(),
                allowed: permission.allowed.clone(),
                users: permission.corresponding_users.clone(),
            };
            permissions.iter().map(permission).collect()
        }),
        apps: read(&facts.apps, "apps", &mut failures).map(|apps| {
            let app = |(id, app): (&String, &beffroi_yunohost::facts::App)| YunohostApp {
                id: id.clone(),
                name: app.name.clone(),
                version: app.version.clone(),
                domain_path: app.domain_path.clone(),
                upgrade: app.upgrade_status.clone(),
                new_version: app.new_version.clone(),
            };
            apps.iter().map(app).collect()
        }),
        domains: read(&facts.domains, "domains", &mut failures).map(|domains| {
            let mut names = domains.names.clone();
            names.sort_by_key(|name| (Some(name) != domains.main.as_ref(), name.clone()));
            names
        }),
        services: read(&facts.services, "services", &mut failures).map(|services| {
            let service = |(name, service): (&String, &beffroi_yunohost::facts::ServiceState)| YunohostService {
                name: name.clone(),
                status: service.status.clone(),
                start_on_boot: service.start_on_boot.clone(),
                last_state_change: service.last_state_change.clone().unwrap_or_else(|| "unknown".to_owned()),
                description: service.description.clone(),
                configuration: service.configuration.clone(),
            };
            services.iter().map(service).collect()
        }),
        backups: read(&facts.backups, "backups", &mut failures).map(|backups| backups.keys().cloned().collect()),
        failures,
    }
}

fn read<'a, T>(part: &'a Part<T>, name: &str, failures: &mut Vec<String>) -> Option<&'a T> {
    if let Part::Failed { message, .. } = part {
        failures.push(format!("{name}: {message}"));
    }
    part.value()
}
