//! A journal's faults, told to people and named for machines.

use ledger::verify::Fault;

/// What is wrong, in French.
pub fn spoken(fault: &Fault) -> String {
    match fault {
        Fault::Gap { expected, found } => {
            format!("l'événement n° {expected} manque ou est en double (on trouve le n° {found})")
        }
        Fault::Head { head, found } => {
            format!("la tête du journal annonce {head} événements, on en trouve {found}")
        }
        Fault::Leaf => {
            "l'enveloppe n'est plus celle qui a été enregistrée (son empreinte diffère)".to_owned()
        }
        Fault::Envelope => "l'enveloppe est illisible".to_owned(),
        Fault::Column(name) => format!("la colonne « {name} » ne dit pas ce que dit l'enveloppe"),
        Fault::Ciphertext => {
            "le contenu chiffré n'est plus celui qui a été enregistré (son empreinte diffère)".to_owned()
        }
        Fault::Content(detail) => {
            format!("le contenu ne correspond pas à l'engagement pris dans l'enveloppe (détail : {detail})")
        }
        Fault::Place { first: 0, .. } => {
            "la commande qui l'a causé n'a reçu aucune réponse enregistrée".to_owned()
        }
        Fault::Place { first, last } => {
            format!("il n'est pas là où le dit la réponse à sa commande (n° {first} à {last})")
        }
        Fault::Root => "jusqu'à lui, les événements ne donnent pas la racine qui a été scellée".to_owned(),
        Fault::Seal(detail) => {
            format!("le sceau posé sur lui ne peut être retenu (détail : {detail})")
        }
        Fault::Consigned => "le méta-journal y contient un autre sceau que celui du journal".to_owned(),
        Fault::Closing(jour) => format!(
            "la clôture de la période du {} nomme une autre racine que celle des événements",
            jour.format("%d/%m/%Y")
        ),
        Fault::Counted(jour) => format!(
            "la clôture de la période du {} ne dit pas ce que furent ses événements",
            jour.format("%d/%m/%Y")
        ),
        Fault::NotClosed(jour) => {
            format!(
                "la clôture de ce qui finit le {} manque, ou n'est pas à son tour",
                jour.format("%d/%m/%Y")
            )
        }
        Fault::Tile(path) => format!("la tuile {path} n'est pas celle que donnent ses feuilles"),
        Fault::Cut { sealed, found } => {
            format!("{sealed} événements ont été scellés, on en trouve {found}")
        }
        Fault::Sequence { before, found } => {
            format!("l'historique de l'objet saute de la séquence {before} à la séquence {found}")
        }
    }
}

/// A stable name for machines.
pub fn name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Gap { .. } => "position",
        Fault::Head { .. } => "tete",
        Fault::Leaf => "empreinte",
        Fault::Envelope => "enveloppe",
        Fault::Column(_) => "colonne",
        Fault::Ciphertext => "contenu_chiffre",
        Fault::Content(_) => "engagement",
        Fault::Place { .. } => "place",
        Fault::Root => "racine",
        Fault::Seal(_) => "sceau",
        Fault::Consigned => "consignation",
        Fault::Closing(_) => "cloture",
        Fault::Counted(_) => "compte_de_cloture",
        Fault::NotClosed(_) => "cloture_absente",
        Fault::Tile(_) => "tuile",
        Fault::Cut { .. } => "troncature",
        Fault::Sequence { .. } => "sequence",
    }
}
