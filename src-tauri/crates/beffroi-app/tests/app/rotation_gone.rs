//! A rotation whose new value somebody else removed, what is not rotated at all, and what asking hosts finds.

use std::fs;
use std::process::Command;

use beffroi_app::{AppError, PlaceState, RotationError, RotationOrder, RotationStep, RotationWay};

use crate::kit::{Colleague, Ground, Host, text};
use crate::rotation::{BEGIN, Five, KEY, NEXT, order};

fn refusal<T: std::fmt::Debug>(result: Result<T, AppError>) -> RotationError {
    match result {
        Err(AppError::Rotation(error)) => error,
        other => unreachable!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_whose_new_value_is_gone_is_given_up_and_says_what_that_leaves() {
    let five = Five::up().await;
    let first = RotationOrder { on: Some("host-0,host-1".to_owned()), ..order(BEGIN) };
    assert!(!five.app.rotate_secret(first).await.expect("as far as it goes").over);
    five.app.lock_vault().await.expect("locked");
    {
        let colleague = Colleague::at(&five.ground);
        let (row, _) = colleague.secret(NEXT);
        colleague.edit_covertly(|writer| writer.delete_secret(row.id));
    }
    five.app.unlock_vault(&five.ground.path(), five.ground.authority()).await.expect("it opens");

    let refused = refusal(five.app.rotate_secret(order(RotationWay::Resume)).await);
    assert!(matches!(refused, RotationError::Gone { .. }), "{refused:?}");
    let found = five.app.secret_where(KEY).await.expect("it is there").rotation.expect("a rotation");
    assert!(found.lost && !found.over, "{found:?}");
    let planned = five.app.plan_rotation(order(RotationWay::Back)).await.expect("a plan").rotation;
    let told = planned.hosts.iter().map(|host| (host.step, host.failed.is_some())).collect::<Vec<_>>();
    assert_eq!(told[..3], [(RotationStep::Switched, true), (RotationStep::Switched, true), (RotationStep::Waiting, false)], "{planned:?}");
    let ended = five.app.rotate_secret(order(RotationWay::Back)).await.expect("it is given up");
    assert!(ended.over && ended.lost && ended.hosts.iter().filter(|host| host.failed.is_some()).count() == 2, "{ended:?}");

    // Every host is given the old key, which opens them all; a new rotation may begin.
    five.nobody_is_locked_out("given up").await;
    let found = five.app.check_secret(KEY).await.expect("it is there");
    assert!(found.rotation.is_none() && found.places.len() == 5, "{found:?}");
    assert!(found.places.iter().all(|place| place.check.as_ref().is_some_and(|check| check.state == PlaceState::Opens)), "{found:?}");
    assert!(five.app.rotate_secret(order(BEGIN)).await.expect("it ends").over);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_the_hosts_finds_who_has_another_key_and_who_still_has_an_earlier_one() {
    let five = Five::up().await;
    let before = five.lines();
    assert!(five.app.rotate_secret(order(BEGIN)).await.expect("it ends").over);
    let rotated = five.lines();
    let file = |number: usize| five.hosts[number].home().join(".ssh/authorized_keys");
    // One was put back from a backup with both, one has lost ours.
    fs::write(file(1), format!("{}\n{}\n", before[1].join("\n"), rotated[1].join("\n"))).expect("a file");
    fs::write(file(3), "# nobody\n").expect("a file");
    let lines = five.lines();
    let found = five.app.check_secret(KEY).await.expect("it is there");
    assert_eq!(five.lines(), lines, "nothing is changed");
    let told: Vec<_> = found.places.iter().map(|place| place.check.as_ref().map(|check| (check.state, check.earlier_keys))).collect();
    let fine = Some((PlaceState::Opens, Some(0)));
    assert_eq!(told, [fine, Some((PlaceState::Opens, Some(1))), fine, Some((PlaceState::Refused, None)), fine], "{found:?}");
    assert!(found.places[3].refused_ms.is_some(), "{found:?}");
    // What one host refuses is offered to none that did not take it before, and those did.
    let again = five.app.check_secret(KEY).await.expect("it is there");
    assert_eq!(again.places[0].check.as_ref().map(|check| check.state), Some(PlaceState::Opens), "{again:?}");
    assert_eq!(again.places[3].check.as_ref().map(|check| check.state), Some(PlaceState::Unknown), "not offered again: {again:?}");
}

#[tokio::test]
async fn what_cannot_be_rotated_is_refused_before_anything_is_made() {
    let ground = Ground::new();
    let host = Host::taking("# nobody\n");
    let path = ground.root().join("sealed");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "a passphrase", "-C", "", "-f"]).arg(&path).status();
    assert!(made.expect("ssh-keygen").success());
    let app = ground.open().await;
    let before = app.secrets().await.expect("secrets").len();
    let key = fs::read_to_string(&path).expect("a key");
    let certificate = "ssh-ed25519-cert-v01@openssh.com AAAA somebody\n";
    for (name, value) in
        [("token", "a token"), ("sealed", key.as_str()), ("certified", &format!("{key}{certificate}")), ("long", "two\nlines")]
    {
        app.set_secret(name, text(value), None).await.expect("a new secret");
        if name != "token" {
            app.add_host(&format!("host-{name}"), host.as_new("dev", name)).await.expect("a new host");
        }
    }
    let orders = |name: &str| RotationOrder { name: name.to_owned(), on: None, way: BEGIN, typed: None };
    let planned = async |name: &str| refusal(app.plan_rotation(orders(name)).await);
    assert!(matches!(planned("token").await, RotationError::Nowhere { .. }));
    assert!(matches!(planned("sealed").await, RotationError::Unreadable { .. }));
    assert!(matches!(planned("certified").await, RotationError::Certified { .. }));
    assert!(matches!(app.plan_rotation(orders("long")).await, Err(AppError::Remote(_))));
    let refused = refusal(app.rotate_secret(orders("sealed")).await);
    assert!(matches!(refused, RotationError::Unreadable { .. }), "{refused:?}");
    assert_eq!(app.secrets().await.expect("secrets").len(), before + 4, "nothing was made");
}
