//! What facts say of a person that are sealed under another key: what he or she did, and what is
//! said of him or her in what is about others. The table of portability says which, and what of
//! each; here they are found.

use super::{DossierError, Ecriture, PAGE, Remis, contenu};
use domain::annuaire::{Personne, Remplacements};
use domain::identite::Compte;
use domain::protection::Voie;
use domain::{Aggregate, Event};
use ledger::envelope::Stream;
use ledger::feed::{Fact, facts_at, facts_of};
use projections::protection::Droits;
use uuid::Uuid;

impl Ecriture<'_> {
    /// Adds them to the facts.
    pub(super) async fn mentions(&mut self) -> Result<(), DossierError> {
        self.actes().await?;
        // A personal compte has the id of its person.
        self.flux::<Compte>(Voie::Compte, self.fiches.clone()).await?;
        let enfants = Droits::repond_de(self.commands.views(), &self.fiches).await?;
        self.flux::<Personne>(Voie::Enfant, enfants).await?;
        let enseignements = Droits::remplace_dans(self.commands.views(), &self.fiches).await?;
        self.flux::<Remplacements>(Voie::Remplacement, enseignements).await
    }

    async fn actes(&mut self) -> Result<(), DossierError> {
        let types = Voie::Acte.evenements();
        let mut after = None;
        loop {
            let views = self.commands.views();
            let places = Droits::actes_de(views, &self.fiches, &types, after.as_ref(), PAGE).await?;
            let Some(last) = places.last() else { return Ok(()) };
            let mut connection = views.acquire().await?;
            let facts = facts_at(&mut connection, self.commands.keys(), &places).await?;
            drop(connection);
            self.extraire(Voie::Acte, &facts)?;
            after = Some(last.clone());
        }
    }

    /// Reads streams one by one: few name anybody, and none is long.
    async fn flux<A: Aggregate>(&mut self, voie: Voie, ids: Vec<Uuid>) -> Result<(), DossierError> {
        for id in ids {
            let stream = Stream { kind: A::TYPE.to_owned(), id: id.to_string() };
            let mut connection = self.commands.views().acquire().await?;
            let facts = facts_of(&mut connection, self.commands.keys(), &[stream]).await?;
            drop(connection);
            self.extraire(voie, &facts)?;
        }
        Ok(())
    }

    /// Of an erased content nothing is left that would name the person, and what is sealed under
    /// his or her key was handed over whole.
    fn extraire(&mut self, voie: Voie, facts: &[Fact]) -> Result<(), DossierError> {
        let fiches = self.personnes();
        for fact in facts {
            let Some(subject) = fact.event().map(Event::subject) else { continue };
            if subject.is_some_and(|subject| fiches.contains(&subject)) {
                continue;
            }
            let extrait = voie.extrait(&fact.envelope.event_type, &contenu(fact)?, &fiches);
            if let Some(extrait) = extrait {
                self.fait(fact, Remis::Extrait(extrait))?;
            }
        }
        Ok(())
    }
}
