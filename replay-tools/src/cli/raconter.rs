//! What `raconter` is asked: the life of which object.

use super::value::objet;
use clap::{Args, ValueEnum};
use uuid::Uuid;

pub(super) const HELP: &str = "\
Une phrase par acte, avec sa date et son heure (Paris), son auteur, l'office où il a agi,
les règles qui l'ont permis, sa place au journal et l'empreinte de sa feuille. Les noms sont
ceux de l'annuaire d'aujourd'hui. Ce qui a été effacé est dit effacé. D'un signalement est dite
aussi la mise en ligne du contenu signalé, avec la modération de son espace alors ; d'un appel et
d'une évaluation, qui en fut prévenu, par quelle voie et quand. Demande le fichier de clés.

Exemples :
  ent-rejeu raconter appel 5f0c… --eleve 7d1e…
  ent-rejeu raconter absence 3b1c…
  ent-rejeu raconter evaluation 88a2… --eleve 7d1e…
  ent-rejeu raconter publication 0192… --json
  ent-rejeu raconter signalement 0193…
  ent-rejeu raconter office 7d1e…";

/// An object whose life is asked for.
#[derive(Args)]
pub struct Objet {
    /// What is told.
    #[arg(value_name = "NATURE", value_enum, help = "Ce qui est raconté")]
    pub nature: Nature,
    /// Which one.
    #[arg(value_name = "ID", value_parser = objet,
          help = "Son identifiant, tel que « objet » au journal ; d'un office, celui de la personne")]
    pub id: Uuid,
    /// Only what concerns this pupil, and what concerns the object as a whole.
    #[arg(long, value_name = "ID", value_parser = objet,
          help = "Seulement ce qui touche cet élève, ou l'objet entier")]
    pub eleve: Option<Uuid>,
}

/// Options of `raconter`.
#[derive(Args)]
pub struct Raconter {
    /// Of what.
    #[command(flatten)]
    pub objet: Objet,
    /// One JSON object a line.
    #[arg(long, help = "Un objet JSON par ligne")]
    pub json: bool,
}

/// What has a life that can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Nature {
    /// A roll, and so a pupil's absence.
    #[value(help = "un appel, et donc l'absence d'un élève")]
    Appel,
    /// The file of an absence: what its family was asked and said.
    #[value(help = "le dossier d'une absence, et donc ce que la famille en a su et dit")]
    Absence,
    /// An evaluation, and so a pupil's mark.
    #[value(help = "une évaluation, et donc la note d'un élève")]
    Evaluation,
    /// A publication.
    #[value(help = "une publication")]
    Publication,
    /// A notice against one.
    #[value(help = "un signalement")]
    Signalement,
    /// A reading of the journal.
    #[value(help = "une consultation du journal")]
    Consultation,
    /// The offices of a person, on every portal.
    #[value(help = "les offices d'une personne, sur tous les portails")]
    Office,
}

impl Nature {
    /// Whether families are told of it, and so its life is also who was.
    pub fn se_dit_aux_familles(self) -> bool {
        match self {
            Self::Appel | Self::Evaluation => true,
            Self::Absence | Self::Publication | Self::Signalement | Self::Consultation | Self::Office => {
                false
            }
        }
    }

    /// Its name, as it is given on the command line.
    pub fn nom(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
