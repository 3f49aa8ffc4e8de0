// Microsoft's own addresses, through a CONNECT proxy. Node 20 reads no proxy variables, so each library is given its own way out:
// msal-node a network client, the Graph client a last middleware.
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { AuthenticationHandler, Client, PageIterator, RetryHandler } from '@microsoft/microsoft-graph-client';
import { claims, run } from './wire.mjs';

/** One request over a tunnel of its own. */
const through = (proxy, address, { method = 'GET', headers = {}, body } = {}) => new Promise((resolve, reject) => {
  const target = new URL(address);
  http.request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: `${target.hostname}:443` })
    .on('error', reject)
    .on('connect', (answer, socket) => {
      if (answer.statusCode !== 200) return reject(new Error(`CONNECT ${target.hostname}: ${answer.statusCode}`));
      const createConnection = () => tls.connect({ socket, servername: target.hostname });
      https.request(target, { method, headers, createConnection, defaultPort: 443 }, response => {
        const parts = [];
        response.on('data', part => parts.push(part)).on('error', reject).on('end', () => {
          socket.destroy();
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() });
        });
      }).on('error', reject).end(body);
    })
    .end();
});

await run(async given => {
  const proxy = new URL(given.proxy);
  const hosts = new Set();
  const send = (address, options) => {
    hosts.add(new URL(address).hostname);
    return through(proxy, address, options);
  };
  const network = method => async (address, options = {}) => {
    const answer = await send(address, { method, headers: options.headers, body: options.body });
    return { status: answer.status, headers: answer.headers, body: JSON.parse(answer.body) };
  };
  const app = new ConfidentialClientApplication({
    auth: { clientId: given.client, clientSecret: given.secret, authority: `https://login.microsoftonline.com/${given.tenants[0]}` },
    system: { networkClient: { sendGetRequestAsync: network('GET'), sendPostRequestAsync: network('POST') } },
  });
  const token = await app.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] });

  const authentication = new AuthenticationHandler({ getAccessToken: async () => token.accessToken });
  const retry = new RetryHandler();
  authentication.setNext(retry);
  retry.setNext({
    execute: async context => {
      const { status, headers, body } = await send(context.request, { method: context.options.method, headers: Object.fromEntries(new Headers(context.options.headers)), body: context.options.body });
      context.response = new Response(body, { status, headers: Object.entries(headers).map(([name, value]) => [name, String(value)]) });
    },
  });
  const client = Client.initWithMiddleware({ middleware: authentication });
  const first = await client.api('/security/alerts_v2').top(3).get();
  const alerts = [];
  await new PageIterator(client, first, alert => alerts.push(alert.id) > 0).iterate();
  return { tid: claims(token.accessToken).tid, alerts, next: first['@odata.nextLink'], hosts: [...hosts].sort() };
});
