//! What looks like a secret: one table.
//!
//! Shapes of tokens are those that their makers publish (AWS, GitHub, GitLab, Slack, Stripe and so on); where a maker gives none, the name that
//! stands before a value tells, and how it looks. A rule is tried only where one of its words stands.

mod values;

pub(crate) use values::entropy;
use values::{is_certain, is_env_key, is_given, is_made, is_url_password, takes_all};

/// The rule of what is a known secret's value.
pub const BY_VALUE: &str = "known-secret";

/// What a rule found, to be judged.
pub(crate) struct Seen<'a> {
    /// The file.
    pub(crate) path: &'a str,
    /// What may be the secret.
    pub(crate) secret: &'a [u8],
    /// What was matched before it.
    pub(crate) before: &'a [u8],
}

/// How long a secret is at the beginning of what is given; nothing where there is none.
pub(crate) type Body = fn(&[u8]) -> Option<usize>;

/// A rule. The first group of the pattern that took part is the secret.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    /// One of them stands where the rule is tried, in capitals or not.
    pub(crate) words: &'static [&'static str],
    pub(crate) pattern: &'static str,
    /// The least entropy of the secret, in bits for each of its bytes.
    pub(crate) entropy: f64,
    pub(crate) takes: fn(&Seen<'_>) -> bool,
    /// The secret is what follows the match: how long it is there.
    pub(crate) body: Option<Body>,
}

macro_rules! rule {
    ($id:literal, $words:expr, $pattern:expr, $entropy:expr, $takes:expr) => {
        Rule { id: $id, words: $words, pattern: $pattern, entropy: $entropy, takes: $takes, body: None }
    };
    ($id:literal, $words:expr, $pattern:expr, body $body:expr) => {
        Rule { id: $id, words: $words, pattern: $pattern, entropy: 0.0, takes: takes_all, body: Some($body) }
    };
}

/// The rules, the most certain first: of two that find the same, the first tells.
pub(crate) const RULES: &[Rule] = &[
    rule!("private-key", &["private key"], r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----", body pem_body),
    rule!("putty-key", &["putty-user-key-file-"], r"PuTTY-User-Key-File-[23]: ", body putty_body),
    rule!("age-key", &["age-secret-key-"], r"(AGE-SECRET-KEY-(?:PQ-)?1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58,})", 3.0, takes_all),
    rule!("aws-key-id", &["akia", "asia", "abia", "acca"], r"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b", 3.0, is_certain),
    rule!(
        "aws-secret",
        &["secret_access_key", "secretaccesskey", "aws_secret"],
        r#"(?i)(?:secret_?access_?key|aws_secret(?:_?key)?)["']?[ \t]{0,4}(?:=>|[=:])[ \t]{0,4}["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)"#,
        4.0,
        is_certain
    ),
    rule!("google-key", &["aiza"], r"\b(AIza[0-9A-Za-z_-]{35})(?:[^0-9A-Za-z_-]|$)", 3.5, is_certain),
    rule!("google-oauth", &["gocspx-"], r"\b(GOCSPX-[0-9A-Za-z_-]{28})", 3.5, is_certain),
    rule!("github-token", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], r"\b(gh[pousr]_[A-Za-z0-9]{36,251})\b", 3.5, is_certain),
    rule!("github-token", &["github_pat_"], r"\b(github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b", 3.5, is_certain),
    rule!(
        "gitlab-token",
        &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-"],
        r"\b(gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[A-Za-z0-9_.-]{20,300})",
        3.5,
        is_certain
    ),
    rule!("slack-token", &["xox", "xapp-"], r"\b((?:xox[abeoprs]|xapp)-[0-9A-Za-z-]{20,250})", 3.0, is_certain),
    rule!("slack-hook", &["hooks.slack.com"], r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/]{40,90})", 3.0, is_certain),
    rule!(
        "stripe-key",
        &["sk_live_", "rk_live_", "sk_test_", "rk_test_"],
        r"\b([sr]k_(?:live|test)_[A-Za-z0-9]{16,247})\b",
        3.0,
        is_certain
    ),
    rule!("stripe-hook", &["whsec_"], r"\b(whsec_[A-Za-z0-9+/]{32,64})", 3.0, is_certain),
    rule!("npm-token", &["npm_"], r"\b(npm_[A-Za-z0-9]{36})\b", 3.5, is_certain),
    rule!("pypi-token", &["pypi-ageichlwas5vcmc"], r"\b(pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,250})", 3.5, is_certain),
    rule!("docker-token", &["dckr_pat_"], r"\b(dckr_pat_[A-Za-z0-9_-]{27})", 3.5, is_certain),
    rule!("digitalocean-token", &["dop_v1_", "doo_v1_", "dor_v1_"], r"\b(do[opr]_v1_[a-f0-9]{64})\b", 3.0, is_certain),
    rule!("vault-token", &["hvs.", "hvb."], r"\b(hv[sb]\.[A-Za-z0-9_-]{24,300})", 3.5, is_certain),
    rule!("sendgrid-key", &["sg."], r"\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})", 3.5, is_certain),
    rule!("telegram-token", &[":aa"], r"\b([0-9]{8,10}:AA[A-Za-z0-9_-]{33})(?:[^A-Za-z0-9_-]|$)", 3.5, is_certain),
    rule!("jwt", &["eyj"], r"\b(eyJ[A-Za-z0-9_-]{10,900}\.eyJ[A-Za-z0-9_-]{10,900}\.[A-Za-z0-9_-]{20,900})", 4.0, is_certain),
    rule!(
        "url-password",
        &["://"],
        r#"\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@"'<>()\[\]]{0,64}:([^\s/@"'<>]{3,128})@[A-Za-z0-9\[]"#,
        1.5,
        is_url_password
    ),
    rule!(
        "basic-login",
        &["authorization"],
        r#"(?i)authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?basic[ \t]{1,4}([A-Za-z0-9+/]{12,256}={0,2})"#,
        3.0,
        is_certain
    ),
    rule!(
        "bearer-token",
        &["authorization"],
        r#"(?i)authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?bearer[ \t]{1,4}([A-Za-z0-9._~+/-]{20,512}={0,2})"#,
        3.5,
        is_certain
    ),
    rule!("netrc", &["login"], r"\bmachine[ \t]+\S{1,255}[ \t]+login[ \t]+\S{1,255}[ \t]+password[ \t]+(\S{3,255})", 1.5, is_given),
    rule!(
        "ansible-password",
        &["ansible_"],
        r#"\bansible_(?:ssh_|become_|sudo_|su_|winrm_)?pass(?:word)?["']?[ \t]{0,8}[=:][ \t]{0,8}["']?([^\s"'#]{3,255})"#,
        1.0,
        is_given
    ),
    rule!(
        "wp-config",
        &["define"],
        r#"\bdefine\(\s{0,4}['"](?:DB_PASSWORD|(?:AUTH|SECURE_AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT))['"]\s{0,4},\s{0,4}(?:'([^'\r\n]{4,200})'|"([^"\r\n]{4,200})")"#,
        2.0,
        is_given
    ),
    rule!(
        "yunohost-setting",
        &["pwd", "password", "passwd", "secret", "_key", "token"],
        r#"^(?:[a-z0-9_]{0,60}(?:pwd|password|passwd|secret|secret_key|_key|token)):[ \t]{1,4}["']?([^\s"'#]{6,255})"#,
        2.0,
        |seen| values::is_yunohost_settings(seen.path) && is_given(seen)
    ),
    rule!(
        "env-key",
        &["_key", "_salt", "_pass", "_dsn"],
        r#"^[ \t]{0,8}(?:export[ \t]{1,4})?[A-Za-z0-9_]{0,60}(?:_KEY|_SALT|_PASS|_DSN)[ \t]{0,4}=[ \t]{0,4}["']?([^\s"'#]{6,255})"#,
        2.5,
        is_env_key
    ),
    rule!(
        "password",
        &[
            "password",
            "passwd",
            "passphrase",
            "pwd",
            "secret",
            "token",
            "apikey",
            "api_key",
            "api-key",
            "access_key",
            "access-key",
            "accesskey",
            "auth_key",
            "authkey",
            "private_key",
            "privatekey",
            "credential",
            "mot_de_passe",
            "motdepasse",
            "mdp",
        ],
        concat!(
            r#"(?i)[a-z0-9_.-]{0,60}(?:password|passwd|passphrase|pwd|secret(?:[_-]?key(?:[_-]?base)?)?|token|api[_-]?key|access[_-]?key|auth[_-]?key"#,
            r#"|private[_-]?key|credentials?|mot_?de_?passe|mdp)(?:[_-]?[0-9]{1,3})?["'`]?\]?[ \t]{0,8}(?:=>|:=|=|:)[ \t]{0,8}"#,
            r#"(?:"([^"\r\n]{6,200})"|'([^'\r\n]{6,200})'|([^\s"'`,;#<>(){}\[\]]{6,200}))"#
        ),
        2.5,
        is_made
    ),
];

/// The ids of all rules.
pub fn rules() -> impl Iterator<Item = &'static str> {
    let mut ids: Vec<&'static str> = RULES.iter().map(|rule| rule.id).chain([BY_VALUE]).collect();
    ids.dedup();
    ids.into_iter()
}

/// The longest private key that is looked at.
const MOST_KEY: usize = 32 << 10;
/// Characters of base64 that a key has at least: an Ed25519 key as PKCS#8 has 64.
const LEAST_KEY: usize = 48;

/// How long the body of an armoured key is, which may have its line ends as `\n` in a JSON text.
fn pem_body(rest: &[u8]) -> Option<usize> {
    let most = rest.get(..rest.len().min(MOST_KEY))?;
    let end = most.windows(5).position(|five| five == b"-----").unwrap_or(most.len());
    let body = most.get(..end)?;
    let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'+' | b'/' | b'=');
    if body.iter().any(is_code) {
        return None;
    }
    // An example has dots or a word there.
    let of_base64 = body.iter().filter(is_base64).count();
    (of_base64 >= LEAST_KEY && of_base64 * 10 >= body.len() * 7 && values::entropy(body) > 3.0).then_some(end)
}

/// Signs that source code has, and no key.
fn is_code(byte: &u8) -> bool {
    matches!(byte, b'<' | b'>' | b'{' | b'}' | b'(' | b')' | b'$' | b';' | b'`')
}

fn putty_body(rest: &[u8]) -> Option<usize> {
    let most = rest.get(..rest.len().min(MOST_KEY))?;
    let mark = b"Private-Lines: ";
    let at = most.windows(mark.len()).position(|window| window == mark)?;
    let end = most.windows(13).skip(at).position(|window| window == b"\nPrivate-MAC:").map_or(most.len(), |end| at + end);
    let lines = most.get(at + mark.len()..end)?;
    (lines.len() >= LEAST_KEY && !lines.iter().any(is_code)).then_some(end)
}
