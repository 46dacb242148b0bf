// graphql-sse in distinct connections mode, judged by the client of npm `graphql-sse`.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createClient } from "graphql-sse";
import { exploitant, serve } from "./ent.js";
import { WAITING, waitingFor } from "./operations.js";

let ent;
before(async () => (ent = await serve()));
after(() => ent.stop());

function client(headers = { authorization: `Bearer ${ent.token(exploitant)}` }) {
  return createClient({ url: `http://${ent.address}/graphql/stream`, headers, retryAttempts: 0 });
}

async function results(client, payload) {
  const heard = [];
  for await (const result of client.iterate(payload)) heard.push(result);
  return heard;
}

test("asks, is answered, and hears the end", async () => {
  assert.deepEqual(await results(client(), { query: "{ __typename }" }), [{ data: { __typename: "Query" } }]);
  const forbidden = 'subscription { journal(portail: "nobody") { objet } }';
  assert.deepEqual(await results(client(), { query: forbidden }), []);
});

test("is told what is wrong with a document by its stream", async () => {
  const [result] = await results(client(), { query: "{ inconnu }" });
  assert.equal(result.errors[0].extensions.code, "REQUETE_INVALIDE");
});

test("may leave an operation that goes on", async () => {
  const left = client().iterate({ query: WAITING, variables: await waitingFor(ent) });
  const waiting = left.next();
  await left.return();
  assert.equal((await waiting).done, true);
});

test("is refused with a bad token", async () => {
  const stranger = client({ authorization: "Bearer nothing" });
  await assert.rejects(results(stranger, { query: "{ __typename }" }), (error) => error.response.status === 401);
});
