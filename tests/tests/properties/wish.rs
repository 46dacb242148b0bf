//! Random wishes of random users, and the crashes that come between them.
//!
//! A wish is a few small numbers, so that a failing plan shrinks to a short one. Most are
//! asked by who may, in an order that makes sense often enough; some are refused, and both
//! is fine.

mod eleve;

use super::ecole::{Qui, importer, uai};
use commands::absences::{Ligne, SeanceDemandee};
use commands::notes::{EvaluationDemandee, LigneSaisie};
use commands::portails::DelegationDemandee;
use commands::publications::{ParutionDemandee, SignalementDemande};
use commands::{Commands, Demande, UseCaseError};
use domain::absences::Presence;
use domain::notes::{Regime, Resultat, Valeur};
use domain::portails::{Attribution, NaturePortail};
use domain::publications::{Audience, Contenu, Decision, Fondement, MotifSignalement, MotifsDeDecision};
use domain::{AppelId, CommandeId, DelegationId, EvaluationId, PortailId, PublicationId, SignalementId};
use ledger::unit::Recorded;
use proptest::prelude::*;
use std::time::Duration;

/// What is wished for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quoi {
    OuvrirPortail,
    PrendreDirection,
    AccorderDelegation,
    RevoquerDelegation,
    Importer,
    OuvrirAppel,
    PointerEleves,
    CloreAppel,
    CorrigerAppel,
    CreerEvaluation,
    SaisirNotes,
    PublierEvaluation,
    CorrigerNote,
    RedigerActualite,
    ModifierPublication,
    SoumettrePublication,
    PublierPublication,
    SignalerContenu,
    PrendreConnaissance,
    RendreDecision,
    RetirerPublication,
    ConstaterAbsences,
    SaisirAbsence,
    JustifierAbsence,
    ReglerAbsence,
    RedigerSeance,
    PublierSeance,
    DonnerTravail,
    PublierTravail,
    RendreTravail,
    AnnoterCopie,
    FixerAnnee,
    FixerPeriodes,
    VerrouillerPeriode,
    ReunirConseil,
    PublierBulletins,
    EngagerProcedure,
}

const TOUT: [Quoi; 37] = [
    Quoi::OuvrirPortail,
    Quoi::PrendreDirection,
    Quoi::AccorderDelegation,
    Quoi::RevoquerDelegation,
    Quoi::Importer,
    Quoi::OuvrirAppel,
    Quoi::PointerEleves,
    Quoi::CloreAppel,
    Quoi::CorrigerAppel,
    Quoi::CreerEvaluation,
    Quoi::SaisirNotes,
    Quoi::PublierEvaluation,
    Quoi::CorrigerNote,
    Quoi::RedigerActualite,
    Quoi::ModifierPublication,
    Quoi::SoumettrePublication,
    Quoi::PublierPublication,
    Quoi::SignalerContenu,
    Quoi::PrendreConnaissance,
    Quoi::RendreDecision,
    Quoi::RetirerPublication,
    Quoi::ConstaterAbsences,
    Quoi::SaisirAbsence,
    Quoi::JustifierAbsence,
    Quoi::ReglerAbsence,
    Quoi::RedigerSeance,
    Quoi::PublierSeance,
    Quoi::DonnerTravail,
    Quoi::PublierTravail,
    Quoi::RendreTravail,
    Quoi::AnnoterCopie,
    Quoi::FixerAnnee,
    Quoi::FixerPeriodes,
    Quoi::VerrouillerPeriode,
    Quoi::ReunirConseil,
    Quoi::PublierBulletins,
    Quoi::EngagerProcedure,
];

/// What goes wrong while a wish is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// Every session with the database is cut.
    Cut,
    /// The process that is asked dies, and another takes its place.
    Kill,
    /// Who asks goes away before the answer, and asks again.
    Leave,
}

/// A fault and its instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crash {
    /// What goes wrong.
    pub fault: Fault,
    /// How long after the wish was asked, unless it was answered before; none is just
    /// before it is asked.
    pub after: Option<Duration>,
    /// Whether the wish is never asked again.
    pub forsaken: bool,
}

/// One wish of one user.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// What.
    quoi: Quoi,
    /// Asked by who should, or by somebody else.
    qui: Option<Qui>,
    /// In which collège.
    college: u8,
    /// On which of the objects there.
    which: u8,
    /// How, or about whom.
    how: u8,
    /// Which process is asked.
    pub process: usize,
    /// What goes wrong meanwhile.
    pub crash: Option<Crash>,
}

fn crash() -> impl Strategy<Value = Option<Crash>> {
    let fault = prop_oneof![Just(Fault::Cut), Just(Fault::Kill), Just(Fault::Leave)];
    let after = prop::option::weighted(0.8, (0..40u64).prop_map(|half| Duration::from_micros(half * 500)));
    let crash = (fault, after, prop::bool::weighted(0.2));
    prop::option::weighted(0.08, crash.prop_map(|(fault, after, forsaken)| Crash { fault, after, forsaken }))
}

/// What several users wish, each in this order, after the portals were opened.
pub fn plans(users: usize, wishes: usize) -> impl Strategy<Value = Vec<Vec<Wish>>> {
    let qui = prop::option::weighted(0.15, prop::sample::select(Qui::TOUS.to_vec()));
    let quoi = prop::sample::select(TOUT.to_vec());
    let wish = (quoi, qui, 0..2u8, 0..2u8, 0..4u8, 0..2usize, crash());
    let wish = wish.prop_map(|(quoi, qui, college, which, how, process, crash)| Wish {
        quoi,
        qui,
        college,
        which,
        how,
        process,
        crash,
    });
    prop::collection::vec(prop::collection::vec(wish, 1..wishes), users)
}

impl Wish {
    /// A wish of who should ask for it, in the first collège.
    pub fn of(quoi: Quoi, how: u8) -> Self {
        Self { quoi, qui: None, college: 0, which: 0, how, process: 0, crash: None }
    }

    /// The same, while nothing goes wrong.
    pub fn in_calm(self) -> Self {
        Self { crash: None, ..self }
    }

    /// Asks for it, as the faces do. Only an import has no place to answer with.
    pub async fn ask(
        self,
        commands: &Commands,
        commande: CommandeId,
    ) -> Result<Option<Recorded>, UseCaseError> {
        let compte = self.qui.unwrap_or_else(|| self.fit()).compte(self.college);
        let acteur = commands.acteur(compte).await?;
        let corps = format!("{:?} {} {} {}", self.quoi, self.college, self.which, self.how).into_bytes();
        let demande = Demande { acteur, commande, corps, cause: None };
        match self.quoi {
            Quoi::OuvrirPortail
            | Quoi::PrendreDirection
            | Quoi::AccorderDelegation
            | Quoi::RevoquerDelegation => self.ask_portail(commands, &demande).await.map(Some),
            Quoi::Importer => {
                importer(commands, &demande.acteur, self.college, self.how).await?;
                Ok(None)
            }
            Quoi::OuvrirAppel | Quoi::PointerEleves | Quoi::CloreAppel | Quoi::CorrigerAppel => {
                self.ask_appel(commands, &demande).await.map(Some)
            }
            Quoi::CreerEvaluation | Quoi::SaisirNotes | Quoi::PublierEvaluation | Quoi::CorrigerNote => {
                self.ask_evaluation(commands, &demande).await.map(Some)
            }
            Quoi::RedigerActualite
            | Quoi::ModifierPublication
            | Quoi::SoumettrePublication
            | Quoi::PublierPublication
            | Quoi::RetirerPublication => self.ask_publication(commands, &demande).await.map(Some),
            Quoi::SignalerContenu | Quoi::PrendreConnaissance | Quoi::RendreDecision => {
                self.ask_moderation(commands, &demande).await.map(Some)
            }
            Quoi::ConstaterAbsences | Quoi::SaisirAbsence | Quoi::JustifierAbsence | Quoi::ReglerAbsence => {
                self.ask_absence(commands, &demande).await.map(Some)
            }
            Quoi::RedigerSeance
            | Quoi::PublierSeance
            | Quoi::DonnerTravail
            | Quoi::PublierTravail
            | Quoi::RendreTravail
            | Quoi::AnnoterCopie => self.ask_cahier(commands, &demande).await.map(Some),
            Quoi::FixerAnnee
            | Quoi::FixerPeriodes
            | Quoi::VerrouillerPeriode
            | Quoi::ReunirConseil
            | Quoi::PublierBulletins => self.ask_periode(commands, &demande).await.map(Some),
            Quoi::EngagerProcedure => self.ask_procedure(commands, &demande).await.map(Some),
        }
    }

    /// Who may ask for it, mostly.
    fn fit(self) -> Qui {
        match self.quoi {
            Quoi::OuvrirPortail | Quoi::PrendreDirection | Quoi::Importer => Qui::Exploitant,
            Quoi::AccorderDelegation
            | Quoi::RevoquerDelegation
            | Quoi::PublierPublication
            | Quoi::RetirerPublication
            | Quoi::FixerAnnee
            | Quoi::FixerPeriodes
            | Quoi::VerrouillerPeriode
            | Quoi::ReunirConseil
            | Quoi::PublierBulletins
            | Quoi::EngagerProcedure => Qui::Chef,
            Quoi::ConstaterAbsences | Quoi::SaisirAbsence | Quoi::ReglerAbsence => Qui::Cpe,
            Quoi::OuvrirAppel
            | Quoi::PointerEleves
            | Quoi::CloreAppel
            | Quoi::CorrigerAppel
            | Quoi::CreerEvaluation
            | Quoi::SaisirNotes
            | Quoi::PublierEvaluation
            | Quoi::CorrigerNote
            | Quoi::RedigerActualite
            | Quoi::ModifierPublication
            | Quoi::SoumettrePublication
            | Quoi::RedigerSeance
            | Quoi::PublierSeance
            | Quoi::DonnerTravail
            | Quoi::PublierTravail
            | Quoi::AnnoterCopie => Qui::Enseignante,
            Quoi::RendreTravail => Qui::Eleve(0),
            Quoi::SignalerContenu | Quoi::JustifierAbsence => Qui::Parent,
            Quoi::PrendreConnaissance | Quoi::RendreDecision => Qui::Administrateur,
        }
    }

    fn portail(self) -> PortailId {
        uai(self.college).portail()
    }

    fn name(self) -> [String; 2] {
        [self.college.to_string(), self.which.to_string()]
    }

    async fn ask_portail(self, commands: &Commands, demande: &Demande) -> Result<Recorded, UseCaseError> {
        let portail = self.portail();
        let day = |day: u8| format!("2026-09-0{}", day + 1).parse().unwrap();
        let delegation = DelegationId::derived(&[&self.which.to_string()]);
        match self.quoi {
            Quoi::OuvrirPortail => {
                let nature =
                    NaturePortail::Etablissement { etablissement: uai(self.college).etablissement() };
                commands.ouvrir_portail(demande, portail, nature, "Collège".to_owned()).await
            }
            Quoi::PrendreDirection => {
                let directeur = if self.how == 3 { Qui::Cpe } else { Qui::Chef }.personne(self.college);
                let qualite = format!("principal {}", self.how);
                commands.prendre_direction(demande, portail, directeur, qualite, day(self.how)).await
            }
            Quoi::AccorderDelegation => {
                let asked = DelegationDemandee {
                    delegation,
                    compte: Qui::Administrateur.compte(self.college).unwrap(),
                    administrateur: Qui::Cpe.personne(self.college),
                    attributions: Attribution::TOUTES.iter().copied().collect(),
                    du: day(4),
                    au: None,
                };
                commands.accorder_delegation(demande, portail, asked).await
            }
            _ => {
                commands.revoquer_delegation(demande, portail, delegation, "Départ".to_owned(), day(5)).await
            }
        }
    }

    async fn ask_appel(self, commands: &Commands, demande: &Demande) -> Result<Recorded, UseCaseError> {
        let seance = SeanceDemandee {
            enseignement: uai(self.college).enseignement("6A", "maths"),
            date: "2026-11-23".parse().unwrap(),
            debut: format!("{:02}:00:00", 8 + self.which).parse().unwrap(),
            fin: format!("{:02}:00:00", 9 + self.which).parse().unwrap(),
        };
        let appel = self.appel(seance);
        let presence = match self.how {
            0 => Presence::Present,
            1 => Presence::Absent,
            how => Presence::EnRetard { minutes: u16::from(how) },
        };
        let ligne = |eleve| Ligne { eleve: Qui::Eleve(eleve).personne(self.college), presence };
        match self.quoi {
            Quoi::OuvrirAppel => commands.ouvrir_appel(demande, seance).await.map(|(_, recorded)| recorded),
            Quoi::PointerEleves => {
                let lignes: Vec<_> = (0..=self.how % 3).map(ligne).collect();
                commands.pointer_eleves(demande, appel, &lignes).await
            }
            Quoi::CloreAppel => commands.clore_appel(demande, appel).await,
            _ => commands.corriger_appel(demande, appel, ligne(self.how % 3), "Erreur".to_owned()).await,
        }
    }

    fn appel(self, asked: SeanceDemandee) -> AppelId {
        let SeanceDemandee { enseignement, date, debut, fin } = asked;
        let auditoire = uai(self.college).division("6A").into();
        domain::absences::Seance { enseignement, auditoire, date, debut, fin }.appel()
    }

    async fn ask_evaluation(self, commands: &Commands, demande: &Demande) -> Result<Recorded, UseCaseError> {
        let [college, which] = self.name();
        let evaluation = EvaluationId::derived(&[&college, &which]);
        let resultat = match self.how {
            0 => Resultat::Absent { compte_zero: false },
            1 => Resultat::NonRendu { compte_zero: true },
            how => Resultat::Note { valeur: format!("1{how}.50").parse().unwrap() },
        };
        let ligne = |eleve| LigneSaisie { eleve: Qui::Eleve(eleve).personne(self.college), resultat };
        match self.quoi {
            Quoi::CreerEvaluation => {
                let asked = EvaluationDemandee {
                    evaluation,
                    enseignement: uai(self.college).enseignement("6A", "maths"),
                    titre: "Fractions".to_owned(),
                    date: "2026-11-23".parse().unwrap(),
                    bareme: Valeur::whole(20),
                    coefficient: Valeur::whole(1),
                    formative: false,
                    regime: Regime::Obligatoire,
                    sous_matiere: None,
                };
                commands.creer_evaluation(demande, asked).await.map(|(_, recorded)| recorded)
            }
            Quoi::SaisirNotes => {
                let lignes: Vec<_> = (0..=self.how % 3).map(ligne).collect();
                commands.saisir_notes(demande, evaluation, &lignes).await
            }
            Quoi::PublierEvaluation => commands.publier_evaluation(demande, evaluation, None).await,
            _ => commands.corriger_note(demande, evaluation, ligne(self.how % 3), "Erreur".to_owned()).await,
        }
    }

    fn publication(self) -> PublicationId {
        let [college, which] = self.name();
        PublicationId::derived(&[&college, &which])
    }

    async fn ask_publication(self, commands: &Commands, demande: &Demande) -> Result<Recorded, UseCaseError> {
        let publication = self.publication();
        let contenu =
            Contenu { titre: format!("Sortie {}", self.how), corps: "Rendez-vous à 8 h.".to_owned() };
        match self.quoi {
            Quoi::RedigerActualite => {
                commands.rediger_actualite(demande, publication, self.portail(), contenu).await
            }
            Quoi::ModifierPublication => commands.modifier_publication(demande, publication, contenu).await,
            Quoi::SoumettrePublication => commands.soumettre_publication(demande, publication).await,
            Quoi::PublierPublication => {
                let asked = ParutionDemandee {
                    version: u32::from(self.how / 2) + 1,
                    audience: if self.how == 0 { Audience::Public } else { Audience::Portail },
                    du: None,
                    au: None,
                };
                commands.publier_publication(demande, publication, asked).await
            }
            _ => commands.retirer_publication(demande, publication, "Erreur".to_owned()).await,
        }
    }

    /// The notice is the newest of the portal: its id follows from a command that was granted.
    async fn ask_moderation(self, commands: &Commands, demande: &Demande) -> Result<Recorded, UseCaseError> {
        if self.quoi == Quoi::SignalerContenu {
            let asked = SignalementDemande {
                version: u32::from(self.how / 3) + 1,
                motif: MotifSignalement::Autre,
                explication: "Propos blessants".to_owned(),
                bonne_foi: true,
            };
            let (_, recorded) = commands.signaler_contenu(demande, self.publication(), asked).await?;
            return Ok(recorded);
        }
        let portail = self.portail();
        let page = projections::publications::Signalements::of_portail(
            commands.views(),
            portail.as_str(),
            false,
            None,
            1 + i64::from(self.which),
        );
        let signalement =
            page.await?.pop().map_or(SignalementId::derived(&["none"]), |row| SignalementId(row.id));
        if self.quoi == Quoi::PrendreConnaissance {
            return commands.prendre_connaissance(demande, signalement).await;
        }
        let decision = [Decision::Maintien, Decision::Masquage, Decision::Retrait][usize::from(self.how % 3)];
        let motifs = MotifsDeDecision {
            faits: "Faits".to_owned(),
            fondement: Fondement::Conditions { clause: "3".to_owned() },
            portee: None,
            moyens_automatises: false,
            voies_de_recours: "Tribunal".to_owned(),
        };
        commands.rendre_decision(demande, signalement, decision, motifs).await
    }
}
