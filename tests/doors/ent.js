// A real `ent serve` on a free port, with an issuer of tokens that is not ours: Node signs them.
//
// ENT names the program; its private PostgreSQL lives in a folder that goes with it.

import { spawn } from "node:child_process";
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ISSUER = "http://localhost/judges";
// Nothing here asks for more: a token is for the parts of the ENT that it names.
const SCOPE = "annuaire portails";
const base64 = (value) => Buffer.from(value).toString("base64url");

/** The operator of the platform, by configuration. */
export const exploitant = randomUUID();
/** A document that the server knows beforehand. */
export const trusted = "query Confiance { __typename }";
export const trustedId = "sha256:" + createHash("sha256").update(trusted).digest("hex");

export async function serve(settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "ent-judges-"));
  // As root, PostgreSQL runs under another account, which must reach its directory.
  await chmod(folder, 0o755);
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "judges", alg: "EdDSA", use: "sig" };
  const keys = join(folder, "jwks.json");
  await writeFile(keys, JSON.stringify({ keys: [jwk] }));
  const documents = join(folder, "documents.json");
  await writeFile(documents, JSON.stringify({ [trustedId]: trusted }));
  const program = spawn(process.env.ENT ?? "ent", ["serve"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ENT_PG_BIN: process.env.ENT_PG_BIN ?? "",
      ENT_DATA_DIR: join(folder, "ent"),
      ENT_LISTEN: "127.0.0.1:0",
      ENT_LOG_FORMAT: "json",
      ENT_ISSUER: ISSUER,
      ENT_JWKS: keys,
      ENT_EXPLOITANTS: exploitant,
      ENT_DOCUMENTS: documents,
      ...settings,
    },
  });
  const exit = new Promise((resolve) => program.once("exit", resolve));
  const address = await listening(program);

  const token = (compte, seconds = 600) => {
    const now = Math.floor(Date.now() / 1000);
    const header = base64(JSON.stringify({ alg: "EdDSA", typ: "at+jwt", kid: "judges" }));
    const times = { iat: now, nbf: now - 5, exp: now + seconds };
    const claims = { iss: ISSUER, aud: "ent", sub: compte, scope: SCOPE, ...times };
    const message = `${header}.${base64(JSON.stringify(claims))}`;
    return `${message}.${base64(sign(null, Buffer.from(message), privateKey))}`;
  };
  const ask = async (query, { variables, compte = exploitant } = {}) => {
    const answer = await fetch(`http://${address}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token(compte)}` },
      body: JSON.stringify({ query, variables }),
    });
    return answer.json();
  };
  const stop = async () => {
    if (program.exitCode === null) program.kill("SIGTERM");
    const code = await exit;
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  return { address, token, ask, stop, program, exit };
}

/** The address that the log says is served; the log itself when none is. */
function listening(program) {
  const lines = [];
  return new Promise((resolve, reject) => {
    program.once("error", reject);
    program.once("exit", () => reject(new Error(`ent ended:\n${lines.join("\n")}`)));
    createInterface({ input: program.stderr }).on("line", (line) => {
      lines.push(line);
      if (!line.startsWith("{")) return;
      const { fields } = JSON.parse(line);
      if (fields.message === "serving") resolve(fields.address);
    });
  });
}
