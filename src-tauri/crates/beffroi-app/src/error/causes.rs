//! Faults of what lies below, as the use cases tell them.

use beffroi_domain::Fingerprint;
use beffroi_remote::RemoteError;
use beffroi_remote::job::JobError;
use beffroi_vault::{AnchorError, CompartmentError, DiskError, FinishError, NotEnoughMemory, PassphraseError, ProtectError, SlotError};

use super::{AppError, CertificateError, GuardError, RecipeError};

impl AppError {
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal { what: cause.to_string() }
    }

    pub(crate) fn damaged(what: impl std::fmt::Display) -> Self {
        Self::Damaged { what: what.to_string() }
    }

    /// The key that a host showed, when it was refused because of it.
    #[must_use]
    pub fn refused_key(&self) -> Option<&Fingerprint> {
        match self {
            Self::Remote(RemoteError::HostKeyUnknown { offered, .. } | RemoteError::HostKeyChanged { offered, .. }) => Some(offered),
            _ => None,
        }
    }

    /// Whether another try may go better without anybody changing anything: the link broke, or nothing answered.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Remote(RemoteError::Unreachable { .. } | RemoteError::LinkLost { .. })
                | Self::Job(JobError::Remote(RemoteError::Unreachable { .. } | RemoteError::LinkLost { .. }))
                | Self::Guard(GuardError::MaybeBanned { .. })
        )
    }
}

impl From<AnchorError> for AppError {
    fn from(error: AnchorError) -> Self {
        if matches!(error, AnchorError::HeaderIsOlder { .. }) {
            return Self::HeaderOlder;
        }
        Self::damaged(error)
    }
}

impl From<DiskError> for AppError {
    fn from(error: DiskError) -> Self {
        Self::Open(error.into())
    }
}

impl From<NotEnoughMemory> for AppError {
    fn from(error: NotEnoughMemory) -> Self {
        Self::Slot(PassphraseError::from(error).into())
    }
}

impl From<ProtectError> for AppError {
    fn from(error: ProtectError) -> Self {
        match error {
            ProtectError::Secret(error) => Self::Slot(error.into()),
            ProtectError::NoRandomness(error) => Self::Slot(error.into()),
        }
    }
}

impl From<FinishError> for AppError {
    fn from(error: FinishError) -> Self {
        match error {
            FinishError::Unchanged(error) | FinishError::HalfWay(error) => error.into(),
            FinishError::HeaderChanged { path } => Self::Slot(SlotError::HeaderChanged { path }),
            other => Self::internal(other),
        }
    }
}

impl From<CompartmentError> for AppError {
    fn from(error: CompartmentError) -> Self {
        Self::damaged(error)
    }
}

impl From<beffroi_ca::InvalidNames> for AppError {
    fn from(error: beffroi_ca::InvalidNames) -> Self {
        Self::Certificate(CertificateError::Authority(error.into()))
    }
}

impl From<beffroi_ca::CaError> for AppError {
    fn from(error: beffroi_ca::CaError) -> Self {
        Self::Certificate(error.into())
    }
}

impl From<beffroi_domain::RecipeFault> for AppError {
    fn from(error: beffroi_domain::RecipeFault) -> Self {
        Self::Recipe(RecipeError::Fault(error))
    }
}
