//! Where secrets live, and how they get other values there.

use beffroi_app::{RotationFacts, RotationOrder};

use super::host::on;
use crate::wire::{
    PlaceCheck, PlaceState, RotatedKind, Rotation, RotationHost, RotationPlan, RotationStep, RotationWay, SecretAccount, SecretAsk,
    SecretPlace, SecretRotate, SecretUse, SecretWhere,
};
use crate::{Api, ApiError};

impl Api {
    /// `secret_where`
    pub async fn secret_where(&self, request: SecretAsk) -> Result<SecretWhere, ApiError> {
        let app = self.app();
        let found = if request.check { app.check_secret(&request.name).await? } else { app.secret_where(&request.name).await? };
        let places = found.places.into_iter().map(|place| SecretPlace {
            check: place.check.map(|found| check(found, &place.host)),
            host: place.host,
            stage: place.stage,
            user: place.user,
            used: used(place.used),
            next: place.next,
            taken_ms: place.taken_ms,
            refused_ms: place.refused_ms,
            earlier_ms: place.earlier_ms,
        });
        let account =
            |account: beffroi_app::SecretAccount| SecretAccount { person: account.person, host: account.host, login: account.login };
        Ok(SecretWhere {
            name: found.name,
            kind: found.kind,
            stage: found.stage,
            changed_ms: found.changed_ms,
            places: places.collect(),
            accounts: found.accounts.into_iter().map(account).collect(),
            rotation: found.rotation.map(rotation),
        })
    }

    /// `rotation_plan`
    pub async fn rotation_plan(&self, request: SecretRotate) -> Result<RotationPlan, ApiError> {
        let plan = self.app().plan_rotation(order(request)).await?;
        Ok(RotationPlan { rotation: rotation(plan.rotation), confirm: plan.confirm })
    }

    /// `secret_rotate`
    pub async fn secret_rotate(&self, request: SecretRotate) -> Result<Rotation, ApiError> {
        Ok(rotation(self.app().rotate_secret(order(request)).await?))
    }
}

fn order(request: SecretRotate) -> RotationOrder {
    let way = match request.way {
        RotationWay::Begin => beffroi_app::RotationWay::Begin { keep_old: request.keep_old },
        RotationWay::Resume => beffroi_app::RotationWay::Resume,
        RotationWay::Back => beffroi_app::RotationWay::Back,
    };
    RotationOrder { name: request.name, on: request.on, way, typed: request.typed }
}

fn check(check: beffroi_app::PlaceCheck, host: &str) -> PlaceCheck {
    let state = match check.state {
        beffroi_app::PlaceState::Opens => PlaceState::Opens,
        beffroi_app::PlaceState::Unasked => PlaceState::Unasked,
        beffroi_app::PlaceState::Refused => PlaceState::Refused,
        beffroi_app::PlaceState::Unknown => PlaceState::Unknown,
    };
    PlaceCheck { state, earlier_keys: check.earlier_keys, error: check.error.map(|error| on(error, host)) }
}

fn used(used: beffroi_app::SecretUse) -> SecretUse {
    match used {
        beffroi_app::SecretUse::Login => SecretUse::Login,
        beffroi_app::SecretUse::Second => SecretUse::Second,
        beffroi_app::SecretUse::OneTime => SecretUse::OneTime,
        beffroi_app::SecretUse::Sudo => SecretUse::Sudo,
    }
}

pub(crate) fn step(step: beffroi_app::RotationStep) -> RotationStep {
    use beffroi_app::RotationStep as Step;
    match step {
        Step::Waiting => RotationStep::Waiting,
        Step::Deploying => RotationStep::Deploying,
        Step::Deployed => RotationStep::Deployed,
        Step::Switched => RotationStep::Switched,
        Step::Revoking => RotationStep::Revoking,
        Step::Done => RotationStep::Done,
    }
}

fn rotation(facts: RotationFacts) -> Rotation {
    let host = |host: beffroi_app::RotationHost| RotationHost {
        error: host.failed.map(|error| on(error, &host.host)),
        host: host.host,
        stage: host.stage,
        accounts: host.accounts,
        step: step(host.step),
        unproven: host.unproven,
        steps: host.steps.iter().map(Into::into).collect(),
    };
    Rotation {
        name: facts.name,
        next: facts.next,
        kind: match facts.kind {
            beffroi_app::Rotated::Key => RotatedKind::Key,
            beffroi_app::Rotated::Password => RotatedKind::Password,
        },
        back: facts.back,
        keep_old: facts.keep_old,
        began_ms: facts.began_ms,
        over: facts.over,
        lost: facts.lost,
        hosts: facts.hosts.into_iter().map(host).collect(),
    }
}
