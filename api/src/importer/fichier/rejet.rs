//! Why an entry, or the rest of a file, was refused: a stable code for programs, a French
//! sentence for the person who must mend the source. Neither ever quotes the file's content.

use std::io::ErrorKind;
use std::sync::Arc;

/// One refusal, and where. Its `Display` is a line of the import's report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fichier}, ligne {ligne} : {motif}{}", self.precision())]
pub struct Rejet {
    /// Name of the file.
    pub fichier: Arc<str>,
    /// Line where the refused entry starts or, if the file itself is refused, line of the fault.
    pub ligne: u64,
    /// Identifier of the entry (an opaque key of the académie), where it was read.
    pub identifiant: Option<String>,
    /// Attribute at fault, where it is one.
    pub attribut: Option<&'static str>,
    /// Why.
    pub motif: MotifRejet,
}

impl Rejet {
    /// The keys of whom the refused entry may speak; none, if it does not say.
    pub fn cles(&self) -> Vec<&str> {
        let autre = match &self.motif {
            MotifRejet::IdentifiantDifferent { jointure } => Some(jointure.as_str()),
            _ => None,
        };
        self.identifiant.as_deref().into_iter().chain(autre).collect()
    }

    fn precision(&self) -> String {
        match (self.attribut, self.identifiant.as_deref()) {
            (None, None) => String::new(),
            (Some(attribut), None) => format!(" [{attribut}]"),
            (None, Some(identifiant)) => format!(" [entrée {identifiant}]"),
            (Some(attribut), Some(identifiant)) => format!(" [{attribut}, entrée {identifiant}]"),
        }
    }
}

/// Declares the reasons: name, frozen code, whether the rest of the file is lost, sentence.
macro_rules! motifs {
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident : $type:ty),* })? = $code:literal $fatal:literal $text:literal),* $(,)?) => {
        /// Why an entry or a file is refused.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[allow(missing_docs)]
        pub enum MotifRejet {
            $($(#[$doc])* #[error($text)] $name $({ $($field: $type),* })?,)*
        }

        impl MotifRejet {
            /// Frozen code, in capitals.
            pub fn code(&self) -> &'static str {
                match self { $(Self::$name { .. } => $code),* }
            }

            /// The rest of the file is not read: it must be delivered again.
            pub fn fatal(&self) -> bool {
                match self { $(Self::$name { .. } => $fatal),* }
            }
        }
    };
}

motifs! {
    /// The system could not give the file's bytes.
    Lecture { erreur: ErrorKind } = "FICHIER_LECTURE" true
        "le fichier n'a pas pu être lu jusqu'au bout ({erreur})",
    FichierVide = "FICHIER_VIDE" true
        "le fichier est vide",
    EncodageRefuse { declare: String } = "FICHIER_ENCODAGE_REFUSE" true
        "l'encodage « {declare} » n'est pas accepté : utilisez UTF-8, ISO-8859-15 ou ISO-8859-1",
    /// Bytes that the declared encoding does not have.
    EncodageMensonger { declare: &'static str } = "FICHIER_ENCODAGE_MENSONGER" true
        "le fichier se dit en {declare} mais n'en est pas",
    CaractereInterdit = "FICHIER_CARACTERE_INTERDIT" true
        "le fichier contient un caractère de contrôle interdit par XML",
    XmlMalForme { defaut: &'static str } = "FICHIER_XML_MAL_FORME" true
        "le XML est mal formé : {defaut}",
    FichierTronque = "FICHIER_TRONQUE" true
        "le fichier s'arrête avant sa fin",
    RacineInattendue { attendue: &'static str } = "FICHIER_RACINE_INATTENDUE" true
        "la racine n'est pas « {attendue} » : ce n'est pas un fichier de cette source",
    DoctypeRefuse = "FICHIER_DOCTYPE_REFUSE" true
        "cette déclaration DOCTYPE n'est pas admise : seule l'est, dans l'annuaire fédérateur, la référence à ficAlimMENESR.dtd",
    EntiteRefusee = "FICHIER_ENTITE_REFUSEE" true
        "le fichier utilise une entité XML : seules les cinq entités prédéfinies et les références numériques sont admises",
    TropProfond { max: usize } = "FICHIER_TROP_PROFOND" true
        "les balises sont emboîtées sur plus de {max} niveaux",
    /// One tag, comment or run of text that would not fit the reader's memory.
    ElementTropGrand { max: u64 } = "FICHIER_ELEMENT_TROP_GRAND" true
        "un élément dépasse {max} octets à lui seul",

    DeltaRefuse { operation: &'static str } = "AAF_DELTA_REFUSE" false
        "l'opération « {operation} » n'a pas sa place dans une livraison complète",
    ModificationRefusee = "AAF_MODIFICATION_REFUSEE" false
        "la modification ne remplace pas une valeur par une autre : aucune autre opération n'est prévue",
    FormeInattendue = "AAF_STRUCTURE_INATTENDUE" false
        "l'entrée n'a pas la structure attendue",
    TropDAttributs { max: usize } = "AAF_TROP_D_ATTRIBUTS" false
        "l'entrée a plus de {max} attributs",
    TropDeValeurs { max: usize } = "AAF_TROP_DE_VALEURS" false
        "l'entrée a plus de {max} valeurs",
    ValeurTropLongue { max: usize } = "AAF_VALEUR_TROP_LONGUE" false
        "une valeur dépasse {max} octets",
    RequeteTropGrande { max: u64 } = "AAF_ENTREE_TROP_GRANDE" false
        "l'entrée dépasse {max} octets",
    CategorieInconnue = "AAF_CATEGORIE_INCONNUE" false
        "la catégorie de l'entrée est absente ou inconnue",
    /// An entry of one category in a file named for another.
    CategorieInattendue { attendue: &'static str } = "AAF_CATEGORIE_INATTENDUE" false
        "l'entrée n'est pas de la catégorie annoncée par le nom du fichier ({attendue})",
    IdentifiantManquant = "AAF_IDENTIFIANT_MANQUANT" false
        "l'entrée n'a pas d'identifiant",
    /// Either key may be the true one.
    IdentifiantDifferent { jointure: String } = "AAF_IDENTIFIANT_DIFFERENT" false
        "l'identifiant de l'entrée et sa clé de jointure diffèrent",
    AttributManquant = "AAF_ATTRIBUT_MANQUANT" false
        "un attribut obligatoire est absent ou vide",
    ValeursMultiples = "AAF_VALEURS_MULTIPLES" false
        "l'attribut n'admet qu'une valeur",
    NombreDeChamps { trouves: usize, min: usize } = "AAF_NOMBRE_DE_CHAMPS" false
        "la valeur a {trouves} champs séparés par « $ » ; le format en veut au moins {min}, et pas de champ inconnu",
    ChampVide { rang: usize } = "AAF_CHAMP_VIDE" false
        "le champ n° {rang} de la valeur est vide",
    CodeInconnu { rang: usize } = "AAF_CODE_INCONNU" false
        "le champ n° {rang} de la valeur n'est pas un code prévu",
    DateInvalide = "AAF_DATE_INVALIDE" false
        "la date n'existe pas ou n'est pas écrite jj/mm/aaaa",
    ElementManquant { nom: &'static str } = "FICHIER_ELEMENT_MANQUANT" false
        "l'élément « {nom} » est absent ou vide",
    ElementInvalide { nom: &'static str } = "FICHIER_ELEMENT_INVALIDE" false
        "l'élément « {nom} » n'est pas de la forme prévue",
    NombreDeColonnes { trouvees: usize, attendues: usize } = "CSV_NOMBRE_DE_COLONNES" false
        "la ligne a {trouvees} champs, et la première ligne du fichier nomme {attendues} colonnes",
    SautDeLigne = "CSV_SAUT_DE_LIGNE" false
        "un champ s'étend sur plusieurs lignes : un guillemet n'y est sans doute pas fermé",
    UaiInvalide = "AAF_UAI_INVALIDE" false
        "l'UAI n'est pas fait de sept chiffres et d'une lettre",
}

/// A refusal whose file and line are not known yet.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::importer) struct Defaut {
    pub(in crate::importer) attribut: Option<&'static str>,
    pub(in crate::importer) motif: MotifRejet,
}

impl From<MotifRejet> for Defaut {
    fn from(motif: MotifRejet) -> Self {
        Self { attribut: None, motif }
    }
}

impl MotifRejet {
    /// This reason, for that attribute.
    pub(in crate::importer) fn dans(self, attribut: &'static str) -> Defaut {
        Defaut { attribut: Some(attribut), motif: self }
    }
}
