//! Marks from a CSV file: a heading, then a line for each pupil.

use super::LigneSaisie;
use crate::rights::Action;
use crate::{Commands, Demande, Refused, UseCaseError};
use domain::EvaluationId;
use domain::PersonneId;
use domain::notes::{Inscrit, LigneDeTableau, RefusTableau, lire_tableau};
use ledger::unit::Recorded;

/// Most lines of a file: no division and no groupe has more pupils.
const LIGNES_MAX: usize = 200;

impl Commands {
    /// Enters the marks of a file, all or none.
    pub async fn importer_notes(
        &self,
        demande: &Demande,
        evaluation: EvaluationId,
        csv: &str,
    ) -> Result<Recorded, UseCaseError> {
        let (row, _) = self.evaluation(demande, Action::SaisirNotes, evaluation).await?;
        let bareme = row.bareme.parse().map_err(UseCaseError::fault)?;
        let classe = self.liste(row.auditoire, &[row.date, self.today()]).await?;
        let inscrit = |eleve: projections::annuaire::Personne| Inscrit {
            eleve: PersonneId(eleve.id),
            nom: eleve.nom,
            prenom: eleve.prenom,
        };
        let classe: Vec<_> = classe.into_iter().map(inscrit).collect();
        let refused = |refus: RefusTableau| UseCaseError::Refused(Refused::of(&refus));
        let lignes = lignes_de_tableau(csv).map_err(refused)?;
        let read = lire_tableau(&lignes, &classe, bareme).map_err(refused)?;
        let lignes: Vec<_> =
            read.into_iter().map(|(eleve, resultat)| LigneSaisie { eleve, resultat }).collect();
        self.saisir_notes(demande, evaluation, &lignes).await
    }
}

/// The lines of a file under its heading, separated by semicolons or commas as the heading is.
pub fn lignes_de_tableau(csv: &str) -> Result<Vec<LigneDeTableau>, RefusTableau> {
    // One kind of line end, by which lines are counted as an editor counts them.
    let text = csv.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = if heading.contains(';') { b';' } else { b',' };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let (mut lignes, mut errors) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let numero = error.position().map_or(0, csv::Position::line);
                errors.push(format!("ligne {numero} : elle ne peut être lue"));
                break;
            }
        };
        let numero = record.position().map_or(0, csv::Position::line);
        match (record.get(0), record.get(1), record.get(2), record.get(3)) {
            (Some(nom), Some(prenom), Some(resultat), None) => lignes.push(LigneDeTableau {
                numero,
                nom: nom.to_owned(),
                prenom: prenom.to_owned(),
                resultat: resultat.to_owned(),
            }),
            _ => errors.push(format!("ligne {numero} : elle n'a pas trois colonnes")),
        }
        if lignes.len() + errors.len() > LIGNES_MAX {
            errors.push(format!("le fichier a plus de {LIGNES_MAX} lignes"));
            break;
        }
    }
    if errors.is_empty() {
        return Ok(lignes);
    }
    errors.truncate(20);
    Err(RefusTableau::TableauIllisible { erreurs: errors.join(" ; ") + "." })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_spreadsheets_write_it() {
        for csv in [
            "\u{feff}nom;prenom;resultat\r\nFictif;Alix;12,5\r\n",
            "nom,prenom,resultat\nFictif,Alix,\"12,5\"\n",
        ] {
            let read = lignes_de_tableau(csv).unwrap();
            assert_eq!(read.len(), 1);
            let LigneDeTableau { numero, nom, prenom, resultat } = &read[0];
            assert_eq!(
                (*numero, nom.as_str(), prenom.as_str(), resultat.as_str()),
                (2, "Fictif", "Alix", "12,5")
            );
        }
    }

    #[test]
    fn a_line_of_another_width_is_told_with_its_number() {
        let Err(RefusTableau::TableauIllisible { erreurs }) =
            lignes_de_tableau("nom;prenom;resultat\nA;B;1\nC;D\n")
        else {
            panic!("taken")
        };
        assert_eq!(erreurs, "ligne 3 : elle n'a pas trois colonnes.");
    }

    #[test]
    fn no_division_has_so_many_pupils() {
        let csv = "nom;prenom;resultat\n".to_owned() + &"A;B;1\n".repeat(300);
        assert!(lignes_de_tableau(&csv).is_err());
    }
}
