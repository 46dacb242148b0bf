//! What `temoin` is asked.

use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

pub(super) const HELP: &str = "\
Un témoin (C2SP tlog-witness) tourne ailleurs que la plateforme, par exemple au rectorat. Il
contresigne un sceau si, et seulement si, il prolonge le dernier qu'il a contresigné du même
journal ; sinon il refuse, et garde les deux sceaux, que la plateforme a signés : GET /fourches.
Mettez-le derrière un serveur mandataire qui tient le TLS et les débits.

--journaux est ce que publie /journal/cles au domaine de chaque plateforme : avec la clé de son
méta-journal vont tous ses journaux. Le dossier garde la clé du témoin et ce qu'il a vu : ne le
restaurez jamais d'une copie ancienne.

Exemples :
  ent-rejeu temoin --nom temoin.ac-lyon.fr --dossier /var/lib/temoin --journaux cles.json
  ent-rejeu temoin --nom temoin.ac-lyon.fr --dossier ./t --journaux cles.json --ecoute 127.0.0.1:7070";

/// Options of `temoin`.
#[derive(Args)]
pub struct Temoin {
    /// Its name, which its key bears.
    #[arg(long, value_name = "NOM", help = "Nom du témoin, que porte sa clé : un nom de domaine")]
    pub nom: String,
    /// Where its key and its memory are.
    #[arg(
        long,
        value_name = "DOSSIER",
        help = "Dossier de sa clé et de ce qu'il a vu, fait s'il n'existe pas"
    )]
    pub dossier: PathBuf,
    /// Whose logs it knows.
    #[arg(long, value_name = "FICHIER", help = "Clés publiques des journaux dont il témoigne")]
    pub journaux: PathBuf,
    /// Where it listens.
    #[arg(long, value_name = "ADRESSE", default_value = "127.0.0.1:7070", help = "Adresse d'écoute")]
    pub ecoute: SocketAddr,
}
