//! `domain cert …`

use beffroi_domain::Message;
use serde_json::Value;

use super::must_exist;
use crate::Cause;
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, Weight, not_understood, operation, question,
};

/// YunoHost renews when no more days are left (`VALIDITY_LIMIT` of `src/certificate.py`).
const RENEWS_AT_DAYS: i64 = 15;
/// How many days its own certificates are valid when they are new: 3,650, the first of which has begun.
const NEW_SELF_SIGNED_DAYS: i64 = 3649;
const NEW_LETSENCRYPT_DAYS: i64 = 88;

/// None would be all for YunoHost, and nothing at all for self-signed ones: they are named.
const DOMAINS: Param = Param::place("domains", Kind::Domains);
const FORCE: Param = Param::option("force", Kind::Switch, "--force");
const NO_CHECKS: Param = Param::option("no-checks", Kind::Switch, "--no-checks");

pub(in super::super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["domain", "cert", "install"],
        params: &[DOMAINS, Param::option("self-signed", Kind::Switch, "--self-signed"), FORCE, NO_CHECKS],
        weight: Weight::Heavy,
        asks: |given| vec![status(given, true)],
        guard: guard_install,
        remembers,
        proof: |given| vec![status(given, false)],
        judge: judge_install,
        ..operation!("domain-cert-install")
    },
    Operation {
        command: &["domain", "cert", "renew"],
        params: &[DOMAINS, FORCE, NO_CHECKS],
        weight: Weight::Heavy,
        asks: |given| vec![status(given, true)],
        guard: guard_renew,
        remembers,
        proof: |given| vec![status(given, false)],
        judge: |given, before, answers| judge(given, before, answers, "letsencrypt", NEW_LETSENCRYPT_DAYS),
        ..operation!("domain-cert-renew")
    },
];

/// With `full`, also whether Let's Encrypt could reach the domain when it was last diagnosed.
fn status(given: &Given, full: bool) -> Question {
    let domains: Vec<&str> = given.list("domains").iter().map(String::as_str).collect();
    let full: &[&str] = if full { &["--full"] } else { &[] };
    question(&[&["domain", "cert", "status"], domains.as_slice(), full].concat())
}

/// What `domain cert status` says of one domain.
struct Certificate<'a>(&'a Value);

impl<'a> Certificate<'a> {
    fn of(status: &'a Value, domain: &str) -> Option<Self> {
        status.get("certificates")?.get(domain).filter(|certificate| certificate.is_object()).map(Self)
    }

    /// `selfsigned`, `letsencrypt` or `other`.
    fn issuer(&self) -> &'a str {
        self.0.get("CA_type").and_then(Value::as_str).unwrap_or_default()
    }

    /// Days that are left.
    fn days(&self) -> i64 {
        self.0.get("validity").and_then(Value::as_i64).unwrap_or_default()
    }

    fn is_good(&self) -> bool {
        self.0.get("style").and_then(Value::as_str) == Some("success")
    }

    /// Whether the diagnosis found that Let's Encrypt can reach the domain; YunoHost says `null` when there was none.
    fn is_eligible(&self) -> bool {
        self.0.get("ACME_eligible") == Some(&true.into())
    }
}

/// Looks at each certificate that is to be replaced.
fn guard(given: &Given, seen: &Seen<'_>, refuse: impl Fn(&Certificate<'_>) -> Option<Cause>) -> Result<(), Refusal> {
    let domains = given.list("domains");
    domains.iter().try_for_each(|domain| must_exist(seen.facts, domain))?;
    let status = seen.answer(0, "domain cert status")?;
    domains.iter().try_for_each(|domain| {
        let certificate = Certificate::of(&status, domain).ok_or_else(|| Refusal::because(Cause::AnswerNotUnderstood, domain))?;
        refuse(&certificate).map_or(Ok(()), |cause| Err(Refusal::because(cause, domain)))
    })
}

fn guard_install(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let (force, self_signed, checks) = (given.is_on("force"), given.is_on("self-signed"), !given.is_on("no-checks"));
    guard(given, seen, |certificate| match (self_signed, force) {
        (true, false) if certificate.is_good() => Some(Cause::CertificateValid),
        (false, false) if certificate.issuer() != "selfsigned" => Some(Cause::CertificateValid),
        // Says that it does not, with exit status 0.
        (false, _) if checks && !certificate.is_eligible() => Some(Cause::NotReadyForLetsEncrypt),
        _ => None,
    })
}

fn guard_renew(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let (force, checks) = (given.is_on("force"), !given.is_on("no-checks"));
    guard(given, seen, |certificate| match certificate.issuer() {
        "letsencrypt" if !force && certificate.days() > RENEWS_AT_DAYS => Some(Cause::CertificateValid),
        "letsencrypt" if checks && !certificate.is_eligible() => Some(Cause::NotReadyForLetsEncrypt),
        "letsencrypt" => None,
        _ => Some(Cause::NotLetsEncrypt),
    })
}

/// Who issued each, and for how many days.
fn remembers(given: &Given, seen: &Seen<'_>) -> Value {
    let Ok(status) = seen.answer(0, "domain cert status") else { return Value::Null };
    let of = |domain: &String| {
        let certificate = Certificate::of(&status, domain)?;
        Some((domain.clone(), serde_json::json!({"CA_type": certificate.issuer(), "validity": certificate.days()})))
    };
    serde_json::json!({"certificates": given.list("domains").iter().filter_map(of).collect::<serde_json::Map<_, _>>()})
}

fn judge_install(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    match given.is_on("self-signed") {
        true => judge(given, before, answers, "selfsigned", NEW_SELF_SIGNED_DAYS),
        false => judge(given, before, answers, "letsencrypt", NEW_LETSENCRYPT_DAYS),
    }
}

/// A new certificate is by that issuer, and is valid for longer than the one before. On the day of that one, this cannot be seen.
fn judge(given: &Given, before: &Value, answers: &Answers, issuer: &str, new_days: i64) -> Result<CheckResult, CheckError> {
    let status = answers.or_cause(0)?.map_err(|_| not_understood())?;
    let (mut not, mut not_shown) = (Vec::new(), false);
    for domain in given.list("domains") {
        let now = Certificate::of(&status, domain).ok_or_else(not_understood)?;
        let was = Certificate::of(before, domain).filter(|was| was.issuer() == issuer).map(|was| was.days());
        match was {
            _ if now.issuer() != issuer => not.push(told(domain, &now)),
            Some(was) if now.days() <= was && now.days() >= new_days => not_shown = true,
            Some(was) if now.days() <= was => not.push(told(domain, &now)),
            _ => {}
        }
    }
    let found = || Message::new("found.certificates-are").with("certificates", not.join("; "));
    Ok(match not.len() {
        0 if not_shown => CheckResult::NotKnown(Message::new("found.not-shown")),
        0 => CheckResult::Held,
        count if count == given.list("domains").len() => CheckResult::NotHeld(found()),
        _ => CheckResult::Half(found()),
    })
}

fn told(domain: &str, now: &Certificate<'_>) -> String {
    format!("{domain}: {}, {} d", beffroi_remote::clean(now.issuer()), now.days())
}

/// What is wrong with the certificate of a new domain, which any issuer may have made when none is wanted.
pub(super) fn has_wanted(status: &Value, domain: &str, issuer: &str) -> Option<Message> {
    let found = |now: String| Some(Message::new("found.certificates-are").with("certificates", now));
    match Certificate::of(status, domain) {
        None => found(format!("{domain}: ?")),
        Some(now) if !issuer.is_empty() && now.issuer() != issuer => found(told(domain, &now)),
        Some(_) => None,
    }
}
