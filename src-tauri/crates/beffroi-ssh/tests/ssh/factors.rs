//! Several factors, against a server in this process: sshd checks passwords only with the system's accounts.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use beffroi_remote::{Phase, RemoteError};
use beffroi_secret::SecretText;
use beffroi_ssh::{ConnectLimits, Login, LoginMethod, OneTime, SshRemote, Taken, Target};
use russh::keys::{Algorithm, HashAlg, PrivateKey};
use russh::server::{Auth, Config, Handler, PublicKeyOffer, Response, VerifiedPublicKey};
use russh::{MethodKind, MethodSet};

use super::server::{pinned, private};

const PASSWORD: &str = "pass word é";
const OTHER_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A prompt, whether it echoes, and what is right: the password (`p`), the code (`c`), anything else is taken as it is.
type Ask = (&'static str, bool, char);

/// One thing that a host wants.
#[derive(Clone)]
enum Step {
    Key,
    Password,
    /// Rounds of prompts.
    Prompts(Vec<Vec<Ask>>),
}

impl Step {
    fn method(&self) -> MethodKind {
        match self {
            Self::Key => MethodKind::PublicKey,
            Self::Password => MethodKind::Password,
            Self::Prompts(_) => MethodKind::KeyboardInteractive,
        }
    }
}

/// What is served to one connection.
#[derive(Clone)]
struct Door {
    steps: Vec<Step>,
    secret: String,
    key: String,
    done: usize,
    round: usize,
    wrong: bool,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Door {
    fn note(&self, what: String) {
        self.seen.lock().expect("no panic").push(what);
    }

    fn step(&self, right: bool) -> Auth {
        let mut door = self.clone();
        door.done += usize::from(right);
        match door.steps.get(door.done) {
            None => Auth::Accept,
            Some(next) => Auth::Reject { proceed_with_methods: Some(MethodSet::from(&[next.method()][..])), partial_success: right },
        }
    }

    fn finish(&mut self, right: bool) -> Auth {
        let answer = self.step(right);
        self.done += usize::from(right);
        answer
    }

    fn wants(&self, method: MethodKind) -> bool {
        self.steps.get(self.done).is_some_and(|step| step.method() == method)
    }

    fn is_right(&self, (_, _, kind): Ask, answer: &str) -> bool {
        match kind {
            'p' => answer == PASSWORD,
            'c' => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
                let one_time = OneTime::read(&SecretText::new(self.secret.clone())).expect("a secret");
                // The tests compare it; it is a code of this test.
                [now, now - 30].iter().any(|time| one_time.code_at(*time).expose() == answer)
            }
            _ => true,
        }
    }
}

impl Handler for Door {
    type Error = russh::Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, russh::Error> {
        Ok(self.step(false))
    }

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, russh::Error> {
        self.note(format!("password {password}"));
        let right = self.wants(MethodKind::Password) && password == PASSWORD;
        Ok(self.finish(right))
    }

    async fn auth_publickey_offered(&mut self, _: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, russh::Error> {
        self.note("key".to_owned());
        let known = offer.public_key.fingerprint(HashAlg::Sha256).to_string() == self.key;
        Ok(if self.wants(MethodKind::PublicKey) && known { Auth::Accept } else { self.step(false) })
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        Ok(self.finish(true))
    }

    async fn auth_keyboard_interactive<'a>(&'a mut self, _: &str, _: &str, response: Option<Response<'a>>) -> Result<Auth, russh::Error> {
        let Some(Step::Prompts(rounds)) = self.steps.get(self.done).cloned() else { return Ok(self.step(false)) };
        match response {
            None => (self.round, self.wrong) = (0, false),
            Some(answers) => {
                let asked = rounds.get(self.round).cloned().unwrap_or_default();
                let answers: Vec<String> = answers.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
                self.note(format!("answers {}", answers.len()));
                self.wrong |= answers.len() != asked.len() || asked.iter().zip(&answers).any(|(ask, answer)| !self.is_right(*ask, answer));
                self.round += 1;
            }
        }
        match rounds.get(self.round) {
            Some(asked) => Ok(Auth::Partial {
                name: Cow::Borrowed("\u{1b}[2J"),
                instructions: Cow::Borrowed("type \u{202e} here"),
                prompts: asked.iter().map(|(text, echo, _)| (Cow::Borrowed(*text), *echo)).collect::<Vec<_>>().into(),
            }),
            None => {
                let right = !self.wrong;
                Ok(self.finish(right))
            }
        }
    }
}

struct Host {
    port: u16,
    key: PrivateKey,
    login_key: PrivateKey,
    seen: Arc<Mutex<Vec<String>>>,
    secret: String,
}

impl Host {
    async fn start(steps: Vec<Step>) -> Self {
        let key = || PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519).expect("a key");
        let (key, login_key) = (key(), key());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::default();
        // A secret of its own: a code is given once in a process.
        let secret: String =
            key.public_key().fingerprint(HashAlg::Sha256).to_string().to_uppercase().chars().filter(char::is_ascii_uppercase).collect();
        let door = Door {
            steps,
            secret: secret.clone(),
            key: login_key.public_key().fingerprint(HashAlg::Sha256).to_string(),
            done: 0,
            round: 0,
            wrong: false,
            seen: Arc::clone(&seen),
        };
        let config = Arc::new(Config { keys: vec![key.clone()], auth_rejection_time: Duration::ZERO, ..Config::default() });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (config, door) = (Arc::clone(&config), door.clone());
                tokio::spawn(async move {
                    if let Ok(session) = russh::server::run_stream(config, stream, door).await {
                        let _ = session.await;
                    }
                });
            }
        });
        Self { port, key, login_key, seen, secret }
    }

    /// A login with a key (`k`), the password (`p`), the codes (`c`); capitals are the wrong ones.
    fn login(&self, what: &str) -> Login {
        let mut login = Login::default();
        let text = |text: &str| SecretText::new(text.to_owned());
        for letter in what.chars() {
            match letter {
                'k' | 'K' => {
                    let key = if letter == 'k' { &self.login_key } else { &self.key };
                    login.key = private(text(&key.to_openssh(russh::keys::ssh_key::LineEnding::LF).expect("a key")), None).key;
                }
                'p' => login.password = Some(text(PASSWORD)),
                'P' => login.password = Some(text("wrong")),
                'c' => login.one_time = Some(OneTime::read(&text(&self.secret)).expect("a secret")),
                _ => login.one_time = Some(OneTime::read(&text(OTHER_SECRET)).expect("a secret")),
            }
        }
        login
    }

    async fn log_in(&self, what: &str) -> Result<SshRemote, RemoteError> {
        let fingerprint = self.key.public_key().fingerprint(HashAlg::Sha256).to_string().parse().expect("a fingerprint");
        let (address, user) = ("127.0.0.1".to_owned(), "admin".to_owned());
        let target = Target { address, port: self.port, user, trust: pinned(fingerprint), login: self.login(what), legacy: Vec::new() };
        SshRemote::connect(None, &target, ConnectLimits::default()).await
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().expect("no panic"))
    }
}

fn asking(rounds: &[&[Ask]]) -> Step {
    Step::Prompts(rounds.iter().map(|round| round.to_vec()).collect())
}

fn refused(result: Result<SshRemote, RemoteError>) -> Option<LoginMethod> {
    match result.expect_err("an error") {
        RemoteError::AuthenticationRefused { refused, .. } => Some(refused),
        _ => None,
    }
}

const PASSWORD_PROMPT: Ask = ("(admin@host) Password: ", false, 'p');
const CODE_PROMPT: Ask = ("Verification code: ", false, 'c');

#[tokio::test]
async fn factors_are_given_in_any_order() {
    let code = || asking(&[&[CODE_PROMPT]]);
    let both = || asking(&[&[PASSWORD_PROMPT], &[CODE_PROMPT]]);
    let cases = [
        ("password by prompt", "p", vec![asking(&[&[PASSWORD_PROMPT]])]),
        ("code by prompt", "c", vec![code()]),
        ("two rounds", "pc", vec![both()]),
        ("one round, the code first", "pc", vec![asking(&[&[CODE_PROMPT, PASSWORD_PROMPT]])]),
        ("rounds without prompts", "p", vec![asking(&[&[], &[PASSWORD_PROMPT], &[]])]),
        ("in French", "pc", vec![asking(&[&[("Mot de passe : ", false, 'p'), ("Code à usage unique : ", true, 'c')]])]),
        ("by place", "pc", vec![asking(&[&[("\u{1b}]0;x", false, 'p'), ("", false, 'c')]])]),
        ("key, code", "kc", vec![Step::Key, code()]),
        ("key, password", "kp", vec![Step::Key, Step::Password]),
        ("password, key", "kp", vec![Step::Password, Step::Key]),
        ("code, key", "kc", vec![code(), Step::Key]),
        ("password, code", "pc", vec![Step::Password, code()]),
        ("key, both", "kpc", vec![Step::Key, both()]),
        ("all three", "kpc", vec![Step::Password, Step::Key, code()]),
        ("more than is asked for", "kpc", vec![Step::Key]),
        ("nothing", "p", vec![]),
    ];
    for (name, what, steps) in cases {
        let host = Host::start(steps).await;
        let remote = host.log_in(what).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!remote.is_closed(), "{name}");
    }
}

#[tokio::test]
async fn what_let_one_in_is_what_the_host_asked_for_and_took() {
    let prompts = |rounds: &[&[Ask]]| vec![asking(rounds)];
    let nothing = Taken::default();
    let (key, password, one_time) =
        (Taken { key: true, ..nothing }, Taken { password: true, ..nothing }, Taken { one_time: true, ..nothing });
    let cases = [
        ("k", vec![Step::Key], key),
        ("kpc", vec![Step::Key], key),
        ("p", vec![Step::Password], password),
        ("p", prompts(&[&[PASSWORD_PROMPT]]), password),
        ("c", prompts(&[&[CODE_PROMPT]]), one_time),
        ("pc", prompts(&[&[CODE_PROMPT, PASSWORD_PROMPT]]), Taken { key: false, ..Taken { one_time: true, ..password } }),
        ("kp", vec![Step::Password, Step::Key], Taken { key: true, ..password }),
        // By `none`, and by prompts that ask for nothing: with any key, and with any password.
        ("kP", vec![], nothing),
        ("P", prompts(&[]), nothing),
        ("P", prompts(&[&[], &[]]), nothing),
        ("kP", vec![Step::Key, asking(&[&[]])], key),
    ];
    for (number, (what, steps, expected)) in cases.into_iter().enumerate() {
        let host = Host::start(steps).await;
        let remote = host.log_in(what).await.unwrap_or_else(|error| panic!("{number}: {what}: {error}"));
        assert_eq!(remote.taken(), expected, "{number}: {what}");
    }
}

#[tokio::test]
async fn what_was_refused_is_told_and_nothing_is_offered_after_it() {
    let code = || asking(&[&[CODE_PROMPT]]);
    let cases = [
        ("Kpc", vec![Step::Key, Step::Password, code()], LoginMethod::Key, vec!["key"]),
        ("kPc", vec![Step::Key, Step::Password, code()], LoginMethod::Password, vec!["key", "password wrong"]),
        ("kpC", vec![Step::Key, Step::Password, code()], LoginMethod::OneTime, vec!["key", "password pass word é", "answers 1"]),
        ("kP", vec![asking(&[&[PASSWORD_PROMPT]]), Step::Key], LoginMethod::Password, vec!["answers 1"]),
    ];
    for (what, steps, expected, seen) in cases {
        let host = Host::start(steps).await;
        assert_eq!(refused(host.log_in(what).await), Some(expected), "{what}");
        assert_eq!(host.seen(), seen, "{what}");
    }
    let host = Host::start(vec![asking(&[&[PASSWORD_PROMPT, CODE_PROMPT]])]).await;
    assert_eq!(refused(host.log_in("Pc").await), Some(LoginMethod::PasswordAndOneTime));
}

#[tokio::test]
async fn a_missing_factor_is_told_with_what_was_accepted() {
    let code = || asking(&[&[CODE_PROMPT]]);
    let cases = [
        ("k", vec![Step::Key, code()], Some(LoginMethod::Key), "keyboard-interactive"),
        ("kp", vec![Step::Key, code()], Some(LoginMethod::Key), "keyboard-interactive"),
        ("p", vec![Step::Password, Step::Key], Some(LoginMethod::Password), "publickey"),
        ("k", vec![Step::Password], None, "password"),
        ("p", vec![Step::Key], None, "publickey"),
    ];
    for (what, steps, expected, open) in cases {
        let host = Host::start(steps).await;
        match host.log_in(what).await.expect_err("an error") {
            RemoteError::FactorMissing { user, accepted, methods, .. } => {
                assert_eq!((user.as_str(), accepted, methods.as_str()), ("admin", expected, open), "{what}");
            }
            other => panic!("{what}: {other}"),
        }
        // The password is never put where it was not asked for.
        assert!(!host.seen().contains(&"answers 1".to_owned()), "{what}");
    }
}

#[tokio::test]
async fn a_host_that_asks_again_gets_nothing_twice() {
    let host = Host::start(vec![asking(&[&[PASSWORD_PROMPT], &[PASSWORD_PROMPT]])]).await;
    assert_eq!(refused(host.log_in("p").await), Some(LoginMethod::Password));
    assert_eq!(host.seen(), ["answers 1"]);
    let host = Host::start(vec![Step::Password, asking(&[&[PASSWORD_PROMPT]])]).await;
    let error = host.log_in("p").await.expect_err("an error");
    assert!(matches!(error, RemoteError::FactorMissing { accepted: Some(LoginMethod::Password), .. }), "{error}");
    assert_eq!(host.seen(), ["password pass word é"]);
}

#[tokio::test]
async fn hostile_prompts_are_bounded() {
    let endless = Host::start(vec![Step::Prompts(vec![Vec::new(); 10_000])]).await;
    let error = endless.log_in("p").await.expect_err("an error");
    assert!(matches!(&error, RemoteError::Unreachable { phase: Phase::Login, .. }), "{error}");
    assert_eq!(endless.seen().len(), 8);
    let many: Vec<Ask> = vec![("Password:", false, 'p'); 1000];
    let host = Host::start(vec![Step::Prompts(vec![many])]).await;
    let error = host.log_in("p").await.expect_err("an error");
    assert!(matches!(error, RemoteError::FactorMissing { .. }), "{error}");
    assert!(host.seen().is_empty());
}

#[tokio::test]
async fn the_same_code_is_not_sent_twice() {
    // Codes of five seconds: the second login waits for the next one.
    let host = Host::start(vec![asking(&[&[("Verification code:", false, 'x')]])]).await;
    let uri = format!("otpauth://totp/x?secret={}&period=5", host.secret);
    let login = || Login { one_time: Some(OneTime::read(&SecretText::new(uri.clone())).expect("a secret")), ..Login::default() };
    let step = || SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs() / 5;
    let fingerprint = host.key.public_key().fingerprint(HashAlg::Sha256).to_string().parse().expect("a fingerprint");
    let mut target = Target {
        address: "127.0.0.1".to_owned(),
        port: host.port,
        user: "admin".to_owned(),
        trust: pinned(fingerprint),
        login: login(),
        legacy: Vec::new(),
    };
    let before = step();
    SshRemote::connect(None, &target, ConnectLimits::default()).await.expect("a connection");
    target.login = login();
    // The wait is no part of the time that a login may take.
    let short = ConnectLimits { login: Duration::from_secs(4), ..ConnectLimits::default() };
    SshRemote::connect(None, &target, short).await.expect("a connection");
    assert!(step() > before, "the second code is of a later time");
}
