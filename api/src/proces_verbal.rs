//! The *procès-verbal d'effacement* as a document to print and sign.

use askama::Template;
use domain::conservation::{Auteur, Lot, Regle};
use projections::conservation::{Constat, Octets, PieceEffacee, ProcesVerbal};

#[derive(Template)]
#[template(path = "proces_verbal.html")]
struct Document<'a> {
    pv: &'a ProcesVerbal,
}

/// The document, in HTML that needs nothing else.
pub fn html(pv: &ProcesVerbal) -> Result<String, askama::Error> {
    Document { pv }.render()
}

impl Document<'_> {
    fn auteur(&self, auteur: &Auteur) -> String {
        match auteur.personne {
            Some(personne) => format!("personne {personne}"),
            None => format!("exploitant, compte {}", auteur.compte),
        }
    }

    fn source(&self, lot: &Lot) -> &'static str {
        let regle = Regle::en_vigueur(lot.classe, self.pv.demandee_le);
        regle.map_or("", |regle| regle.source)
    }

    fn balayage(&self, piece: &PieceEffacee) -> &'static str {
        match (piece.octets, piece.a_balayer) {
            (Octets::Absents, _) => "fait",
            (Octets::Scelles | Octets::Ouverts, true) => "à venir",
            (Octets::Scelles | Octets::Ouverts, false) => "AUCUN",
        }
    }

    fn verdict(&self, constat: &Constat) -> &'static str {
        if constat.attendu == constat.constate { "conforme" } else { "NON CONFORME" }
    }
}
