//! Why a name means no single host, and why nothing more leads to one.

use beffroi_app::ReachError;

use crate::{ApiError, ErrorCode};

pub(super) fn reach(error: ReachError) -> ApiError {
    let is = ApiError::new;
    match error {
        ReachError::Ambiguous { name, candidates } => {
            is(ErrorCode::HostAmbiguous).with("name", name).with("candidates", candidates.join(", "))
        }
        ReachError::TooManyTerminals { most, most_here } => is(ErrorCode::TooManyTerminals).with("most", most).with("most_here", most_here),
        ReachError::TooManyTunnels { most } => is(ErrorCode::TooManyTunnels).with("most", most),
        ReachError::TooManyEnds { most } => is(ErrorCode::TooManyEnds).with("most", most),
    }
}
