// Operations that end only when they are told to: they wait for what is never written.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

export const WAITING = `query ($nom: String!, $apres: Position!) {
  portail(nom: $nom) { actualites(first: 1, apres: $apres) { nodes { id } } }
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
  return { nom: input.hote, apres: position.replace(/\d+$/, (place) => String(Number(place) + 1000)) };
}
