//! The portals of the partners: seventeen hosts, known beforehand.
//!
//! As presented by the Région: its own, the one common to all partners, ten départements, three
//! académies, agricultural teaching and catholic teaching. Who directs each by law follows from
//! its nature ([`NaturePortail::titulaire`]).

use super::NaturePortail;

/// The portal of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partenaire {
    /// Its host label.
    pub hote: &'static str,
    /// Whose it is.
    pub nature: NaturePortail,
    /// Its name.
    pub nom: &'static str,
}

const fn partenaire(hote: &'static str, nature: NaturePortail, nom: &'static str) -> Partenaire {
    Partenaire { hote, nature, nom }
}

/// All of them.
pub const PARTENAIRES: [Partenaire; 17] = [
    partenaire("partenaires", NaturePortail::Partenaires, "Portail des partenaires"),
    partenaire("www", NaturePortail::Region, "Région Auvergne-Rhône-Alpes"),
    partenaire("allier", NaturePortail::Departement, "Département de l'Allier"),
    partenaire("cantal", NaturePortail::Departement, "Département du Cantal"),
    partenaire("hauteloire", NaturePortail::Departement, "Département de la Haute-Loire"),
    partenaire("puydedome", NaturePortail::Departement, "Département du Puy-de-Dôme"),
    partenaire("ain", NaturePortail::Departement, "Département de l'Ain"),
    partenaire("ardeche", NaturePortail::Departement, "Département de l'Ardèche"),
    partenaire("isere", NaturePortail::Departement, "Département de l'Isère"),
    partenaire("rhone", NaturePortail::Departement, "Département du Rhône"),
    partenaire("savoie", NaturePortail::Departement, "Département de la Savoie"),
    partenaire("hautesavoie", NaturePortail::Departement, "Département de la Haute-Savoie"),
    partenaire("ac-clermont", NaturePortail::Academie, "Académie de Clermont-Ferrand"),
    partenaire("ac-grenoble", NaturePortail::Academie, "Académie de Grenoble"),
    partenaire("ac-lyon", NaturePortail::Academie, "Académie de Lyon"),
    partenaire("draaf", NaturePortail::Draaf, "Enseignement agricole en Auvergne-Rhône-Alpes"),
    partenaire("enseignementprive", NaturePortail::Crec, "Comité régional de l'enseignement catholique"),
];

impl Partenaire {
    /// The partner whose host has this label.
    pub fn at(hote: &str) -> Option<&'static Self> {
        PARTENAIRES.iter().find(|partenaire| partenaire.hote == hote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PortailId;
    use crate::annuaire::Academie;
    use std::collections::BTreeSet;

    #[test]
    fn there_are_seventeen_hosts_that_are_labels() {
        let hosts: BTreeSet<_> = PARTENAIRES.iter().map(|partenaire| partenaire.hote).collect();
        assert_eq!(hosts.len(), 17);
        for partenaire in &PARTENAIRES {
            assert_eq!(PortailId::from(partenaire).as_str().parse(), Ok(PortailId::from(partenaire)));
        }
    }

    #[test]
    fn each_nature_has_as_many_as_there_are() {
        let count = |nature| PARTENAIRES.iter().filter(|partenaire| partenaire.nature == nature).count();
        assert_eq!(count(NaturePortail::Departement), 10);
        for one in
            [NaturePortail::Partenaires, NaturePortail::Region, NaturePortail::Draaf, NaturePortail::Crec]
        {
            assert_eq!(count(one), 1, "{one:?}");
        }
    }

    #[test]
    fn every_academie_has_its_portal() {
        for academie in Academie::TOUTES {
            let found =
                Partenaire::at(academie.label()).map(|partenaire| (partenaire.nature, partenaire.nom));
            assert_eq!(found, Some((NaturePortail::Academie, format!("Académie de {academie}").as_str())));
        }
    }
}
