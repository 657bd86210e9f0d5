//! What is found and what is not. Tokens are put together here, so that these files hold none.

use beffroi_secret::SecretBytes;

use crate::{BY_VALUE, Hit, Known, Scanner};

fn scanner() -> Scanner {
    Scanner::new(Known::default())
}

fn rules_of(path: &str, text: &str) -> Vec<&'static str> {
    scanner().scan(path, text.as_bytes()).expect("text").into_iter().map(|hit: Hit| hit.rule).collect()
}

/// Letters and digits that look made, the same every time.
fn made(length: usize) -> String {
    digits_of(b"aZ3kQ9xW7mB2vN5cR8tY4uJ6hG1fD0sLpEoI", length)
}

fn digits_of(signs: &[u8], length: usize) -> String {
    let squares = (0..length).map(|at| at * at * 31 + at * 17 + at / 3);
    squares.map(|place| char::from(signs[place % signs.len()])).collect()
}

fn pem(kind: &str) -> String {
    format!("-----BEGIN {kind}-----\n{}\n{}\n-----END {kind}-----\n", made(64), made(60))
}

#[test]
fn each_rule_finds_what_it_is_for() {
    let capitals = digits_of(b"QWERTZUIPASDFGHJK234567LYXCVBNM", 16);
    let cases: Vec<(&str, &str, String)> = vec![
        ("private-key", "id_ed25519", pem("OPENSSH PRIVATE KEY")),
        ("private-key", "key.pem", pem("PRIVATE KEY")),
        ("private-key", "sa.json", format!("{{\"private_key\": \"{}\"}}", pem("PRIVATE KEY").replace('\n', "\\n"))),
        ("private-key", "x.asc", pem("PGP PRIVATE KEY BLOCK")),
        (
            "putty-key",
            "k.ppk",
            format!("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPrivate-Lines: 1\n{}\nPrivate-MAC: 00\n", made(60)),
        ),
        ("age-key", "keys.txt", format!("AGE-SECRET-KEY-1{}", digits_of(b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58))),
        ("aws-key-id", "a.py", format!("key = \"{}{capitals}\"", "AKIA")),
        ("aws-secret", "credentials", format!("aws_secret_access_key = {}", made(40))),
        ("google-key", "a.js", format!("const k = '{}{}';", "AIza", made(35))),
        ("google-oauth", "a.js", format!("'{}{}'", "GOCSPX-", made(28))),
        ("github-token", "a.sh", format!("git clone {}{}", "ghp_", made(36))),
        ("github-token", "a.sh", format!("{}{}_{}", "github_pat_", made(22), made(59))),
        ("gitlab-token", "a.sh", format!("{}{}", "glpat-", made(20))),
        ("slack-token", "a.sh", format!("{}1234-5678-{}", "xoxb-", made(24))),
        ("slack-hook", "a.sh", format!("https://hooks.slack.com/services/T{}/B{}/{}", made(9), made(9), made(24))),
        ("stripe-key", "a.rb", format!("{}{}", "sk_live_", made(24))),
        ("stripe-hook", "a.rb", format!("{}{}", "whsec_", made(32))),
        ("npm-token", ".npmrc", format!("//packages.example.org/:_authToken={}{}", "npm_", made(36))),
        ("pypi-token", "x", format!("{}{}", "pypi-AgEIcHlwaS5vcmc", made(80))),
        ("docker-token", "x", format!("{}{}", "dckr_pat_", made(27))),
        ("digitalocean-token", "x", format!("{}{}", "dop_v1_", digits_of(b"0123456789abcdef", 64))),
        ("vault-token", "x", format!("{}{}", "hvs.", made(40))),
        ("sendgrid-key", "x", format!("{}{}.{}", "SG.", made(22), made(43))),
        ("telegram-token", "x", format!("{}:AA{}", "8123456790", made(33))),
        ("jwt", "x", format!("eyJ{}.eyJ{}.{}", made(30), made(60), made(43))),
        ("url-password", "compose.yml", "url: postgres://shop:Zk4-wq9.R@db.internal/shop".to_owned()),
        ("url-password", "a.txt", "https://bot:p%40ss-9zz4@git.example.org/x".to_owned()),
        ("basic-login", "a.http", format!("Authorization: Basic {}=", made(31))),
        ("bearer-token", "a.http", format!("authorization: Bearer {}", made(40))),
        ("netrc", ".netrc", "machine git.internal login bot password Zk4wq9R".to_owned()),
        ("ansible-password", "hosts.ini", "web1 ansible_host=192.0.2.1 ansible_become_pass=Sommer24".to_owned()),
        ("wp-config", "wp-config.php", "define( 'DB_PASSWORD', 'Zk4wq9R' );".to_owned()),
        ("yunohost-setting", "etc/yunohost/apps/nextcloud/settings.yml", "domain: x.org\ndb_pwd: gZk4wq9RtmEo\n".to_owned()),
        ("env-key", ".env", format!("APP_KEY=base64:{}=", made(43))),
        ("password", ".env", "DB_PASSWORD=sommerzeit".to_owned()),
        ("password", "config.py", "PASSWORD = 'Zk4wq9R!2'".to_owned()),
        ("password", "values.yaml", "  adminPassword: Zk4wq9R!2".to_owned()),
        ("password", "app.properties", "spring.datasource.password=tulpenfeld".to_owned()),
        ("password", "a.json", format!("{{\"client_secret\": \"{}\"}}", made(32))),
        ("password", "parametres.ini", "mot_de_passe = Zk4wq9R2".to_owned()),
        // Passwords begin with any sign, and have words in them.
        ("password", ".env", "DB_PASSWORD=@dm1nPass2024".to_owned()),
        ("password", ".env", "DB_PASSWORD=/8fKq2Lm/7Wz+aZ3kQ9xW7mB2vN5c=".to_owned()),
        ("env-key", ".env", "APP_KEY=/8fKq2Lm7WzaZ3kQ9xW7mB2vN5c=".to_owned()),
        ("password", ".env", "TOKEN=!Xk9wq7Lm".to_owned()),
        ("password", "app.conf", "password=*Xk9wq7Lm".to_owned()),
        ("password", "app.conf", "password=&Xk9wq7Lm".to_owned()),
        ("password", ".env", "DB_PASSWORD=%Xk9wq7Lm".to_owned()),
        ("password", ".env", "DB_PASSWORD=$Xk9!wq7Lm".to_owned()),
        ("password", ".env", "DB_PASSWORD=$ecr3t$Xk9wq7Lm".to_owned()),
        ("password", ".env", "DB_PASSWORD=data.Xk9wq7Lm".to_owned()),
        ("password", ".env", "API_TOKEN=Sample9xK2wq7Lm".to_owned()),
        ("password", ".env", "API_TOKEN=9Kx2bQ7Lm1-replace".to_owned()),
        ("password", "values.yaml", "adminPassword: \"!Xk9wq7Lm\"".to_owned()),
        ("password", "values.yaml", "adminPassword: '@dm1nPass2024'".to_owned()),
        ("password", "a.py", "password = '/8fKq2Lm7Wz+aZ3kQ9xW7'".to_owned()),
        ("ansible-password", "group_vars/all.yml", "ansible_become_pass: '*Xk9wq7Lm'".to_owned()),
    ];
    for (rule, path, text) in &cases {
        assert_eq!(rules_of(path, text), [*rule], "{path}: {text}");
    }
    let tried: std::collections::BTreeSet<&str> = cases.iter().map(|case| case.0).chain([BY_VALUE]).collect();
    assert_eq!(tried, crate::rules().collect(), "a rule without an example");
}

#[test]
fn what_stands_for_a_secret_is_none() {
    let cases = [
        ("README.md", "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE"),
        ("README.md", "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        (".env.example", "DB_PASSWORD=changeme\nAPI_KEY=your_api_key_here\nTOKEN=\nSECRET=xxxxxxxx"),
        (".env", "DB_PASSWORD=${OTHER}\nTOKEN=$(cat /run/token)\nAPP_KEY=\nPASSWORD_FILE=/run/secrets/db"),
        (".env", "DB_PASSWORD=$OTHER_VALUE\nTOKEN=%SOME_TOKEN%\nSECRET=@DB_PASSWORD@\nMDP=~/.config/key2\nPWD=/run/secrets/db-1"),
        (".env", "DB_PASSWORD=$2y$10$N9qo8uLOickgx2ZMRZoMye\nTOKEN=replace_with_your_token1\nSECRET=../shared/Secrets/key"),
        ("symfony.yaml", "password: '%env(DATABASE_PASSWORD1)%'\nsecret: \"<your-secret-12>\""),
        ("anchors.yml", "password: *db_password_2024\ntoken: &token-2024-01 xyzxyz\nsecret: !Sub"),
        ("compose.yml", "password: ${DB_PASSWORD}\nurl: postgres://user:${PASSWORD}@db/x\nPOSTGRES_PASSWORD_FILE: /run/secrets/pg"),
        ("play.yml", "ansible_become_pass: \"{{ vault_become }}\"\ndb_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256"),
        ("wf.yml", "token: ${{ secrets.GITHUB_TOKEN }}\npassword: string\nsecret: required"),
        ("a.rs", "let password = ask_password()?;\nlet token = self.token.clone();\nsecret: SecretText,\nlet name = \"password\";"),
        ("a.ts", "password: 'Enter your password', token: 'form.login.token', secret: \"secretPanel.title\""),
        ("a.py", "password = os.environ['DB_PASSWORD']\ntoken: str = get_token(\"a1b2c3d4\")\n"),
        ("a.php", "define('AUTH_KEY', 'put your unique phrase here'); define('DB_PASSWORD', 'password_here');"),
        ("a.md", "postgres://user:password@localhost/db and http://localhost:8080/@scope and ssh://git@host:22/x"),
        ("a.md", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"),
        (
            "a.md",
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuV9ht1Zq0gJz4b3sMFkwEwYHKoZIzj0CAQY\n-----END PUBLIC KEY-----",
        ),
        ("Cargo.lock", "checksum = \"9d1b5e4d2b0c3b7d8a7f6e5c4d3b2a190817263544536271809a8b7c6d5e4f30\""),
        (
            "package-lock.json",
            "\"integrity\": \"sha512-a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6==\"",
        ),
        ("a.json", "{\"token_type\": \"bearer12345\", \"password_hash_algo\": \"argon2id19\", \"secretName\": \"tls-2024-01\"}"),
        ("sealed.yaml", "password: ENC[AES256_GCM,data:Zk4wq9R,iv:a1b2,tag:c3d4,type:str]"),
        ("a.py", "token = 'Zk4wq9R!2aB'  # beffroi:allow"),
    ];
    for (path, text) in cases {
        assert_eq!(rules_of(path, text), Vec::<&str>::new(), "{path}: {text}");
    }
}

#[test]
fn a_hit_tells_its_place_and_never_the_secret() {
    let secret = made(36);
    let text = format!("line one\n  token: é {}{secret} rest\nDB_PASSWORD=sommerzeit\n", "ghp_");
    let hits = scanner().scan(".env", text.as_bytes()).expect("text");
    let places: Vec<_> = hits.iter().map(|hit| (hit.rule, hit.line, hit.column, hit.before.as_str(), hit.length)).collect();
    assert_eq!(places, [("github-token", 2, 13, "", 40), ("password", 3, 13, "DB_PASSWORD=", 10)]);
    assert!(!format!("{hits:?}").contains(&secret) && !format!("{hits:?}").contains("sommerzeit"));
}

#[test]
fn a_known_value_comes_before_every_rule() {
    let known = Known::new([("shop/db".to_owned(), SecretBytes::new(b"Zk4wq9R!2aB".to_vec()))]);
    let hits = Scanner::new(known).scan("a.py", b"x = 'Zk4wq9R!2aB'\npassword = 'Zk4wq9R!2aB'\n").expect("text");
    let told: Vec<_> = hits.iter().map(|hit| (hit.rule, hit.line, hit.known.as_deref())).collect();
    assert_eq!(told, [(BY_VALUE, 1, Some("shop/db")), (BY_VALUE, 2, Some("shop/db"))]);
}

#[test]
fn wide_text_is_read_and_what_is_no_text_is_not() {
    let text = "password = 'Zk4wq9R!2aB'\r\n";
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for bytes in [little, big] {
        assert_eq!(scanner().scan("a.ps1", &bytes).expect("text").len(), 1);
    }
    assert!(scanner().scan("a.bin", b"\x7fELF\0\0password = 'Zk4wq9R!2aB'").is_none());
}

/// One line of a megabyte where the words of rules stand all along costs no more than its length.
#[test]
fn a_long_line_is_looked_through_to_its_end() {
    let mut text = "token=a;secret:b;eyJ://".repeat(50_000);
    text.push_str(&format!(" '{}{}'", "ghp_", made(36)));
    assert_eq!(rules_of("a.min.js", &text), ["github-token"]);
}
