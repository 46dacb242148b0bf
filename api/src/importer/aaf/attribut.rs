//! The attributes that are read, by the name that annexe 4bis of the SDET gives them. What is not
//! listed here is never kept in memory beyond its own value.

/// Declares the names, and the list of them all.
macro_rules! attributs {
    ($($name:ident = $text:literal),* $(,)?) => {
        $(#[doc = concat!("`", $text, "`")] pub const $name: &str = $text;)*

        /// Every attribute that is read.
        pub const LUS: &[&str] = &[$($name),*];
    };
}

attributs! {
    STRUCTURE_JOINTURE = "ENTStructureJointure",
    STRUCTURE_UAI = "ENTStructureUAI",
    STRUCTURE_NOM = "ENTStructureNomCourant",
    STRUCTURE_TYPE = "ENTStructureTypeStruct",
    STRUCTURE_CLASSES = "ENTStructureClasses",
    STRUCTURE_GROUPES = "ENTStructureGroupes",
    ACADEMIE = "ENTServAcAcademie",
    COMMUNE = "l",

    MEF_JOINTURE = "ENTMefJointure",
    MEF_LIBELLE = "ENTLibelleMef",
    MEF_RATTACHEMENT = "ENTMEFRattach",
    MEF_STATISTIQUE = "ENTMEFSTAT11",
    MATIERE_JOINTURE = "ENTMatJointure",
    MATIERE_LIBELLE = "ENTLibelleMatiere",

    PERSONNE_JOINTURE = "ENTPersonJointure",
    NOM = "sn",
    NOM_DE_NAISSANCE = "ENTPersonNomPatro",
    PRENOM = "givenName",
    CIVILITE = "personalTitle",
    DATE_DE_NAISSANCE = "ENTPersonDateNaissance",
    COURRIEL = "mail",
    RATTACHEMENT = "ENTPersonStructRattach",

    ELEVE_INE = "ENTEleveINE",
    ELEVE_NUMERO = "ENTEleveStructRattachId",
    ELEVE_MEF = "ENTEleveMEF",
    ELEVE_CLASSES = "ENTEleveClasses",
    ELEVE_GROUPES = "ENTEleveGroupes",
    ELEVE_RESPONSABLES = "ENTElevePersRelEleve",

    FONCTIONS = "ENTPersonFonctions",
    CLASSES_MATIERES = "ENTAuxEnsClassesMatieres",
    GROUPES = "ENTAuxEnsGroupes",
    GROUPES_MATIERES = "ENTAuxEnsGroupesMatieres",
    PROFESSEUR_PRINCIPAL = "ENTAuxEnsClassesPrincipal",
    DEVANT_ELEVES = "PersEducNatPresenceDevantEleves",
}

/// The constant for a name met in a file, where it is one that is read.
pub fn connu(nom: &str) -> Option<&'static str> {
    LUS.iter().copied().find(|lu| *lu == nom)
}
