//! Files: deposited, joined to what they accompany, and read by who reads that.

use crate::rights::{Acteur, Action, Resource};
use crate::{Act, Commands, Demande, Refused, UseCaseError, rights_of};
use chrono::TimeDelta;
use domain::annuaire::Auditoire;
use domain::pieces::{
    CLASSE, DEPOTS_MAX, Depot, FicheDePiece, FormatDePiece, Objet, Piece, PieceCommand, RefusPiece, liste,
    nom_de_piece,
};
use domain::{Aggregate, DivisionId, EtablissementId, PersonneId, PieceId};
use ledger::blobs::{BlobFault, Blobs, Incoming, Reading, Whole};
use ledger::keys::{KeyName, Subject};
use ledger::seal::{SealError, hex};
use projections::annuaire::{Annuaire, Groupes};
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
    held: Option<Vec<u8>>,
    empreinte: String,
}

impl Lecture {
    /// The next bytes; none after the last ones.
    pub async fn suite(&mut self) -> Result<Option<Vec<u8>>, UseCaseError> {
        while let Some(octets) = self.reading.chunk().await? {
            self.hash.update(&*octets);
            if let Some(before) = self.held.replace(octets.to_vec()) {
                return Ok(Some(before));
            }
        }
        let last = self.held.take();
        if last.is_some() && hex(&self.hash.finalize_reset()) != self.empreinte {
            return Err(BlobFault::from(SealError::OtherContent).into());
        }
        Ok(last)
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

    /// Begins to receive a file: one's own, or that of a pupil for whom one answers.
    pub async fn recevoir_piece(
        &self,
        acteur: &Acteur,
        piece: PieceId,
        eleve: Option<PersonneId>,
    ) -> Result<Reception, UseCaseError> {
        let deposant = acteur.personne.ok_or(UseCaseError::Interdit)?;
        let personne = eleve.unwrap_or(deposant);
        let (resource, _) = self.about(personne).await?;
        self.permit(acteur, Action::DeposerPiece, &resource)?;
        let now = self.now();
        let subject = Subject::Personne(personne);
        let name = KeyName { subject, retention: CLASSE, period: CLASSE.periode(now) };
        let blobs = self.blobs()?;
        if blobs.recent(&name).await? >= DEPOTS_MAX {
            return Err(UseCaseError::Refused(Refused::of(&RefusPiece::TropDeDepots)));
        }
        let incoming = blobs.receive(piece.0, name, now).await?;
        Ok(Reception { incoming, tete: Vec::new(), personne, deposant })
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
                let place = (row.enseignement, row.auditoire);
                self.droit_sur_le_cahier(acteur, place, row.publiee_le.is_some(), &[]).await
            }
            Objet::Travail { travail } => {
                let row = Cahiers::travaux(&self.views, &[travail.0]).await?.pop();
                let row = row.ok_or(UseCaseError::Interdit)?;
                let place = (row.enseignement, row.auditoire);
                self.droit_sur_le_cahier(acteur, place, row.est_ouvert(), &[Action::LireCharge]).await
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

    /// The right by which someone reads what is in a cahier: who keeps it; once it is published, the
    /// pupils and their families, who reads their cahiers, and who may do one of these on the division, or
    /// on one from which the groupe comes.
    async fn droit_sur_le_cahier(
        &self,
        acteur: &Acteur,
        (enseignement, auditoire): (Uuid, Auditoire),
        publie: bool,
        sur_les_divisions: &[Action],
    ) -> Result<(Action, Resource), UseCaseError> {
        let (row, enseignement) = self.enseignement(enseignement).await?;
        let mut questions = vec![(Action::LireCahier, enseignement)];
        if publie {
            let etablissement = EtablissementId(row.etablissement);
            let lire = |eleve| {
                let resource = Resource::Eleve { personne: eleve, etablissement: Some(etablissement) };
                (Action::LireCahierEleve, resource)
            };
            questions.extend(acteur.personne.filter(|_| acteur.est_de(auditoire)).map(lire));
            let (pupils, divisions) = self.eleves_et_divisions(auditoire).await?;
            let children: Vec<_> = acteur.enfants.iter().map(|child| child.0).collect();
            let children = Annuaire::eleves(&self.views, &children).await?.into_iter();
            let here = children.filter(|child| match auditoire {
                Auditoire::Division(division) => child.division == Some(division.0),
                Auditoire::Groupe(_) => child.fiches.iter().any(|fiche| pupils.contains(fiche)),
            });
            questions.extend(here.map(|child| lire(PersonneId(child.personne.id))));
            questions.extend(pupils.first().map(|pupil| lire(PersonneId(*pupil))));
            for id in divisions {
                let division = Resource::Division { id, etablissement };
                questions.extend(sur_les_divisions.iter().map(|action| (*action, division.clone())));
            }
        }
        let permitted = |(action, on): &(Action, Resource)| self.permit(acteur, *action, on).is_ok();
        questions.into_iter().find(permitted).ok_or(UseCaseError::Interdit)
    }

    /// The pupils of a division or a groupe, and the division, or those from which the groupe comes.
    async fn eleves_et_divisions(
        &self,
        auditoire: Auditoire,
    ) -> Result<(Vec<Uuid>, Vec<DivisionId>), UseCaseError> {
        match auditoire {
            Auditoire::Division(division) => {
                let pupils = Annuaire::eleves_of(&self.views, &[division.0]).await?;
                Ok((pupils.into_iter().map(|(_, pupil)| pupil.id).collect(), vec![division]))
            }
            Auditoire::Groupe(groupe) => {
                let pupils = Groupes::personnes(&self.views, &[groupe.0]).await?;
                let row = Groupes::by_ids(&self.views, &[groupe.0]).await?.pop();
                let divisions = row.into_iter().flat_map(|row| row.provenances).map(DivisionId);
                Ok((pupils.into_iter().map(|(_, pupil)| pupil.id).collect(), divisions.collect()))
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
        Ok(reading.map(|reading| Lecture { reading, hash: Sha256::new(), held: None, empreinte }))
    }

    /// Removes what nobody joined to anything, and what can no longer be read; says how many.
    pub async fn balayer_pieces(&self) -> Result<u64, UseCaseError> {
        Ok(self.blobs()?.sweep(Piece::TYPE, self.now() - GARDE).await?)
    }

    async fn depot(&self, piece: PieceId) -> Result<Option<Depot>, UseCaseError> {
        let Some(blob) = self.blobs()?.find(piece.0).await? else { return Ok(None) };
        let read = serde_json::from_slice(&blob.label).map_err(UseCaseError::fault)?;
        let Etiquette { personne, deposant, fiche } = read;
        Ok(Some(Depot { personne, deposant, le: blob.at, fiche }))
    }

    /// Where files are kept. A program that was given no place takes none.
    fn blobs(&self) -> Result<&Blobs, UseCaseError> {
        self.blobs.as_ref().ok_or(UseCaseError::Unavailable)
    }
}
