//! The XML of CAS: what a server says of a ticket (CAS Protocol 3.0.3, appendix A), and its
//! notice that a sign-in ended (§2.3.3, a SAML `LogoutRequest`).
//!
//! It comes from outside: bytes, depth, elements and texts are bounded, there is no document
//! type and so no entity but XML's own five, and what is not of the expected form is refused.

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use serde_json::{Map, Value};

/// The elements of an answer (appendix A).
const CAS: &str = "http://www.yale.edu/tp/cas";
/// The elements of a notice.
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// Bytes of a document.
const BYTES_MAX: usize = 128 * 1024;
/// Elements in elements.
const DEPTH_MAX: usize = 12;
/// Elements of a document.
const ELEMENTS_MAX: usize = 2_000;
/// Bytes of one text.
const TEXT_MAX: usize = 16 * 1024;
/// Under what name the user is among the attributes.
const USER: &str = "user";

/// Somebody for whom the server vouches.
#[derive(Debug, PartialEq, Eq)]
pub struct Reponse {
    /// What it calls this person.
    pub user: String,
    /// All that it says: each attribute has one text, or several; the user is one too.
    pub said: Map<String, Value>,
}

/// What a server says of a ticket.
#[derive(Debug, PartialEq, Eq)]
pub enum CasXml {
    /// Whose it is.
    Reconnu(Reponse),
    /// That it is nobody's, by its code.
    Refuse(String),
}

/// Why a document is refused. It repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlRefuse {
    /// Too long, too deep, or of too many elements.
    #[error("beyond the bounds")]
    TropGrand,
    /// Not XML.
    #[error("not well-formed")]
    MalForme,
    /// A document type, a processing instruction, or an entity that is not XML's own.
    #[error("a document type, an instruction or an entity")]
    Interdit,
    /// XML, but not what was asked for.
    #[error("not of the expected form")]
    Inattendu,
}

/// Reads an answer.
pub fn lire_reponse(bytes: &[u8]) -> Result<CasXml, XmlRefuse> {
    let mut user: Option<String> = None;
    let mut refused: Option<String> = None;
    let mut said: Map<String, Value> = Map::new();
    let mut roots = 0;
    walk(bytes, |leaf| {
        let names: Vec<&str> = leaf.path.iter().map(|(_, name)| name.as_str()).collect();
        let of_cas = |depth: usize| leaf.path.iter().take(depth).all(|(space, _)| space == CAS);
        match names.as_slice() {
            ["serviceResponse"] if of_cas(1) => roots += 1,
            ["serviceResponse", "authenticationSuccess", "user"] if of_cas(3) => {
                if leaf.text.is_empty() || user.replace(leaf.text.clone()).is_some() {
                    return Err(XmlRefuse::Inattendu);
                }
            }
            ["serviceResponse", "authenticationFailure"] if of_cas(2) => {
                refused = Some(leaf.code.clone().unwrap_or_default());
            }
            ["serviceResponse", "authenticationSuccess", "attributes", .., name]
                if of_cas(3) && leaf.is_leaf =>
            {
                add(&mut said, name, &leaf.text);
            }
            ["serviceResponse", ..] if of_cas(1) => {}
            _ => return Err(XmlRefuse::Inattendu),
        }
        Ok(())
    })?;
    match (roots, user, refused) {
        (1, Some(user), None) => {
            // The server's own word prevails over an attribute of that name.
            said.insert(USER.to_owned(), Value::String(user.clone()));
            Ok(CasXml::Reconnu(Reponse { user, said }))
        }
        (1, None, Some(code)) => Ok(CasXml::Refuse(code)),
        _ => Err(XmlRefuse::Inattendu),
    }
}

/// Reads a notice: the ticket of the sign-in that ended.
pub fn lire_deconnexion(bytes: &[u8]) -> Result<String, XmlRefuse> {
    let mut ticket: Option<String> = None;
    walk(bytes, |leaf| {
        let ours = leaf.path.iter().take(1).all(|(space, name)| space == SAML && name == "LogoutRequest");
        if !ours {
            return Err(XmlRefuse::Inattendu);
        }
        if let [_, (space, name)] = leaf.path
            && space == SAML
            && name == "SessionIndex"
            && (leaf.text.is_empty() || ticket.replace(leaf.text.clone()).is_some())
        {
            return Err(XmlRefuse::Inattendu);
        }
        Ok(())
    })?;
    ticket.ok_or(XmlRefuse::Inattendu)
}

/// An element that has closed.
struct Closed<'a> {
    /// Its ancestors and itself, each with its namespace.
    path: &'a [(String, String)],
    text: String,
    /// Its attribute `code`.
    code: Option<String>,
    is_leaf: bool,
}

/// An element that is open.
#[derive(Default)]
struct Open {
    text: String,
    code: Option<String>,
    has_children: bool,
}

/// Gives each element as it closes.
fn walk(bytes: &[u8], mut closed: impl FnMut(&Closed<'_>) -> Result<(), XmlRefuse>) -> Result<(), XmlRefuse> {
    if bytes.len() > BYTES_MAX {
        return Err(XmlRefuse::TropGrand);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| XmlRefuse::MalForme)?;
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<(String, String)> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut elements = 0;
    loop {
        let (space, event) = reader.read_resolved_event().map_err(|_| XmlRefuse::MalForme)?;
        match event {
            Event::Start(tag) => {
                elements += 1;
                if path.len() >= DEPTH_MAX || elements > ELEMENTS_MAX {
                    return Err(XmlRefuse::TropGrand);
                }
                if path.is_empty() && elements > 1 {
                    return Err(XmlRefuse::MalForme);
                }
                if tag.attributes_raw().contains('&') {
                    return Err(XmlRefuse::Interdit);
                }
                let code = tag.try_get_attribute("code").map_err(|_| XmlRefuse::MalForme)?;
                let code = code.map(|code| code.value.chars().take(64).collect());
                path.push((namespace(&space)?, tag.local_name().as_ref().to_owned()));
                if let Some(parent) = open.last_mut() {
                    parent.has_children = true;
                }
                open.push(Open { code, ..Open::default() });
            }
            Event::End(_) => {
                let Open { text, code, has_children } = open.pop().ok_or(XmlRefuse::MalForme)?;
                let text = text.trim().to_owned();
                closed(&Closed { path: &path, text, code, is_leaf: !has_children })?;
                path.pop();
            }
            Event::Text(text) => write(&mut open, &text.xml10_content())?,
            Event::CData(text) => write(&mut open, &text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().map_err(|_| XmlRefuse::Interdit)? {
                    Some(character) => character.to_string(),
                    None => resolve_predefined_entity(&reference).ok_or(XmlRefuse::Interdit)?.to_owned(),
                };
                write(&mut open, &character)?;
            }
            Event::Decl(_) | Event::Comment(_) => {}
            Event::DocType(_) | Event::PI(_) => return Err(XmlRefuse::Interdit),
            Event::Empty(_) => return Err(XmlRefuse::MalForme),
            Event::Eof if path.is_empty() && elements > 0 => return Ok(()),
            Event::Eof => return Err(XmlRefuse::MalForme),
        }
    }
}

fn namespace(space: &ResolveResult<'_>) -> Result<String, XmlRefuse> {
    match space {
        ResolveResult::Bound(space) => Ok(space.as_ref().to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(_) => Err(XmlRefuse::MalForme),
    }
}

fn write(open: &mut [Open], text: &str) -> Result<(), XmlRefuse> {
    match open.last_mut() {
        Some(element) if element.text.len() + text.len() > TEXT_MAX => Err(XmlRefuse::TropGrand),
        Some(element) => {
            element.text.push_str(text);
            Ok(())
        }
        None if text.trim().is_empty() => Ok(()),
        None => Err(XmlRefuse::MalForme),
    }
}

/// A second text of one name makes a list of it.
fn add(said: &mut Map<String, Value>, name: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    let text = Value::String(text.to_owned());
    match said.get_mut(name) {
        None => drop(said.insert(name.to_owned(), text)),
        Some(Value::Array(texts)) => texts.push(text),
        Some(first) => *first = Value::Array(vec![first.take(), text]),
    }
}

#[cfg(test)]
mod tests;
