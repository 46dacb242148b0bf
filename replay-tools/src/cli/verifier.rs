//! What `verifier` is asked.

use super::value::portail;
use crate::date;
use clap::Args;
use domain::{AnneeScolaire, PortailId};
use reqwest::Url;
use std::net::IpAddr;
use std::path::PathBuf;

pub(super) const HELP: &str = "\
Sont contrôlés : la suite des positions, l'empreinte de chaque enveloppe, l'accord des
colonnes avec elle, l'empreinte du contenu chiffré, l'historique de chaque objet et, avec
le fichier de clés, l'accord de chaque contenu avec l'engagement pris à l'enregistrement. Les
feuilles doivent donner la racine de chaque sceau ; avec --sceaux, chacun doit être signé par
l'une des clés que la plateforme publie, et que l'on aura prises avant, ailleurs que chez elle.

Le méta-journal est relu de même : il tient les sceaux et les clôtures de tous les journaux. Avec
--temoins, assez de tiers doivent avoir vu son dernier sceau ; avec --racines, un jeton
d'horodatage que l'on croit doit dater chaque journal, et aucun n'être faux. Sinon : code 2, ou 1
si un jeton est faux.

--tuiles vérifie, sans base, ce que chaque portail publie, là ou en tout autre lieu qui en a la
copie : toutes les feuilles que promet le sceau donnent sa racine, toutes les tuiles sont les
leurs. Avec le jeton d'un auditeur (--jeton), les feuilles elles-mêmes sont relues. L'adresse
peut aussi être celle du méta-journal ; avec --racines il est relu dans tous les cas, puisque
c'est lui qui est daté.

--export vérifie de même un export, hors ligne : ni base ni clé. Le sceau qu'il emporte dit, avec
--sceaux, que c'est bien le journal de la plateforme ; avec --temoins et --racines, qui l'a vu et
de quand il date, si l'export a été fait avec les tuiles (exporter --tuiles). D'un extrait sans
sceau, --sceaux ne peut rien dire : code 2, ou 1 s'il est altéré.

Les jours d'août d'avant le premier événement qui n'ont pas été clos, dans un journal plus ancien
que la règle de les clore, ne sont pas une faute : ils laissent le verdict ouvert (code 2).

Exemples :
  ent-rejeu verifier
  ent-rejeu verifier --portail 0750001a --annee 2026-2027 --json
  curl -o cles.json https://ent.exemple.fr/journal/cles && ent-rejeu verifier --sceaux cles.json
  ent-rejeu verifier --sceaux cles.json --temoins temoins.txt --racines racines.pem
  ent-rejeu verifier --sceaux cles.json --tuiles https://0750001a.ent.exemple.fr/journal/2026
  ent-rejeu verifier --sceaux cles.json --racines racines.pem --tuiles https://ent.exemple.fr/journal
  ent-rejeu verifier --export ./export --sceaux cles.json --temoins temoins.txt --racines racines.pem";

/// Options of `verifier`.
#[derive(Args, Clone)]
pub struct Verifier {
    /// Only this portal's journals.
    #[arg(long, value_parser = portail, value_name = "PORTAIL", help = "Seulement les journaux de ce portail")]
    pub portail: Option<PortailId>,
    /// Only this school year's.
    #[arg(long, value_parser = date::annee, value_name = "ANNÉE",
          help = "Seulement cette année scolaire : 2026 ou 2026-2027")]
    pub annee: Option<AnneeScolaire>,
    /// An export instead of the database.
    #[arg(long, value_name = "DOSSIER", help = "Vérifie cet export, hors ligne, et non la base")]
    pub export: Option<PathBuf>,
    /// What opens seals.
    #[arg(
        long,
        value_name = "FICHIER",
        help = "Vérifie aussi la signature des sceaux, avec les clés publiées à /journal/cles du domaine"
    )]
    pub sceaux: Option<PathBuf>,
    /// Tiles instead of the database.
    #[arg(
        long,
        value_name = "URL",
        requires = "sceaux",
        conflicts_with = "export",
        help = "Vérifie les tuiles publiées à cette adresse, et non la base"
    )]
    pub tuiles: Option<Url>,
    /// An auditor's token.
    #[arg(
        long,
        value_name = "FICHIER",
        requires = "tuiles",
        help = "Jeton d'un auditeur, dans un fichier : les feuilles sont relues avec les tuiles"
    )]
    pub jeton: Option<PathBuf>,
    /// Where the meta-journal is.
    #[arg(
        long,
        value_name = "URL",
        requires = "tuiles",
        help = "Adresse du méta-journal, si --tuiles est une copie : il est à /journal du domaine"
    )]
    pub meta: Option<Url>,
    /// Where the names of the platform are.
    #[arg(
        long,
        value_name = "IP",
        requires = "tuiles",
        help = "Joint les noms de la plateforme à cette adresse IP, quoi qu'en dise l'annuaire des noms"
    )]
    pub joindre: Option<IpAddr>,
    /// Whose cosignatures are demanded.
    #[arg(
        long,
        value_name = "FICHIER",
        help = "Exige les contreseings de cette politique de témoins (C2SP tlog-policy)"
    )]
    pub temoins: Option<PathBuf>,
    /// Under which roots dates are believed.
    #[arg(
        long,
        value_name = "FICHIER",
        help = "Exige un horodatage cru sous ces racines (PEM), et juge tous ceux qui sont gardés"
    )]
    pub racines: Option<PathBuf>,
    /// Contents need not be opened for the verdict.
    #[arg(long, help = "N'ouvre pas les contenus : empreintes et enveloppes seulement")]
    pub sans_contenus: bool,
    /// A verdict for machines.
    #[arg(long, help = "Verdict en JSON")]
    pub json: bool,
}
