//! Why a name means no single host, and why nothing more leads to one.

/// Why a name means no single host, or nothing more leads to one.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// Several hosts or guests are meant by a short name.
    #[error("{name:?} means several: {}", candidates.join(", "))]
    Ambiguous {
        /// What was given.
        name: String,
        /// Names of some that it may mean.
        candidates: Vec<String>,
    },
    /// There are as many terminals as there can be.
    #[error("there are {most} terminals, or {most_here} on this host")]
    TooManyTerminals {
        /// The most at once.
        most: usize,
        /// The most on one host.
        most_here: usize,
    },
    /// There are as many tunnels as there can be.
    #[error("there are {most} tunnels")]
    TooManyTunnels {
        /// The most at once.
        most: usize,
    },
    /// There are as many ends for programs that speak SSH as there can be.
    #[error("there are {most} connections of programs")]
    TooManyEnds {
        /// The most at once.
        most: usize,
    },
}
