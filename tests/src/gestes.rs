//! What people of a school do in more than one story.

use crate::{Ecole, global};
use anyhow::Result;
use api::envois::Distribution;
use domain::absences::{DossierAbsence, Scolarite};
use domain::annuaire::{
    EtatCivil, NiveauResponsabilite, Origine, Parole, Personne, PersonneCommand, Profil, Responsabilite,
    Source, Uai,
};
use domain::{CompteId, DivisionId, PersonneId, journee};
use ledger::clock::Clock;
use serde_json::{Value, json};
use uuid::Uuid;

/// An hour that somebody teaches the division.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Heure {
    pub enseignant: CompteId,
    pub enseignement: Uuid,
    pub date: String,
    pub debut: String,
    pub fin: String,
}

impl Ecole {
    /// An hour of the teacher's.
    pub fn heure(&self, date: &str, debut: &str, fin: &str) -> Heure {
        let (enseignant, enseignement) = (self.enseignante, self.enseignement);
        let [date, debut, fin] = [date, debut, fin].map(str::to_owned);
        Heure { enseignant, enseignement, date, debut, fin }
    }

    /// Opens the roll of an hour, in which these pupils are absent; its id.
    pub async fn pointer(&self, heure: &Heure, absents: &[Uuid]) -> Result<Value> {
        let seance = json!({ "enseignementId": global("Enseignement", heure.enseignement),
                             "date": heure.date, "debut": heure.debut, "fin": heure.fin });
        let ouvert = self.maison.granted(heure.enseignant, "ouvrirAppel", seance, "appel { id }").await?;
        let appel = ouvert["appel"]["id"].clone();
        if !absents.is_empty() {
            let absent = |eleve: &Uuid| json!({ "eleveId": global("Eleve", *eleve), "etat": "ABSENT" });
            let lines: Vec<_> = absents.iter().map(absent).collect();
            let lines = json!({ "appelId": appel, "pointages": lines });
            self.maison.granted(heure.enseignant, "pointerEleves", lines, "").await?;
        }
        Ok(appel)
    }

    /// The same, and closes it.
    pub async fn faire_l_appel(&self, heure: &Heure, absents: &[Uuid]) -> Result<Value> {
        let appel = self.pointer(heure, absents).await?;
        self.maison.granted(heure.enseignant, "cloreAppel", json!({ "appelId": appel }), "").await?;
        Ok(appel)
    }

    /// Absences of a day are stated from its closed rolls.
    pub async fn constater(&self, date: &str) -> Result<()> {
        let asked = json!({ "uai": self.uai, "date": date });
        self.maison.granted(self.cpe, "constaterAbsences", asked, "etablissement { id }").await?;
        Ok(())
    }

    /// In two weeks of November a pupil is late twice and absent on four mornings: two are settled under
    /// a legitimate motive, one waits, and the last has a motive that the bulletin does not tell.
    pub async fn quinzaine_d_absences(&self, eleve: Uuid) -> Result<()> {
        let maison = &self.maison;
        let motif = json!({ "uai": self.uai, "code": "orientation", "libelle": "Rendez-vous d'orientation",
                            "legitime": true, "bulletin": false, "alertes": false });
        maison.granted(self.principal, "definirMotifAbsence", motif, "").await?;
        let scolarite =
            Scolarite { eleve: PersonneId(eleve), etablissement: self.uai.parse::<Uai>()?.etablissement() };
        for (date, motif) in [
            ("2026-11-16", Some("maladie")),
            ("2026-11-17", Some("reunion_famille")),
            ("2026-11-19", None),
            ("2026-11-20", Some("orientation")),
        ] {
            self.faire_l_appel(&self.heure(date, "08:00:00", "11:00:00"), &[eleve]).await?;
            self.constater(date).await?;
            if let Some(motif) = motif {
                let dossier = global("DossierAbsence", DossierAbsence::du_jour(scolarite, date.parse()?).0);
                let settled = json!({ "dossierAbsenceId": dossier, "recevable": true, "motif": motif });
                maison.granted(self.cpe, "reglerAbsence", settled, "").await?;
            }
        }
        for date in ["2026-11-10", "2026-11-12"] {
            let appel = self.pointer(&self.heure(date, "14:00:00", "15:00:00"), &[]).await?;
            let late = json!({ "eleveId": global("Eleve", eleve), "etat": "EN_RETARD", "minutes": 5 });
            let lines = json!({ "appelId": appel, "pointages": [late] });
            maison.granted(self.enseignante, "pointerEleves", lines, "").await?;
            maison.granted(self.enseignante, "cloreAppel", json!({ "appelId": appel }), "").await?;
        }
        Ok(())
    }

    /// A pupil enters the division, named by a file of the collège's under this key.
    pub async fn inscrire(&self, cle: &str, etat_civil: EtatCivil) -> Result<PersonneId> {
        let bench = &self.maison.bench;
        let personne = PersonneId::derived(&["inscrit", cle]);
        let etablissement = self.uai.parse::<Uai>()?.etablissement();
        let parole = Parole::de(Origine::Csv, &self.uai, journee(bench.clock.now()));
        let source = Source { origine: Origine::Csv, portee: self.uai.clone(), cle: cle.to_owned() };
        let (profil, division) = (Profil::Eleve, Some(DivisionId(self.division)));
        let commands = [
            PersonneCommand::EnregistrerPersonne { personne, source, etat_civil, parole: parole.clone() },
            PersonneCommand::RattacherPersonne {
                etablissement,
                profil,
                fonctions: vec![],
                parole: parole.clone(),
            },
            PersonneCommand::AffecterEleve { etablissement, division, parole },
        ];
        for (number, command) in commands.into_iter().enumerate() {
            let context = bench.context(&"ac-lyon".parse()?, &["inscrire", cle, &number.to_string()]);
            bench.record::<Personne>(context, personne, command).await?;
        }
        Ok(personne)
    }

    /// An import has it that this person answers for a pupil, and nobody else does.
    pub async fn rendre_responsable(&self, eleve: Uuid, compte: CompteId) -> Result<()> {
        self.rendre_responsables(eleve, &[(compte, true)]).await
    }

    /// An import has it that these people answer for a pupil, and nobody else does: each with the right
    /// to be informed, or without.
    pub async fn rendre_responsables(&self, eleve: Uuid, qui: &[(CompteId, bool)]) -> Result<()> {
        let bench = &self.maison.bench;
        let responsables = qui.iter().map(|(compte, destinataire)| Responsabilite {
            responsable: PersonneId(compte.0),
            lien: "10".to_owned(),
            niveau: NiveauResponsabilite::Legale1,
            destinataire: *destinataire,
        });
        let responsables = responsables.collect();
        let parole = Parole::de(Origine::Aaf, "Lyon", journee(bench.clock.now()));
        let command = PersonneCommand::EtablirResponsabilites { responsables, parole };
        let context = bench.context(&"ac-lyon".parse()?, &["responsable", &eleve.to_string()]);
        bench.record::<Personne>(context, eleve, command).await?;
        Ok(bench.runner.catch_up().await?)
    }

    /// The collège, as a client names it.
    pub fn etablissement(&self) -> Result<String> {
        Ok(global("Etablissement", self.uai.parse::<Uai>()?.etablissement().0))
    }

    /// A pupil hits the teacher in the yard, who reports it: what `fields` of the incident show.
    pub async fn signaler_un_coup(&self, eleve: Uuid, le: &str, fields: &str) -> Result<Value> {
        let input = json!({
            "etablissementId": self.etablissement()?, "nature": "VIOLENCE_PHYSIQUE", "lieu": "COUR",
            "gravite": "MOYENNE", "le": le, "aAvertir": ["RESPONSABLES", "ACADEMIE"],
            "protagonistes": [
                { "personneId": global("Eleve", eleve), "role": "AUTEUR", "recit": "Un coup." },
                { "personneId": global("Personne", self.enseignante.0), "role": "VICTIME" },
            ],
        });
        let fields = format!("incident {{ {fields} }}");
        Ok(self.maison.granted(self.enseignante, "signalerIncident", input, &fields).await?["incident"]
            .take())
    }

    /// The chef engages a procedure, tells the pupil that the defence has two working days, and hears
    /// the pupil; the id of the sanction, and the last day of the delay.
    pub async fn engager_une_procedure(&self, eleve: Uuid) -> Result<(Value, Value)> {
        let (maison, chef) = (&self.maison, self.principal);
        let engager = json!({ "eleveId": global("Eleve", eleve), "griefs": "Un coup dans la cour." });
        let id =
            maison.granted(chef, "engagerProcedure", engager, "sanction { id }").await?["sanction"]["id"]
                .take();
        let informer = json!({ "sanctionId": id, "jours": 2 });
        let mut told = maison.granted(chef, "informerEleve", informer, "sanction { finDuDelai }").await?;
        let defense =
            json!({ "sanctionId": id, "forme": "ORALE", "propos": "Elle regrette.", "assiste": true });
        maison.granted(chef, "recueillirDefense", defense, "").await?;
        Ok((id, told["sanction"]["finDuDelai"].take()))
    }

    /// Families are told until there is nothing left to tell, in rounds with views that know of the
    /// one before.
    pub async fn distribuer(&self, distribution: &Distribution) -> Result<()> {
        let runner = &self.maison.bench.runner;
        runner.catch_up().await?;
        while distribution.round().await.map_err(|error| anyhow::anyhow!(error))? > 0 {
            runner.catch_up().await?;
        }
        Ok(())
    }
}
