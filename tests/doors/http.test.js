// GraphQL over HTTP, judged by the audits of npm `graphql-http`.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serverAudits } from "graphql-http";
import { exploitant, serve, trusted, trustedId } from "./ent.js";

let ent;
before(async () => (ent = await serve()));
after(() => ent.stop());

test("all sixty-one audits of graphql-http", async (t) => {
  const audits = serverAudits({ url: () => `http://${ent.address}/graphql`, fetchFn: fetch });
  assert.equal(audits.length, 61);
  for (const audit of audits) {
    await t.test(`${audit.id} ${audit.name}`, async () => {
      const { status, reason } = await audit.fn();
      assert.equal(status, "ok", reason);
    });
  }
});

test("a trusted document is asked for by its id, and its answer may be kept", async () => {
  const url = `http://${ent.address}/graphql?documentId=${encodeURIComponent(trustedId)}`;
  const headers = { authorization: `Bearer ${ent.token(exploitant)}` };
  const first = await fetch(url, { headers });
  assert.deepEqual(await first.json(), { data: { __typename: "Query" } });
  const tag = first.headers.get("etag");
  const again = await fetch(url, { headers: { ...headers, "if-none-match": tag } });
  assert.equal(again.status, 304);
});

test("where only trusted documents are taken, nobody's own words are", async () => {
  const strict = await serve({ ENT_DOCUMENTS_SEULS: "true" });
  try {
    const ask = async (body, headers = {}) => {
      const answer = await fetch(`http://${strict.address}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      });
      return answer.json();
    };
    const refused = await ask({ query: "{ __typename }" });
    assert.equal(refused.errors[0].extensions.code, "DOCUMENT_NON_APPROUVE");
    for (const body of [{ query: trusted }, { documentId: trustedId }]) {
      assert.deepEqual(await ask(body), { data: { __typename: "Query" } });
    }
    const operator = { authorization: `Bearer ${strict.token(exploitant)}` };
    assert.deepEqual(await ask({ query: "{ a: __typename }" }, operator), { data: { a: "Query" } });
  } finally {
    await strict.stop();
  }
});
