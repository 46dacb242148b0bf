//! Why an entry that reads well is not imported, or not all of it.

use super::aaf::attribut as a;
use super::rapport::Gravite;
use super::retraits::Ampleur;
use domain::annuaire::{AcademieInconnue, InvalidUai};

/// Declares the reasons: name, frozen code, gravity, attribute at fault, sentence.
macro_rules! motifs {
    ($($(#[$doc:meta])* $name:ident $(($inner:ty))? = $code:literal $gravite:ident $(at $attribut:expr)? =>
       $text:literal),* $(,)?) => {
        /// Why an entry is not imported as it is.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[allow(missing_docs)]
        pub enum Motif {
            $($(#[$doc])* #[error($text)] $name $(($inner))?,)*
        }

        impl Motif {
            /// Frozen code, in capitals.
            pub fn code(&self) -> &'static str {
                match self { $(Self::$name { .. } => $code),* }
            }

            /// Whether the entry is lost, or a part of it.
            pub fn gravite(&self) -> Gravite {
                match self { $(Self::$name { .. } => Gravite::$gravite),* }
            }

            /// The attribute at fault, where it is always the same.
            pub fn attribut(&self) -> Option<&'static str> {
                match self { $(Self::$name { .. } => None $(.or(Some($attribut)))?),* }
            }
        }
    };
}

motifs! {
    UaiFaux(InvalidUai) = "IMPORT_UAI_FAUX" Rejet at a::STRUCTURE_UAI => "{0}",
    AcademieAbsente = "IMPORT_ACADEMIE_ABSENTE" Rejet at a::ACADEMIE =>
        "l'établissement ne dit pas son académie",
    AcademieEtrangere(AcademieInconnue) = "IMPORT_ACADEMIE_INCONNUE" Rejet at a::ACADEMIE => "{0}",
    AutreAcademie = "IMPORT_AUTRE_ACADEMIE" Rejet at a::ACADEMIE =>
        "l'établissement n'est pas de la même académie que le premier de la livraison : importez chaque académie à part",
    NatureAbsente = "IMPORT_NATURE_ABSENTE" Rejet at a::STRUCTURE_TYPE =>
        "l'établissement ne dit pas son type",
    CommuneAbsente = "IMPORT_COMMUNE_ABSENTE" Rejet at a::COMMUNE =>
        "l'établissement ne dit pas sa commune",
    EntreeEnDouble = "IMPORT_ENTREE_EN_DOUBLE" Rejet =>
        "une autre entrée de la livraison porte le même identifiant : la première est gardée",
    EtablissementInconnu = "IMPORT_ETABLISSEMENT_INCONNU" Rejet at a::RATTACHEMENT =>
        "l'établissement de cette personne n'est pas dans la livraison",
    EtablissementRejete = "IMPORT_ETABLISSEMENT_REJETE" Rejet at a::RATTACHEMENT =>
        "l'établissement de cette personne a été rejeté",
    AucunEtablissement = "IMPORT_AUCUN_ETABLISSEMENT" Rejet =>
        "aucun établissement de la livraison ne peut être importé, donc personne",
    PersonneInconnue = "IMPORT_PERSONNE_INCONNUE" Rejet =>
        "aucune livraison n'a encore nommé cette personne : la différentielle suppose une livraison complète qui la nomme",
    RapprochementAmbigu = "IMPORT_RAPPROCHEMENT_AMBIGU" Rejet =>
        "plusieurs personnes de l'établissement portent ce nom et cette date de naissance : fusionnez-les d'abord",

    DoublePossible = "IMPORT_DOUBLE_POSSIBLE" Remarque =>
        "une autre personne de l'établissement porte ce nom et cette date de naissance : si c'est la même, fusionnez-les",
    SuspensionDifferee = "IMPORT_SUSPENSION_DIFFEREE" Remarque =>
        "une entrée illisible ne dit pas qui elle nomme : personne n'est suspendu pour être absent de cette livraison",
    RetraitsEnMasse(Ampleur) = "IMPORT_RETRAITS_EN_MASSE" Remarque =>
        "la livraison ne nomme plus {0} : personne n'est suspendu ; si elle est entière, relancez-la avec --confirmer-les-retraits",
    EnseignantInconnu = "IMPORT_ENSEIGNANT_INCONNU" Remarque =>
        "cette ligne nomme un enseignant qui n'est pas dans la livraison, ou qui a été rejeté : elle n'est pas reprise",
    EnseignantDeCoursInconnu = "IMPORT_ENSEIGNANT_DE_COURS_INCONNU" Remarque =>
        "un enseignant de ce cours n'est pas dans l'établissement, ou deux y portent son nom : le cours est repris sans lui",
    DivisionInconnue = "IMPORT_DIVISION_INCONNUE" Remarque =>
        "une classe de ce cours n'est pas une division de l'établissement : le cours est repris sans elle",
    CoursSansPersonne = "IMPORT_COURS_SANS_PERSONNE" Rejet =>
        "personne de ce cours n'est connu, ou ses textes sont trop longs : il n'est pas repris",
    GroupeEnDouble(String) = "IMPORT_GROUPE_EN_DOUBLE" Remarque at a::STRUCTURE_GROUPES =>
        "deux groupes de l'établissement portent le code « {0} » : le premier est gardé",
    GroupeInadmissible(String) = "IMPORT_GROUPE_INADMISSIBLE" Remarque at a::STRUCTURE_GROUPES =>
        "le code d'un groupe, qui commence par « {0} », ne tient pas en une ligne de 1 à 200 caractères : ce groupe n'est pas repris",
    GroupeMalNomme(String) = "IMPORT_GROUPE_MAL_NOMME" Remarque at a::STRUCTURE_GROUPES =>
        "le libellé du groupe « {0} » ne tient pas en une ligne de 1 à 200 caractères : son code lui sert de nom",
    GroupeSansLibelle(String) = "IMPORT_GROUPE_SANS_LIBELLE" Remarque at a::STRUCTURE_GROUPES =>
        "le groupe « {0} » n'a pas de libellé : son code lui sert de nom",
    GroupeHorsDivision(String) = "IMPORT_GROUPE_HORS_DIVISION" Remarque at a::STRUCTURE_GROUPES =>
        "une classe du groupe « {0} » n'est pas une division de l'établissement : il est repris sans elle",
    GroupeNonDeclare(String) = "IMPORT_GROUPE_NON_DECLARE" Remarque =>
        "l'établissement ne déclare pas le groupe « {0} » : personne n'y est mis",
    GroupeAilleurs(String) = "IMPORT_GROUPE_AILLEURS" Remarque =>
        "la personne n'est pas de l'établissement du groupe « {0} » : elle n'y est pas mise",
    EleveInconnu = "IMPORT_ELEVE_INCONNU" Remarque =>
        "cette ligne nomme un élève qui n'est pas dans la livraison, ou qui a été rejeté : elle n'est pas reprise",
    EtablissementSupprime = "IMPORT_ETABLISSEMENT_SUPPRIME" Remarque =>
        "la source ne tient plus cet établissement : il reste dans l'annuaire, comme son histoire",
    EtablissementIgnore = "IMPORT_ETABLISSEMENT_IGNORE" Remarque =>
        "cette valeur nomme un établissement rejeté ou absent de la livraison : elle n'est pas reprise",
    ResponsableInconnu = "IMPORT_RESPONSABLE_INCONNU" Remarque at a::ELEVE_RESPONSABLES =>
        "le responsable nommé n'est pas dans la livraison : l'élève est importé sans ce lien",
    ResponsableRefuse = "IMPORT_RESPONSABLE_REFUSE" Remarque at a::ELEVE_RESPONSABLES =>
        "l'entrée d'un responsable nommé est rejetée : ceux de l'élève restent ceux que l'annuaire connaît",
    ResponsablesTus = "IMPORT_RESPONSABLES_TUS" Remarque =>
        "une ligne illisible dit peut-être qui répond d'un élève : les responsables restent ceux que l'annuaire connaît",
    AttributionSansMatiere = "IMPORT_SERVICE_SANS_MATIERE" Remarque at a::CLASSES_MATIERES =>
        "l'attribution ne dit pas sa matière : elle n'est pas reprise",
    MatiereInconnue = "IMPORT_MATIERE_INCONNUE" Remarque at a::CLASSES_MATIERES =>
        "la matière n'est pas dans la nomenclature de la livraison : son code lui sert de nom",
    PrincipalSansAttribution = "IMPORT_PRINCIPAL_SANS_SERVICE" Remarque at a::PROFESSEUR_PRINCIPAL =>
        "le professeur principal n'enseigne pas dans cette division : sa charge n'est pas reprise",
}
