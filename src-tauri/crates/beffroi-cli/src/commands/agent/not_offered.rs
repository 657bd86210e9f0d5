//! Where no process can hold the keys.

use std::time::Duration;

use beffroi_api::agent::Client;
use beffroi_api::{ApiError, ErrorCode};

/// Nothing can be started.
pub(super) async fn launch(_: Option<Duration>) -> Result<Client, ApiError> {
    Err(ApiError::new(ErrorCode::AgentNotOffered))
}

/// In place of the process itself.
pub(super) mod foreground {
    use std::time::Duration;

    use beffroi_api::{ApiError, ErrorCode};

    use crate::context::Context;
    use crate::output::Ended;

    /// There is none.
    pub(in crate::commands::agent) async fn run(_: &Context, _: Option<Duration>) -> Ended {
        Err(ApiError::new(ErrorCode::AgentNotOffered).into())
    }
}
