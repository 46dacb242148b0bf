//! Who a compte is to the school, at the instant of the request.

use crate::rights::{Acteur, InterventionEnCours, Portees};
use crate::{Commands, UseCaseError};
use domain::annuaire::Profil;
use domain::identite::ProfilTenu;
use domain::portails::{Attribution, Perimetre};
use domain::{
    CompteId, DivisionId, EtablissementId, GroupeId, InterventionId, PersonneId, PortailId, journee,
};
use projections::annuaire::{Annuaire, Compte, DelegationEnCours, Moment, Relations};
use projections::portails::{Habilitation, InterventionOuverte, Interventions};
use std::collections::BTreeSet;

/// In which of his or her profils someone acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Choix {
    /// In all of them: the token of a program, and who has one only.
    Tous,
    /// In none yet: who has several and has not chosen is nobody but himself.
    Aucun,
    /// In this one.
    Un(ProfilTenu),
}

impl Choix {
    /// Whether one acts as family, or as nobody in particular.
    fn is_without_function(self) -> bool {
        match self {
            Self::Tous => false,
            Self::Aucun => true,
            Self::Un(ProfilTenu { profil, .. }) => matches!(profil, Profil::Eleve | Profil::Responsable),
        }
    }
}

/// A compte as it was identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identifie {
    /// Which.
    pub compte: CompteId,
    /// Acting in which profil.
    pub choix: Choix,
    /// For which parts of the ENT.
    pub portees: Portees,
}

impl From<CompteId> for Identifie {
    /// All that the compte is.
    fn from(compte: CompteId) -> Self {
        Self { compte, choix: Choix::Tous, portees: Portees::default() }
    }
}

impl Commands {
    /// Loads the actor behind a compte, in all of its profils; `None` is a visitor who has not
    /// signed in.
    pub async fn acteur(&self, compte: Option<CompteId>) -> Result<Acteur, UseCaseError> {
        self.acteur_identifie(compte.map(Identifie::from)).await
    }

    /// The same, as far as its session and its token let it go.
    ///
    /// A compte that was ever delegated an office is that office's alone: outside its
    /// delegations it may do nothing, and it never has its holder's own relations.
    pub async fn acteur_identifie(&self, qui: Option<Identifie>) -> Result<Acteur, UseCaseError> {
        let Some(Identifie { compte, choix, portees }) = qui else { return Ok(Acteur::anonyme()) };
        let acteur = self.whole(compte, choix).await?;
        Ok(Acteur { portees, ..acteur })
    }

    async fn whole(&self, compte: CompteId, choix: Choix) -> Result<Acteur, UseCaseError> {
        if self.exploitants.contains(&compte) {
            return Ok(Acteur { compte: Some(compte), exploitant: true, ..Acteur::default() });
        }
        if self.auditeurs.contains(&compte) {
            return Ok(Acteur { compte: Some(compte), auditeur: true, ..Acteur::default() });
        }
        let now = self.now();
        let chosen = match choix {
            Choix::Un(choix) => Some(choix),
            Choix::Tous | Choix::Aucun => None,
        };
        let moment = Moment { now, jour: journee(now), choix: chosen };
        let known = Annuaire::compte(&self.views, compte.0, moment).await?;
        let verrouille = known.verrouille;
        let acteur = match known {
            Compte { habilite: true, .. } => self.habilite(compte).await?,
            Compte { d_office: true, delegation, relations, .. } => office(compte, delegation, relations),
            Compte { relations: Some(relations), .. } if choix == Choix::Aucun => {
                identified(compte, &relations)
            }
            Compte { relations: Some(relations), .. } => personal(compte, &relations),
            // Signed in by the issuer, unknown to the directory: identified, and nothing more.
            Compte { relations: None, .. } => Acteur { compte: Some(compte), ..Acteur::default() },
        };
        Ok(Acteur {
            suspendu: acteur.suspendu || verrouille,
            etablissement_choisi: chosen.map(|choix| choix.etablissement),
            sans_fonction: choix.is_without_function(),
            ..acteur
        })
    }

    /// The compte of an habilitation, with what it is for today and its open interventions.
    async fn habilite(&self, compte: CompteId) -> Result<Acteur, UseCaseError> {
        let bare = Acteur { compte: Some(compte), compte_d_office: true, ..Acteur::default() };
        let (now, today) = (self.now(), journee(self.now()));
        let given = Interventions::habilitations_of(&self.views, compte.0).await?;
        let running: Vec<_> = given.iter().filter(|one| one.covers(today, &one.portail, &[])).collect();
        let Some(holder) = running.first().map(|one| one.personne) else { return Ok(bare) };
        let personne = Annuaire::personnes(&self.views, &[holder]).await?.pop();
        let open = Interventions::open_of(&self.views, compte.0, now, today).await?;
        let own = |one: &&&Habilitation| !one.partout;
        Ok(Acteur {
            personne: Some(PersonneId(holder)),
            habilite_de: running.iter().filter(own).filter_map(|one| one.portail.parse().ok()).collect(),
            habilite_partout: running.iter().any(|one| one.partout),
            interventions: open.into_iter().filter_map(en_cours).collect(),
            suspendu: personne.is_none_or(|holder| holder.suspendue),
            ..bare
        })
    }
}

/// An open intervention as the rights know it.
fn en_cours(row: InterventionOuverte) -> Option<InterventionEnCours> {
    Some(InterventionEnCours {
        id: InterventionId(row.id),
        portail: row.portail.parse().ok()?,
        etablissement: row.etablissement.map(EtablissementId),
        perimetres: row.perimetres.iter().filter_map(|word| Perimetre::named(word)).collect(),
    })
}

/// An office's compte, with the delegation that runs today, if one does, and what its
/// holder is. Where the adhésion is over nothing is administered any more.
fn office(compte: CompteId, delegation: Option<DelegationEnCours>, holder: Option<Relations>) -> Acteur {
    let bare = Acteur { compte: Some(compte), compte_d_office: true, ..Acteur::default() };
    let Some(delegation) = delegation.filter(|delegation| !delegation.terminee) else { return bare };
    let portail = delegation.portail.parse::<PortailId>().ok();
    let entrusted = |one: &Attribution| delegation.attributions.iter().any(|word| word == one.as_str());
    let withheld = Attribution::TOUTES.iter().filter(|one| !entrusted(one));
    Acteur {
        personne: Some(PersonneId(holder.as_ref().map_or(delegation.administrateur, |it| it.personne))),
        fiches: holder.iter().flat_map(others).collect(),
        hors_delegation: withheld.filter_map(|one| Some((portail.clone()?, *one))).collect(),
        administrateur_de: portail.into_iter().collect(),
        suspendu: holder.is_none_or(|holder| holder.suspendue),
        ..bare
    }
}

/// The fiches of the same person besides the principal one.
fn others(relations: &Relations) -> impl Iterator<Item = PersonneId> {
    relations.fiches.iter().filter(|fiche| **fiche != relations.personne).copied().map(PersonneId)
}

/// Who it is, and nothing that he or she is to the school.
fn identified(compte: CompteId, relations: &Relations) -> Acteur {
    Acteur {
        compte: Some(compte),
        personne: Some(PersonneId(relations.personne)),
        fiches: others(relations).collect(),
        suspendu: relations.suspendue,
        ..Acteur::default()
    }
}

/// Relations to an établissement that is closed to the person are none.
fn personal(compte: CompteId, relations: &Relations) -> Acteur {
    let pairs = || {
        let ids = relations.etablissements.iter().copied().map(EtablissementId);
        ids.zip(relations.profils.iter().map(String::as_str))
    };
    let attached_as = |wanted: &str| -> BTreeSet<EtablissementId> {
        pairs().filter(|(_, profil)| *profil == wanted).map(|(id, _)| id).collect()
    };
    let ids = |ids: &[uuid::Uuid]| ids.iter().copied().map(EtablissementId).collect::<BTreeSet<_>>();
    let (direction_de, terminees) = (attached_as("direction"), ids(&relations.terminees));
    let answered_for = direction_de.union(&ids(&relations.etablissements_diriges)).copied().collect();
    let left = terminees.difference(&answered_for);
    let prives = ids(&relations.prives);
    let fermes: BTreeSet<_> = left.chain(prives.difference(&direction_de)).copied().collect();
    let open = |places: BTreeSet<EtablissementId>| places.difference(&fermes).copied().collect();
    Acteur {
        etablissements: open(pairs().map(|(id, _)| id).collect()),
        divisions: relations.divisions.iter().copied().map(DivisionId).collect(),
        groupes: relations.groupes.iter().copied().map(GroupeId).collect(),
        enfants: relations.enfants.iter().copied().map(PersonneId).collect(),
        vie_scolaire_de: open(attached_as("vie_scolaire")),
        enseigne_dans: open(attached_as("enseignant")),
        administratif_de: open(attached_as("administratif")),
        infirmier_de: open(ids(&relations.infirmeries)),
        direction_de,
        directeur_de: relations.dirige.iter().filter_map(|label| label.parse().ok()).collect(),
        fermetures: relations.fermetures.iter().map(|(ou, brick)| (EtablissementId(*ou), *brick)).collect(),
        terminees,
        fermes,
        majeur: relations.majeur,
        ..identified(compte, relations)
    }
}
