//! A small school for the tests of rights: one of each kind of user around one collège,
//! and the things that they might ask for.
//!
//! - [`distribution`]: who asks; [`situations`]: about what each right is asked, as a jurist would
//!   put it; [`choses`]: the things themselves.

pub mod choses;
mod distribution;
mod situations;

pub use distribution::{Role, distribution};
pub use situations::situations;

use domain::{EtablissementId, PersonneId, PortailId};

pub fn personne(name: &str) -> PersonneId {
    PersonneId::derived(&[name])
}

pub fn college() -> EtablissementId {
    EtablissementId::derived(&["collège"])
}

pub fn lycee() -> EtablissementId {
    EtablissementId::derived(&["lycée"])
}

pub fn portail(label: &str) -> PortailId {
    label.parse().unwrap()
}
