// Joins GraphiQL to this program: the token of the field above it goes with each
// request, the schema is read from its public text, and nothing is kept in the browser.
"use strict";

(async () => {
  const { exemple } = document.currentScript.dataset;
  const field = document.getElementById("jeton");
  const authorization = () => (field.value.trim() ? { authorization: `Bearer ${field.value.trim()}` } : {});
  const text = async (path) => (await fetch(path)).text();

  const post = async (params) => {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json",
        "content-type": "application/json",
        ...authorization(),
      },
      body: JSON.stringify(params),
    });
    return response.json();
  };

  // One socket per subscription, by the protocol graphql-transport-ws.
  const subscribe = (params) => ({
    subscribe(observer) {
      const address = new URL("/graphql/ws", location.href);
      address.protocol = address.protocol.replace("http", "ws");
      const socket = new WebSocket(address, "graphql-transport-ws");
      const send = (message) => socket.send(JSON.stringify(message));
      let over = false;
      const finish = (end) => {
        if (!over) {
          over = true;
          end();
          socket.close();
        }
      };
      const heard = {
        connection_ack: () => send({ id: "1", type: "subscribe", payload: params }),
        ping: () => send({ type: "pong" }),
        next: ({ payload }) => observer.next(payload),
        error: ({ payload }) => finish(() => observer.error({ errors: payload })),
        complete: () => finish(() => observer.complete()),
      };
      socket.onopen = () => send({ type: "connection_init", payload: authorization() });
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        heard[message.type]?.(message);
      };
      socket.onclose = ({ code, reason }) =>
        finish(() => observer.error({ errors: [{ message: `Connexion fermée (${code}) ${reason}` }] }));
      return { unsubscribe: () => finish(() => {}) };
    },
  });

  const isSubscription = ({ operationName }, { documentAST } = {}) =>
    (documentAST?.definitions ?? []).some(
      ({ kind, operation, name }) =>
        kind === "OperationDefinition" &&
        operation === "subscription" &&
        (!operationName || name?.value === operationName),
    );

  const fetcher = (params, options) => (isSubscription(params, options) ? subscribe(params) : post(params));

  const nothing = { length: 0, getItem: () => null, setItem() {}, removeItem() {}, clear() {} };
  const [sdl, defaultQuery] = await Promise.all([text("/schema.graphql"), text(exemple)]);
  const console = React.createElement(GraphiQL, {
    fetcher,
    defaultQuery,
    schema: GraphiQL.GraphQL.buildSchema(sdl),
    storage: nothing,
    isHeadersEditorEnabled: false,
    shouldPersistHeaders: false,
  });
  ReactDOM.createRoot(document.getElementById("console")).render(console);
})();
