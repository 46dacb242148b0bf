// Operations that end only when they are told to: they wait for what is never written.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

// The portal is asked for after its own line: were it not projected yet, there would be no page to wait for.
export const WAITING = `query ($nom: String!, $ouvert: Position!, $jamais: Position!) {
  portail(nom: $nom, apres: $ouvert) { actualites(first: 1, apres: $jamais) { nodes { id } } }
}`;

/** Opens a portal, and gives the variables that wait for a place far beyond its last line. */
export async function waitingFor(ent) {
  const input = { nature: "REGION", hote: `p-${randomUUID().slice(0, 8)}`, nom: "Portail" };
  const query = `mutation ($input: OuvrirPortailInput!) {
    ouvrirPortail(input: $input) { position userErrors { code } }
  }`;
  const answer = await ent.ask(query, { variables: { input } });
  assert.deepEqual(answer.data?.ouvrirPortail.userErrors, [], JSON.stringify(answer));
  const { position } = answer.data.ouvrirPortail;
  const jamais = position.replace(/\d+$/, (place) => String(Number(place) + 1000));
  return { nom: input.hote, ouvert: position, jamais };
}
