//! Files: deposited, joined to what they accompany, and read by who reads that.

use crate::rights::{Acteur, Action, Resource};
use crate::{Act, Commands, Demande, Refused, UseCaseError, rights_of};
use chrono::TimeDelta;
use domain::pieces::{
    CLASSE, Deposant, Deposes, Depot, FicheDePiece, FormatDePiece, Objet, Piece, PieceCommand, RefusPiece,
    liste, nom_de_piece,
};
use domain::{Aggregate, EtablissementId, PersonneId, PieceId};
use ledger::blobs::{Announced, BlobFault, Blobs, Brought, Incoming, Reading, Whole};
use ledger::keys::{KeyName, Subject};
use ledger::seal::{SealError, hex};
use projections::annuaire::Annuaire;
use projections::cahier_de_textes::Cahiers;
use projections::pieces::PieceJointe;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// First bytes of a file, by which its format is known.
const TETE: usize = 4096;
/// How long a deposit is kept of which nothing came: longer than it may wait, so that none is swept
/// while it is being joined to something.
const GARDE: TimeDelta = TimeDelta::days(2);
/// After how long without a byte a file that was coming is known to have been broken off: one that still
/// comes is written to every few minutes.
const RUPTURE: TimeDelta = TimeDelta::hours(1);

/// What is kept of a deposit beside its bytes, sealed like them.
#[derive(Serialize, Deserialize)]
struct Etiquette {
    personne: PersonneId,
    deposant: PersonneId,
    fiche: FicheDePiece,
}

/// A file that is being deposited.
pub struct Reception {
    incoming: Incoming,
    tete: Vec<u8>,
    personne: PersonneId,
    deposant: PersonneId,
}

impl Reception {
    /// How many bytes have come.
    pub fn taille(&self) -> u64 {
        self.incoming.size()
    }

    /// Takes more bytes.
    pub async fn recevoir(&mut self, octets: &[u8]) -> Result<(), UseCaseError> {
        let missing = TETE.saturating_sub(self.tete.len()).min(octets.len());
        self.tete.extend(octets.iter().take(missing));
        Ok(self.incoming.write(octets).await?)
    }

    /// Gives the deposit up.
    pub async fn abandonner(self) -> Result<(), UseCaseError> {
        Ok(self.incoming.abort().await?)
    }

    /// All bytes have come; says what they are. A file that is none of ours is not kept.
    pub async fn terminer(self, nom: &str) -> Result<FicheDePiece, UseCaseError> {
        let Self { incoming, tete, personne, deposant } = self;
        let whole = incoming.finish().await?;
        let fiche = match lue(nom, &tete, &whole) {
            Ok(fiche) => fiche,
            Err(refus) => {
                whole.abort().await?;
                return Err(UseCaseError::Refused(Refused::of(&refus)));
            }
        };
        let etiquette = Etiquette { personne, deposant, fiche };
        whole.label(&serde_json::to_vec(&etiquette).map_err(UseCaseError::fault)?).await?;
        Ok(etiquette.fiche)
    }
}

/// A file that is being read. Its last bytes are shown only if the whole has the hash that the
/// record has of it.
pub struct Lecture {
    reading: Reading,
    hash: Sha256,
    empreinte: String,
}

impl Lecture {
    /// The next bytes; none after the last ones.
    pub async fn suite(&mut self) -> Result<Option<Vec<u8>>, UseCaseError> {
        let Some(mut octets) = self.reading.chunk().await? else { return Ok(None) };
        self.hash.update(&*octets);
        if self.reading.is_over() && hex(&self.hash.finalize_reset()) != self.empreinte {
            return Err(BlobFault::from(SealError::OtherContent).into());
        }
        Ok(Some(std::mem::take(&mut *octets)))
    }
}

fn lue(nom: &str, tete: &[u8], whole: &Whole) -> Result<FicheDePiece, RefusPiece> {
    let nom = nom_de_piece(nom).ok_or(RefusPiece::NomDePiece)?;
    let taille = u32::try_from(whole.size).ok().filter(|taille| *taille > 0).ok_or(RefusPiece::PieceVide)?;
    let format = FormatDePiece::de(&nom, tete).ok_or(RefusPiece::FormatRefuse)?;
    Ok(FicheDePiece { nom, format, empreinte: whole.sha256.clone(), taille })
}

impl Commands {
    /// The same, which keeps files there.
    pub fn keeping(self, blobs: Blobs) -> Self {
        Self { blobs: Some(blobs), ..self }
    }

    /// Begins to receive a file of so many bytes at most: one's own, that of a pupil for whom one answers,
    /// or one that a pupil's family handed over.
    pub async fn recevoir_piece(
        &self,
        acteur: &Acteur,
        piece: PieceId,
        eleve: Option<PersonneId>,
        octets: u64,
    ) -> Result<Reception, UseCaseError> {
        let deposant = acteur.personne.ok_or(UseCaseError::Interdit)?;
        let personne = eleve.unwrap_or(deposant);
        self.droit_de_deposer(acteur, personne).await?;
        let now = self.now();
        let subject = Subject::Personne(personne);
        let name = KeyName { subject, retention: CLASSE, period: CLASSE.periode(now) };
        let blobs = self.blobs()?;
        let Brought { recent, waiting, bytes } =
            blobs.brought(deposant.0, Piece::TYPE, now - RUPTURE).await?;
        let deposes = Deposes { recents: recent, en_attente: waiting, octets: bytes };
        let qui = if acteur.est_du_personnel() { Deposant::Personnel } else { Deposant::EleveOuFamille };
        qui.admet(deposes, octets).map_err(|refus| UseCaseError::Refused(Refused::of(&refus)))?;
        let coming = Announced { by: deposant.0, size: octets, at: now };
        let incoming = blobs.receive(piece.0, name, coming).await?;
        Ok(Reception { incoming, tete: Vec::new(), personne, deposant })
    }

    /// The right to deposit a file of someone: where one may not for oneself, for the family of a pupil.
    async fn droit_de_deposer(&self, acteur: &Acteur, personne: PersonneId) -> Result<(), UseCaseError> {
        let (resource, _) = self.about(personne).await?;
        if self.permit(acteur, Action::DeposerPiece, &resource).is_ok() {
            return Ok(());
        }
        let pupil =
            Annuaire::eleves(&self.views, &[personne.0]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let may = |on: &Resource| self.permit(acteur, Action::RecueillirJustificatif, on).is_ok();
        let found = rights_of::dossiers(&pupil).iter().any(|(_, on)| may(on));
        if found { Ok(()) } else { Err(UseCaseError::Interdit) }
    }

    /// Has files join, in an act, what they accompany: each was deposited by who asks, for the person
    /// who has these fiches.
    pub(crate) async fn joindre(
        &self,
        mut act: Act,
        demande: &Demande,
        pieces: &[PieceId],
        (objet, fiches): (Objet, &[PersonneId]),
    ) -> Result<Act, UseCaseError> {
        let par = demande.acteur.personne.ok_or(UseCaseError::Interdit)?;
        // Where there are too many, what they accompany refuses them.
        for piece in liste(pieces.to_vec()).unwrap_or_default() {
            let (depot, fiches) = (self.depot(piece).await?, fiches.to_vec());
            let command = PieceCommand::JoindrePiece { depot, fiches, par, objet, maintenant: self.now() };
            act = act.tell::<Piece>(piece, command);
        }
        Ok(act)
    }

    /// The right by which someone reads a file: that of what it accompanies.
    pub async fn droit_de_lire_piece(
        &self,
        acteur: &Acteur,
        piece: &PieceJointe,
    ) -> Result<(Action, Resource), UseCaseError> {
        match piece.objet().ok_or(UseCaseError::Interdit)? {
            Objet::Copie { copie } => {
                let found = Cahiers::copie(&self.views, copie.0).await?;
                let (travail, eleve) = found.ok_or(UseCaseError::Interdit)?;
                self.droit_de_lire_copie(acteur, travail, eleve).await
            }
            Objet::Seance { seance } => {
                let row = Cahiers::seances(&self.views, &[seance.0]).await?.pop();
                let row = row.ok_or(UseCaseError::Interdit)?;
                let droit = self.droit_de_lire_seance(acteur, &row).await?.ok_or(UseCaseError::Interdit)?;
                Ok((droit.action, droit.on))
            }
            Objet::Travail { travail } => {
                let row = Cahiers::travaux(&self.views, &[travail.0]).await?.pop();
                let row = row.ok_or(UseCaseError::Interdit)?;
                let droit = self.droit_de_lire_travail(acteur, &row).await?.ok_or(UseCaseError::Interdit)?;
                Ok((droit.action, droit.on))
            }
            Objet::DossierAbsence { dossier } => {
                let row = self.dossier_absence(dossier).await?;
                let etablissement = Some(EtablissementId(row.etablissement));
                let eleve = Resource::Eleve { personne: PersonneId(row.eleve), etablissement };
                self.permit(acteur, Action::LireAbsencesEleve, &eleve)?;
                Ok((Action::LireAbsencesEleve, eleve))
            }
        }
    }

    /// The right by which someone reads what a pupil has handed in: who keeps the cahier, the pupil,
    /// the family.
    pub async fn droit_de_lire_copie(
        &self,
        acteur: &Acteur,
        travail: Uuid,
        eleve: Uuid,
    ) -> Result<(Action, Resource), UseCaseError> {
        let travail = Cahiers::travaux(&self.views, &[travail]).await?.pop().ok_or(UseCaseError::Interdit)?;
        let (row, enseignement) = self.enseignement(travail.enseignement).await?;
        if self.permit(acteur, Action::LireCahier, &enseignement).is_ok() {
            return Ok((Action::LireCahier, enseignement));
        }
        let pupil = Annuaire::eleves(&self.views, &[eleve]).await?.pop().ok_or(UseCaseError::Interdit)?;
        Ok((Action::LireCahierEleve, rights_of::dossier(&pupil, Some(row.etablissement))))
    }

    /// Begins to read a file, for who has been found to have the right; none once it is erased, or lost.
    pub async fn ouvrir_piece(&self, piece: &PieceJointe) -> Result<Option<Lecture>, UseCaseError> {
        let reading = self.blobs()?.read(piece.id).await?;
        let empreinte = piece.fiche.empreinte.clone();
        Ok(reading.map(|reading| Lecture { reading, hash: Sha256::new(), empreinte }))
    }

    /// Removes what nobody joined to anything, what can no longer be read, and what a crash broke off;
    /// says how many.
    pub async fn balayer_pieces(&self) -> Result<u64, UseCaseError> {
        let (blobs, now) = (self.blobs()?, self.now());
        let swept = blobs.sweep(Piece::TYPE, now - GARDE).await?;
        Ok(swept + blobs.sweep_unfinished(now - RUPTURE).await?)
    }

    async fn depot(&self, piece: PieceId) -> Result<Option<Depot>, UseCaseError> {
        let Some(blob) = self.blobs()?.find(piece.0).await? else { return Ok(None) };
        let read = serde_json::from_slice(&blob.label).map_err(UseCaseError::fault)?;
        let Etiquette { personne, deposant, fiche } = read;
        Ok(Some(Depot { personne, deposant, le: blob.at, fiche }))
    }

    /// Where files are kept. A program that was given no place takes none.
    pub fn blobs(&self) -> Result<&Blobs, UseCaseError> {
        self.blobs.as_ref().ok_or(UseCaseError::Unavailable)
    }
}
