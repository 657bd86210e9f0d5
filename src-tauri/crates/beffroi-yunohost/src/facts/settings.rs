//! YunoHost's own settings that matter for security.

use std::collections::BTreeMap;

use beffroi_remote::clean;

/// The settings that are read, and what each is as long as nobody set it (`config_global.toml` of YunoHost 12.1.25). Others may be
/// secrets: they stay on the host.
pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("admin_strength", "1"),
    ("nginx_compatibility", "intermediate"),
    ("nginx_redirect_to_https", "yes"),
    ("pop3_enabled", "no"),
    ("postfix_compatibility", "intermediate"),
    ("ssh_compatibility", "modern"),
    ("user_strength", "1"),
    ("webadmin_allowlist_enabled", "no"),
];

/// Where YunoHost keeps what somebody set: one line each, `name: value`.
const FILE: &str = "/etc/yunohost/settings.yml";
/// How lines of [`script`] begin, among those of others.
const MARK: &str = "BeffroiSetting";

/// Shell text that prints them, one line each, after one line that says that they could be read.
pub(crate) fn script() -> String {
    let names: Vec<&str> = SETTINGS.iter().map(|(name, _)| *name).collect();
    let names = names.join("|");
    format!(
        "if [ -e /etc/yunohost/installed ] && {{ [ ! -e {FILE} ] || [ -r {FILE} ]; }}; then\necho {MARK}=read\n\
         [ ! -e {FILE} ] || sed -nE 's/^({names}): */{MARK}=\\1=/p' {FILE} | head -c 4096\necho\nfi\n"
    )
}

/// Reads what [`script`] printed, among other lines: every setting that is known here, as it is or would be by itself. Switches are
/// `yes` or `no`, however YunoHost wrote them.
pub(crate) fn settings(output: &[u8]) -> Option<BTreeMap<String, String>> {
    let lines = output.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"{"));
    let said = lines.map(|line| clean(&String::from_utf8_lossy(line)));
    let mut said = said.filter_map(|line| line.strip_prefix(MARK)?.strip_prefix('=').map(str::to_owned));
    said.find(|line| line == "read")?;
    let mut settings: BTreeMap<String, String> =
        SETTINGS.iter().map(|(name, default)| ((*name).to_owned(), (*default).to_owned())).collect();
    for line in said {
        let Some((name, value)) = line.split_once('=') else { continue };
        let Some((_, default)) = SETTINGS.iter().find(|(known, _)| *known == name) else { continue };
        let value = value.trim().trim_matches(['\'', '"']);
        let value = match (*default, value) {
            ("yes" | "no", "1" | "true" | "True" | "yes") => "yes",
            ("yes" | "no", _) => "no",
            (_, other) => other,
        };
        settings.insert(name.to_owned(), value.to_owned());
    }
    Some(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_set_is_as_it_is_by_itself() {
        assert_eq!(settings(b"Id=borg.timer\n\n{}"), None, "not read");
        assert_eq!(settings(b"{\"BeffroiSetting=read\": 1}\nBeffroiSetting=read\n"), None, "not said by the shell");
        let text = b"BeffroiSetting=read\nBeffroiSetting=admin_strength='3'\nBeffroiSetting=webadmin_allowlist_enabled=1\n\
            BeffroiSetting=nginx_redirect_to_https=false\nBeffroiSetting=smtp_relay_password=x\n\n{";
        let found = settings(text).expect("settings");
        let of = |name: &str| found.get(name).map(String::as_str);
        assert_eq!((of("admin_strength"), of("user_strength")), (Some("3"), Some("1")));
        assert_eq!((of("webadmin_allowlist_enabled"), of("nginx_redirect_to_https")), (Some("yes"), Some("no")));
        assert_eq!((of("smtp_relay_password"), found.len()), (None, SETTINGS.len()));
    }

    #[test]
    fn the_shell_gives_no_other_setting_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("settings.yml");
        std::fs::write(&file, "nginx_compatibility: modern\nsmtp_relay_password: canary\nmodern_nginx_compatibility: canary\n")
            .expect("written");
        let text = script().replace("/etc/yunohost/installed", "/dev/null").replace(FILE, file.to_str().expect("text"));
        let run = || std::process::Command::new("sh").args(["-c", &text]).output().expect("a shell").stdout;
        let said = run();
        assert!(!String::from_utf8_lossy(&said).contains("canary"));
        assert_eq!(settings(&said).expect("settings")["nginx_compatibility"], "modern");
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(settings(&run()).expect("settings")["nginx_compatibility"], "intermediate");
    }
}
