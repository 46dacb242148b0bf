//! A person of the directory.
//!
//! Sources are read again and again: everything here is a wish that may already be
//! fulfilled, and then nothing happens. Each source's word is kept apart, and what is in force
//! follows from their order of precedence ([`super::PRESEANCES`]): a lesser one never
//! overwrites, and when a better one says no more, the next one speaks. A person whom no source
//! names any more is suspended, never deleted, and comes back by being named again. Who
//! answers for a pupil, and who has the right to be informed, follows the code civil,
//! art. 371-1, 372 and 373-2 (both parents, living together or not) and the code de
//! l'éducation, art. L131-4 (who has charge of the child). A pupil of age answers for himself
//! (code civil, art. 414): no responsibility says so, and he may object to others being informed
//! of his schooling (circulaire n° 77-245 of 26 July 1977).

mod decision;
mod fait;
mod retrait;

pub use fait::{Dit, Objet, Rectification};

use super::paroles::Paroles;
use super::{Emetteur, EtatCivil, Parole, Profil, Provenance, Responsabilite, Source};
use crate::event::events;
use crate::refusal::refusals;
use crate::{Aggregate, AnneeScolaire, DivisionId, EtablissementId, GroupeId, Lacune, PersonneId};
use chrono::NaiveDate;
use fait::{Affectation, Rattachement, Repartition, Responsabilites};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The établissements about which a delivery says everything.
pub type Perimetre = Arc<BTreeSet<EtablissementId>>;

/// What may be asked of a person's record.
#[derive(Debug, Clone)]
pub enum PersonneCommand {
    /// Enters the person, or what has changed; lifts a suspension.
    EnregistrerPersonne {
        /// Who.
        personne: PersonneId,
        /// Under which key the source names the person.
        source: Source,
        /// What the source says.
        etat_civil: EtatCivil,
        /// Who says it.
        parole: Parole,
    },
    /// Changes some of what a source says of the identity.
    RectifierEtatCivil {
        /// What changes.
        rectification: Rectification,
        /// Who says it.
        parole: Parole,
    },
    /// Says what the person is in an établissement; the last word of a source counts.
    RattacherPersonne {
        /// Where.
        etablissement: EtablissementId,
        /// As what.
        profil: Profil,
        /// Codes of the functions held there.
        fonctions: Vec<String>,
        /// Who says it.
        parole: Parole,
    },
    /// The person is nothing any more, says a source, in the établissements of which it speaks
    /// and that it does not name.
    LimiterRattachements {
        /// Where the source speaks.
        perimetre: Perimetre,
        /// Where it says that the person is something.
        sauf: BTreeSet<EtablissementId>,
        /// Who says it.
        parole: Parole,
    },
    /// Puts a pupil in a division of an établissement, or in none.
    AffecterEleve {
        /// Where.
        etablissement: EtablissementId,
        /// In which division.
        division: Option<DivisionId>,
        /// Who says it.
        parole: Parole,
    },
    /// Decides in which division the pupil is from now on, at the turn of the school year or when
    /// he or she leaves: what sources said was of before.
    ReaffecterEleve {
        /// Where.
        etablissement: EtablissementId,
        /// In which division; in none, who leaves.
        division: Option<DivisionId>,
        /// To which school year, at its turn.
        annee: Option<AnneeScolaire>,
        /// Who decides.
        parole: Parole,
    },
    /// Says in which groupes of an établissement the person is: a pupil is a member, who works there
    /// leads them.
    RepartirPersonne {
        /// Where.
        etablissement: EtablissementId,
        /// Of which school year the source speaks: groupes are of one.
        annee: AnneeScolaire,
        /// All of them, in place of those that the source named before.
        groupes: BTreeSet<GroupeId>,
        /// Who says it.
        parole: Parole,
    },
    /// Gives the pupil the number that an établissement knows him or her by.
    ImmatriculerEleve {
        /// Where.
        etablissement: EtablissementId,
        /// The number.
        numero: String,
    },
    /// Says who answers for the pupil: all of them, in place of who did before.
    EtablirResponsabilites {
        /// The adults.
        responsables: Vec<Responsabilite>,
        /// Who says it.
        parole: Parole,
    },
    /// A source no longer names the person in these établissements; once it does nowhere, the
    /// others speak in its place, and without others the person is suspended.
    RetirerSource {
        /// Where the source speaks.
        perimetre: Perimetre,
        /// Which source.
        parole: Parole,
    },
    /// A pupil of age objects to those who answered for him being informed.
    OpposerInformation {
        /// The school day on which he does.
        le: NaiveDate,
    },
    /// He no longer objects.
    LeverOpposition,
    /// Nobody names the person any more.
    SuspendrePersonne,
}

events! {
    /// What happens to a person's record.
    pub enum PersonneEvent {
        /// The person entered the directory.
        PersonneEnregistree = "annuaire.personne.enregistree" v 3 Annuaire of personne {
            personne: PersonneId, source: Source, etat_civil: EtatCivil, provenance: Provenance,
        },
        /// One more source names the person, under a key of its own.
        SourceReconnue = "annuaire.personne.source_reconnue" v 1 Annuaire of personne {
            personne: PersonneId, source: Source,
        },
        /// The sources say something else of the identity.
        EtatCivilRectifie = "annuaire.personne.etat_civil_rectifie" v 3 Annuaire of personne {
            personne: PersonneId, etat_civil: EtatCivil, provenance: Provenance,
        },
        /// The person is something in an établissement.
        PersonneRattachee = "annuaire.personne.rattachee" v 3 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId, profil: Profil, fonctions: Vec<String>,
            provenance: Provenance,
        },
        /// The person is nothing any more in an établissement: no source says so.
        PersonneDetachee = "annuaire.personne.detachee" v 2 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId, provenance: Provenance,
        },
        /// The pupil is in a division of the établissement, or no longer in any.
        EleveAffecte = "annuaire.personne.eleve_affecte" v 3 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId, division: Option<DivisionId>,
            provenance: Provenance,
        },
        /// It was decided in which division the pupil is, and what sources said before counts no
        /// more: each is heard again when it says something else. At the turn to a school year the
        /// groupes of the years before have ended, and nobody is heard of them any more.
        EleveReaffecte = "annuaire.personne.eleve_reaffecte" v 2 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId, division: Option<DivisionId>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            annee: Option<AnneeScolaire>,
            provenance: Provenance,
        },
        /// The person is in these groupes of the établissement, of this school year, and in no other
        /// that sources declare.
        PersonneRepartie = "annuaire.personne.repartie" v 1 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            annee: Option<AnneeScolaire>,
            groupes: BTreeSet<GroupeId>, provenance: Provenance,
        },
        /// The établissement knows the pupil by this number (`ENTEleveStructRattachId`).
        EleveImmatricule = "annuaire.personne.eleve_immatricule" v 1 Annuaire of personne {
            personne: PersonneId, etablissement: EtablissementId, numero: String,
        },
        /// These adults, and no others, answer for the pupil.
        ResponsabilitesEtablies = "annuaire.personne.responsabilites_etablies" v 3 Annuaire of personne {
            personne: PersonneId, responsables: Vec<Responsabilite>, provenance: Provenance,
        },
        /// A source says something that is not, or not all, in force: a better one says otherwise.
        ParoleEntendue = "annuaire.personne.parole_entendue" v 2 Annuaire of personne {
            personne: PersonneId, dit: Dit, provenance: Provenance,
        },
        /// A source says no more of something; what is in force then follows, where it changes.
        ParoleRetiree = "annuaire.personne.parole_retiree" v 2 Annuaire of personne {
            personne: PersonneId, objet: Objet, provenance: Provenance,
        },
        /// A pupil of age objects to others being informed of his schooling.
        InformationOpposee = "annuaire.personne.information_opposee" v 1 Annuaire of personne {
            personne: PersonneId,
        },
        /// He no longer objects.
        OppositionLevee = "annuaire.personne.opposition_levee" v 1 Annuaire of personne { personne: PersonneId },
        /// The sources no longer name the person.
        PersonneSuspendue = "annuaire.personne.suspendue" v 1 Annuaire of personne { personne: PersonneId },
        /// The sources name the person again.
        PersonneReprise = "annuaire.personne.reprise" v 1 Annuaire of personne { personne: PersonneId },
    }
    upcast {
        "annuaire.personne.enregistree" v 1 => Source::depuis_v1,
        "annuaire.personne.etat_civil_rectifie" v 1 => Provenance::depuis_v1,
        "annuaire.personne.rattachee" v 1 => Provenance::depuis_v1,
        "annuaire.personne.eleve_affecte" v 1 => Provenance::depuis_v1,
        "annuaire.personne.responsabilites_etablies" v 1 => Provenance::depuis_v1,
        "annuaire.personne.enregistree" v 2 => Provenance::sans_portee,
        "annuaire.personne.etat_civil_rectifie" v 2 => Provenance::sans_portee,
        "annuaire.personne.rattachee" v 2 => Provenance::sans_portee,
        "annuaire.personne.detachee" v 1 => Provenance::sans_portee,
        "annuaire.personne.eleve_affecte" v 2 => Provenance::sans_portee,
        "annuaire.personne.eleve_reaffecte" v 1 => Provenance::sans_portee,
        "annuaire.personne.responsabilites_etablies" v 2 => Provenance::sans_portee,
        "annuaire.personne.parole_entendue" v 1 => Provenance::sans_portee,
        "annuaire.personne.parole_retiree" v 1 => Provenance::sans_portee,
    }
}

refusals! {
    /// Why a person's record refuses.
    pub enum RefusPersonne {
        SaisiePourSoi = "SAISIE_POUR_SOI":
            "Cette saisie vous concerne : une autre personne doit la faire.",
        PersonneInconnue = "PERSONNE_INCONNUE" at "personneId":
            "Cette personne n'est pas dans l'annuaire : importez d'abord son état civil.",
        SourceDifferente = "SOURCE_DIFFERENTE" at "source":
            "Cette personne vient d'une autre source : un identifiant ne change pas de main.",
        NomManquant = "NOM_MANQUANT" at "nom":
            "Une personne a un nom : donnez-le, en 200 caractères au plus.",
        TexteInvalide { champ: &'static str } = "TEXTE_INVALIDE":
            "Le champ « {champ} » doit tenir en une ligne de 1 à 200 caractères.",
        MotifManquant = "MOTIF_MANQUANT" at "motif":
            "Une saisie manuelle dit pourquoi elle est faite : donnez un motif, en 500 caractères au plus.",
        SourcePrevaut = "SOURCE_PREVAUT":
            "Une source plus sûre dit autre chose, et c'est elle qui compte : faites corriger cette source.",
        ProfilReserve = "PROFIL_RESERVE" at "profil":
            "La direction d'un établissement vient de l'annuaire fédérateur ou de STS : elle ne se saisit pas.",
        EleveMineur = "ELEVE_MINEUR":
            "Seul un élève majeur s'oppose à l'information de ses responsables : attendez ses dix-huit ans.",
        EleveNonRattache = "ELEVE_NON_RATTACHE" at "etablissementId":
            "Cette personne n'est pas élève de l'établissement : rattachez-la d'abord comme élève.",
        PersonneNonRattachee = "PERSONNE_NON_RATTACHEE" at "etablissementId":
            "Cette personne n'est rien dans l'établissement : rattachez-la d'abord.",
        ResponsableDeSoiMeme = "RESPONSABLE_DE_SOI_MEME" at "responsables":
            "Personne n'est son propre responsable : retirez cette ligne.",
        ResponsableEnDouble { responsable: PersonneId } = "RESPONSABLE_EN_DOUBLE" at "responsables":
            "Le responsable {responsable} figure deux fois : gardez une seule ligne.",
    }
}

/// State of a registered person.
#[derive(Debug, Clone)]
struct Fiche {
    personne: PersonneId,
    sources: BTreeSet<Source>,
    suspendue: bool,
}

/// State of a person's record.
#[derive(Debug, Clone, Default)]
pub struct Personne {
    fiche: Option<Fiche>,
    etat_civil: Paroles<EtatCivil>,
    rattachements: BTreeMap<EtablissementId, Paroles<Rattachement>>,
    affectations: BTreeMap<EtablissementId, Paroles<Affectation>>,
    repartitions: BTreeMap<EtablissementId, Paroles<Repartition>>,
    /// The school year to which the pupil's division was decided last.
    annees: BTreeMap<EtablissementId, AnneeScolaire>,
    numeros: BTreeMap<EtablissementId, String>,
    responsabilites: Paroles<Responsabilites>,
    opposee: bool,
}

impl Aggregate for Personne {
    const TYPE: &'static str = "annuaire.personne";
    /// Someone erased whom a source delivers again enters anew.
    const LACUNE: Lacune = Lacune::Recommence;
    type Command = PersonneCommand;
    type Event = PersonneEvent;
    type Refus = RefusPersonne;

    fn decide(&self, command: PersonneCommand) -> Result<Vec<PersonneEvent>, RefusPersonne> {
        match command {
            PersonneCommand::EnregistrerPersonne { personne, source, etat_civil, parole } => {
                self.enregistrer(personne, source, &etat_civil, &parole)
            }
            PersonneCommand::RectifierEtatCivil { rectification, parole } => {
                self.rectifier(rectification, &parole)
            }
            PersonneCommand::RattacherPersonne { etablissement, profil, fonctions, parole } => {
                self.rattacher(etablissement, profil, &fonctions, &parole)
            }
            PersonneCommand::ReaffecterEleve { etablissement, division, annee, parole } => {
                self.reaffecter(etablissement, division, annee, &parole)
            }
            PersonneCommand::ImmatriculerEleve { etablissement, numero } => {
                self.immatriculer(etablissement, &numero)
            }
            PersonneCommand::LimiterRattachements { perimetre, sauf, parole } => {
                self.limiter(&perimetre, &sauf, &parole)
            }
            PersonneCommand::AffecterEleve { etablissement, division, parole } => {
                self.affecter(etablissement, division, &parole)
            }
            PersonneCommand::RepartirPersonne { etablissement, annee, groupes, parole } => {
                self.repartir(etablissement, Repartition { annee: Some(annee), groupes }, &parole)
            }
            PersonneCommand::EtablirResponsabilites { responsables, parole } => {
                self.etablir_responsabilites(responsables, &parole)
            }
            PersonneCommand::RetirerSource { perimetre, parole } => self.retirer_source(&perimetre, &parole),
            PersonneCommand::OpposerInformation { le } => self.opposer(le),
            PersonneCommand::LeverOpposition => self.lever_opposition(),
            PersonneCommand::SuspendrePersonne => self.suspendre(),
        }
    }

    fn apply(&mut self, event: PersonneEvent) {
        match event {
            PersonneEvent::PersonneEnregistree { personne, source, etat_civil, provenance } => {
                self.fiche = Some(Fiche { personne, sources: BTreeSet::from([source]), suspendue: false });
                self.etat_civil.prevaloir(provenance.emetteur(), etat_civil);
            }
            PersonneEvent::SourceReconnue { source, .. } => {
                if let Some(fiche) = &mut self.fiche {
                    fiche.sources.insert(source);
                }
            }
            PersonneEvent::EtatCivilRectifie { etat_civil, provenance, .. } => {
                self.etat_civil.prevaloir(provenance.emetteur(), etat_civil);
            }
            PersonneEvent::PersonneRattachee { etablissement, profil, fonctions, provenance, .. } => {
                let rattachement = Rattachement { profil, fonctions };
                self.rattachements
                    .entry(etablissement)
                    .or_default()
                    .prevaloir(provenance.emetteur(), rattachement);
            }
            PersonneEvent::EleveReaffecte { etablissement, division, annee, provenance, .. } => {
                let paroles = self.affectations.entry(etablissement).or_default();
                paroles.trancher(provenance.emetteur(), Affectation(division));
                self.quitter_les_groupes(etablissement, annee, &provenance);
            }
            PersonneEvent::PersonneRepartie { etablissement, annee, groupes, provenance, .. } => {
                let paroles = self.repartitions.entry(etablissement).or_default();
                paroles.prevaloir(provenance.emetteur(), Repartition { annee, groupes });
            }
            PersonneEvent::EleveImmatricule { etablissement, numero, .. } => {
                self.numeros.insert(etablissement, numero);
            }
            PersonneEvent::PersonneDetachee { etablissement, .. } => {
                self.rattachements.remove(&etablissement);
                self.affectations.remove(&etablissement);
                self.repartitions.remove(&etablissement);
                self.numeros.remove(&etablissement);
            }
            PersonneEvent::EleveAffecte { etablissement, division, provenance, .. } => {
                let paroles = self.affectations.entry(etablissement).or_default();
                paroles.prevaloir(provenance.emetteur(), Affectation(division));
            }
            PersonneEvent::ResponsabilitesEtablies { responsables, provenance, .. } => {
                self.responsabilites.prevaloir(provenance.emetteur(), Responsabilites(responsables));
            }
            PersonneEvent::ParoleEntendue { dit, provenance, .. } => {
                self.entendre(provenance.emetteur(), dit)
            }
            PersonneEvent::ParoleRetiree { objet, provenance, .. } => {
                self.oublier(&provenance.emetteur(), objet)
            }
            PersonneEvent::InformationOpposee { .. } => self.opposee = true,
            PersonneEvent::OppositionLevee { .. } => self.opposee = false,
            PersonneEvent::PersonneSuspendue { .. } => self.set_suspendue(true),
            PersonneEvent::PersonneReprise { .. } => self.set_suspendue(false),
        }
    }
}

impl Personne {
    /// Whether the person works in an établissement: a pupil there does not, nor an adult who only
    /// answers for one.
    pub fn exerce_dans(&self, etablissement: EtablissementId) -> bool {
        let suspendue = self.fiche.as_ref().is_none_or(|fiche| fiche.suspendue);
        let la = self.rattachements.get(&etablissement).and_then(Paroles::en_vigueur);
        !suspendue && la.is_some_and(|la| !matches!(la.profil, Profil::Eleve | Profil::Responsable))
    }

    fn entendre(&mut self, qui: Emetteur, dit: Dit) {
        match dit {
            Dit::EtatCivil(etat_civil) => self.etat_civil.entendre(qui, etat_civil),
            Dit::Rattachement { etablissement, profil, fonctions } => {
                let rattachement = Rattachement { profil, fonctions };
                self.rattachements.entry(etablissement).or_default().entendre(qui, rattachement);
            }
            Dit::Affectation { etablissement, division } => {
                self.affectations.entry(etablissement).or_default().entendre(qui, Affectation(division));
            }
            Dit::Groupes { etablissement, annee, groupes } => {
                let dit = Repartition { annee, groupes };
                self.repartitions.entry(etablissement).or_default().entendre(qui, dit);
            }
            Dit::Responsabilites { responsables } => {
                self.responsabilites.entendre(qui, Responsabilites(responsables));
            }
        }
    }

    fn oublier(&mut self, qui: &Emetteur, objet: Objet) {
        match objet {
            Objet::EtatCivil => self.etat_civil.oublier(qui),
            Objet::Rattachement { etablissement } => {
                if let Some(paroles) = self.rattachements.get_mut(&etablissement) {
                    paroles.oublier(qui);
                }
            }
            Objet::Affectation { etablissement } => {
                if let Some(paroles) = self.affectations.get_mut(&etablissement) {
                    paroles.oublier(qui);
                }
            }
            Objet::Groupes { etablissement } => {
                if let Some(paroles) = self.repartitions.get_mut(&etablissement) {
                    paroles.oublier(qui);
                }
            }
            Objet::Responsabilites => self.responsabilites.oublier(qui),
        }
    }

    /// The groupes were of the division's year, or of who has left. At the turn of the year there is nothing
    /// to remember of what was said: it was of a year of which nobody is heard any more, or is said again.
    fn quitter_les_groupes(
        &mut self,
        etablissement: EtablissementId,
        annee: Option<AnneeScolaire>,
        provenance: &Provenance,
    ) {
        if let Some(annee) = annee {
            self.annees.insert(etablissement, annee);
            self.repartitions.remove(&etablissement);
        } else if let Some(paroles) = self.repartitions.get_mut(&etablissement) {
            paroles.trancher(provenance.emetteur(), Repartition::default());
        }
    }

    fn set_suspendue(&mut self, suspendue: bool) {
        if let Some(fiche) = &mut self.fiche {
            fiche.suspendue = suspendue;
        }
    }
}

#[cfg(test)]
mod tests;
