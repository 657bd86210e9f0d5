//! Why a name means no single host, and why nothing more leads to one.

use beffroi_app::{PublishRefusal, ReachError};

use crate::{ApiError, ErrorCode};

pub(super) fn reach(error: ReachError) -> ApiError {
    let is = ApiError::new;
    match error {
        ReachError::Ambiguous { name, candidates } => {
            is(ErrorCode::HostAmbiguous).with("name", name).with("candidates", candidates.join(", "))
        }
        ReachError::TooManyTerminals { most, most_here } => is(ErrorCode::TooManyTerminals).with("most", most).with("most_here", most_here),
        ReachError::TooManyTunnels { most } => is(ErrorCode::TooManyTunnels).with("most", most),
        ReachError::Publish(why) => publish(why),
        ReachError::TooManyEnds { most } => is(ErrorCode::TooManyEnds).with("most", most),
    }
}

/// Why a port is not led into a guest.
fn publish(why: PublishRefusal) -> ApiError {
    let is = ApiError::new;
    match why {
        PublishRefusal::PortTaken { host, port, by } => {
            is(ErrorCode::PublishPortTaken).with("host", host).with("port", port).with("by", by)
        }
        PublishRefusal::NameTaken { host, name, port } => {
            is(ErrorCode::PublishNameTaken).with("host", host).with("name", name).with("port", port)
        }
        PublishRefusal::Lacks { host, what: "nginx" } => is(ErrorCode::PublishNoNginx).with("host", host),
        PublishRefusal::Lacks { host, what: "firewall" } => is(ErrorCode::PublishNoFirewall).with("host", host),
        PublishRefusal::Lacks { host, .. } => is(ErrorCode::PublishNoBoot).with("host", host),
        PublishRefusal::Kept { host, what: "nginx" } => is(ErrorCode::PublishYunohostNginx).with("host", host),
        PublishRefusal::Kept { host, .. } => is(ErrorCode::PublishYunohostFirewall).with("host", host),
        PublishRefusal::NoDevices { driver } => is(ErrorCode::PublishNoDevices).with("driver", driver),
        PublishRefusal::NoAddress { guest } => is(ErrorCode::PublishNoAddress).with("guest", guest),
        PublishRefusal::Nothing { guest } => is(ErrorCode::PublishNothing).with("guest", guest),
        PublishRefusal::Remains { host, what } => is(ErrorCode::PublishRemains).with("host", host).with("what", what.join(", ")),
    }
}
