//! Values, read from the command line.

use domain::PortailId;
use ledger::objects::ObjectPlace;
use ledger::unit::Position;
use uuid::Uuid;

pub fn portail(text: &str) -> Result<PortailId, String> {
    text.parse().map_err(|_| "attendu : l'identifiant d'un portail, tel que 0750001a".to_owned())
}

pub fn place(text: &str) -> Result<Position, String> {
    text.parse().map_err(|_| "attendu : une place du journal, telle que 0750001a/2026/42".to_owned())
}

pub fn objet(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| "attendu : l'identifiant de l'objet, un UUID".to_owned())
}

pub fn motif(text: &str) -> Result<String, String> {
    let said = Some(text.trim()).filter(|said| (1..=500).contains(&said.chars().count()));
    said.map(str::to_owned).ok_or_else(|| "attendu : un motif, en 500 caractères au plus".to_owned())
}

pub fn tuiles(text: &str) -> Result<ObjectPlace, String> {
    text.parse().map_err(|_| "attendu : un dossier, ou s3://seau/préfixe".to_owned())
}
