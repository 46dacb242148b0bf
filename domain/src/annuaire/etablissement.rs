//! An établissement: its divisions, the groupes that sources declare, and who teaches what to which.
//!
//! The sources (AAF, STS) are read again and again: everything here is a wish that
//! may already be fulfilled, and then nothing happens. Each one's word is kept apart, as of
//! a person. Ids are derived from the UAI and the sources' own codes, so that two imports find
//! the same division. Several teachers of one enseignement share it (co-teaching). Source: code
//! de l'éducation, art. R421-2, 1° (the établissement organises its divisions).

mod decision;
mod fait;
mod groupes;

pub use fait::{DeclarationDeGroupe, DitEtablissement, ObjetEtablissement};

use super::paroles::Paroles;
use super::{Auditoire, Emetteur, Parole, Provenance, Source, Uai};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, DivisionId, EnseignementId, GroupeId, Lacune, PersonneId};
use chrono::NaiveDate;
use fait::{Attribution, Ouverture};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is public about an établissement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FicheEtablissement {
    /// Its name.
    pub nom: String,
    /// Its kind, as the source codes it (`COLLEGE`, `LYCEE`).
    pub nature: String,
    /// Its académie.
    pub academie: String,
    /// Where it is.
    pub commune: String,
}

/// What is taught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Matiere {
    /// Its code in the nomenclature of the source.
    pub code: String,
    /// Its name.
    pub libelle: String,
}

impl Uai {
    /// The division that the sources call `code` in this établissement.
    pub fn division(&self, code: &str) -> DivisionId {
        DivisionId::derived(&[self.as_str(), code])
    }

    /// The teaching of a matière to a division, whoever gives it.
    pub fn enseignement(&self, division: &str, matiere: &str) -> EnseignementId {
        EnseignementId::derived(&[self.as_str(), division, matiere])
    }
}

/// What may be asked of an établissement.
#[derive(Debug, Clone)]
pub enum EtablissementCommand {
    /// Enters the établissement, or what has changed about it.
    EnregistrerEtablissement {
        /// Its number.
        uai: Uai,
        /// What the source says of it.
        fiche: FicheEtablissement,
        /// Who says it.
        parole: Parole,
    },
    /// Takes the key under which a source names the établissement.
    ReconnaitreSource {
        /// The key.
        source: Source,
    },
    /// Opens a division, or tells what has changed about it.
    OuvrirDivision {
        /// Its code in the sources.
        code: String,
        /// Its name.
        libelle: String,
        /// The national code of its formation.
        mef: Option<String>,
        /// Who says it.
        parole: Parole,
    },
    /// Lets a teacher teach a matière to a division.
    AttribuerEnseignement {
        /// Code of the division.
        division: String,
        /// What is taught.
        matiere: Matiere,
        /// By whom.
        enseignant: PersonneId,
        /// Whether this teacher is professeur principal of the division.
        principal: bool,
        /// Who says it.
        parole: Parole,
    },
    /// Lets a teacher teach a matière to a groupe, of which nobody is professeur principal.
    AttribuerAuGroupe {
        /// Of which school year the groupe is.
        annee: AnneeScolaire,
        /// Code of the groupe.
        groupe: String,
        /// What is taught.
        matiere: Matiere,
        /// By whom.
        enseignant: PersonneId,
        /// Who says it.
        parole: Parole,
    },
    /// Declares a groupe, or tells what has changed about it.
    DeclarerGroupe {
        /// What the source says of it.
        declaration: DeclarationDeGroupe,
        /// Who says it.
        parole: Parole,
    },
    /// There are no other groupes of a school year, nor of those before it, says a source.
    LimiterGroupes {
        /// The year of which it speaks.
        annee: AnneeScolaire,
        /// Those that it declares.
        sauf: BTreeSet<GroupeId>,
        /// Who says it.
        parole: Parole,
    },
    /// Ends, with the school year, the groupes of before, whoever declared them.
    TournerGroupes {
        /// The year that begins.
        annee: AnneeScolaire,
    },
    /// Ends, with the school year, what was taught to divisions, whoever said so.
    TournerEnseignements {
        /// Which divisions.
        divisions: BTreeSet<DivisionId>,
        /// What goes on.
        sauf: BTreeSet<(EnseignementId, PersonneId)>,
    },
    /// A teacher has left: ends what only hands say that he or she teaches, which they would never take
    /// back. What a feed says ends with that feed.
    QuitterEnseignements {
        /// Who.
        enseignant: PersonneId,
        /// On which school day.
        le: NaiveDate,
    },
    /// Nobody teaches anything else here, says a source, or one teacher does not.
    LimiterEnseignements {
        /// Of whom it says so; of everybody, where nobody is named.
        enseignant: Option<PersonneId>,
        /// What it says that is taught.
        sauf: BTreeSet<(EnseignementId, PersonneId)>,
        /// Who says it.
        parole: Parole,
    },
}

events! {
    /// What happens to an établissement.
    pub enum EtablissementEvent {
        /// The établissement entered the directory.
        EtablissementEnregistre = "annuaire.etablissement.enregistre" v 3 Annuaire {
            uai: Uai, fiche: FicheEtablissement, provenance: Provenance,
        },
        /// A source names it, under a key of its own.
        EtablissementReconnu = "annuaire.etablissement.source_reconnue" v 1 Annuaire { source: Source },
        /// What is public about it has changed.
        EtablissementActualise = "annuaire.etablissement.actualise" v 3 Annuaire {
            fiche: FicheEtablissement, provenance: Provenance,
        },
        /// A division was opened.
        DivisionOuverte = "annuaire.etablissement.division_ouverte" v 3 Annuaire {
            division: DivisionId, code: String, libelle: String, mef: Option<String>, provenance: Provenance,
        },
        /// The name or the formation of a division has changed.
        DivisionActualisee = "annuaire.etablissement.division_actualisee" v 3 Annuaire {
            division: DivisionId, libelle: String, mef: Option<String>, provenance: Provenance,
        },
        /// A teacher teaches a matière to a division or a groupe; said again when the name of the
        /// matière or the charge of professeur principal has changed.
        EnseignementAttribue = "annuaire.etablissement.enseignement_attribue" v 3 Annuaire of enseignant {
            enseignement: EnseignementId,
            #[serde(flatten)]
            auditoire: Auditoire,
            matiere: Matiere, enseignant: PersonneId, principal: bool, provenance: Provenance,
        },
        /// A teacher no longer teaches it: no source says so.
        EnseignementRetire = "annuaire.etablissement.enseignement_retire" v 1 Annuaire of enseignant {
            enseignement: EnseignementId, enseignant: PersonneId,
        },
        /// A groupe is declared; said again when its name or its divisions have changed.
        GroupeDeclare = "annuaire.etablissement.groupe_declare" v 1 Annuaire {
            groupe: GroupeId, declaration: DeclarationDeGroupe, provenance: Provenance,
        },
        /// A groupe is no more: no source declares it, or its year is over.
        GroupeAbandonne = "annuaire.etablissement.groupe_abandonne" v 1 Annuaire { groupe: GroupeId },
        /// The school year turned: no source declares groupes of the years before any more.
        AnneeTournee = "annuaire.etablissement.annee_tournee" v 1 Annuaire { annee: AnneeScolaire },
        /// A source says something that is not in force: a better one says otherwise.
        ParoleEntendue = "annuaire.etablissement.parole_entendue" v 2 Annuaire {
            dit: DitEtablissement, provenance: Provenance,
        },
        /// A source says no more of something; what is in force then follows, where it changes.
        ParoleRetiree = "annuaire.etablissement.parole_retiree" v 2 Annuaire {
            objet: ObjetEtablissement, provenance: Provenance,
        },
    }
    upcast {
        "annuaire.etablissement.enregistre" v 1 => Provenance::depuis_v1,
        "annuaire.etablissement.actualise" v 1 => Provenance::depuis_v1,
        "annuaire.etablissement.division_ouverte" v 1 => Provenance::depuis_v1,
        "annuaire.etablissement.division_actualisee" v 1 => Provenance::depuis_v1,
        "annuaire.etablissement.enseignement_attribue" v 1 => Provenance::depuis_v1,
        "annuaire.etablissement.enregistre" v 2 => Provenance::sans_portee,
        "annuaire.etablissement.actualise" v 2 => Provenance::sans_portee,
        "annuaire.etablissement.division_ouverte" v 2 => Provenance::sans_portee,
        "annuaire.etablissement.division_actualisee" v 2 => Provenance::sans_portee,
        "annuaire.etablissement.enseignement_attribue" v 2 => Provenance::sans_portee,
        "annuaire.etablissement.parole_entendue" v 1 => Provenance::sans_portee,
        "annuaire.etablissement.parole_retiree" v 1 => Provenance::sans_portee,
    }
}

refusals! {
    /// Why an établissement refuses.
    pub enum RefusEtablissement {
        EtablissementInconnu = "ETABLISSEMENT_INCONNU" at "etablissementId":
            "Cet établissement n'est pas dans l'annuaire : importez d'abord sa fiche.",
        UaiDifferent { uai: Uai } = "UAI_DIFFERENT" at "uai":
            "Cet établissement porte le numéro {uai} : un numéro ne change pas de main.",
        CleDifferente = "CLE_DIFFERENTE" at "source":
            "Cette source nomme déjà l'établissement sous une autre clé : une clé ne change pas de main.",
        DivisionInconnue = "DIVISION_INCONNUE" at "division":
            "Cette division n'existe pas dans l'établissement : ouvrez-la d'abord.",
        GroupeNonDeclare = "GROUPE_NON_DECLARE" at "groupe":
            "Aucune source ne déclare ce groupe dans l'établissement : déclarez-le d'abord.",
        TexteInvalide { champ: &'static str } = "TEXTE_INVALIDE":
            "Le champ « {champ} » doit tenir en une ligne de 1 à 200 caractères.",
    }
}

/// State of an établissement.
#[derive(Debug, Clone, Default)]
pub struct Etablissement {
    uai: Option<Uai>,
    sources: BTreeSet<Source>,
    fiche: Paroles<FicheEtablissement>,
    divisions: BTreeMap<DivisionId, Paroles<Ouverture>>,
    attributions: BTreeMap<(EnseignementId, PersonneId), Paroles<Attribution>>,
    groupes: BTreeMap<GroupeId, Paroles<DeclarationDeGroupe>>,
    /// The school year to which it turned last.
    annee: Option<AnneeScolaire>,
}

impl Aggregate for Etablissement {
    const TYPE: &'static str = "annuaire.etablissement";
    /// What its source said is said again by the next delivery.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = EtablissementCommand;
    type Event = EtablissementEvent;
    type Refus = RefusEtablissement;

    fn decide(&self, command: EtablissementCommand) -> Result<Vec<EtablissementEvent>, RefusEtablissement> {
        match command {
            EtablissementCommand::EnregistrerEtablissement { uai, fiche, parole } => {
                self.enregistrer(uai, &fiche, &parole)
            }
            EtablissementCommand::ReconnaitreSource { source } => self.reconnaitre(source),
            EtablissementCommand::OuvrirDivision { code, libelle, mef, parole } => {
                self.ouvrir_division(&code, &libelle, mef.as_deref(), &parole)
            }
            EtablissementCommand::AttribuerEnseignement {
                division,
                matiere,
                enseignant,
                principal,
                parole,
            } => self.attribuer(&division, &matiere, enseignant, principal, &parole),
            EtablissementCommand::AttribuerAuGroupe { annee, groupe, matiere, enseignant, parole } => {
                self.attribuer_au_groupe((annee, &groupe), &matiere, enseignant, &parole)
            }
            EtablissementCommand::DeclarerGroupe { declaration, parole } => {
                self.declarer_groupe(declaration, &parole)
            }
            EtablissementCommand::LimiterGroupes { annee, sauf, parole } => {
                self.limiter_groupes(annee, &sauf, &parole)
            }
            EtablissementCommand::TournerGroupes { annee } => self.tourner_groupes(annee),
            EtablissementCommand::TournerEnseignements { divisions, sauf } => self.tourner(&divisions, &sauf),
            EtablissementCommand::QuitterEnseignements { enseignant, le } => self.quitter(enseignant, le),
            EtablissementCommand::LimiterEnseignements { enseignant, sauf, parole } => {
                self.limiter(enseignant, &sauf, &parole)
            }
        }
    }

    fn apply(&mut self, event: EtablissementEvent) {
        match event {
            EtablissementEvent::EtablissementEnregistre { uai, fiche, provenance } => {
                self.uai = Some(uai);
                self.fiche.prevaloir(provenance.emetteur(), fiche);
            }
            EtablissementEvent::EtablissementReconnu { source } => {
                self.sources.insert(source);
            }
            EtablissementEvent::EtablissementActualise { fiche, provenance } => {
                self.fiche.prevaloir(provenance.emetteur(), fiche);
            }
            EtablissementEvent::DivisionOuverte { division, libelle, mef, provenance, .. }
            | EtablissementEvent::DivisionActualisee { division, libelle, mef, provenance } => {
                let paroles = self.divisions.entry(division).or_default();
                paroles.prevaloir(provenance.emetteur(), Ouverture { libelle, mef });
            }
            EtablissementEvent::EnseignementAttribue {
                enseignement,
                auditoire,
                matiere,
                enseignant,
                principal,
                provenance,
            } => {
                let paroles = self.attributions.entry((enseignement, enseignant)).or_default();
                paroles.prevaloir(provenance.emetteur(), Attribution { auditoire, matiere, principal });
            }
            EtablissementEvent::EnseignementRetire { enseignement, enseignant } => {
                self.attributions.remove(&(enseignement, enseignant));
            }
            EtablissementEvent::ParoleEntendue { dit, provenance } => {
                self.entendre(provenance.emetteur(), dit)
            }
            EtablissementEvent::GroupeDeclare { groupe, declaration, provenance } => {
                let paroles = self.groupes.entry(groupe).or_default();
                paroles.prevaloir(provenance.emetteur(), declaration);
            }
            EtablissementEvent::GroupeAbandonne { groupe } => {
                self.groupes.remove(&groupe);
            }
            EtablissementEvent::AnneeTournee { annee } => self.annee = Some(annee),
            EtablissementEvent::ParoleRetiree { objet, provenance } => {
                self.oublier(&provenance.emetteur(), objet);
            }
        }
    }
}

impl Etablissement {
    fn entendre(&mut self, qui: Emetteur, dit: DitEtablissement) {
        match dit {
            DitEtablissement::Fiche(fiche) => self.fiche.entendre(qui, fiche),
            DitEtablissement::Division { division, libelle, mef } => {
                self.divisions.entry(division).or_default().entendre(qui, Ouverture { libelle, mef });
            }
            DitEtablissement::Enseignement { enseignement, auditoire, matiere, enseignant, principal } => {
                let paroles = self.attributions.entry((enseignement, enseignant)).or_default();
                paroles.entendre(qui, Attribution { auditoire, matiere, principal });
            }
            DitEtablissement::Groupe { groupe, declaration } => {
                self.groupes.entry(groupe).or_default().entendre(qui, declaration);
            }
        }
    }

    fn oublier(&mut self, qui: &Emetteur, objet: ObjetEtablissement) {
        match objet {
            ObjetEtablissement::Enseignement { enseignement, enseignant } => {
                if let Some(paroles) = self.attributions.get_mut(&(enseignement, enseignant)) {
                    paroles.oublier(qui);
                }
            }
            ObjetEtablissement::Groupe { groupe } => {
                if let Some(paroles) = self.groupes.get_mut(&groupe) {
                    paroles.oublier(qui);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
