//! Random wishes, over few enough things that they meet.
//!
//! A wish is four small numbers, so that a failing plan shrinks to a short one; most are
//! granted, some are refused, and both is fine.

mod eleve;
mod portails;

use anyhow::{Result, bail};
use chrono::DateTime;
use commands::UseCaseError;
use domain::absences::{Appel, AppelCommand, DossierAbsence, Pointage, Presence, Seance};
use domain::annuaire::{
    Auditoire, DeclarationDeGroupe, Etablissement, EtablissementCommand, EtatCivil, FicheEtablissement,
    Matiere, NiveauResponsabilite, Origine, Parole, Personne, PersonneCommand, Profil, Responsabilite,
    Source, Uai,
};
use domain::cahier_de_textes::{Copie, Seance as SeanceEcrite, Travail};
use domain::notes::{
    Bulletin, Cycle, Domaine, Evaluation, EvaluationCommand, FicheEvaluation, LigneDeCompetence, LigneDeNote,
    PeriodeDeNotes, Positionnement, Regime, Resultat, Valeur,
};
use domain::notifications::Envoi;
use domain::portails::{
    Adhesion, Attribution, Catalogue, Habilitation, Intervention, MiseEnGarde, NaturePortail, Portail,
    PortailCommand, Theme,
};
use domain::publications::{
    Contenu, ContenuSignale, Decision, Espaces, Fondement, ModeDeModeration, MotifSignalement,
    MotifsDeDecision, OfficeModeration, Parution, Publication, PublicationCommand, Signalement,
    SignalementCommand,
};
use domain::vie_de_l_eleve::Sanction;
use domain::{
    Aggregate, AnneeScolaire, CompteId, CopieId, DelegationId, DossierAbsenceId, EnvoiId, EvaluationId,
    HabilitationId, InterventionId, MiseEnGardeId, PersonneId, PortailId, PublicationId, SanctionId,
    SeanceId, SignalementId,
};
use ledger::Ledger;
use proptest::prelude::*;
use recits::{context, record};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The school year of the groupes.
const ANNEE: AnneeScolaire = AnneeScolaire(2026);

/// One wish of one writer.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// To which kind of aggregate.
    kind: u8,
    /// To which one of them; it also says on which portal.
    which: u8,
    /// What.
    step: u8,
    /// About whom, or how.
    how: u8,
}

/// What several writers wish, each in this order.
pub fn plans(writers: usize, wishes: usize) -> impl Strategy<Value = Vec<Vec<Wish>>> {
    let wish = (0..22u8, 0..4u8, 0..6u8, 0..4u8);
    let wish = wish.prop_map(|(kind, which, step, how)| Wish { kind, which, step, how });
    prop::collection::vec(prop::collection::vec(wish, 1..wishes), writers)
}

/// Asks for everything that one writer wishes.
pub async fn carry_out(ledger: Ledger, writer: usize, plan: Vec<Wish>) -> Result<()> {
    for (number, wish) in plan.into_iter().enumerate() {
        wish.ask(&ledger, &[&writer.to_string(), &number.to_string()]).await?;
    }
    Ok(())
}

impl Wish {
    async fn ask(self, ledger: &Ledger, command: &[&str]) -> Result<()> {
        match self.kind {
            0 => self.tell::<Portail>(ledger, command, self.portail(), self.to_portail()).await,
            1 => self.tell::<Personne>(ledger, command, personne(self.which), self.to_personne()).await,
            2 => {
                self.tell::<Etablissement>(
                    ledger,
                    command,
                    self.uai().etablissement(),
                    self.to_etablissement(),
                )
                .await
            }
            3 => self.tell::<Appel>(ledger, command, self.seance().appel(), self.to_appel()).await,
            4 => {
                let id = EvaluationId::derived(&[&self.which.to_string()]);
                self.tell::<Evaluation>(ledger, command, id, self.to_evaluation()).await
            }
            5 => self.tell::<Publication>(ledger, command, self.publication(), self.to_publication()).await,
            6 => {
                let id = SignalementId::derived(&[&self.which.to_string()]);
                self.tell::<Signalement>(ledger, command, id, self.to_signalement()).await
            }
            7 => self.tell::<Adhesion>(ledger, command, self.portail(), self.to_adhesion()).await,
            8 => self.tell::<Catalogue>(ledger, command, self.portail(), self.to_catalogue()).await,
            9 => self.tell::<Theme>(ledger, command, self.portail(), self.to_theme()).await,
            10 => {
                let id = MiseEnGardeId::derived(&[&self.which.to_string()]);
                self.tell::<MiseEnGarde>(ledger, command, id, self.to_mise_en_garde()).await
            }
            11 => {
                let id = HabilitationId::derived(&[&self.which.to_string()]);
                self.tell::<Habilitation>(ledger, command, id, self.to_habilitation()).await
            }
            12 => {
                let id = InterventionId::derived(&[&self.which.to_string()]);
                self.tell::<Intervention>(ledger, command, id, self.to_intervention()).await
            }
            21 => self.tell::<Espaces>(ledger, command, self.portail(), self.to_espace()).await,
            _ => self.ask_about_a_pupil(ledger, command).await,
        }
    }

    async fn ask_about_a_pupil(self, ledger: &Ledger, command: &[&str]) -> Result<()> {
        let which = self.which.to_string();
        match self.kind {
            13 => {
                let id = DossierAbsenceId::derived(&[&which]);
                self.tell::<DossierAbsence>(ledger, command, id, self.to_dossier()).await
            }
            14 => {
                let id = self.periode().periode();
                self.tell::<PeriodeDeNotes>(ledger, command, id, self.to_periode()).await
            }
            15 => {
                let id = self.periode().periode().bulletin(personne(self.which));
                self.tell::<Bulletin>(ledger, command, id, self.to_bulletin()).await
            }
            16 => {
                let id = SeanceId::derived(&[&which]);
                self.tell::<SeanceEcrite>(ledger, command, id, self.to_seance()).await
            }
            17 => self.tell::<Travail>(ledger, command, self.travail(), self.to_travail()).await,
            18 => {
                let id = CopieId::de(self.travail(), personne(self.which));
                self.tell::<Copie>(ledger, command, id, self.to_copie()).await
            }
            19 => {
                let id = SanctionId::derived(&[&which]);
                self.tell::<Sanction>(ledger, command, id, self.to_sanction()).await
            }
            _ => {
                let id = EnvoiId::derived(&[&which]);
                self.tell::<Envoi>(ledger, command, id, self.to_envoi()).await
            }
        }
    }

    async fn tell<A: Aggregate>(
        self,
        ledger: &Ledger,
        command_id: &[&str],
        id: impl ToString,
        command: A::Command,
    ) -> Result<()> {
        let id = id.to_string();
        loop {
            let context = context(&self.portail(), command_id, ledger.clock().now());
            match record::<A>(ledger, context, &id, command.clone()).await {
                Ok(_) | Err(UseCaseError::Refused(_)) => return Ok(()),
                Err(UseCaseError::Conflict) => continue,
                Err(error) => bail!("{self:?}: {error:?}"),
            }
        }
    }

    fn uai(self) -> Uai {
        let number = format!("069000{}", self.which % 2 + 1);
        ('A'..='Z').find_map(|letter| format!("{number}{letter}").parse().ok()).unwrap()
    }

    fn portail(self) -> PortailId {
        self.uai().portail()
    }

    fn seance(self) -> Seance {
        Seance {
            enseignement: self.uai().enseignement("6A", "maths"),
            auditoire: self.auditoire(),
            date: "2026-11-23".parse().unwrap(),
            debut: format!("{:02}:00:00", 8 + self.which).parse().unwrap(),
            fin: format!("{:02}:00:00", 9 + self.which).parse().unwrap(),
        }
    }

    /// Most séances are of a division, some of a groupe.
    fn auditoire(self) -> Auditoire {
        match self.which {
            1 => self.uai().groupe(ANNEE, "6LAT").into(),
            _ => self.uai().division("6A").into(),
        }
    }

    fn publication(self) -> PublicationId {
        PublicationId::derived(&[&self.which.to_string()])
    }

    fn contenu(self) -> Contenu {
        Contenu { titre: format!("Sortie {}", self.how), corps: "Rendez-vous à 8 h.".to_owned() }
    }

    fn to_portail(self) -> PortailCommand {
        let etablissement = self.uai().etablissement();
        let nature = NaturePortail::Etablissement { etablissement };
        let day = |day: u8| format!("2026-09-0{}", day + 1).parse().unwrap();
        // Clients choose these ids: nothing keeps two portals from choosing the same.
        let delegation = DelegationId::derived(&[&self.how.to_string()]);
        match self.step {
            0 => {
                PortailCommand::OuvrirPortail { portail: self.portail(), nature, nom: "Collège".to_owned() }
            }
            1 | 2 => PortailCommand::PrendreDirection {
                directeur: personne(self.how % 2),
                qualite: if self.step == 1 { "principale" } else { "principal adjoint" }.to_owned(),
                depuis: day(self.how / 2),
                delegant: None,
            },
            3 | 4 => PortailCommand::AccorderDelegation {
                delegation,
                compte: CompteId::derived(&[&self.how.to_string()]),
                compte_libre: true,
                administrateur: personne(3),
                rattache: true,
                par: personne(self.step % 2),
                attributions: [Attribution::Moderation].into(),
                du: day(3),
                au: None,
            },
            _ if self.how == 3 => PortailCommand::QuitterDirection { au: day(6), pages_en_ligne: false },
            _ => PortailCommand::RevoquerDelegation { delegation, motif: "Départ".to_owned(), le: day(5) },
        }
    }

    fn to_personne(self) -> PersonneCommand {
        let etablissement = self.uai().etablissement();
        match self.step {
            0 | 1 => PersonneCommand::EnregistrerPersonne {
                personne: personne(self.which),
                source: Source {
                    origine: Origine::Aaf,
                    portee: "Lyon".to_owned(),
                    cle: self.which.to_string(),
                },
                etat_civil: EtatCivil { nom: format!("Nom {}", self.how), ..EtatCivil::default() },
                parole: aaf(),
            },
            2 => PersonneCommand::RattacherPersonne {
                etablissement,
                profil: if self.how == 3 { Profil::Enseignant } else { Profil::Eleve },
                fonctions: vec![format!("code {}", self.how % 2)],
                parole: aaf(),
            },
            3 if self.how > 1 => PersonneCommand::RepartirPersonne {
                etablissement,
                annee: ANNEE,
                groupes: (self.how == 2).then(|| self.uai().groupe(ANNEE, "6LAT")).into_iter().collect(),
                parole: aaf(),
            },
            3 => PersonneCommand::AffecterEleve {
                etablissement,
                division: (self.how > 0).then(|| self.uai().division("6A")),
                parole: aaf(),
            },
            4 => PersonneCommand::EtablirResponsabilites {
                responsables: (0..self.how)
                    .map(|who| Responsabilite {
                        responsable: personne(10 + who),
                        lien: "mère".to_owned(),
                        niveau: NiveauResponsabilite::Legale1,
                        destinataire: who == 0,
                    })
                    .collect(),
                parole: aaf(),
            },
            _ if self.how < 2 => {
                PersonneCommand::ImmatriculerEleve { etablissement, numero: format!("451{}", self.how) }
            }
            _ if self.how == 2 => PersonneCommand::LimiterRattachements {
                perimetre: Arc::new([etablissement].into()),
                sauf: BTreeSet::new(),
                parole: aaf(),
            },
            _ => PersonneCommand::SuspendrePersonne,
        }
    }

    fn to_etablissement(self) -> EtablissementCommand {
        // Two divisions, two matières in each, and two teachers of each: a batch has several of all.
        let division = if self.step % 2 == 1 { "6A" } else { "6B" }.to_owned();
        let code = if self.how < 2 { "maths" } else { "anglais" }.to_owned();
        let matiere = Matiere { libelle: format!("{code} {}", self.how % 2), code };
        match self.step {
            0 => EtablissementCommand::EnregistrerEtablissement {
                uai: self.uai(),
                fiche: FicheEtablissement {
                    nom: format!("Collège {}", self.how),
                    nature: "COLLEGE".to_owned(),
                    academie: "LYON".to_owned(),
                    commune: "Lyon".to_owned(),
                },
                parole: aaf(),
            },
            2 if self.how == 2 => EtablissementCommand::DeclarerGroupe {
                declaration: DeclarationDeGroupe {
                    annee: ANNEE,
                    code: "6LAT".to_owned(),
                    libelle: format!("Latin {}", self.which),
                    divisions: BTreeSet::new(),
                },
                parole: aaf(),
            },
            2 if self.how == 3 => {
                EtablissementCommand::LimiterGroupes { annee: ANNEE, sauf: BTreeSet::new(), parole: aaf() }
            }
            1 | 2 => EtablissementCommand::OuvrirDivision {
                code: division,
                libelle: format!("Sixième {}", self.how),
                mef: (self.how == 3).then(|| "10010012110".to_owned()),
                parole: aaf(),
            },
            3 | 4 if self.how == 2 => EtablissementCommand::AttribuerAuGroupe {
                annee: ANNEE,
                groupe: "6LAT".to_owned(),
                matiere,
                enseignant: personne(self.how),
                parole: aaf(),
            },
            3 | 4 => EtablissementCommand::AttribuerEnseignement {
                division,
                matiere,
                enseignant: personne(self.how),
                principal: self.which < 2,
                parole: aaf(),
            },
            _ => EtablissementCommand::LimiterEnseignements {
                enseignant: Some(personne(self.how)),
                sauf: BTreeSet::new(),
                parole: aaf(),
            },
        }
    }

    fn to_appel(self) -> AppelCommand {
        let presence = match self.how {
            0 => Presence::Present,
            1 => Presence::Absent,
            _ => Presence::EnRetard { minutes: u16::from(self.how) },
        };
        let pointage = |eleve| Pointage { eleve, auditoire: Some(self.auditoire()), presence };
        match self.step {
            0 => AppelCommand::OuvrirAppel {
                seance: self.seance(),
                enseignant: personne(9),
                maintenant: "2026-11-23T07:00:00Z".parse().unwrap(),
            },
            1 | 2 => AppelCommand::PointerEleves { pointages: vec![pointage(personne(self.step))] },
            3 => {
                AppelCommand::PointerEleves { pointages: (1..4).map(|who| pointage(personne(who))).collect() }
            }
            4 => AppelCommand::CorrigerAppel { pointage: pointage(personne(1)), motif: "Erreur".to_owned() },
            _ => AppelCommand::CloreAppel,
        }
    }

    fn to_evaluation(self) -> EvaluationCommand {
        let fiche = FicheEvaluation {
            enseignement: self.seance().enseignement,
            auditoire: self.auditoire(),
            titre: "Fractions".to_owned(),
            date: self.seance().date,
            bareme: Valeur::whole(20),
            coefficient: Valeur::whole(1),
            formative: false,
            sous_matiere: None,
            regime: Regime::Obligatoire,
        };
        let resultat = match self.how {
            0 => Resultat::Absent { compte_zero: false },
            1 => Resultat::NonRendu { compte_zero: true },
            how => Resultat::Note { valeur: format!("1{how}.50").parse().unwrap() },
        };
        let ligne = |who| LigneDeNote { eleve: personne(who), auditoire: Some(fiche.auditoire), resultat };
        let competence = |who| LigneDeCompetence {
            eleve: personne(who),
            auditoire: Some(fiche.auditoire),
            positionnement: Positionnement {
                cycle: Cycle::Cycle4,
                domaine: Domaine::MethodesEtOutils,
                niveau: (who + 1).try_into().unwrap(),
            },
        };
        match self.step {
            0 => EvaluationCommand::CreerEvaluation { fiche, auteur: personne(9) },
            1..=3 => EvaluationCommand::SaisirNotes { lignes: (0..self.step).map(ligne).collect() },
            4 if self.how == 0 => EvaluationCommand::PositionnerCompetences {
                lignes: (0..3).map(competence).collect(),
                motif: Some("Erreur".to_owned()),
            },
            4 => EvaluationCommand::CorrigerNote { ligne: ligne(self.how), motif: "Erreur".to_owned() },
            _ => EvaluationCommand::PublierEvaluation { visible_des: None, maintenant: DateTime::UNIX_EPOCH },
        }
    }

    fn to_publication(self) -> PublicationCommand {
        let (auteur, contenu) = (personne(self.how), self.contenu());
        let (par, motif) = (personne(0), "Plainte".to_owned());
        match (self.step, self.how) {
            (0, _) => PublicationCommand::RedigerActualite { portail: self.portail(), auteur, contenu },
            (1, _) => PublicationCommand::ModifierPublication { auteur, contenu },
            (2, _) => PublicationCommand::SoumettrePublication,
            (3, _) => PublicationCommand::PublierPublication(Parution {
                version: u32::from(self.how) / 2 + 1,
                directeur: Some(par),
                audience: self.espace(),
                mode: ModeDeModeration::APriori,
                par,
                premiere: false,
                du: "2026-11-23T08:00:00Z".parse().unwrap(),
                au: None,
                maintenant: "2026-11-23T07:00:00Z".parse().unwrap(),
            }),
            (4, _) => PublicationCommand::MasquerPublication { par, motif },
            (_, 0) => PublicationCommand::RetirerPublication { par, motif },
            _ => PublicationCommand::LeverMasquage { par, motif },
        }
    }

    fn to_signalement(self) -> SignalementCommand {
        let le = "2026-11-23T07:00:00Z".parse().unwrap();
        let par = personne(self.how);
        let office = if self.how.is_multiple_of(2) {
            OfficeModeration::Moderateur
        } else {
            OfficeModeration::Directeur
        };
        match self.step {
            0 | 1 => SignalementCommand::SignalerContenu {
                contenu: ContenuSignale {
                    publication: self.publication(),
                    version: 1,
                    empreinte: self.contenu().empreinte(),
                    portail: self.portail(),
                    auteur: personne(0),
                },
                version: 1,
                signalant: par,
                deja_signale: false,
                motif: MotifSignalement::Autre,
                explication: "Propos blessants".to_owned(),
                bonne_foi: true,
                maintenant: le,
            },
            2 | 3 => SignalementCommand::PrendreConnaissance { par, office, le },
            _ => SignalementCommand::RendreDecision {
                par,
                office,
                decision: if self.step == 4 { Decision::Maintien } else { Decision::Retrait },
                motifs: MotifsDeDecision {
                    faits: "Faits".to_owned(),
                    fondement: Fondement::Conditions { clause: "3".to_owned() },
                    portee: None,
                    moyens_automatises: false,
                    voies_de_recours: "Tribunal".to_owned(),
                },
                le,
            },
        }
    }
}

/// What the AAF says.
fn aaf() -> Parole {
    Parole::de(Origine::Aaf, "Lyon", "2026-11-23".parse().unwrap())
}

fn personne(number: u8) -> PersonneId {
    PersonneId::derived(&[&number.to_string()])
}
