//! The end of a complete delivery: whom it no longer names is suspended. One that was cut on its
//! way looks like a school that has emptied: so many are suspended only if somebody says so.

use super::envoi::Origine;
use super::guichet::Guichet;
use super::motif::Motif;
use super::traduction::Traduction;
use commands::UseCaseError;
use commands::annuaire::{Fiche, Issue};
use domain::annuaire::Perimetre;
use domain::{EtablissementId, PersonneId};
use projections::annuaire::{Annuaire, Sources};
use std::collections::HashSet;
use std::fmt;
use uuid::Uuid;

/// The heading under which persons are counted whom a source no longer names.
pub const RETRAITS: &str = "Retraits";
/// Établissements whose people are looked through at a time.
const LIEUX: usize = 10;
/// So many leave an établissement on any day.
const PEU: usize = 20;
/// Of how many persons one may be suspended unasked.
const PART: usize = 5;

/// How many a delivery may suspend.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Retraits {
    /// A few.
    #[default]
    Mesures,
    /// As many as it does not name: who imports it has said that it is whole.
    Confirmes,
}

/// How many of those whom a source named a delivery does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ampleur {
    /// Those whom it does not name.
    pub absentes: usize,
    /// All whom the source named, and who are there.
    pub presentes: usize,
}

impl Ampleur {
    /// Whether a delivery that was cut is likelier than so many who left.
    pub fn suspecte(self) -> bool {
        self.absentes > PEU && self.absentes.saturating_mul(PART) > self.presentes
    }
}

impl fmt::Display for Ampleur {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} des {} personnes que la source nommait", self.absentes, self.presentes)
    }
}

/// Those whom a source named and of whom a delivery does not speak.
#[derive(Debug, Default)]
struct Absence {
    personnes: Vec<PersonneId>,
    ampleur: Ampleur,
}

impl Absence {
    async fn constater(
        guichet: &Guichet<'_>,
        perimetre: &Perimetre,
        parle_de: impl Fn(PersonneId) -> bool,
    ) -> sqlx::Result<Self> {
        let (views, livraison) = (guichet.commands().views(), &guichet.rapport.livraison);
        let (mut absence, mut vues) = (Self::default(), HashSet::new());
        let lieux: Vec<Uuid> = perimetre.iter().map(|id| id.0).collect();
        for lieux in lieux.chunks(LIEUX) {
            let presentes = Sources::presentes(views, livraison.origine, &livraison.portee, lieux).await?;
            // Who is in two of them is one person.
            let presentes: Vec<_> = presentes.into_iter().filter(|id| vues.insert(*id)).collect();
            // Elsewhere the delivery suspends nobody.
            let rattachements = Annuaire::rattachements(views, &presentes).await?;
            let ici =
                rattachements.iter().filter(|un| perimetre.contains(&EtablissementId(un.etablissement)));
            let ici: HashSet<Uuid> = ici.map(|un| un.personne).collect();
            absence.ampleur.presentes += ici.len();
            for absente in presentes.into_iter().filter(|id| !parle_de(PersonneId(*id))) {
                absence.ampleur.absentes += usize::from(ici.contains(&absente));
                absence.personnes.push(PersonneId(absente));
            }
        }
        Ok(absence)
    }
}

/// Suspends those whom the source named before and of whom the delivery does not speak.
pub async fn retirer(
    guichet: &mut Guichet<'_>,
    perimetre: &Perimetre,
    nomme_chacun: bool,
    parle_de: impl Fn(PersonneId) -> bool,
) -> Result<(), UseCaseError> {
    let origine = Origine {
        rubrique: RETRAITS,
        fichier: "livraison".into(),
        ligne: 1,
        identifiant: String::new(),
        principale: false,
    };
    if !nomme_chacun {
        guichet.rapport.remarquer(&origine, &Motif::SuspensionDifferee, None);
        return Ok(());
    }
    let Absence { personnes, ampleur } = Absence::constater(guichet, perimetre, parle_de).await?;
    if ampleur.suspecte() && guichet.retraits == Retraits::Mesures {
        guichet.rapport.remarquer(&origine, &Motif::RetraitsEnMasse(ampleur), None);
        guichet.rapport.retraits_a_confirmer = true;
        return Ok(());
    }
    let fiches = personnes.into_iter().map(|id| Fiche::Retrait(id, perimetre.clone())).collect();
    let mut reponses = guichet.confier(Traduction { fiches, remarques: vec![] }, &origine).await?;
    reponses.extend(guichet.attendre().await?);
    let retires = reponses.iter().filter(|(_, issue)| *issue == Issue::Modifie).count() as u64;
    guichet.rapport.compte(RETRAITS).retires += retires;
    guichet.noter(reponses);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_twenty_and_more_than_a_fifth_are_suspect() {
        for (absentes, presentes, suspecte) in
            [(20, 20, false), (21, 21, true), (21, 105, false), (21, 104, true), (1_000, 5_000, false)]
        {
            assert_eq!(Ampleur { absentes, presentes }.suspecte(), suspecte, "{absentes} of {presentes}");
        }
    }
}
