//! The programs whose files are known by their first row.
//!
//! Sources of the columns: what the programs write (KeePassXC `CsvExporter`, Chromium `csv_password.cc`, Firefox
//! `LoginExport.sys.mjs`, mRemoteNG `CsvConnectionsSerializerMremotengFormat`), and the help pages of the others.

use super::column::Column;
use super::column::Column::{
    Address, Changed, Created, Discarded, Expires, Favorite, Field, FieldLines, Fields, Hidden, History, Hosts, Kind, Node, Notes, Origin,
    Parent, Passphrase, Password, Path, Port, PrivateKey, Protocol, Skip, Stage, Tags, Title, Totp, Url, User,
};

/// A program, by the columns that it writes.
#[derive(Debug)]
pub(super) struct Dialect {
    /// Whose it is.
    pub(super) name: Name,
    /// Columns that make it its own.
    needs: &'static [&'static str],
    /// What columns are, by their names in small letters.
    columns: &'static [(&'static str, Column)],
    /// What the others are.
    rest: Column,
}

/// Programs that something is done for beyond their columns, and the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// Our own: formulas were defused, lists and fields are written so that they come back.
    Beffroi,
    /// KeePassXC: the first group is the root.
    KeePassXc,
    /// LastPass: notes have an address of their own, and structured ones a text of lines.
    LastPass,
    /// mRemoteNG: folders are rows.
    MRemoteNg,
    /// All is in the columns.
    Plain,
}

/// The columns of our own files, in their order (`write::csv`).
pub(crate) const OWN: [(&str, Column); 19] = [
    ("Beffroi ID", Origin),
    ("Group", Path),
    ("Title", Title),
    ("Username", User),
    ("Password", Password),
    ("Passphrase", Passphrase),
    ("URL", Url),
    ("Notes", Notes),
    ("TOTP", Totp),
    ("Kind", Kind),
    ("Tags", Tags),
    ("Hosts", Hosts),
    ("Stage", Stage),
    ("Created", Created),
    ("Changed", Changed),
    ("Expires", Expires),
    ("Discarded", Discarded),
    ("Fields", Fields),
    ("History", History),
];

/// The most specific first.
const DIALECTS: &[Dialect] = &[
    Dialect {
        name: Name::Plain, // Bitwarden
        needs: &["name", "fields", "reprompt", "login_uri", "login_username", "login_password"],
        columns: &[
            ("folder", Path),
            ("collections", Path),
            ("favorite", Favorite),
            ("type", Skip),
            ("name", Title),
            ("notes", Notes),
            ("fields", FieldLines),
            ("reprompt", Skip),
            ("archiveddate", Discarded),
            ("login_uri", Url),
            ("login_username", User),
            ("login_password", Password),
            ("login_totp", Totp),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::MRemoteNg,
        needs: &["name", "id", "parent", "nodetype", "hostname", "protocol"],
        columns: &[
            ("name", Title),
            ("id", Origin),
            ("parent", Parent),
            ("nodetype", Node),
            ("description", Notes),
            ("username", User),
            ("password", Password),
            ("domain", Field),
            ("hostname", Address),
            ("port", Port),
            ("protocol", Protocol),
            ("environmenttags", Tags),
            ("sshtunnelconnectionname", Column::Jump),
        ],
        rest: Skip,
    },
    Dialect {
        name: Name::Plain, // Termius
        needs: &["groups", "label", "tags", "hostname/ip", "protocol", "port"],
        columns: &[
            ("groups", Path),
            ("label", Title),
            ("tags", Tags),
            ("hostname/ip", Address),
            ("protocol", Protocol),
            ("port", Port),
            ("username", User),
            ("password", Password),
            ("ssh_key", PrivateKey),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // Devolutions Remote Desktop Manager
        needs: &["host", "name", "connectiontype"],
        columns: &[
            ("host", Address),
            ("name", Title),
            ("connectiontype", Protocol),
            ("group", Path),
            ("username", User),
            ("credentialusername", User),
            ("terminal\\username", User),
            ("password", Password),
            ("credentialpassword", Password),
            ("terminal\\password", Password),
            ("port", Port),
            ("hostport", Port),
            ("description", Notes),
            ("tags", Tags),
            ("keywords", Tags),
            ("id", Origin),
            ("url", Url),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // Royal TS and TSX
        needs: &["name", "uri", "credentialusername"],
        columns: &[
            ("id", Origin),
            ("type", Protocol),
            ("objecttype", Protocol),
            ("name", Title),
            ("path", Path),
            ("folder", Path),
            ("uri", Address),
            ("port", Port),
            ("description", Notes),
            ("notes", Notes),
            ("credentialusername", User),
            ("credentialpassword", Password),
            ("tags", Tags),
            ("created", Created),
            ("modified", Changed),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::KeePassXc,
        needs: &["group", "title", "username", "password", "url", "notes"],
        columns: &[
            ("group", Path),
            ("title", Title),
            ("username", User),
            ("password", Password),
            ("url", Url),
            ("notes", Notes),
            ("totp", Totp),
            ("icon", Skip),
            ("last modified", Changed),
            ("created", Created),
            ("tags", Tags),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // KeePass 2
        needs: &["account", "login name", "password", "web site", "comments"],
        columns: &[("account", Title), ("login name", User), ("password", Password), ("web site", Url), ("comments", Notes)],
        rest: Field,
    },
    Dialect {
        name: Name::LastPass,
        needs: &["url", "username", "password", "extra", "name", "grouping", "fav"],
        columns: &[
            ("url", Url),
            ("username", User),
            ("password", Password),
            ("totp", Totp),
            ("extra", Notes),
            ("name", Title),
            ("grouping", Path),
            ("fav", Favorite),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // Firefox
        needs: &["url", "username", "password", "httprealm", "formactionorigin", "guid"],
        columns: &[
            ("url", Url),
            ("username", User),
            ("password", Password),
            ("httprealm", Field),
            ("formactionorigin", Skip),
            ("guid", Origin),
            ("timecreated", Created),
            ("timelastused", Skip),
            ("timepasswordchanged", Changed),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // 1Password
        needs: &["title", "url", "username", "password", "otpauth", "favorite", "archived", "tags", "notes"],
        columns: &[
            ("title", Title),
            ("url", Url),
            ("username", User),
            ("password", Password),
            ("otpauth", Totp),
            ("favorite", Favorite),
            ("archived", Discarded),
            ("tags", Tags),
            ("notes", Notes),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // Safari and the Passwords of Apple
        needs: &["title", "url", "username", "password", "notes", "otpauth"],
        columns: &[("title", Title), ("url", Url), ("username", User), ("password", Password), ("notes", Notes), ("otpauth", Totp)],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // Dashlane: logins
        needs: &["username", "username2", "title", "password", "note", "url", "category"],
        columns: &[
            ("username", User),
            ("title", Title),
            ("password", Password),
            ("note", Notes),
            ("url", Url),
            ("category", Path),
            ("otpurl", Totp),
            ("otpsecret", Totp),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // NordPass
        needs: &["name", "url", "username", "password", "note", "cardholdername", "cardnumber", "folder"],
        columns: &[
            ("name", Title),
            ("url", Url),
            ("additional_urls", Url),
            ("username", User),
            ("password", Password),
            ("note", Notes),
            ("folder", Path),
            ("type", Skip),
            ("cardnumber", Hidden),
            ("cvc", Hidden),
            ("pin", Hidden),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // Proton Pass
        needs: &["type", "name", "url", "email", "username", "password", "note", "totp", "vault"],
        columns: &[
            ("type", Skip),
            ("name", Title),
            ("url", Url),
            ("username", User),
            ("password", Password),
            ("note", Notes),
            ("totp", Totp),
            ("createtime", Created),
            ("modifytime", Changed),
            ("vault", Path),
        ],
        rest: Field,
    },
    Dialect {
        name: Name::Plain, // Chrome, Edge, and what is made of them
        needs: &["name", "url", "username", "password"],
        columns: &[("name", Title), ("url", Url), ("username", User), ("password", Password), ("note", Notes), ("notes", Notes)],
        rest: Field,
    },
];

/// Whose file has this first row, and what its columns are. None when nobody's is known to.
pub(super) fn of(header: &[String]) -> Option<(Name, Vec<Column>)> {
    let names: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
    if names.first().is_some_and(|name| name == "beffroi id") {
        let column = |name: &String| OWN.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map_or(Field, |(_, column)| *column);
        return Some((Name::Beffroi, names.iter().map(column).collect()));
    }
    let dialect = DIALECTS.iter().find(|dialect| dialect.needs.iter().all(|needed| names.iter().any(|name| name == needed)))?;
    let column = |name: &String| dialect.columns.iter().find(|(known, _)| known == name).map_or(dialect.rest, |(_, column)| *column);
    Some((dialect.name, names.iter().map(column).collect()))
}
