//! Why YunoHost refused, as a type. Recognised by the English text of YunoHost 11 and 12 (`locales/en.json`), which is why
//! every command runs with `LC_ALL=C`.

use serde::{Deserialize, Serialize};

/// Why a command did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The user is there already.
    UserExists,
    /// There is no such user.
    UserUnknown,
    /// The name is one of the host's system accounts or groups.
    SystemNameTaken,
    /// The name or address is kept for the administrators.
    ReservedName,
    /// The last member of `admins` cannot go.
    LastAdmin,
    /// The host does not have that domain.
    DomainUnknown,
    /// There is no such service.
    ServiceUnknown,
    /// The service did not come up again.
    ServiceFailed,
    /// The password is on the list of the most used ones.
    PasswordListed,
    /// The password is too short or too plain for the host's policy.
    PasswordTooSimple,
    /// The password is longer than YunoHost takes.
    PasswordTooLong,
    /// There is no such application on the host.
    AppUnknown,
    /// There is a backup archive of that name already.
    BackupExists,
    /// There is no such backup archive.
    BackupUnknown,
    /// The backup archive does not hold it.
    NotInBackup,
    /// The application is installed: it cannot be restored over itself.
    AppInstalled,
    /// There is not enough room on a disk.
    DiskFull,
    /// YunoHost was post-installed before.
    AlreadyPostInstalled,
    /// The host has nothing of that name: a category, a migration, a part of the system.
    NameUnknown,
    /// The migration is done or skipped already.
    NotPending,
    /// The migration wants something to be read and accepted first.
    DisclaimerNotAccepted,
    /// Nothing that the diagnosis found fits the filter.
    NoSuchFinding,
    /// The package manager is at work, or in a broken state.
    PackagesBroken,
    /// The list of packages could not be fetched from everywhere.
    PackagesUnreachable,
    /// An argument does not have the form that YunoHost wants.
    InvalidArgument,
    /// Another operation holds YunoHost's one lock.
    LockHeld,
    /// YunoHost is there but was never post-installed.
    NotPostInstalled,
    /// The account may not run YunoHost.
    NotRoot,
    /// YunoHost wanted to ask a question.
    NeedsTerminal,
    /// This version of YunoHost does not know the command or an option.
    WrongUsage,
    /// The YunoHost of this host has not what is asked for; known before anything is sent.
    NotOffered,
    /// The YunoHost of this host does harm with it.
    HarmfulThere,
    /// The catalog of applications cannot be downloaded: YunoHost then cannot write the configuration of its portal.
    CatalogUnreachable,
    /// YunoHost itself broke off with an internal error.
    Traceback,
    /// Python or the yunohost command is not on the host.
    ProgramMissing,
    /// The command was ended by a signal.
    Killed,
    /// The command took too long and was stopped; only done to commands that read.
    TimedOut,
    /// How it ended is not known: the link was lost.
    EndUnknown,
    /// The answer went over a limit or is not what this command answers.
    AnswerNotUnderstood,
    /// The host has that domain already.
    DomainExists,
    /// The main domain cannot go.
    MainDomain,
    /// Applications are installed on the domain.
    DomainHasApps,
    /// There is no such setting.
    SettingUnknown,
    /// The setting is a password: it must not be given in the open.
    SettingIsSecret,
    /// The setting is only there beside another one: it is set with its section.
    SettingDependsOnOthers,
    /// Nobody could connect any more, or no administrator could log in.
    WouldLockOut,
    /// The port belongs to something else.
    PortTaken,
    /// The firewall does not let the port through.
    PortClosed,
    /// No router here speaks UPnP.
    UpnpMissing,
    /// The rules of the firewall were written but not loaded.
    FirewallNotLoaded,
    /// There is a service of that name already.
    ServiceExists,
    /// The configuration of the service is broken: it would not come up again.
    ServiceConfigurationBroken,
    /// The domain is not diagnosed, or Let's Encrypt cannot reach it.
    NotReadyForLetsEncrypt,
    /// The certificate is valid for long, and would be replaced.
    CertificateValid,
    /// The certificate is not one of Let's Encrypt.
    NotLetsEncrypt,
    /// YunoHost has no way to write the DNS records of the domain.
    RegistrarMissing,
    /// The host has no DynDNS domain, or lacks its key.
    DyndnsMissing,
    /// The DynDNS service does not give the domain, or one more domain.
    DyndnsUnavailable,
    /// The host cannot reach a server on the Internet.
    NetworkUnreachable,
    /// Neither the catalog nor the host has such an application.
    AppNotInCatalog,
    /// YunoHost does not vouch for the application: it would ask whether one is sure.
    AppNotVouchedFor,
    /// The host, or its YunoHost, is not what the application needs.
    RequirementNotMet,
    /// The package is that of another application.
    OtherPackage,
    /// Another application answers there.
    UrlTaken,
    /// The application cannot be moved to another address.
    ChangeUrlUnsupported,
    /// A question of the application has no answer, and no default.
    AnswerMissing,
    /// The application does not ask that.
    AnswerUnknown,
    /// What the application is made of could not be downloaded.
    SourceUnreachable,
    /// What was downloaded is not what the package was made with.
    SourceChanged,
    /// Packages of Debian that the application needs could not be installed.
    DependenciesMissing,
    /// A script of the application failed.
    AppScriptFailed,
    /// No application can be upgraded.
    NothingToUpgrade,
    /// No migration waits.
    NothingToMigrate,
    /// The application has no configuration panel.
    ConfigPanelMissing,
    /// The application has no such action.
    ActionUnknown,
    /// The setting is YunoHost's own: another operation changes it.
    SettingProtected,
    /// Somebody's full name is the login that was asked for: YunoHost does not tell them apart.
    FullnameTaken,
    /// Somebody or some group has the address.
    AddressTaken,
    /// The account or group does not have the address.
    AddressUnknown,
    /// There is a group of that name already.
    GroupExists,
    /// There is no such group.
    GroupUnknown,
    /// The group is one that YunoHost keeps itself.
    GroupProtected,
    /// There is no such permission.
    PermissionUnknown,
    /// The permission is of the system or protected, and cannot be changed so.
    PermissionProtected,
    /// The permission has no web address of its own that a tile could lead to.
    TileImpossible,
    /// The account has the key already.
    KeyExists,
    /// The account does not have the key.
    KeyUnknown,
    /// The key is also a part of another line, which would be broken.
    KeyInsideAnother,
    /// YunoHost would do only one of these changes and forget the other.
    NotTogether,
    /// Something else; the lines say what.
    Other,
}

impl Cause {
    /// Its name, such as `user-exists`.
    #[must_use]
    pub fn name(self) -> String {
        let name = serde_json::to_value(self).ok().and_then(|name| name.as_str().map(|name| name.replace('_', "-")));
        name.unwrap_or_default()
    }

    /// Whether it says something about what was asked for, rather than why YunoHost cannot answer.
    pub(crate) fn is_about_what_was_asked(self) -> bool {
        matches!(
            self,
            Self::UserUnknown
                | Self::ServiceUnknown
                | Self::DomainUnknown
                | Self::SettingUnknown
                | Self::AppUnknown
                | Self::BackupUnknown
                | Self::GroupUnknown
        )
    }
}

/// Words of a message, lower case, all of which must be in it in this order.
///
/// The word "password" is in none of them: it may be the password, and is then masked in what is read.
const MESSAGES: &[(&[&str], Cause)] = &[
    (&["there is already a yunohost operation running"], Cause::LockHeld),
    (&["yunohost is not correctly installed"], Cause::NotPostInstalled),
    (&["must be run as root or with sudo"], Cause::NotRoot),
    (&["not a tty, can't do interactive prompts"], Cause::NeedsTerminal),
    (&["is the last user in the group 'admins'"], Cause::LastAdmin),
    (&["last admin"], Cause::LastAdmin),
    (&["unable to download the", "app catalog"], Cause::CatalogUnreachable),
    (&["among the most used"], Cause::PasswordListed),
    (&["needs to be at least", "characters"], Cause::PasswordTooSimple),
    (&["choose a", "shorter than"], Cause::PasswordTooLong),
    (&["already exists in the list of system users"], Cause::SystemNameTaken),
    (&["cannot be used as a username"], Cause::ReservedName),
    (&["e-mail address is reserved"], Cause::ReservedName),
    (&["the user '", "already exists"], Cause::UserExists),
    (&["unknown user:"], Cause::UserUnknown),
    (&["unknown service"], Cause::ServiceUnknown),
    (&["because its configuration is broken"], Cause::ServiceConfigurationBroken),
    (&["attribute 'mail' already exists"], Cause::AddressTaken),
    (&["attribute 'cn' already exists"], Cause::FullnameTaken),
    (&["could not remove e-mail alias"], Cause::AddressUnknown),
    (&["could not remove e-mail forwarding"], Cause::AddressUnknown),
    (&["can not be removed from the 'admins' group"], Cause::ReservedName),
    (&["already exists in the system groups"], Cause::SystemNameTaken),
    (&["group ", "already exists"], Cause::GroupExists),
    (&["the group", "cannot be edited manually"], Cause::GroupProtected),
    (&["the group", "cannot be deleted manually"], Cause::GroupProtected),
    (&["the group '", "is unknown"], Cause::GroupUnknown),
    (&["permission '", "not found"], Cause::PermissionUnknown),
    (&["unknown permission"], Cause::PermissionUnknown),
    (&["permission", "is protected. you cannot"], Cause::PermissionProtected),
    (&["permission", "only makes sense for users having an account"], Cause::PermissionProtected),
    (&["permission", "can not be added to all users"], Cause::PermissionProtected),
    (&["is not present in authorized_keys"], Cause::KeyUnknown),
    (&["this key doesn't exists"], Cause::KeyUnknown),
    (&["invalid shell:"], Cause::InvalidArgument),
    (&["file does not exist", "/var/cache/yunohost/repo/"], Cause::CatalogUnreachable),
    (&["could not restart the service"], Cause::ServiceFailed),
    (&["could not reload the service"], Cause::ServiceFailed),
    (&["could not reload or restart the service"], Cause::ServiceFailed),
    (&["unable to stop the service"], Cause::ServiceFailed),
    (&["could not start the service"], Cause::ServiceFailed),
    (&["invalid e-mail address for domain"], Cause::DomainUnknown),
    (&["domain '", "unknown"], Cause::DomainUnknown),
    (&["unknown domain"], Cause::DomainUnknown),
    (&["the domain already exists"], Cause::DomainExists),
    (&["you cannot remove '", "since it's the main domain"], Cause::MainDomain),
    (&["applications are still installed on your domain"], Cause::DomainHasApps),
    (&["the filter key '", "is incorrect"], Cause::SettingUnknown),
    (&["couldn't find any option with id"], Cause::SettingUnknown),
    (&["could not reload the firewall"], Cause::FirewallNotLoaded),
    (&["no upnp device found"], Cause::UpnpMissing),
    (&["could not open port via upnp"], Cause::UpnpMissing),
    (&["there is no diagnosis result for domain"], Cause::NotReadyForLetsEncrypt),
    (&["does not seem to be accessible through http"], Cause::NotReadyForLetsEncrypt),
    (&["good and valid certificate for domain"], Cause::CertificateValid),
    (&["the certificate for", "is not about to expire"], Cause::CertificateValid),
    (&["the certificate for", "is not self-signed"], Cause::CertificateValid),
    (&["the certificate for", "is not issued by let's encrypt"], Cause::NotLetsEncrypt),
    (&["special-use top-level domain"], Cause::RegistrarMissing),
    (&["automatic dns configuration feature is"], Cause::RegistrarMissing),
    (&["the registrar is not yet configured"], Cause::RegistrarMissing),
    (&["no domain registered with dyndns"], Cause::DyndnsMissing),
    (&["dns key not found for the domain"], Cause::DyndnsMissing),
    (&["already subscribed to a dyndns domain"], Cause::DyndnsUnavailable),
    (&["the domain '", "is unavailable"], Cause::DyndnsUnavailable),
    (&["dyndns provider", "cannot provide domain"], Cause::DyndnsUnavailable),
    (&["could not find", "in the list of installed apps"], Cause::AppUnknown),
    (&["a backup archive with the name '", "already exists"], Cause::BackupExists),
    (&["unknown local backup archive"], Cause::BackupUnknown),
    (&["in the backup archive"], Cause::NotInBackup),
    (&["unavailable in this backup"], Cause::NotInBackup),
    (&["can't be restored because they are already installed"], Cause::AppInstalled),
    (&["not enough free space on"], Cause::DiskFull),
    (&["not enough space (space:"], Cause::DiskFull),
    (&["does not seem to have enough space"], Cause::DiskFull),
    (&["yunohost is already installed"], Cause::AlreadyPostInstalled),
    (&["the following categories are unknown"], Cause::NameUnknown),
    (&["is not a diagnosis category"], Cause::NameUnknown),
    (&["unknown hook name"], Cause::NameUnknown),
    (&["the backup hook '", "is unknown"], Cause::NameUnknown),
    (&["there is no migration called"], Cause::NameUnknown),
    (&["those migrations are already done"], Cause::NotPending),
    (&["these migrations are not pending"], Cause::NotPending),
    (&["no issues was found matching the given criteria"], Cause::NoSuchFinding),
    (&["dpkg/apt (the system package managers) seems to be in a broken state"], Cause::PackagesBroken),
    (&["using the lock of dpkg"], Cause::PackagesBroken),
    (&["while updating the cache of apt"], Cause::PackagesUnreachable),
    (&["unable to update the cache of apt"], Cause::PackagesUnreachable),
    (&["either unavailable, or conflicts with"], Cause::UrlTaken),
    (&["the old and new domain/url_path are identical"], Cause::UrlTaken),
    (&["doesn't support url modification"], Cause::ChangeUrlUnsupported),
    (&["failed to download asset"], Cause::SourceUnreachable),
    (&["could not fetch source files"], Cause::SourceUnreachable),
    (&["asset doesn't match the expected checksum"], Cause::SourceChanged),
    (&["provision_or_update failed for apt"], Cause::DependenciesMissing),
    (&["occurred inside the app"], Cause::AppScriptFailed),
    (&["inside the change url script"], Cause::AppScriptFailed),
    (&["failed to run action"], Cause::AppScriptFailed),
    (&["no apps can be upgraded"], Cause::NothingToUpgrade),
    (&["apps are already up-to-date"], Cause::NothingToUpgrade),
    (&["no config panel found"], Cause::ConfigPanelMissing),
    (&["this app requires"], Cause::RequirementNotMet),
    (&["this app can only be installed on architectures"], Cause::RequirementNotMet),
    (&["for the argument '", "value is required"], Cause::AnswerMissing),
    (&["argument '", "' is required"], Cause::AnswerMissing),
    (&["invalid argument '"], Cause::InvalidArgument),
    (&["pick a valid value for the argument"], Cause::InvalidArgument),
    (&["pick a valid value for argument"], Cause::InvalidArgument),
    (&["invalid usage"], Cause::WrongUsage),
    (&["unknown app"], Cause::AppNotInCatalog),
    (&["max retries exceeded with url"], Cause::NetworkUnreachable),
    (&["error getting directory"], Cause::NetworkUnreachable),
    (&["no such file or directory: '", "yunohost'"], Cause::ProgramMissing),
];

/// Recognises a message of YunoHost.
pub(crate) fn recognise(message: &str) -> Option<Cause> {
    let message = message.to_lowercase();
    MESSAGES.iter().find(|(words, _)| in_order(&message, words)).map(|(_, cause)| *cause)
}

fn in_order(message: &str, words: &[&str]) -> bool {
    let mut rest = message;
    words.iter().all(|word| match rest.split_once(word) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_must_come_in_order() {
        assert_eq!(recognise("The user 'alice' already exists"), Some(Cause::UserExists));
        assert_eq!(recognise("already exists: the user 'alice'"), None);
        assert_eq!(recognise("Domain 'x.test' unknown"), Some(Cause::DomainUnknown));
        assert_eq!(recognise(""), None);
    }
}
