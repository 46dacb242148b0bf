// graphql-transport-ws, judged by the client of npm `graphql-ws`, and by raw frames.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { exploitant, serve } from "./ent.js";
import { WAITING, waitingFor } from "./operations.js";

let ent;
before(async () => (ent = await serve()));
after(() => ent.stop());

const url = () => `ws://${ent.address}/graphql/ws`;
const authorization = (seconds) => `Bearer ${ent.token(exploitant, seconds)}`;

function client(connectionParams) {
  return createClient({ url: url(), webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
}

async function results(client, payload) {
  const heard = [];
  for await (const result of client.iterate(payload)) heard.push(result);
  return heard;
}

describe("the client of graphql-ws", () => {
  test("asks, is answered, and hears the end", async () => {
    const connected = client({ authorization: authorization() });
    assert.deepEqual(await results(connected, { query: "{ __typename }" }), [{ data: { __typename: "Query" } }]);
    const forbidden = 'subscription { journal(portail: "nobody") { objet } }';
    assert.deepEqual(await results(connected, { query: forbidden }), []);
    await connected.dispose();
  });

  test("is told what is wrong with a document", async () => {
    const connected = client();
    await assert.rejects(results(connected, { query: "{ inconnu }" }), (errors) => {
      assert.equal(errors[0].extensions.code, "REQUETE_INVALIDE");
      return true;
    });
    await connected.dispose();
  });

  test("several operations share a connection, and one that is left doesn't disturb the others", async () => {
    const connected = client({ authorization: authorization() });
    const left = connected.iterate({ query: WAITING, variables: await waitingFor(ent) });
    const waiting = left.next();
    const asked = Array.from({ length: 5 }, () => results(connected, { query: "{ __typename }" }));
    assert.equal((await Promise.all(asked)).length, 5);
    await left.return();
    assert.equal((await waiting).done, true);
    assert.equal((await results(connected, { query: "{ __typename }" })).length, 1);
    await connected.dispose();
  });

  test("is hung up on with 4403 when its token is bad", async () => {
    const stranger = client({ authorization: "Bearer nothing" });
    await assert.rejects(results(stranger, { query: "{ __typename }" }), { code: 4403 });
  });
});

/** A socket that says what it is told to, and gives the code with which it is hung up on. */
async function raw(...messages) {
  const socket = new WebSocket(url(), "graphql-transport-ws");
  const closed = new Promise((resolve) => socket.once("close", (code) => resolve(code)));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const say = (message) => {
    const frame = Buffer.isBuffer(message) || typeof message === "string" ? message : JSON.stringify(message);
    socket.send(frame);
  };
  const heard = [];
  socket.on("message", (text) => heard.push(JSON.parse(text)));
  messages.forEach(say);
  const hear = async (type) => {
    while (!heard.some((message) => message.type === type)) {
      await new Promise((resolve) => socket.once("message", resolve).once("close", resolve));
      assert.equal(socket.readyState, WebSocket.OPEN, `closed before a ${type}`);
    }
  };
  return { closed, hear, say, socket };
}

const INIT = { type: "connection_init" };

describe("raw frames", { concurrency: true }, () => {
  for (const [name, code, messages] of [
    ["what is not JSON", 4400, ["bonjour"]],
    ["a binary frame", 4400, [Buffer.from([1, 2, 3])]],
    ["an unknown type", 4400, [{ type: "start", id: "1" }]],
    ["a subscription without payload", 4400, [INIT, { type: "subscribe", id: "1" }]],
    ["a subscription before the init", 4401, [{ type: "subscribe", id: "1", payload: { query: "{ __typename }" } }]],
    ["a second init", 4429, [INIT, INIT]],
  ]) {
    test(`${name} is hung up on with ${code}`, async () => {
      assert.equal(await (await raw(...messages)).closed, code);
    });
  }

  test("no init in time is hung up on with 4408", { timeout: 30_000 }, async () => {
    assert.equal(await (await raw()).closed, 4408);
  });

  test("an id that is in use is hung up on with 4409", async () => {
    const payload = { query: WAITING, variables: await waitingFor(ent) };
    const subscribe = { type: "subscribe", id: "1", payload };
    assert.equal(await (await raw(INIT, subscribe, subscribe)).closed, 4409);
  });

  test("a session that ends is hung up on with 4403", async () => {
    const talk = await raw({ ...INIT, payload: { authorization: authorization(2) } });
    await talk.hear("connection_ack");
    // Any word will do to be asked who one is: the socket need not be silent.
    const asking = setInterval(() => talk.socket.readyState === WebSocket.OPEN && talk.say({ type: "ping" }), 100);
    assert.equal(await talk.closed, 4403);
    clearInterval(asking);
  });

  test("a ping is answered, before the init too", async () => {
    const talk = await raw({ type: "ping" });
    await talk.hear("pong");
    talk.socket.close();
  });

  test("another protocol is refused", async () => {
    const socket = new WebSocket(url(), "graphql-ws");
    const status = await new Promise((resolve) => {
      socket.once("unexpected-response", (_, answer) => resolve(answer.statusCode)).once("error", () => {});
    });
    assert.equal(status, 400);
  });
});

test("a stop closes sockets with 1001, and the program ends well", async () => {
  const talk = await raw({ ...INIT, payload: { authorization: authorization() } });
  await talk.hear("connection_ack");
  const payload = { query: WAITING, variables: await waitingFor(ent) };
  talk.say({ type: "subscribe", id: "1", payload });
  ent.program.kill("SIGTERM");
  assert.equal(await talk.closed, 1001);
  assert.equal(await ent.exit, 0);
});
