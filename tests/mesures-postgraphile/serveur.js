// PostGraphile on the read models, as its documentation says to run it in production:
// https://www.graphile.org/postgraphile/production/ — without a token and without rights,
// and with a process for each core.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { postgraphile } from "postgraphile";

if (cluster.isPrimary) {
  for (let i = 0; i < availableParallelism(); i += 1) cluster.fork();
} else {
  const handle = postgraphile(process.env.DATABASE_URL, ["notes", "annuaire"], {
    dynamicJson: true,
    setofFunctionsContainNulls: false,
    ignoreRBAC: true,
    graphiql: false,
    disableQueryLog: true,
    legacyRelations: "omit",
    queryCacheMaxSize: 50 * 1024 * 1024,
  });
  createServer(handle).listen(Number(process.env.PORT), "127.0.0.1");
}
