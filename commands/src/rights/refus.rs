//! Why something was refused, for the log alone: who asks is told the same of everything.

use super::Question;
use cedar_policy::PolicyId;

/// What decided against it. It names rules, and nobody whom they are about.
#[derive(Debug)]
pub(super) enum Refus {
    /// The token of a program is not for this.
    HorsPortee,
    /// The schema does not let this be asked.
    HorsSchema,
    /// These policies forbid it.
    Interdiction(Vec<PolicyId>),
    /// No policy forbids it, and of those that could have permitted it none does.
    SansPermission(Question),
    /// It could not be decided: a line of its own says why.
    Indecis,
}

impl Refus {
    /// Its word in the log.
    pub(super) const fn motif(&self) -> &'static str {
        match self {
            Self::HorsPortee => "hors_portee",
            Self::HorsSchema => "hors_schema",
            Self::Interdiction(_) => "interdiction",
            Self::SansPermission(_) => "sans_permission",
            Self::Indecis => "indecis",
        }
    }
}
