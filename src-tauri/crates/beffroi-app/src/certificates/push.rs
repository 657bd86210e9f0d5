//! A certificate on its way to a YunoHost, and the proof that it is shown there.

use std::sync::Arc;
use std::time::Duration;

use beffroi_ca::{Served, certificate_pem, covers, served};
use beffroi_domain::{CommandPart, MaskedCommand, Message, Step, StepKind, Undo};
use beffroi_remote::{CommandLine, RemoteError, quote};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_ssh::{SshRemote, exec_stream};
use beffroi_yunohost::{Cause, CheckResult, certificate_of};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};

use super::document::{Bytes, Pushed, now_s};
use crate::action::{Action, Prepared};
use crate::jobs::{JobAction, Settlement, not_checked};
use crate::plans::{MadePlan, Order};
use crate::surveys::Read;
use crate::{App, AppError, CertificateError, hex, now_ms};

/// Runs on the host: see the text itself.
const CERTIFICATE_PY: &str = include_str!("../../../../../assets/remote/certificate.py");
/// Connects its standard input and output with the host's web server, where SSH does not forward.
const RELAY: &str = "exec 3<>/dev/tcp/127.0.0.1/443 && { cat <&3 & exec cat >&3; }";
/// Where a YunoHost's web server answers.
const HTTPS: u16 = 443;
/// A web server that reloads shows the old certificate for a moment.
const TRIES: usize = 12;
const PAUSE: Duration = Duration::from_millis(400);
/// From here on, a clock that is wrong is worth a warning, in seconds.
const WRONG_CLOCK: i64 = 300;

/// What is found when nobody could see what the web server shows.
pub(crate) const NOT_SEEN: &str = "found.certificate-not-seen";

/// A certificate on its way to a domain of a host; or the one of before on its way back.
#[derive(Debug)]
pub struct Push {
    record: PushRecord,
    /// The names that the certificate is for.
    names: Vec<String>,
    /// When it is valid, in seconds since 1970.
    valid: (i64, i64),
    key: SecretText,
    /// The certificate, and that of its authority, as PEM.
    chain: String,
    root: String,
}

/// What is kept of a push, to check later whether the host shows what it should.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PushRecord {
    /// The domain.
    domain: String,
    /// SHA-256 of the certificate, in hexadecimal.
    fingerprint: String,
    /// The certificate of the authority (DER).
    root: Bytes,
    /// Whether the one of before is put back.
    back: bool,
}

impl App {
    /// Makes the plan that brings certificates to their hosts, or puts back what was there before. `domains`: which of a host's
    /// domains get it; none for the names of the certificate. `on`: the host of a certificate that has none.
    ///
    /// # Errors
    /// [`CertificateError::NotFound`]; [`AppError::InvalidRequest`] when it is not known which host is meant, or the
    /// certificate was revoked; those of the host's stage. What a host's own state speaks against is in the answer.
    pub async fn plan_push(&self, certificates: &[String], domains: &[String], on: Option<&str>, back: bool) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        let (certificates, domains, on) = (certificates.to_vec(), domains.to_vec(), on.map(str::to_owned));
        let orders = session.blocking(move |session| {
            let mut orders = Vec::new();
            for name in &certificates {
                let stored = session.certificate(name)?;
                if stored.value.revoked && !back {
                    return Err(AppError::InvalidRequest { what: "the certificate was revoked: issue another one" });
                }
                let facts = stored.value.facts()?;
                let named = on.as_deref().map(|name| session.target_named(name)).transpose()?;
                let own = stored.value.host.as_ref().map(|id| id.parse()).transpose().map_err(|_| AppError::damaged("a certificate"))?;
                let target = match (named, own) {
                    (Some(target), _) => target,
                    (None, Some(id)) => {
                        let row = session.catalog.read(|reader| reader.target(id))?;
                        session.read_target(&row.ok_or_else(|| AppError::HostNotFound { name: id.to_string() })?)?
                    }
                    (None, None) => return Err(AppError::InvalidRequest { what: "the certificate is for no host: name one" }),
                };
                let secret = stored.value.key.parse().map_err(|_| AppError::damaged("a certificate"))?;
                let (key, _) = session.secret_of(secret, &target.record.stage, target.record.name.as_str())?;
                let key = key.into_text().map_err(|_| AppError::damaged("a private key"))?;
                let whole = facts.names.iter().filter(|name| !name.starts_with('*')).cloned().collect();
                let meant: Vec<String> = if domains.is_empty() { whole } else { domains.clone() };
                if meant.is_empty() {
                    return Err(AppError::InvalidRequest { what: "a certificate for any name below a domain: say which domain gets it" });
                }
                for domain in meant {
                    let fingerprint = hex(&facts.fingerprint);
                    let shown = if back { String::new() } else { fingerprint.clone() };
                    let host = target.record.host.to_string();
                    let kept = Pushed { host, domain: domain.clone(), fingerprint: shown, at_ms: now_ms() };
                    let push = Push {
                        record: PushRecord { domain, fingerprint, root: stored.value.root.clone(), back },
                        names: facts.names.clone(),
                        valid: (facts.not_before_s, facts.not_after_s),
                        key: key.duplicate(),
                        chain: certificate_pem(&stored.value.certificate.0),
                        root: certificate_pem(&stored.value.root.0),
                    };
                    let settlement = Settlement::Certificate { document: stored.id.to_string(), pushed: kept };
                    orders.push(Order::new(target.record.clone(), Arc::new(Action::Certificate(Box::new(push)))).settling(settlement));
                }
            }
            Ok(orders)
        });
        let orders = orders.await?;
        let title = match orders.as_slice() {
            [] => return Err(AppError::InvalidRequest { what: "no certificate is named" }),
            [order] => order.action.title(),
            _ => Message::new(if back { "title.certificates-back" } else { "title.certificates-push" }).with("count", orders.len()),
        };
        self.plan_orders(&session, title, orders).await
    }
}

impl Push {
    pub(crate) fn title(&self) -> Message {
        Message::new(if self.record.back { "title.certificate-back" } else { "title.certificate-push" }).with("domain", &self.record.domain)
    }

    /// The push on one host, guarded by what was read of it.
    pub(crate) fn prepare(&self, read: Option<&Read>) -> Result<Prepared, AppError> {
        let read = read.ok_or(AppError::YunohostAbsent)?;
        let facts = read.survey.yunohost.as_ref().ok_or(AppError::YunohostAbsent)?;
        let domain = &self.record.domain;
        let refused = |cause| AppError::Yunohost { cause, about: domain.clone(), said: String::new() };
        let domains = facts.domains.value().ok_or_else(|| refused(Cause::AnswerNotUnderstood))?;
        if !domains.names.contains(domain) {
            return Err(refused(Cause::DomainUnknown));
        }
        if !covers(&self.names, domain) {
            return Err(AppError::Certificate(CertificateError::NotFor { domain: domain.clone(), names: self.names.clone() }));
        }
        let skew = read.survey.clock_skew_s().unwrap_or_default();
        let (from, until) = self.valid;
        if !self.record.back && (!(from..=until).contains(&now_s()) || !(from..=until).contains(&(now_s() + skew))) {
            return Err(AppError::Certificate(CertificateError::OutOfTime { domain: domain.clone(), skew_s: skew }));
        }
        let command = CommandLine::new(["env", "LC_ALL=C", "python3", "-I", "-c", CERTIFICATE_PY]);
        let action = JobAction::Certificate { record: self.record.clone() };
        let input = (self.request()?, if self.record.back { Vec::new() } else { vec![self.key.to_bytes()] });
        let mut prepared = Prepared::new(&self.title(), action, &command, Some(input.0), input.1, self.steps());
        if skew.abs() > WRONG_CLOCK {
            prepared.warnings.push(Message::new("warning.clock-skew").with("seconds", skew));
        }
        Ok(prepared)
    }

    fn steps(&self) -> Vec<Step> {
        let (record, domain) = (&self.record, quote(&self.record.domain));
        let words = if record.back { "back" } else { "push" };
        let text = |text: String| CommandPart::Text(text);
        let mut command = vec![text("python3 -I -c certificate.py".to_owned()), text(words.to_owned()), text(domain.clone())];
        if !record.back {
            command.push(CommandPart::Secret("key.pem".to_owned()));
        }
        let told = |key| Message::new(key).with("domain", &record.domain);
        let undo = if record.back { Undo::Not(told("undo.certificate-back")) } else { Undo::By(told("undo.certificate-push")) };
        let check = told(if record.back { "check.certificate-back" } else { "check.certificate-push" });
        let reading = format!("yunohost domain cert status {domain}; openssl s_client -connect 127.0.0.1:{HTTPS} -servername {domain}");
        vec![
            Step {
                number: 1,
                kind: StepKind::Change,
                what: self.title(),
                command: MaskedCommand(command),
                check: Message::new("check.exit-and-errors"),
                undo,
            },
            Step {
                number: 2,
                kind: StepKind::Read,
                what: Message::new("step.read-back"),
                command: MaskedCommand(vec![text(reading)]),
                check,
                undo: Undo::NothingToUndo,
            },
        ]
    }

    /// The line that the host's program reads. PEM and domains need nothing escaped in JSON but their line ends.
    fn request(&self) -> Result<SecretBytes, AppError> {
        let domain = &self.record.domain;
        if self.record.back {
            return Ok(SecretBytes::new(format!("{{\"back\":{{\"domain\":\"{domain}\"}}}}\n").into_bytes()));
        }
        // Goes to the host's standard input, into a buffer that never grows.
        let (key, chain, root) = (self.key.expose(), &self.chain, &self.root);
        let room = 2 * (key.len() + chain.len() + root.len()) + domain.len() + 128;
        let mut line = Vec::with_capacity(room);
        line.extend_from_slice(b"{\"push\":{\"domain\":\"");
        line.extend_from_slice(domain.as_bytes());
        for (name, text) in [("key", key), ("chain", chain), ("root", root)] {
            line.extend_from_slice(b"\",\"");
            line.extend_from_slice(name.as_bytes());
            line.extend_from_slice(b"\":\"");
            for byte in text.bytes() {
                match byte {
                    b'\n' => line.extend_from_slice(b"\\n"),
                    b'"' | b'\\' | 0..0x20 => return Err(AppError::damaged("a private key")),
                    _ => line.push(byte),
                }
            }
        }
        line.extend_from_slice(b"\"}}\n");
        Ok(SecretBytes::new(line))
    }
}

impl PushRecord {
    /// The domain.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// What the host says of its certificate, and which one it really shows: a handshake with its web server, through the
    /// connection to it.
    pub(crate) async fn check(&self, remote: &SshRemote) -> Result<CheckResult, AppError> {
        let status = certificate_of(remote, &self.domain).await.map_err(|error| not_checked(error, self.domain.clone()))?;
        let mut seen = self.look(remote).await?;
        for _ in 1..TRIES {
            if seen.as_ref().is_ok_and(|seen| self.is_right(seen)) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            seen = self.look(remote).await?;
        }
        Ok(self.found(seen, &status.style, status.summary))
    }

    /// What is to be believed of what was seen, and of what YunoHost says of it.
    fn found(&self, seen: Result<Served, String>, style: &str, summary: String) -> CheckResult {
        let told = |key| Message::new(key).with("domain", &self.domain);
        match seen {
            // Not done as asked as long as nobody saw it: nothing is noted of it.
            Err(why) => CheckResult::Half(told(NOT_SEEN).with("why", why)),
            Ok(seen) if !self.is_right(&seen) => {
                CheckResult::NotHeld(told(if self.back { "found.certificate-still" } else { "found.certificate-other" }))
            }
            // Another one is shown; whether it is the one of before, the host's program alone knows.
            Ok(_) if self.back => CheckResult::NotKnown(Message::new("found.not-shown")),
            Ok(seen) if !seen.accepted => CheckResult::Half(told("found.certificate-refused").with("why", seen.why_not)),
            Ok(_) if style != "success" => CheckResult::Half(told("found.certificate-status").with("status", summary)),
            Ok(_) => CheckResult::Held,
        }
    }

    /// Whether the pushed one is shown, or, on the way back, another one.
    fn is_right(&self, seen: &Served) -> bool {
        (hex(&seen.fingerprint) == self.fingerprint) != self.back
    }

    /// What the web server shows, or why it is not seen, in the words of the library.
    async fn look(&self, remote: &SshRemote) -> Result<Result<Served, String>, AppError> {
        match remote.stream_to("127.0.0.1", HTTPS).await {
            Ok(stream) => Ok(self.shake(stream).await),
            // The host forwards nothing; or nobody listens, and that is said in what follows.
            Err(RemoteError::Refused { .. }) => {
                let command = CommandLine::new(["bash", "-c", RELAY]);
                Ok(self.shake(exec_stream(remote, &command).await?).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn shake(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> Result<Served, String> {
        let seen = served(stream, &self.domain, &self.root.0, now_s()).await;
        seen.map_err(|error| beffroi_remote::clean(&error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(key: &str, back: bool) -> Push {
        Push {
            record: PushRecord { domain: "maison.test".to_owned(), fingerprint: String::new(), root: Bytes::default(), back },
            names: vec!["maison.test".to_owned()],
            valid: (0, 1),
            key: SecretText::new(key.to_owned()),
            chain: "-----BEGIN X-----\nabc\n-----END X-----\n".to_owned(),
            root: "root\n".to_owned(),
        }
    }

    #[test]
    fn the_key_is_on_standard_input_only_and_its_buffer_never_grew() {
        let order = push("-----BEGIN PRIVATE KEY-----\ncanary+/=\n-----END PRIVATE KEY-----\n", false);
        let request = order.request().expect("it fits");
        // Looked at by the test.
        let read: serde_json::Value = serde_json::from_slice(request.expose()).expect("JSON");
        assert_eq!(read["push"]["domain"], "maison.test");
        assert_eq!(read["push"]["key"], "-----BEGIN PRIVATE KEY-----\ncanary+/=\n-----END PRIVATE KEY-----\n");
        assert_eq!(read["push"]["chain"], order.chain.as_str());
        let shown: String = order.steps().iter().map(|step| step.command.to_line()).collect();
        assert!(!shown.contains("canary") && !format!("{order:?}").contains("canary") && !CERTIFICATE_PY.contains("canary"));
        assert!(shown.starts_with("python3 -I -c certificate.py push maison.test"), "{shown}");
    }

    #[test]
    fn what_nobody_saw_is_not_taken_for_done_on_either_way() {
        for back in [false, true] {
            let found = push("", back).record.found(Err("no handshake".to_owned()), "success", String::new());
            let CheckResult::Half(why) = &found else { unreachable!("{found:?}") };
            assert_eq!(why.key, NOT_SEEN);
        }
    }

    #[test]
    fn what_is_no_pem_is_not_sent_and_the_way_back_takes_no_key() {
        for hostile in ["a\"b", "a\\b", "a\u{0}b", "a\rb"] {
            assert!(push(hostile, false).request().is_err());
        }
        let back = push("canary", true);
        // Looked at by the test.
        let read: serde_json::Value = serde_json::from_slice(back.request().expect("it fits").expose()).expect("JSON");
        assert_eq!(read, serde_json::json!({"back": {"domain": "maison.test"}}));
    }
}
