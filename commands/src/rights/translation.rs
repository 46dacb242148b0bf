//! From our words to Cedar's: what the policies see of an acteur and of a resource.
//!
//! Entities are built, never parsed, and only the two that a policy looks into are:
//! ids that they mention need no entity of their own.

use super::resource::Kind;
use super::{Acteur, PolicyFault, Resource};
use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use domain::portails::{Attribution, Perimetre};
use std::collections::{HashMap, HashSet};
use std::fmt::Display;

/// The name under which visitors are known to the schema.
pub(super) const ANONYME: &str = "Anonyme";
/// The name under which comptes are known to the schema.
pub(super) const COMPTE: &str = "Compte";

/// The schema's type names, read once.
pub(super) struct Vocabulary {
    compte: EntityTypeName,
    anonyme: EntityTypeName,
    kinds: HashMap<Kind, EntityTypeName>,
}

/// An entity that the engine will not take; its text names an attribute, never a person.
#[derive(Debug, thiserror::Error)]
pub(super) enum Untranslatable {
    #[error("no type name for {0:?}")]
    Kind(Kind),
    #[error("an attribute cannot be evaluated: {0}")]
    Attribute(#[from] Box<cedar_policy::EntityAttrEvaluationError>),
}

type Attributes = HashMap<String, RestrictedExpression>;

impl Vocabulary {
    pub(super) fn new() -> Result<Self, PolicyFault> {
        let name = |text: &str| {
            text.parse::<EntityTypeName>().map_err(|error| PolicyFault::Schema(error.to_string()))
        };
        let kinds = Kind::ALL
            .into_iter()
            .map(|kind| Ok((kind, name(kind.as_str())?)))
            .collect::<Result<_, PolicyFault>>()?;
        Ok(Self { compte: name(COMPTE)?, anonyme: name(ANONYME)?, kinds })
    }

    /// The principal, with all its relations.
    pub(super) fn acteur(&self, acteur: &Acteur) -> Result<Entity, Untranslatable> {
        let Some(compte) = acteur.compte else {
            let uid = EntityUid::from_type_name_and_id(self.anonyme.clone(), EntityId::new("anonyme"));
            return Ok(Entity::new_no_attrs(uid, HashSet::new()));
        };
        let uid = EntityUid::from_type_name_and_id(self.compte.clone(), EntityId::new(compte.to_string()));
        let mut attributes = Attributes::from([
            ("etablissements".to_owned(), self.set(Kind::Etablissement, &acteur.etablissements)?),
            ("divisions".to_owned(), self.set(Kind::Division, &acteur.divisions)?),
            ("groupes".to_owned(), self.set(Kind::Groupe, &acteur.groupes)?),
            ("enfants".to_owned(), self.set(Kind::Personne, &acteur.enfants)?),
            ("directionDe".to_owned(), self.set(Kind::Etablissement, &acteur.direction_de)?),
            ("vieScolaireDe".to_owned(), self.set(Kind::Etablissement, &acteur.vie_scolaire_de)?),
            ("enseigneDans".to_owned(), self.set(Kind::Etablissement, &acteur.enseigne_dans)?),
            ("administratifDe".to_owned(), self.set(Kind::Etablissement, &acteur.administratif_de)?),
            ("infirmierDe".to_owned(), self.set(Kind::Etablissement, &acteur.infirmier_de)?),
            ("directeurDe".to_owned(), self.set(Kind::Portail, &acteur.directeur_de)?),
            ("administrateurDe".to_owned(), self.set(Kind::Portail, &acteur.administrateur_de)?),
            ("horsModeration".to_owned(), self.withheld(acteur, Attribution::Moderation)?),
            ("horsConservation".to_owned(), self.withheld(acteur, Attribution::Conservation)?),
            ("horsCatalogue".to_owned(), self.withheld(acteur, Attribution::Catalogue)?),
            ("fermes".to_owned(), self.set(Kind::Etablissement, &acteur.fermes)?),
            ("habiliteDe".to_owned(), self.set(Kind::Portail, &acteur.habilite_de)?),
            ("habilitePartout".to_owned(), RestrictedExpression::new_bool(acteur.habilite_partout)),
            ("interventionsAnnuaire".to_owned(), self.interventions(acteur, Perimetre::Annuaire)?),
            ("interventionsAbsences".to_owned(), self.interventions(acteur, Perimetre::Absences)?),
            ("interventionsNotes".to_owned(), self.interventions(acteur, Perimetre::Notes)?),
            ("interventionsCahiers".to_owned(), self.interventions(acteur, Perimetre::CahierDeTextes)?),
            ("interventionsPublications".to_owned(), self.interventions_publications(acteur)?),
            ("sansFonction".to_owned(), RestrictedExpression::new_bool(acteur.sans_fonction)),
            ("majeur".to_owned(), RestrictedExpression::new_bool(acteur.majeur)),
            ("exploitant".to_owned(), RestrictedExpression::new_bool(acteur.exploitant)),
            ("auditeur".to_owned(), RestrictedExpression::new_bool(acteur.auditeur)),
            ("suspendu".to_owned(), RestrictedExpression::new_bool(acteur.suspendu)),
        ]);
        let own = acteur.personne.filter(|_| !acteur.compte_d_office);
        self.optional(&mut attributes, "personne", Kind::Personne, own)?;
        self.optional(&mut attributes, "titulaire", Kind::Personne, acteur.personne)?;
        let chosen = acteur.etablissement_choisi;
        self.optional(&mut attributes, "etablissementChoisi", Kind::Etablissement, chosen)?;
        entity(uid, attributes)
    }

    /// The resource, with all its attributes.
    pub(super) fn resource(&self, resource: &Resource) -> Result<Entity, Untranslatable> {
        let mut attributes = Attributes::new();
        let uid = match resource {
            Resource::Etablissement { id } => self.uid(Kind::Etablissement, id)?,
            Resource::Division { id, etablissement } => {
                self.required(&mut attributes, "etablissement", Kind::Etablissement, etablissement)?;
                self.uid(Kind::Division, id)?
            }
            Resource::Groupe { id, etablissement, encadrants } => {
                self.required(&mut attributes, "etablissement", Kind::Etablissement, etablissement)?;
                attributes.insert("encadrants".to_owned(), self.set(Kind::Personne, encadrants)?);
                self.uid(Kind::Groupe, id)?
            }
            Resource::Personne { id, etablissements } => {
                let set = self.set(Kind::Etablissement, etablissements)?;
                attributes.insert("etablissements".to_owned(), set);
                self.uid(Kind::Personne, id)?
            }
            Resource::Enseignement { id, etablissement, enseignants, absents } => {
                self.required(&mut attributes, "etablissement", Kind::Etablissement, etablissement)?;
                attributes.insert("enseignants".to_owned(), self.set(Kind::Personne, enseignants)?);
                attributes.insert("absents".to_owned(), self.set(Kind::Personne, absents)?);
                self.uid(Kind::Enseignement, id)?
            }
            Resource::Conseil { division, etablissement, enseignants, principaux } => {
                self.required(&mut attributes, "etablissement", Kind::Etablissement, etablissement)?;
                attributes.insert("enseignants".to_owned(), self.set(Kind::Personne, enseignants)?);
                attributes.insert("principaux".to_owned(), self.set(Kind::Personne, principaux)?);
                self.uid(Kind::Conseil, division)?
            }
            Resource::Eleve { personne, etablissement } => {
                self.required(&mut attributes, "personne", Kind::Personne, personne)?;
                self.optional(&mut attributes, "etablissement", Kind::Etablissement, *etablissement)?;
                self.uid(Kind::Eleve, personne)?
            }
            Resource::Portail { id, etablissement } => {
                self.optional(&mut attributes, "etablissement", Kind::Etablissement, *etablissement)?;
                self.uid(Kind::Portail, id)?
            }
            Resource::Publication { id, portail, etablissement, auteur, en_ligne, publique } => {
                self.required(&mut attributes, "portail", Kind::Portail, portail)?;
                self.optional(&mut attributes, "etablissement", Kind::Etablissement, *etablissement)?;
                self.required(&mut attributes, "auteur", Kind::Personne, auteur)?;
                attributes.insert("enLigne".to_owned(), RestrictedExpression::new_bool(*en_ligne));
                attributes.insert("publique".to_owned(), RestrictedExpression::new_bool(*publique));
                self.uid(Kind::Publication, id)?
            }
            Resource::Signalement { id, portail, auteur_du_contenu, signalant } => {
                self.required(&mut attributes, "portail", Kind::Portail, portail)?;
                self.required(&mut attributes, "auteurDuContenu", Kind::Personne, auteur_du_contenu)?;
                self.required(&mut attributes, "signalant", Kind::Personne, signalant)?;
                self.uid(Kind::Signalement, id)?
            }
            Resource::Acces { compte, titulaire, etablissements, portails } => {
                let id = EntityId::new(compte.to_string());
                let uid = EntityUid::from_type_name_and_id(self.compte.clone(), id);
                attributes.insert("compte".to_owned(), RestrictedExpression::new_entity_uid(uid));
                self.optional(&mut attributes, "titulaire", Kind::Personne, *titulaire)?;
                let etablissements = self.set(Kind::Etablissement, etablissements)?;
                attributes.insert("etablissements".to_owned(), etablissements);
                attributes.insert("portails".to_owned(), self.set(Kind::Portail, portails)?);
                self.uid(Kind::Acces, compte)?
            }
            Resource::DossierEleve { personne, etablissement, principaux } => {
                self.required(&mut attributes, "personne", Kind::Personne, personne)?;
                self.required(&mut attributes, "etablissement", Kind::Etablissement, etablissement)?;
                attributes.insert("principaux".to_owned(), self.set(Kind::Personne, principaux)?);
                self.uid(Kind::DossierEleve, personne)?
            }
            Resource::Constat { id, etablissement, auteur } => {
                self.required(&mut attributes, "etablissement", Kind::Etablissement, etablissement)?;
                self.required(&mut attributes, "auteur", Kind::Personne, auteur)?;
                self.uid(Kind::Constat, id)?
            }
            Resource::Plateforme => self.uid(Kind::Plateforme, "ent")?,
        };
        entity(uid, attributes)
    }

    /// The portals of which this part is not delegated to the acteur.
    fn withheld(&self, acteur: &Acteur, part: Attribution) -> Result<RestrictedExpression, Untranslatable> {
        let withheld = acteur.hors_delegation.iter().filter(|(_, one)| *one == part);
        self.set(Kind::Portail, withheld.map(|(portail, _)| portail))
    }

    /// The établissements where an open intervention lets into this part.
    fn interventions(
        &self,
        acteur: &Acteur,
        perimetre: Perimetre,
    ) -> Result<RestrictedExpression, Untranslatable> {
        let within = acteur.interventions.iter().filter(|one| one.perimetres.contains(&perimetre));
        self.set(Kind::Etablissement, within.filter_map(|one| one.etablissement))
    }

    /// The portals where one lets into what is written for them; partners have portals too.
    fn interventions_publications(&self, acteur: &Acteur) -> Result<RestrictedExpression, Untranslatable> {
        let within =
            acteur.interventions.iter().filter(|one| one.perimetres.contains(&Perimetre::Publications));
        self.set(Kind::Portail, within.map(|one| &one.portail))
    }

    fn uid(&self, kind: Kind, id: impl Display) -> Result<EntityUid, Untranslatable> {
        let name = self.kinds.get(&kind).ok_or(Untranslatable::Kind(kind))?;
        Ok(EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id.to_string())))
    }

    fn reference(&self, kind: Kind, id: impl Display) -> Result<RestrictedExpression, Untranslatable> {
        self.uid(kind, id).map(RestrictedExpression::new_entity_uid)
    }

    fn set<T: Display>(
        &self,
        kind: Kind,
        ids: impl IntoIterator<Item = T>,
    ) -> Result<RestrictedExpression, Untranslatable> {
        let references: Result<Vec<_>, _> = ids.into_iter().map(|id| self.reference(kind, id)).collect();
        references.map(RestrictedExpression::new_set)
    }

    fn required(
        &self,
        attributes: &mut Attributes,
        name: &str,
        kind: Kind,
        id: impl Display,
    ) -> Result<(), Untranslatable> {
        attributes.insert(name.to_owned(), self.reference(kind, id)?);
        Ok(())
    }

    fn optional(
        &self,
        attributes: &mut Attributes,
        name: &str,
        kind: Kind,
        id: Option<impl Display>,
    ) -> Result<(), Untranslatable> {
        id.map_or(Ok(()), |id| self.required(attributes, name, kind, id))
    }
}

fn entity(uid: EntityUid, attributes: Attributes) -> Result<Entity, Untranslatable> {
    Entity::new(uid, attributes, HashSet::new()).map_err(|error| Box::new(error).into())
}
