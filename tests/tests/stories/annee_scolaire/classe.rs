//! The division: who is in it, what it is taught, by whom and when.

use anyhow::{Context, Result, ensure};
use api::envois::Distribution;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use domain::notifications::Canal;
use domain::{CompteId, minuit};
use recits::edt::importer;
use recits::passerelle::Passerelle;
use recits::{Bench, DOMAINE, Ecole, Heure, Maison, avec, global, personal};
use serde_json::{Value, json};
use uuid::Uuid;

/// Pupils of whom the story tells: the first is the one to whom things happen.
const ELEVES: usize = 5;
/// When the house opens: a Monday morning of September.
const RENTREE: &str = "2026-09-14T05:00:00Z";

/// Somebody who teaches the division something.
pub struct Cours {
    pub enseignant: CompteId,
    pub enseignement: Uuid,
    pub matiere: String,
}

/// See the module.
pub struct Classe {
    pub ecole: Ecole,
    /// Three, of three teachers; the first is the school's `enseignement`.
    pub cours: Vec<Cours>,
    pub eleves: Vec<Uuid>,
    /// Both are told of the first pupil.
    pub parents: [CompteId; 2],
    /// Where one of them is written to.
    pub adresse: String,
    /// Keeps what families are told.
    pub passerelle: Passerelle,
    pub distribution: Distribution,
}

impl Classe {
    /// The school opens, says how it counts, and has its emploi du temps.
    pub async fn rentree() -> Result<Self> {
        let passerelle = Passerelle::par(Canal::Courriel);
        let expedition = passerelle.expedition(DOMAINE);
        let bench = Bench::open_at(RENTREE.parse()?).await?;
        let ecole = Ecole::ouvrir_dans(Maison::open_telling(bench, expedition.clone()).await?).await?;
        let distribution = Distribution::new(ecole.maison.commands.clone(), expedition);
        let cours = cours(&ecole).await?;
        let (premier, adultes, adresse) = famille(&ecole).await?;
        let autres = ecole.eleves.iter().copied().filter(|eleve| *eleve != premier).take(ELEVES - 1);
        let eleves = std::iter::once(premier).chain(autres).collect();
        let parents = [personal(adultes[0]), personal(adultes[1])];
        let classe = Self { ecole, cours, eleves, parents, adresse, passerelle, distribution };
        classe.la_direction_regle_l_annee().await?;
        classe.l_emploi_du_temps().await?;
        Ok(classe)
    }

    /// A pupil, as a client names him or her.
    pub fn eleve(&self, rang: usize) -> String {
        global("Eleve", self.eleves[rang])
    }

    /// Sets the clock.
    pub fn au(&self, instant: DateTime<Utc>) {
        self.ecole.maison.bench.clock.set(instant);
    }

    /// Sets it to what the clock on the wall of the school shows, on a day on which it does not change.
    pub fn a(&self, jour: NaiveDate, heure: &str) -> Result<()> {
        self.au(minuit(jour) + heure.parse::<NaiveTime>()?.signed_duration_since(NaiveTime::MIN));
        Ok(())
    }

    pub async fn chef(&self, mutation: &str, input: Value, fields: &str) -> Result<Value> {
        self.ecole.maison.granted(self.ecole.principal, mutation, input, fields).await
    }

    pub async fn cpe(&self, mutation: &str, input: Value, fields: &str) -> Result<Value> {
        self.ecole.maison.granted(self.ecole.cpe, mutation, input, fields).await
    }

    async fn la_direction_regle_l_annee(&self) -> Result<()> {
        let (uai, division) = (&self.ecole.uai, global("Division", self.ecole.division));
        let annee = json!({ "uai": uai, "annee": 2026, "debut": "2026-09-01", "fin": "2027-07-03" });
        self.chef("fixerAnnee", annee, "").await?;
        let periodes = json!({ "divisionId": division, "annee": 2026, "decoupage": "TRIMESTRES", "periodes": [
            { "libelle": "1er trimestre", "debut": "2026-09-01", "fin": "2026-11-30" },
            { "libelle": "2e trimestre", "debut": "2026-12-01", "fin": "2027-03-05" },
            { "libelle": "3e trimestre", "debut": "2027-03-06", "fin": "2027-07-03" }] });
        self.chef("fixerPeriodes", periodes, "").await?;
        let moyennes = json!({ "uai": uai, "nom": "Au dixième", "ponderation": "SUR_VINGT", "pas": "DIXIEME",
                               "sens": "PROCHE", "du": "2026-09-01" });
        self.chef("fixerPolitiqueDeMoyenne", moyennes, "").await?;
        let demi_journees = json!({ "uai": uai, "nom": "Collège", "limite": "11:50:00", "tolerance": 10,
            "fermetures": [{ "jour": "MERCREDI", "debut": "11:50:00" }, { "jour": "DIMANCHE" }],
            "vacances": [], "depuis": "2026-09-01" });
        self.chef("fixerPolitiqueDemiJournees", demi_journees, "").await?;
        Ok(())
    }

    /// One course is imported, the others are placed by hand: a course in six half-days of a week.
    async fn l_emploi_du_temps(&self) -> Result<()> {
        let rapport = importer(&self.ecole, "B12", false).await?;
        ensure!(rapport.comptes["Cours"].crees == 2, "{rapport}");
        let places = [
            (0, "JEUDI", "10:00:00", "11:00:00"),
            (1, "LUNDI", "08:00:00", "09:00:00"),
            (1, "JEUDI", "14:00:00", "15:00:00"),
            (2, "LUNDI", "14:00:00", "15:00:00"),
            (2, "VENDREDI", "09:00:00", "10:00:00"),
        ];
        for (numero, (cours, jour, debut, fin)) in (1..).zip(places) {
            let place = json!({ "uai": self.ecole.uai, "annee": 2026, "cours": Uuid::from_u128(numero),
                "jour": jour, "debut": debut, "fin": fin, "salles": ["D01"], "semaines": "TOUTES",
                "enseignementIds": [global("Enseignement", self.cours[cours].enseignement)] });
            self.chef("placerCours", place, "").await?;
        }
        Ok(())
    }

    /// The hours of a week that take place, in their order, as the vie scolaire reads them.
    pub async fn heures(&self, lundi: NaiveDate) -> Result<Vec<Heure>> {
        let query = "query($id: ID!, $jour: NaiveDate!) { semaineDivision(divisionId: $id, jour: $jour) {
            date debut fin matiere annulee } }";
        let asked = json!({ "id": global("Division", self.ecole.division), "jour": lundi });
        let seen = self.ecole.maison.ask(Some(self.ecole.cpe), query, asked).await?;
        let hours = seen["semaineDivision"].as_array().context("no week")?;
        let text = |hour: &Value, field: &str| hour[field].as_str().unwrap_or_default().to_owned();
        let held = hours.iter().filter(|hour| hour["annulee"].is_null());
        let mut heures: Vec<_> = held
            .filter_map(|hour| {
                // The hour of vie de classe has no enseignement, and no roll.
                let cours = self.cours.iter().find(|cours| cours.matiere == text(hour, "matiere"))?;
                Some(Heure {
                    enseignant: cours.enseignant,
                    enseignement: cours.enseignement,
                    date: text(hour, "date"),
                    debut: text(hour, "debut"),
                    fin: text(hour, "fin"),
                })
            })
            .collect();
        heures.sort_by(|one, other| (&one.date, &one.debut).cmp(&(&other.date, &other.debut)));
        Ok(heures)
    }

    /// The division in a period, and what is asked besides.
    pub fn periode(&self, rang: u8, more: Value) -> Value {
        let division = global("Division", self.ecole.division);
        avec(json!({ "divisionId": division, "annee": 2026, "rang": rang }), more)
    }
}

/// The school's enseignement and two others of its division, each of another matière and teacher.
async fn cours(ecole: &Ecole) -> Result<Vec<Cours>> {
    let rows: Vec<(Uuid, String, Uuid)> = sqlx::query_as(
        "SELECT n.id, n.matiere_libelle, (array_agg(t.personne ORDER BY t.personne))[1]
         FROM enseignement n JOIN enseignant t ON t.enseignement = n.id
         WHERE n.division = $1 GROUP BY n.id, n.matiere_libelle ORDER BY (n.id = $2) DESC, n.id",
    )
    .bind(ecole.division)
    .bind(ecole.enseignement)
    .fetch_all(&ecole.maison.bench.views)
    .await?;
    let mut cours: Vec<Cours> = Vec::new();
    for (enseignement, matiere, enseignant) in rows {
        let enseignant =
            if enseignement == ecole.enseignement { ecole.enseignante } else { personal(enseignant) };
        // The collègue has an hour of vie de classe in the emploi du temps that is imported.
        let known = |other: &Cours| other.enseignant == enseignant || other.matiere == matiere;
        if cours.len() < 3 && enseignant != ecole.collegue && !cours.iter().any(known) {
            cours.push(Cours { enseignant, enseignement, matiere });
        }
    }
    ensure!(cours.len() == 3, "the division has too few teachers");
    Ok(cours)
}

/// A pupil with two adults who are told, and where one of them is written to.
async fn famille(ecole: &Ecole) -> Result<(Uuid, Vec<Uuid>, String)> {
    sqlx::query_as(
        "SELECT s.eleve, array_agg(s.responsable ORDER BY s.responsable), min(p.courriel)
         FROM responsabilite s JOIN personne p ON p.id = s.responsable
         WHERE s.eleve = ANY ($1) AND s.destinataire
         GROUP BY s.eleve HAVING count(*) > 1 AND min(p.courriel) IS NOT NULL ORDER BY s.eleve LIMIT 1",
    )
    .bind(&ecole.eleves)
    .fetch_one(&ecole.maison.bench.views)
    .await
    .context("no pupil has two adults who are told, of whom one has an address")
}
