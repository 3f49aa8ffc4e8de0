// The Graph client: a filtered list, every page, a change, an error, a 429 that is waited out, and a host that gets no token.
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import { fault, msal, run } from './wire.mjs';

await run(async given => {
  const app = new ConfidentialClientApplication(msal(given, given.tenants[0]));
  const authProvider = { getAccessToken: async () => (await app.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] })).accessToken };
  const open = customHosts => Client.initWithMiddleware({ authProvider, baseUrl: `${given.origin}/graph/`, defaultVersion: 'v1.0', customHosts });
  const client = open(new Set([new URL(given.origin).hostname]));

  const throttled = await client.api('/organization').get();
  const first = await client.api('/security/alerts_v2').top(3).get();
  const alerts = [];
  const pages = new PageIterator(client, first, alert => alerts.push(alert.id) > 0);
  await pages.iterate();
  const { severity } = await client.api(`/security/alerts_v2/${alerts[0]}`).get();
  const filtered = (await client.api('/security/alerts_v2').filter(`severity eq '${severity}' and lastUpdateDateTime ge 2020-01-01T00:00:00Z`).get()).value;
  const changed = await client.api(`/security/alerts_v2/${alerts[0]}`).patch({ status: 'inProgress' });
  const comments = await client.api(`/security/alerts_v2/${alerts[0]}/comments`).post({ '@odata.type': 'microsoft.graph.security.alertComment', comment: 'Seen' });
  const missing = await client.api('/security/alerts_v2/none').get().catch(fault);
  const silent = await open(new Set(['graph.example'])).api('/organization').get().catch(fault);
  return { organization: throttled.value[0].displayName, next: first['@odata.nextLink'], alerts, severity, filtered: filtered.map(alert => ({ id: alert.id, severity: alert.severity })), status: changed.status, comments: comments.value.map(item => item.comment), missing, silent };
});
