//! `GET /carnets/{enseignement}/{annee}/{rang}.csv` or `.xlsx`: the gradebook of an enseignement in a
//! period, for who keeps it or reads it by office, and for the professeur principal of the division.
//!
//! There is a column for each evaluation, published or not, and a line for each pupil. It is read whole
//! before it is written: averages are made from every mark, and a division has some dozens of pupils.

use super::tableau::{Format, Tableau};
use super::{Fichiers, Sans};
use crate::identity::Identite;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use commands::notes::{Carnet, Classe, LigneDeCarnet, QuellePeriode};
use commands::rights::{Acteur, Action};
use commands::rights_of;
use domain::AnneeScolaire;
use domain::notes::{Regime, Resultat, virgule};
use projections::annuaire::{Annuaire, Enseignement};
use projections::notes::Evaluation;
use std::io;
use uuid::Uuid;

pub(super) async fn fetch(
    State(fichiers): State<Fichiers>,
    Path((enseignement, annee, name)): Path<(Uuid, i16, String)>,
    Extension(identite): Extension<Identite>,
) -> Result<Response, Sans> {
    let (stem, format) = Format::of(&name).ok_or(Sans::Absent)?;
    let rang: u16 = stem.parse().map_err(|_| Sans::Absent)?;
    let commands = &fichiers.commands;
    let acteur = commands.acteur_identifie(identite.identifie()).await?;
    let row = Annuaire::enseignements(commands.views(), &[enseignement]).await?.pop().ok_or(Sans::Absent)?;
    let annee_scolaire = AnneeScolaire(annee);
    let Some(division) = row.auditoire.division() else {
        let carnet = rights_of::enseignement(&row, commands.today());
        fichiers.may(&acteur, Action::LireCarnetDeNotes, &carnet).await?;
        let _place = fichiers.place()?;
        let carnet = commands.carnet_du_groupe(&row, (annee_scolaire, rang)).await?;
        return ecrire(format, &carnet).map_err(Sans::fault)?.send(&format!("carnet-{annee}-{rang}"));
    };
    let classe = commands.classe(division.0).await?.ok_or(Sans::Absent)?;
    fichiers.may_read(&acteur, &row, &classe).await?;
    let _place = fichiers.place()?;
    let quelle = QuellePeriode { division, annee: annee_scolaire, rang };
    let carnet = commands.carnet(classe, &row, quelle).await?;
    ecrire(format, &carnet).map_err(Sans::fault)?.send(&format!("carnet-{annee}-{rang}"))
}

impl Fichiers {
    /// Lets who may read the gradebook take it out. The professeur principal has the same marks before
    /// the conseil that he or she holds.
    async fn may_read(&self, acteur: &Acteur, row: &Enseignement, classe: &Classe) -> Result<(), Sans> {
        let carnet = rights_of::enseignement(row, self.commands.today());
        if self.commands.permit(acteur, Action::LireCarnetDeNotes, &carnet).is_ok() {
            return self.may(acteur, Action::LireCarnetDeNotes, &carnet).await;
        }
        self.commands.permit(acteur, Action::TenirConseil, &classe.resource)?;
        self.may(acteur, Action::LireConseil, &classe.resource).await
    }
}

fn ecrire(format: Format, carnet: &Carnet) -> io::Result<Tableau> {
    let evaluations: Vec<_> = carnet.evaluations.iter().map(colonne).collect();
    let evaluations = evaluations.iter().map(String::as_str);
    let columns = ["nom", "prenom"].into_iter().chain(evaluations).chain(["ailleurs", "moyenne"]);
    let columns: Vec<_> = columns.collect();
    let mut table = Tableau::begin(format, &columns)?;
    for ligne in &carnet.lignes {
        table.line(cellules(ligne).iter().map(String::as_str))?;
    }
    Ok(table)
}

/// What an evaluation is called, what it is marked out of and what it weighs.
fn colonne(evaluation: &Evaluation) -> String {
    let (titre, date) = (evaluation.intitule(), evaluation.date.format("%d/%m/%Y"));
    let (bareme, coefficient) = (virgule(&evaluation.bareme), virgule(&evaluation.coefficient));
    format!("{titre} ({date}, sur {bareme}, coefficient {coefficient}{})", reserve(evaluation))
}

/// Why an evaluation may not count.
fn reserve(evaluation: &Evaluation) -> &'static str {
    if evaluation.formative {
        return ", formative";
    }
    match Regime::named(&evaluation.regime).unwrap_or_default() {
        Regime::Obligatoire => "",
        Regime::PointsAuDessus => ", facultative : points au-dessus de la moitié",
        Regime::SiElleMonte => ", facultative : si elle élève la moyenne",
    }
}

fn cellules(ligne: &LigneDeCarnet) -> Vec<String> {
    let eleve = [ligne.eleve.nom.clone(), ligne.eleve.prenom.clone()];
    let results = ligne.resultats.iter().map(|got| {
        let got: Vec<_> = got.iter().copied().map(resultat).collect();
        got.join(" et ")
    });
    let ailleurs = if ligne.ailleurs == 0 { String::new() } else { ligne.ailleurs.to_string() };
    let moyenne = ligne.moyenne.map(|moyenne| format!("{moyenne:#}")).unwrap_or_default();
    eleve.into_iter().chain(results).chain([ailleurs, moyenne]).collect()
}

fn resultat(resultat: Resultat) -> String {
    match (resultat, resultat.compte_zero()) {
        (Resultat::Note { valeur }, _) => format!("{valeur:#}"),
        (_, Some(true)) => format!("{} (0)", resultat.etat()),
        _ => resultat.etat().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation(formative: bool, regime: Regime) -> Evaluation {
        Evaluation {
            id: Uuid::nil(),
            portail: "0690001b".to_owned(),
            enseignement: Uuid::nil(),
            auditoire: domain::DivisionId(Uuid::nil()).into(),
            auteur: Uuid::nil(),
            titre: "Dictée".to_owned(),
            date: "2026-11-16".parse().unwrap(),
            bareme: "20".to_owned(),
            coefficient: "0.5".to_owned(),
            formative,
            regime: regime.as_str().to_owned(),
            sous_matiere: Some("Orthographe".to_owned()),
            publiee_le: None,
        }
    }

    #[test]
    fn a_column_says_all_that_its_marks_are_weighed_by() {
        let said = colonne(&evaluation(false, Regime::Obligatoire));
        assert_eq!(said, "Orthographe — Dictée (16/11/2026, sur 20, coefficient 0,5)");
        let said = colonne(&evaluation(false, Regime::SiElleMonte));
        assert!(said.ends_with("coefficient 0,5, facultative : si elle élève la moyenne)"), "{said}");
        let said = colonne(&evaluation(true, Regime::Obligatoire));
        assert!(said.ends_with("coefficient 0,5, formative)"), "{said}");
    }

    #[test]
    fn what_is_no_mark_is_said_in_words() {
        let note = Resultat::Note { valeur: "12.5".parse().unwrap() };
        let zero = Resultat::NonRendu { compte_zero: true };
        let absences = [false, true].map(|compte_zero| Resultat::Absent { compte_zero });
        let all = [note, absences[0], absences[1], Resultat::Dispense, Resultat::NonNote, zero];
        let said = ["12,5", "absent", "absent (0)", "dispensé", "non noté", "non rendu (0)"];
        assert_eq!(all.map(resultat), said);
    }
}
