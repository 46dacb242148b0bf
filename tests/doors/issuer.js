// A real OpenID provider (npm `oidc-provider`), for the stories that sign in: one process, told
// on its standard input who signs in next, and when to change its keys.
//
//   node issuer.js '{"origin": "http://127.0.0.1:8080", "name": "educonnect"}'
//
// It says `{"issuer": …}` once it listens. Each line that it reads is a command, which it answers
// with a line: `{"as": {"sub": …, …claims}}`, or `{"rotate": true}`.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const { origin, name, secret } = JSON.parse(process.argv[2]);
// What the library remarks upon goes where nobody waits for an answer.
console.info = console.warn;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const accounts = new Map();
let next;

function key() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg: "RS256", use: "sig" };
}

/** A provider on these keys. What others of this process have stored is its own too. */
function provider(issuer, keys) {
  const made = new Provider(issuer, {
    clients: [
      {
        client_id: "ent",
        client_secret: secret,
        redirect_uris: [`${origin}/connexion/${name}/retour`],
        backchannel_logout_uri: `${origin}/connexion/${name}/deconnexion-distante`,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys },
    claims: { openid: ["sub"], ent: ["FrEduCtRefId", "FrEduVecteur", "identifiant"] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    cookies: { keys: ["stories"] },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...accounts.get(sub) }) }),
    // The ENT of a story is on this machine, which a provider in the world would not call.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    // Nobody is asked whether the ENT may know who they are.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope("openid ent");
      await grant.save();
      return grant;
    },
  });
  made.on("backchannel.error", (_, error) => process.stderr.write(`${error} ${error.cause?.message ?? ""}\n`));
  return made;
}

let current;
const server = createServer(async (request, response) => {
  try {
    if (!request.url.startsWith("/interaction/")) return await current.callback()(request, response);
    await current.interactionFinished(request, response, { login: { accountId: next } });
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let keys = [key()];
  current = provider(issuer, keys);
  say({ issuer });
  createInterface({ input: process.stdin }).on("line", (line) => {
    const { as, rotate } = JSON.parse(line);
    if (as) {
      const { sub, ...claims } = as;
      accounts.set(sub, claims);
      next = sub;
    }
    if (rotate) {
      keys = [key()];
      current = provider(issuer, keys);
    }
    say({ done: true });
  }).on("close", () => process.exit(0));
});
