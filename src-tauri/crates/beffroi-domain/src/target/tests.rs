//! Records there and back, of every version.

use super::*;

fn fingerprint(letter: &str) -> Fingerprint {
    format!("SHA256:{}", letter.repeat(43)).parse().expect("a fingerprint")
}

fn by_ada(how: PinSource) -> Provenance {
    Provenance { at_ms: 7, by: "Ada".to_owned(), how }
}

fn access() -> Access {
    Access::new("192.0.2.7", 2222, "root")
}

/// A record in which every field has something.
fn record() -> TargetRecord {
    let outside = Access {
        address: "morel.example".to_owned(),
        user: "admin".to_owned(),
        jump: Some(HostId::make()),
        login: Some(Login::Agent(Some(fingerprint("g")))),
        ..access()
    };
    TargetRecord {
        others: vec![outside],
        pins: vec![Pin {
            fingerprint: fingerprint("a"),
            algorithm: "ssh-ed25519".to_owned(),
            key: vec![1, 2],
            provenance: by_ada(PinSource::Shown),
        }],
        authorities: vec![Authority {
            fingerprint: fingerprint("c"),
            algorithm: "ssh-rsa".to_owned(),
            key: vec![3],
            patterns: vec!["*.morel".to_owned(), "!old.morel".to_owned()],
            provenance: by_ada(PinSource::KnownHosts),
        }],
        revoked: vec![fingerprint("r")],
        login: Some(Login::Secret(SecretId::make())),
        password: Some(SecretId::make()),
        one_time: Some(SecretId::make()),
        sudo: Sudo::Password(SecretId::make()),
        legacy: Some(Legacy { algorithms: vec!["ssh-rsa".to_owned()], why: "an old NAS".to_owned(), since_ms: 1, until_ms: 2 }),
        tags: vec!["web".parse().expect("a tag")],
        ..TargetRecord::new(HostId::make(), "ynh-1.morel".parse().expect("a name"), StageName::dev(), access())
    }
}

#[test]
fn a_record_survives_its_encoding_and_a_cut_one_is_refused() {
    let encoded = record().to_canonical();
    let read = TargetRecord::from_canonical(&encoded).expect("it was just written");
    assert_eq!(read.to_canonical(), encoded);
    for length in 0..encoded.len() {
        assert_eq!(TargetRecord::from_canonical(&encoded[..length]), Err(NotCanonical), "cut at {length}");
    }
}

#[test]
fn every_field_is_in_the_encoding() {
    let base = record();
    let changes: [fn(&mut TargetRecord); 18] = [
        |r| r.name = "other".parse().expect("a name"),
        |r| r.stage = "prod".parse().expect("a stage"),
        |r| r.others[0].address.push('1'),
        |r| r.access.port += 1,
        |r| r.access.user.push('x'),
        |r| r.others[0].jump = None,
        |r| r.others[0].login = Some(Login::Agent(None)),
        |r| r.others.clear(),
        |r| r.pins.clear(),
        |r| r.pins[0].provenance.by.push('x'),
        |r| r.authorities.clear(),
        |r| r.authorities[0].patterns.truncate(1),
        |r| r.revoked.clear(),
        |r| r.login = None,
        |r| r.password = None,
        |r| r.one_time = None,
        |r| r.sudo = Sudo::WithoutPassword,
        |r| r.legacy = None,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = base.clone();
        change(&mut other);
        assert_ne!(other.to_canonical(), base.to_canonical(), "change {number}");
        assert_eq!(TargetRecord::from_canonical(&other.to_canonical()), Ok(other), "change {number}");
    }
}

#[test]
fn which_guest_it_is_is_in_the_encoding() {
    let host = HostId::make();
    let of = |driver, project: &str, name: &str| {
        let guest = GuestWay { driver, project: project.to_owned(), name: name.to_owned() };
        TargetRecord { access: Access { address: String::new(), ..Access::into_guest(host, guest, "root") }, ..record() }
    };
    let base = record();
    let records = [
        of(GuestDriver::Incus, "shop", "web"),
        of(GuestDriver::Lxd, "shop", "web"),
        of(GuestDriver::Incus, "", "web"),
        of(GuestDriver::Incus, "shop", "db"),
        TargetRecord { access: Access { jump: Some(host), ..Access::new("", 0, "root") }, ..base },
    ];
    let encoded: Vec<Vec<u8>> = records.iter().map(|record| TargetRecord { host, ..record.clone() }.to_canonical()).collect();
    for (number, (record, bytes)) in records.iter().zip(&encoded).enumerate() {
        assert!(!encoded[..number].contains(bytes), "{number}");
        assert_eq!(TargetRecord::from_canonical(bytes), Ok(TargetRecord { host, ..record.clone() }), "{number}");
    }
}

/// The encoding of a record without guests before version 4: the same without what says so of each way.
fn without_guests(record: &TargetRecord, tag: &str) -> Vec<u8> {
    let old_way = |encoding: Canonical, access: &Access| {
        let encoding = encoding.text(&access.address).number(u64::from(access.port)).text(&access.user);
        login(optional_id(encoding, access.jump.as_ref().map(HostId::as_bytes)), access.login.as_ref())
    };
    let of = |tag: &str, way: fn(Canonical, &Access) -> Canonical| {
        let start = Canonical::new(tag).bytes(record.host.as_bytes()).text(record.name.as_str()).text(record.stage.as_str());
        record.others.iter().fold(way(start, &record.access).number(record.others.len() as u64), way).finish()
    };
    let rest = record.to_canonical()[of(TargetRecord::TAG, super::access).len()..].to_vec();
    [of(tag, old_way), rest].concat()
}

#[test]
fn a_record_of_version_3_is_read() {
    let record = record();
    assert_eq!(TargetRecord::from_canonical(&without_guests(&record, "beffroi/target/3")), Ok(record));
}

#[test]
fn a_record_of_version_2_is_read() {
    let authority = Authority { patterns: Vec::new(), ..record().authorities.remove(0) };
    let record = TargetRecord { authorities: vec![authority], ..record() };
    let new = without_guests(&record, "beffroi/target/2");
    // The same but for the number of patterns, which it had not after the key.
    let of_3 = [&[0, 0, 0, 1, 3, 0, 0, 0, 8][..], &[0; 8]].concat();
    let at = new.windows(of_3.len()).position(|bytes| bytes == of_3).expect("the key") + 5;
    let old = [&new[..at], &new[at + 12..]].concat();
    assert_eq!(TargetRecord::from_canonical(&old), Ok(record));
}

#[test]
fn what_would_not_be_read_back_does_not_fit() {
    let mut record = record();
    assert!(record.fits());
    record.pins = vec![record.pins[0].clone(); 65];
    assert!(!record.fits() && TargetRecord::from_canonical(&record.to_canonical()).is_err());
    record.pins.truncate(64);
    assert!(record.fits());
    record.authorities[0].patterns = vec!["*".to_owned(); 257];
    assert!(!record.fits() && TargetRecord::from_canonical(&record.to_canonical()).is_err());
}

#[test]
fn a_record_of_version_1_is_read() {
    let (host, secret) = (HostId::make(), SecretId::make());
    let old = Canonical::new("beffroi/target/1")
        .bytes(host.as_bytes())
        .text("web")
        .text("dev")
        .text("192.0.2.7")
        .number(22)
        .text("root")
        .texts([fingerprint("a").as_str()].into_iter())
        .bytes(secret.as_bytes())
        .texts(["fr"].into_iter())
        .finish();
    let read = TargetRecord::from_canonical(&old).expect("it is whole");
    assert!(read.trusts(&fingerprint("a")) && read.pins[0].provenance.how == PinSource::Unknown);
    assert_eq!((read.access.address.as_str(), read.login.clone()), ("192.0.2.7", Some(Login::Secret(secret))));
    assert_eq!(read.tags.iter().map(Tag::as_str).collect::<Vec<_>>(), ["fr"]);
}

#[test]
fn every_secret_that_a_host_is_given_is_named() {
    let record = record();
    assert_eq!(record.secrets().count(), 4);
}
