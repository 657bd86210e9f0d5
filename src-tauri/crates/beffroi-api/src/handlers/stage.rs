//! Stages.

use beffroi_app::StageFacts;
use beffroi_domain::{Freeze, StagePolicy as Policy};
use beffroi_secret::SecretText;

use crate::wire::{
    Nothing, StageFreeze, StageInfo, StageList, StageName, StagePasswd, StagePolicy, StagePolicySet, StageProtect, StageProtected,
    StageRekey, StageUnseal,
};
use crate::{Api, ApiError};

impl Api {
    /// `stage_list`
    pub async fn stage_list(&self, _: Nothing) -> Result<StageList, ApiError> {
        Ok(StageList { stages: self.app().stages().await?.into_iter().map(info).collect() })
    }

    /// `stage_add`
    pub async fn stage_add(&self, request: StageName) -> Result<StageInfo, ApiError> {
        Ok(info(self.app().add_stage(&request.stage).await?))
    }

    /// `stage_protect`
    pub async fn stage_protect(&self, request: StageProtect) -> Result<StageProtected, ApiError> {
        let secret = request.secret.map(crate::wire::SecretInput::into_secret);
        Ok(protected(self.app().protect_stage(&request.stage, secret).await?))
    }

    /// `stage_unseal`
    pub async fn stage_unseal(&self, request: StageUnseal) -> Result<StageInfo, ApiError> {
        Ok(info(self.app().unseal_stage(&request.stage, request.secret.into_secret(), request.for_s).await?))
    }

    /// `stage_seal`
    pub async fn stage_seal(&self, request: StageName) -> Result<StageInfo, ApiError> {
        Ok(info(self.app().seal_stage(&request.stage).await?))
    }

    /// `stage_passwd`
    pub async fn stage_passwd(&self, request: StagePasswd) -> Result<StageProtected, ApiError> {
        let new = request.new.map(crate::wire::SecretInput::into_secret);
        Ok(protected(self.app().change_stage_secret(&request.stage, request.secret.into_secret(), new).await?))
    }

    /// `stage_rekey`
    pub async fn stage_rekey(&self, request: StageRekey) -> Result<StageInfo, ApiError> {
        Ok(info(self.app().rekey_stage(&request.stage, request.secret.into_secret()).await?))
    }

    /// `stage_policy`
    pub async fn stage_policy(&self, request: StagePolicySet) -> Result<StageInfo, ApiError> {
        let StagePolicy { typed_confirmation, refuse_warnings, unsealed_s, freeze } = request.policy;
        let freeze = freeze.map(|StageFreeze { from_ms, until_ms, why }| Freeze { from_ms, until_ms, why });
        let policy = Policy { typed_confirmation, refuse_warnings, unsealed_s, freeze };
        Ok(info(self.app().set_stage_policy(&request.stage, policy).await?))
    }
}

/// A secret that was made leaves here once: to be written down.
fn protected((stage, made): (StageFacts, Option<SecretText>)) -> StageProtected {
    StageProtected { stage: info(stage), secret: made.map(|secret| secret.expose().clone()) }
}

pub(crate) fn info(stage: StageFacts) -> StageInfo {
    let Policy { typed_confirmation, refuse_warnings, unsealed_s, freeze } = stage.policy;
    let freeze = freeze.map(|Freeze { from_ms, until_ms, why }| StageFreeze { from_ms, until_ms, why });
    StageInfo {
        name: stage.name,
        protected: stage.protected,
        open: stage.open,
        // Rounded up: a stage that is open has a second left.
        seconds_left: stage.left.map(|left| left.as_millis().div_ceil(1000)).and_then(|left| u64::try_from(left).ok()),
        policy: StagePolicy { typed_confirmation, refuse_warnings, unsealed_s, freeze },
        hosts: stage.hosts,
        secrets: stage.secrets,
    }
}
