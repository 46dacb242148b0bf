//! A fact as evidence: its exact leaf, its sealed content, what it says where it can be opened,
//! and the proof that it was sealed.

use super::journalisee::{Journalisee, folder};
use super::sac::Sac;
use crate::date::spoken;
use crate::export::Contenu;
use crate::exporter::exported;
use crate::obstacle::Obstacle;
use crate::raconter::Acte;
use crate::recit::{Noms, office};
use domain::CleId;
use ledger::feed::{Fact, FeedError, Journal, stored_after};
use ledger::keys::KeyRing;
use ledger::seal::hex;
use ledger::sealer::proofs::{Chain, chain};
use ledger::sealer::store::TileStore;
use ledger::tlog::note;
use ledger::tlog::text::Proof;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};
use zip::result::ZipError;

/// See the module.
pub struct Piece {
    /// Its place in the record.
    pub place: String,
    /// When it was recorded, as said in French.
    pub le: String,
    /// Who acted.
    pub auteur: String,
    /// In which office.
    pub office: String,
    /// What was done.
    pub phrase: String,
    /// The rules that permitted it.
    pub regles: String,
    /// The leaf's hash, hexadecimal.
    pub empreinte: String,
    /// Why its content is not there; none if it is.
    pub absence: Option<&'static str>,
    feuille: String,
    charge: String,
    contenu: Contenu,
    preuve: Proof,
    /// Which journal it is in.
    pub journal: Journal,
    /// Its number in it.
    pub numero: i64,
    /// How many events the head that it is proven against covers.
    pub sous: u64,
}

/// The evidence of these acts, and the journals that they are in, with the clôtures of the days
/// on which they were recorded.
pub async fn pieces(
    connection: &mut PgConnection,
    keys: &KeyRing,
    tuiles: &TileStore,
    facts: &[Fact],
    noms: &Noms,
) -> Result<(Vec<Piece>, Vec<Journalisee>), Obstacle> {
    let (mut pieces, mut journaux) = (Vec::new(), BTreeMap::new());
    for fact in facts {
        let (piece, journal) = piece(connection, keys, tuiles, &Acte { fact, noms }).await?;
        // One journal may show by two heads: of a late fact the meta-journal has none yet.
        journaux.insert((piece.journal.clone(), piece.sous), journal);
        pieces.push(piece);
    }
    for ((journal, taille), journalisee) in &mut journaux {
        let of_it = pieces.iter().filter(|piece| piece.journal == *journal && piece.sous == *taille);
        let positions: Vec<_> = of_it.map(|piece| piece.numero).collect();
        journalisee.close(connection, tuiles, &positions).await?;
    }
    Ok((pieces, journaux.into_values().collect()))
}

/// The evidence of an act, and the journal that it is in.
pub async fn piece(
    connection: &mut PgConnection,
    keys: &KeyRing,
    tuiles: &TileStore,
    acte: &Acte<'_>,
) -> Result<(Piece, Journalisee), Obstacle> {
    let (fact, position) = (acte.fact, &acte.fact.position);
    let journal = Journal { portail: position.portail.clone(), annee: position.annee };
    let rows = stored_after(connection, &journal, position.position - 1, 1).await?;
    let row = rows.into_iter().next().ok_or(Obstacle::NoObject)?;
    let ids = BTreeSet::from([CleId(row.key_id)]);
    let ring = keys.for_ids(&mut *connection, &ids).await.map_err(FeedError::Keys)?;
    let chain = chain(connection, tuiles, position).await?;
    let Chain { proof, sealed_at, meta } = chain.ok_or_else(|| Obstacle::NotSealed(position.to_string()))?;
    // An act that was named is told whole: nothing is reserved.
    let evenement = exported(row, Some(&ring), &BTreeSet::new());
    let absence = match &evenement.contenu {
        Contenu::Ouvert { .. } => None,
        Contenu::Efface => Some("effacé, sa clé a été détruite"),
        Contenu::Sante => Some("réservé, il dit la santé de quelqu'un"),
        Contenu::Ferme => Some("il ne s'ouvre pas avec ce fichier de clés"),
    };
    let head = note::read(&proof.checkpoint).map_err(|_| Obstacle::NotSealed(position.to_string()))?;
    let journalisee = Journalisee {
        origine: head.origin().to_owned(),
        taille: head.size(),
        scelle: sealed_at,
        sceau: proof.checkpoint.clone(),
        meta,
        clotures: Vec::new(),
        journal: journal.clone(),
    };
    let policies = &fact.envelope.authority.policies;
    let piece = Piece {
        place: position.to_string(),
        le: spoken(fact.envelope.recorded_at),
        auteur: acte.author(),
        office: office(&fact.envelope.actor.office).to_string(),
        phrase: acte.sentence(),
        regles: if policies.is_empty() { "aucune".to_owned() } else { policies.join(", ") },
        empreinte: hex(&fact.leaf_hash),
        absence,
        feuille: evenement.feuille,
        charge: evenement.charge,
        contenu: evenement.contenu,
        preuve: proof,
        journal,
        numero: position.position,
        sous: head.size(),
    };
    Ok((piece, journalisee))
}

impl Piece {
    /// Puts it into the bag, under this folder.
    pub fn put<W: Write + Seek>(&self, under: &str, sac: &mut Sac<W>) -> Result<(), ZipError> {
        let folder = format!("{under}/{}-{}", folder(&self.journal), self.numero);
        sac.add(&format!("{folder}/feuille.json"), self.feuille.as_bytes())?;
        sac.add(&format!("{folder}/charge.json"), self.charge.as_bytes())?;
        sac.add(&format!("{folder}/preuve.tlog-proof"), self.preuve.to_string().as_bytes())?;
        if let Contenu::Ouvert { sel, texte } = &self.contenu {
            sac.add(&format!("{folder}/contenu.json"), texte.as_bytes())?;
            sac.add(&format!("{folder}/sel.hex"), sel.as_bytes())?;
        }
        Ok(())
    }
}
