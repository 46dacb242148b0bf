// A real SMTP server (npm `smtp-server`), whose mails are read by a parser that is not ours (npm
// `mailparser`), for the stories in which families are told: one process, told on its standard
// input how to answer.
//
//   node courrier.js
//
// It says `{"port": …}` once it listens. Each line that it reads is a command, which it answers with
// a line: `{"refuse": 451, "of": "a@exemple.fr"}` refuses what comes for a mailbox (for none, once
// the code is null; with "status", the relay says more than the code), `{"slow": 60}` has each mail
// acknowledged so many milliseconds after it was taken, and `{"mails": true}` gives the mails taken so far.

import { createInterface } from "node:readline";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const mails = [];
const refused = new Map();
let slow = 0;

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["AUTH", "STARTTLS"],
  onRcptTo({ address }, _session, done) {
    const { code, status } = refused.get(address) ?? {};
    if (!code) return done();
    done(Object.assign(new Error(`${status ?? "refused"} with ${code}`), { responseCode: code }));
  },
  onData(stream, session, done) {
    simpleParser(stream).then((mail) => {
      mails.push({
        id: mail.messageId,
        returnPath: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map(({ address }) => address),
        from: mail.from.text,
        subject: mail.subject,
        text: mail.text,
        automatic: mail.headers.get("auto-submitted"),
      });
      setTimeout(done, slow);
    }, done);
  },
});

// Who writes may be killed meanwhile: the connection is broken then, and the relay goes on.
server.on("error", (error) => process.stderr.write(`${error}\n`));
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if ("slow" in command) slow = command.slow;
  if ("refuse" in command) refused.set(command.of, { code: command.refuse, status: command.status });
  say({ done: true, mails });
}
server.close();
process.exit(0);
