//! Wishes about the daily life of pupils: absences, lessons, periods and bulletins, procedures.

use super::{Quoi, Wish};
use crate::properties::ecole::{Qui, uai};
use commands::absences::{RaisonDonnee, ReglementDemande};
use commands::cahier_de_textes::{SeanceARediger, TravailADonner};
use commands::notes::QuellePeriode;
use commands::vie_de_l_eleve::ProcedureDemandee;
use commands::{Commands, Demande, UseCaseError};
use domain::absences::{Creneau, Scolarite};
use domain::annuaire::{Decoupage, Periode};
use domain::cahier_de_textes::ContenuDeSeance;
use domain::{AnneeScolaire, DossierAbsenceId, SeanceId, TravailId};
use ledger::unit::Recorded;

const ANNEE: AnneeScolaire = AnneeScolaire(2026);

impl Wish {
    pub(super) async fn ask_absence(
        self,
        commands: &Commands,
        demande: &Demande,
    ) -> Result<Recorded, UseCaseError> {
        let dossier = DossierAbsenceId::derived(&self.name().each_ref().map(String::as_str));
        match self.quoi {
            Quoi::ConstaterAbsences => {
                commands.constater_absences(demande, &uai(self.college), "2026-11-23".parse().unwrap()).await
            }
            Quoi::SaisirAbsence => {
                let eleve = Qui::Eleve(0).personne(self.college);
                let scolarite = Scolarite { eleve, etablissement: uai(self.college).etablissement() };
                let at = |hour: u8| format!("2026-11-2{}T{hour:02}:00:00", 3 + self.how).parse().unwrap();
                let creneau = Creneau { debut: at(8), fin: at(9) };
                commands.saisir_absence(demande, dossier, scolarite, creneau).await
            }
            Quoi::JustifierAbsence => {
                let raison = RaisonDonnee {
                    motif: if self.how == 0 { "flemme" } else { "maladie" }.to_owned(),
                    texte: Some(format!("Fièvre {}", self.how)),
                    piece: None,
                    pieces: vec![],
                };
                commands.justifier_absence(demande, dossier, raison).await
            }
            _ => {
                let recevable = self.how > 1;
                let raison = (!recevable).then(|| "Sans réponse".to_owned());
                let asked = ReglementDemande { recevable, motif: None, raison };
                commands.regler_absence(demande, dossier, asked).await
            }
        }
    }

    pub(super) async fn ask_cahier(
        self,
        commands: &Commands,
        demande: &Demande,
    ) -> Result<Recorded, UseCaseError> {
        let name = self.name();
        let name = name.each_ref().map(String::as_str);
        let (seance, travail) = (SeanceId::derived(&name), TravailId::derived(&name));
        let enseignement = uai(self.college).enseignement("6A", "maths");
        match self.quoi {
            Quoi::RedigerSeance => {
                let asked = SeanceARediger {
                    seance,
                    enseignement,
                    date: "2026-11-23".parse().unwrap(),
                    debut: "08:00:00".parse().unwrap(),
                    fin: "09:00:00".parse().unwrap(),
                    contenu: ContenuDeSeance {
                        titre: format!("Fractions {}", self.how),
                        avant: String::new(),
                        apres: "Exercices".to_owned(),
                    },
                };
                commands.rediger_seance(demande, asked).await.map(|(_, recorded)| recorded)
            }
            Quoi::PublierSeance => commands.publier_seance(demande, seance).await,
            Quoi::DonnerTravail => {
                let asked = TravailADonner {
                    travail,
                    enseignement,
                    pour_le: "2026-11-27".parse().unwrap(),
                    titre: format!("Exercices {}", self.how),
                    consigne: String::new(),
                    minutes: 20,
                    a_rendre: true,
                };
                commands.donner_travail(demande, asked).await.map(|(_, recorded)| recorded)
            }
            Quoi::PublierTravail => commands.publier_travail(demande, travail).await,
            Quoi::RendreTravail => {
                let nom = format!("copie {}.txt", self.how);
                commands.rendre_travail(demande, travail, nom, b"3/4".to_vec()).await
            }
            _ => {
                let eleve = Qui::Eleve(0).personne(self.college);
                commands.annoter_copie(demande, travail, eleve, format!("Bien {}", self.how)).await
            }
        }
    }

    pub(super) async fn ask_periode(
        self,
        commands: &Commands,
        demande: &Demande,
    ) -> Result<Recorded, UseCaseError> {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        let division = uai(self.college).division("6A");
        let quelle = QuellePeriode { division, annee: ANNEE, rang: u16::from(self.which) + 1 };
        match self.quoi {
            Quoi::FixerAnnee => {
                let span = (day("2026-09-01"), day("2027-07-03"));
                commands.fixer_annee(demande, &uai(self.college), ANNEE, span).await
            }
            Quoi::FixerPeriodes => {
                let part = |rang: u8, debut, fin| Periode {
                    libelle: format!("Semestre {rang}"),
                    debut: day(debut),
                    fin: day(fin),
                };
                let periodes = vec![part(1, "2026-09-01", "2027-01-31"), part(2, "2027-02-01", "2027-07-03")];
                commands.fixer_periodes(demande, division, ANNEE, Decoupage::Semestres, periodes).await
            }
            Quoi::VerrouillerPeriode => commands.verrouiller_periode(demande, quelle).await,
            Quoi::ReunirConseil => commands.reunir_conseil(demande, quelle).await,
            _ => commands.publier_bulletins(demande, quelle, None).await,
        }
    }

    pub(super) async fn ask_procedure(
        self,
        commands: &Commands,
        demande: &Demande,
    ) -> Result<Recorded, UseCaseError> {
        let asked = ProcedureDemandee {
            eleve: Qui::Eleve(self.how % 3).personne(self.college),
            griefs: format!("Un coup {}", self.which),
            cas: None,
            incident: None,
        };
        commands.engager_procedure(demande, asked).await.map(|(_, recorded)| recorded)
    }
}
