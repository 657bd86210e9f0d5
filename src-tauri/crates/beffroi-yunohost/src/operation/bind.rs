//! Whether a YunoHost's directory takes a password: what no command of YunoHost's shows of it.

use beffroi_domain::Exit;
use beffroi_remote::{CommandLine, Remote, RemoteError, RunRequest};
use beffroi_secret::SecretBytes;
use serde_json::Value;

use super::{ActionRecord, Kind};

/// Binds to the directory of the host as one of its users (`ldapwhoami` of ldap-utils, which YunoHost depends on; its tree:
/// `conf/slapd/db_init.ldif`). The password is the whole of the standard input, which goes through a pipe so that it can be opened by
/// name. Ends as ldapwhoami does, or with 127 where there is none.
const BIND: &str = "command -v ldapwhoami >/dev/null 2>&1 || exit 127\n\
    cat | ldapwhoami -x -H ldap://localhost:389 -D \"uid=$1,ou=users,dc=yunohost,dc=org\" -y /dev/stdin >/dev/null 2>&1\n";
/// `LDAP_INVALID_CREDENTIALS` (RFC 4511, A.1), as OpenLDAP's programs end with it.
const INVALID_CREDENTIALS: u32 = 49;

impl ActionRecord {
    /// Whether the host's directory takes the password that the operation was to set; `None` for an operation that sets no user's
    /// password, and where the directory cannot be asked. Changes nothing, and needs no rights.
    ///
    /// # Errors
    /// Those of the link.
    pub async fn binds(&self, remote: &dyn Remote, password: &SecretBytes) -> Result<Option<bool>, RemoteError> {
        let user = self.given.get("username").and_then(Value::as_str).filter(|user| Kind::Username.fits(user));
        let Some(user) = user.filter(|_| self.operation == "user-edit" && self.given.contains_key("password")) else { return Ok(None) };
        let command = CommandLine::new(["sh", "-c", BIND, "sh", user]);
        let output = remote.run(RunRequest::new(command).with_stdin(password.duplicate())).await?;
        Ok(match output.exit {
            Exit::Status(0) => Some(true),
            Exit::Status(INVALID_CREDENTIALS) => Some(false),
            _ => None,
        })
    }
}
