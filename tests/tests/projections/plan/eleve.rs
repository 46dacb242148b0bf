//! Wishes about what befalls a pupil: absences, lessons, what a period comes to, sanctions, and what
//! families are told of it.

use super::{Wish, personne};
use domain::absences::{
    Creneau, Decision, DossierAbsenceCommand, Justification, MotifDAbsence, MoyenDeContact, OrigineDAbsence,
    Scolarite,
};
use domain::cahier_de_textes::{
    ContenuDeSeance, CopieCommand, FicheSeance, FicheTravail, SeanceCommand, TravailAFaire, TravailCommand,
};
use domain::notes::{BulletinCommand, FichePeriode, PeriodeCommand, PolitiqueVersionnee};
use domain::notifications::{Canal, Echec, EnvoiCommand, FicheEnvoi, SansSuite, Theme};
use domain::vie_de_l_eleve::{
    CauseEffacement, DecisionDeSanction, Defense, NatureSanction, SanctionCommand, VoieDeNotification,
};
use domain::{AnneeScolaire, EvenementId, PersonneId, TravailId};
use recits::bulletin::contenu;

impl Wish {
    /// Whom it is about: one pupil for each thing, so that both writers meet.
    fn eleve(self) -> PersonneId {
        personne(self.which)
    }

    fn le(self, jour: &str) -> chrono::NaiveDate {
        jour.parse().unwrap()
    }

    pub fn to_dossier(self) -> DossierAbsenceCommand {
        let at = |hour: u8| format!("2026-11-2{}T{hour:02}:00:00", 3 + self.how).parse().unwrap();
        let creneau = |hour: u8| Creneau { debut: at(hour), fin: at(hour + 1) };
        let scolarite = Scolarite { eleve: self.eleve(), etablissement: self.uai().etablissement() };
        let motif = MotifDAbsence::legaux().swap_remove(usize::from(self.how));
        let texte = Some("Fièvre".to_owned());
        let (par, recueil) = (personne(10), None);
        let justification = Justification { par, motif, texte, piece: None, pieces: vec![], recueil };
        match self.step {
            0 | 1 => DossierAbsenceCommand::ConstaterAbsence {
                scolarite,
                creneaux: (0..self.how).map(|rang| creneau(8 + rang)).collect(),
                origine: if self.step == 0 { OrigineDAbsence::Appels } else { OrigineDAbsence::Saisie },
            },
            2 => DossierAbsenceCommand::AnnoncerAbsence {
                scolarite,
                creneau: creneau(14),
                justification,
                maintenant: "2026-11-20T08:00:00".parse().unwrap(),
            },
            3 => DossierAbsenceCommand::ContacterFamille {
                moyen: MoyenDeContact::Telephone,
                resume: Some("Prévenue".to_owned()),
                par: personne(9),
                le: "2026-11-23T07:00:00Z".parse().unwrap(),
            },
            4 if self.how == 0 => {
                DossierAbsenceCommand::RecueillirJustificatif { justification, en_repond: true }
            }
            4 => DossierAbsenceCommand::JustifierAbsence { justification },
            _ => DossierAbsenceCommand::ReglerAbsence {
                decision: Decision {
                    recevable: self.how > 1,
                    motif: None,
                    raison: (self.how < 2).then(|| "Sans réponse".to_owned()),
                    par: personne(9),
                },
                le: self.le("2026-11-27"),
            },
        }
    }

    pub fn periode(self) -> FichePeriode {
        FichePeriode {
            division: self.uai().division("6A"),
            annee: AnneeScolaire(2026),
            rang: u16::from(self.which / 2) + 1,
            libelle: format!("Trimestre {}", self.which / 2 + 1),
            debut: self.le("2026-09-01"),
            fin: self.le("2026-11-30"),
        }
    }

    pub fn to_periode(self) -> PeriodeCommand {
        match self.step {
            0 | 1 => PeriodeCommand::Verrouiller {
                fiche: self.periode(),
                politique: PolitiqueVersionnee::default(),
            },
            2 => PeriodeCommand::Deverrouiller { motif: "Oubli".to_owned() },
            3 | 4 => PeriodeCommand::ReunirConseil,
            _ => PeriodeCommand::PublierPeriode {
                visible_des: "2026-12-04T17:00:00Z".parse().unwrap(),
                maintenant: "2026-12-01T17:00:00Z".parse().unwrap(),
            },
        }
    }

    pub fn to_bulletin(self) -> BulletinCommand {
        let visible_des = "2026-12-04T17:00:00Z".parse().unwrap();
        match self.step {
            0..=2 => BulletinCommand::PublierBulletin {
                eleve: self.eleve(),
                contenu: Box::new(contenu(self.periode(), &format!("Synthèse {}", self.how))),
                visible_des,
            },
            _ => BulletinCommand::LireBulletin { par: personne(10 + self.how), le: visible_des },
        }
    }

    pub fn to_seance(self) -> SeanceCommand {
        let seance = self.seance();
        let contenu = ContenuDeSeance {
            titre: format!("Fractions {}", self.how),
            avant: String::new(),
            apres: "Exercices".to_owned(),
        };
        match self.step {
            0 | 1 => SeanceCommand::RedigerSeance {
                fiche: FicheSeance {
                    enseignement: seance.enseignement,
                    auditoire: seance.auditoire,
                    date: seance.date,
                    debut: seance.debut,
                    fin: seance.fin,
                },
                contenu,
                auteur: personne(9),
                reprise_de: None,
            },
            2 | 3 => SeanceCommand::ModifierSeance { contenu },
            _ => SeanceCommand::PublierSeance,
        }
    }

    pub fn travail(self) -> TravailId {
        TravailId::derived(&[&self.which.to_string()])
    }

    pub fn to_travail(self) -> TravailCommand {
        let seance = self.seance();
        let fiche = FicheTravail {
            enseignement: seance.enseignement,
            auditoire: seance.auditoire,
            donne_le: seance.date,
            pour_le: self.le("2026-11-27"),
            titre: format!("Exercices {}", self.how),
            consigne: String::new(),
            minutes: 20,
            a_rendre: true,
        };
        match self.step {
            0 | 1 => TravailCommand::DonnerTravail { fiche, auteur: personne(9) },
            2 | 3 => TravailCommand::ModifierTravail { fiche },
            4 => TravailCommand::PublierTravail,
            _ => TravailCommand::AnnulerTravail,
        }
    }

    /// Each travail has the copie of one pupil.
    pub fn to_copie(self) -> CopieCommand {
        let (eleve, auditoire) = (self.eleve(), self.auditoire());
        let travail = TravailAFaire { travail: self.travail(), auditoire, ouvert: true, a_rendre: true };
        match self.step {
            0..=2 => CopieCommand::MarquerTravail {
                travail,
                eleve,
                auditoire: Some(auditoire),
                fait: self.how > 0,
            },
            3 | 4 => CopieCommand::RendreTravail {
                travail,
                eleve,
                auditoire: Some(auditoire),
                nom: format!("copie {}.txt", self.how),
                octets: b"3/4".to_vec(),
            },
            _ => CopieCommand::AnnoterCopie {
                travail: self.travail(),
                eleve,
                auteur: personne(9),
                annotation: format!("Bien {}", self.how),
            },
        }
    }

    /// Steps of a procedure come in their order often enough, since few of them depend on more than
    /// the one before.
    pub fn to_sanction(self) -> SanctionCommand {
        let (monday, later) = (self.le("2026-11-23"), self.le("2026-11-27"));
        match (self.step, self.how) {
            (0, _) => SanctionCommand::EngagerProcedure {
                eleve: self.eleve(),
                griefs: "Un coup.".to_owned(),
                cas: None,
                incident: None,
                par: personne(0),
                le: monday,
            },
            (1, _) => SanctionCommand::InformerEleve {
                jours: 2,
                mineur: true,
                responsables: vec![personne(10)],
                conseil_le: None,
                le: monday,
            },
            (2, _) => SanctionCommand::RecueillirDefense { defense: Defense::Renonciation, le: monday },
            (3, how) => SanctionCommand::PrononcerSanction {
                decision: DecisionDeSanction {
                    nature: if how == 0 {
                        NatureSanction::Avertissement
                    } else {
                        NatureSanction::ExclusionDeLaClasse { jours: u16::from(how) }
                    },
                    motifs: "Établi.".to_owned(),
                    conseil: None,
                    sursis: None,
                },
                le: later,
            },
            (4, 0) => SanctionCommand::ExecuterSanction { du: later },
            (4, _) => SanctionCommand::NotifierSanction {
                destinataires: vec![self.eleve(), personne(10)],
                voie: VoieDeNotification::MainPropre,
                le: later,
            },
            (_, 0) => SanctionCommand::ClasserProcedure { motif: "Sans suite".to_owned(), le: later },
            (_, 1) => SanctionCommand::DemanderEffacement { par: self.eleve(), le: later },
            _ => SanctionCommand::EffacerSanction {
                cause: CauseEffacement::TermeLegal,
                parti: false,
                terme: None,
                le: self.le("2031-08-01"),
            },
        }
    }

    pub fn to_envoi(self) -> EnvoiCommand {
        let maintenant = "2026-11-23T07:00:00Z".parse().unwrap();
        match self.step {
            0..=2 => EnvoiCommand::PreparerEnvoi {
                fiche: FicheEnvoi {
                    destinataire: personne(10),
                    canal: Canal::ALL[usize::from(self.how % 3)],
                    annonce: EvenementId::derived(&[&self.which.to_string()]),
                    theme: Theme::ALL[usize::from(self.how % 2)],
                    pas_avant: maintenant,
                },
            },
            3 => EnvoiCommand::RemettreEnvoi { message: format!("message {}", self.how) },
            4 if self.how == 3 => EnvoiCommand::RetablirAdresse,
            5 if self.how == 3 => {
                let annonce = EvenementId::derived(&[&self.which.to_string()]);
                EnvoiCommand::Renoncer { annonce, motif: SansSuite::SansMoyen }
            }
            4 => EnvoiCommand::ConstaterNonRemise {
                statut: if self.how == 0 { "5.1.1".to_owned() } else { "4.4.7".to_owned() },
                adresse: Some(format!("adresse{}@exemple.fr", self.which)),
            },
            _ => EnvoiCommand::EchouerEnvoi {
                echec: match self.how {
                    0 => Echec::AdresseRefusee,
                    1 => Echec::AdresseInexistante,
                    _ => Echec::RefusPassager,
                },
                adresse: Some(format!("adresse{}@exemple.fr", self.which)),
                pas_avant: None,
                maintenant,
            },
        }
    }
}
