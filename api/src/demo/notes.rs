//! Three evaluations in each of the main matières: created the day they are given, marked and
//! published within the week, and now and then corrected after a pupil came to ask.

use super::agenda::{Agenda, Geste};
use super::calendrier::{apres, heure, lendemain, ouvre, semaines};
use super::decor::{Decor, Division, Enseignement};
use chrono::NaiveDate;
use commands::notes::{EvaluationDemandee, LigneSaisie};
use domain::notes::{Regime, Resultat, Valeur};
use domain::{CompteId, EvaluationId, PersonneId};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// Matières that are marked in the demo, and what their evaluations are called.
const MATIERES: [(&str, [&str; 3]); 4] = [
    ("020700", ["Dictée et réécriture", "Lecture : Le Cid, acte I", "Rédaction"]),
    ("061300", ["Calcul littéral", "Théorème de Pythagore", "Fractions"]),
    ("043700", ["Repères géographiques", "Carte : les littoraux", "Étude de documents"]),
    ("030201", ["Vocabulary test", "Compréhension orale", "Past tenses"]),
];
/// Weeks of the term in which they are given.
const SEMAINES: [usize; 3] = [2, 5, 9];

/// Writes the evaluations of the term in the agenda.
pub fn inscrire(agenda: &mut Agenda, decor: &Decor, des: &mut ChaCha8Rng, graine: u64) {
    let lundis: Vec<_> = semaines().collect();
    for division in decor.ecoles.iter().flat_map(|ecole| &ecole.divisions) {
        // How good at school each pupil is, in tenths of a mark.
        let niveaux: BTreeMap<_, i32> = division
            .eleves
            .iter()
            .map(|eleve| (*eleve, (0..3).map(|_| des.random_range(20..60)).sum()))
            .collect();
        for enseignement in &division.enseignements {
            let Some((_, titres)) = MATIERES.iter().find(|(code, _)| *code == enseignement.matiere) else {
                continue;
            };
            for (titre, semaine) in titres.iter().zip(SEMAINES) {
                let date = lundis.get(semaine).and_then(|lundi| apres(*lundi, 1)).filter(|date| ouvre(*date));
                if let Some(date) = date {
                    Epreuve { division, enseignement, titre, date, graine }.inscrire(agenda, &niveaux, des);
                }
            }
        }
    }
}

/// One evaluation.
struct Epreuve<'a> {
    division: &'a Division,
    enseignement: &'a Enseignement,
    titre: &'static str,
    date: NaiveDate,
    graine: u64,
}

impl Epreuve<'_> {
    fn inscrire(&self, agenda: &mut Agenda, niveaux: &BTreeMap<PersonneId, i32>, des: &mut ChaCha8Rng) {
        let enseignement = self.enseignement.id;
        let cle = enseignement.to_string();
        let evaluation =
            EvaluationId::derived(&["demo", &self.graine.to_string(), &cle, &self.date.to_string()]);
        let compte = CompteId::personnel(self.enseignement.enseignant);
        let demandee = EvaluationDemandee {
            evaluation,
            enseignement,
            titre: self.titre.to_owned(),
            date: self.date,
            bareme: Valeur::whole(20),
            coefficient: Valeur::whole(des.random_range(1..4)),
            formative: des.random_ratio(1, 8),
            regime: Regime::Obligatoire,
            sous_matiere: None,
        };
        let creer = Geste::nouveau(
            compte,
            format!("créer l'évaluation {evaluation}"),
            move |commands, demande| async move { commands.creer_evaluation(&demande, demandee).await.map(drop) },
        );
        agenda.inscrire(self.date, heure(17, 30), creer);

        let rendu = (0..3).fold(self.date, |jour, _| lendemain(jour));
        let lignes: Vec<_> = self.division.eleves.iter().map(|eleve| ligne(*eleve, niveaux, des)).collect();
        self.correction(agenda, evaluation, rendu, &lignes, des);
        let saisir = Geste::nouveau(
            compte,
            format!("saisir les notes de {evaluation}"),
            move |commands, demande| async move {
                commands.saisir_notes(&demande, evaluation, &lignes).await.map(drop)
            },
        );
        agenda.inscrire(rendu, heure(18, 10), saisir.apres_relecture());
        let publier = Geste::nouveau(
            compte,
            format!("publier l'évaluation {evaluation}"),
            move |commands, demande| async move {
                commands.publier_evaluation(&demande, evaluation, None).await.map(drop)
            },
        );
        agenda.inscrire(rendu, heure(18, 40), publier);
    }

    /// In one evaluation of six, a point was counted wrong.
    fn correction(
        &self,
        agenda: &mut Agenda,
        evaluation: EvaluationId,
        rendu: NaiveDate,
        lignes: &[LigneSaisie],
        des: &mut ChaCha8Rng,
    ) {
        let notee = lignes.iter().find_map(|ligne| match ligne.resultat {
            Resultat::Note { valeur } if valeur <= Valeur::whole(19) => Some((ligne.eleve, valeur)),
            _ => None,
        });
        let Some((eleve, valeur)) = notee.filter(|_| des.random_ratio(1, 6)) else { return };
        let corrigee = (valeur.decimal() + Valeur::whole(1).decimal()).to_string();
        let Ok(valeur) = corrigee.parse() else { return };
        let ligne = LigneSaisie { eleve, resultat: Resultat::Note { valeur } };
        let motif = "Erreur de décompte : un point rendu à l'exercice 2".to_owned();
        let compte = CompteId::personnel(self.enseignement.enseignant);
        let nom = format!("corriger la note de {eleve} à {evaluation}");
        let corriger = Geste::nouveau(compte, nom, move |commands, demande| async move {
            commands.corriger_note(&demande, evaluation, ligne, motif).await.map(drop)
        });
        agenda.inscrire(lendemain(rendu), heure(17, 0), corriger.apres_relecture());
    }
}

/// What a pupil gets: half marks around his or her level.
fn ligne(eleve: PersonneId, niveaux: &BTreeMap<PersonneId, i32>, des: &mut ChaCha8Rng) -> LigneSaisie {
    let resultat = match des.random_range(0..100) {
        0..4 => Resultat::Absent { compte_zero: false },
        4 => Resultat::NonRendu { compte_zero: true },
        5 => Resultat::Dispense,
        _ => {
            let niveau = niveaux.get(&eleve).copied().unwrap_or(120);
            let demis = (niveau + des.random_range(-35..36)).clamp(5, 200) / 5;
            let note = format!("{}.{}", demis / 2, demis % 2 * 5);
            note.parse().map_or(Resultat::NonNote, |valeur| Resultat::Note { valeur })
        }
    };
    LigneSaisie { eleve, resultat }
}
