//! What a column of a file is, and what columns of unknown names seem to be.

use serde::{Deserialize, Serialize};

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// Left aside.
    #[default]
    Skip,
    /// What the entry is known by, and stays the same when the file is written again.
    Origin,
    /// Its title; of a host, its name.
    Title,
    /// Its groups, parted by `/` or `\`.
    Path,
    /// The account.
    User,
    /// The password, or a token.
    Password,
    /// A private key.
    PrivateKey,
    /// The passphrase of that key.
    Passphrase,
    /// An address that it is for; several stand on lines of their own.
    Url,
    /// Notes.
    Notes,
    /// What one-time codes are made of.
    Totp,
    /// Words it is marked with, parted by commas, semicolons or lines.
    Tags,
    /// A stage.
    Stage,
    /// When it was made.
    Created,
    /// When it was last changed.
    Changed,
    /// When it should no longer be used.
    Expires,
    /// A field of its own, by the name of the column.
    Field,
    /// The same, hidden.
    Hidden,
    /// The address of a host: the row is a host.
    Address,
    /// Its port.
    Port,
    /// The hosts to go through, parted by commas.
    Jump,
    /// What it is spoken to with: a row that is not of SSH is no host here.
    Protocol,
    /// Hosts that it opens, on lines of their own.
    Hosts,
    /// What its value is, in the words of our own files.
    Kind,
    /// A truth: it is a favourite.
    Favorite,
    /// A truth: it lies in an archive or a bin.
    Discarded,
    /// Lines of `name: value` (Bitwarden).
    FieldLines,
    /// Fields as JSON (our own).
    Fields,
    /// Earlier values as JSON (our own).
    History,
    /// The number of the row that it lies in (mRemoteNG).
    Parent,
    /// `Container` or `Connection` (mRemoteNG).
    Node,
}

impl Column {
    /// Those that a form of columns offers.
    pub const CHOICES: &[Self] = &[
        Self::Skip,
        Self::Title,
        Self::Path,
        Self::User,
        Self::Password,
        Self::PrivateKey,
        Self::Passphrase,
        Self::Url,
        Self::Notes,
        Self::Totp,
        Self::Tags,
        Self::Stage,
        Self::Created,
        Self::Changed,
        Self::Expires,
        Self::Field,
        Self::Hidden,
        Self::Address,
        Self::Port,
        Self::Jump,
        Self::Protocol,
        Self::Origin,
    ];

    /// What a column of this name seems to be. Unknown ones are fields, so that nothing is lost.
    #[must_use]
    pub fn guess(name: &str) -> Self {
        let name: String = name.chars().filter(|next| next.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        match name.as_str() {
            "title" | "name" | "label" | "titre" | "nom" | "account" | "entry" | "displayname" | "libellé" => Self::Title,
            "group" | "groups" | "folder" | "path" | "grouping" | "category" | "vault" | "groupe" | "dossier" | "catégorie" => Self::Path,
            "username" | "user" | "login" | "loginname" | "utilisateur" | "identifiant" | "loginusername" | "compte" => Self::User,
            "password" | "pass" | "motdepasse" | "secret" | "loginpassword" | "token" | "mdp" | "apikey" => Self::Password,
            "privatekey" | "sshkey" | "cléprivée" => Self::PrivateKey,
            "passphrase" | "phrasedepasse" => Self::Passphrase,
            "url" | "urls" | "website" | "websiteurl" | "loginuri" | "site" | "siteweb" | "web" | "uri" => Self::Url,
            "notes" | "note" | "comments" | "comment" | "extra" | "description" | "remarques" | "commentaire" => Self::Notes,
            "totp" | "otp" | "otpauth" | "otpurl" | "otpsecret" | "2fa" => Self::Totp,
            "tags" | "tag" | "labels" | "étiquettes" => Self::Tags,
            "stage" | "environment" | "env" | "environnement" => Self::Stage,
            "created" | "createtime" | "timecreated" | "creationtime" => Self::Created,
            "modified" | "lastmodified" | "modifytime" | "changed" | "updated" => Self::Changed,
            "expires" | "expiry" | "expiration" => Self::Expires,
            "host" | "hostname" | "hostnameip" | "address" | "ip" | "ipaddress" | "server" | "computername" | "hôte" | "adresse"
            | "serveur" => Self::Address,
            "port" => Self::Port,
            "jump" | "jumphost" | "proxyjump" | "gateway" | "bastion" => Self::Jump,
            "protocol" | "protocole" => Self::Protocol,
            "uuid" | "guid" => Self::Origin,
            "pin" | "cvc" | "cvv" | "securitycode" => Self::Hidden,
            _ => Self::Field,
        }
    }
}

/// What each column of a file is, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CsvMapping {
    /// Each column; those that are missing at the end are left aside.
    pub columns: Vec<Column>,
    /// Whether the first row names the columns, and is no entry.
    pub header: bool,
}

/// What the columns of these names seem to be. Of two that seem the same, the second is a field, where one is all there can be.
#[must_use]
pub fn suggest(headers: &[String]) -> CsvMapping {
    let mut columns: Vec<Column> = Vec::with_capacity(headers.len());
    for name in headers {
        let guess = Column::guess(name);
        let again = columns.contains(&guess) && !matches!(guess, Column::Url | Column::Tags | Column::Field | Column::Hidden);
        columns.push(match guess {
            Column::Password | Column::PrivateKey | Column::Passphrase | Column::Totp if again => Column::Hidden,
            _ if again => Column::Field,
            guess => guess,
        });
    }
    CsvMapping { columns, header: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_guessed_in_two_languages() {
        let names = ["Nom", "Identifiant", "Mot de passe", "Site web", "Password", "URL", "Étage", "Adresse"].map(str::to_owned);
        let expected =
            [Column::Title, Column::User, Column::Password, Column::Url, Column::Hidden, Column::Url, Column::Field, Column::Address];
        assert_eq!(suggest(&names), CsvMapping { columns: expected.into(), header: true });
    }

    #[test]
    fn a_mapping_is_written_in_words() {
        let mapping = CsvMapping { columns: vec![Column::PrivateKey, Column::Skip], header: false };
        let text = serde_json::to_string(&mapping).expect("JSON");
        assert_eq!(text, r#"{"columns":["private-key","skip"],"header":false}"#);
        assert_eq!(serde_json::from_str::<CsvMapping>(&text).expect("read"), mapping);
    }
}
