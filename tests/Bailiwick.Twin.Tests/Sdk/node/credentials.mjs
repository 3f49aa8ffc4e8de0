// Client credentials of two tenants, and of one that has not consented.
import { ConfidentialClientApplication } from '@azure/msal-node';
import { claims, fault, msal, run } from './wire.mjs';

await run(async given => {
  const scopes = ['https://graph.microsoft.com/.default'];
  const [alder, birch] = given.tenants.map(tenant => new ConfidentialClientApplication(msal(given, tenant)));
  const first = await alder.acquireTokenByClientCredential({ scopes });
  const again = await alder.acquireTokenByClientCredential({ scopes });
  const second = await birch.acquireTokenByClientCredential({ scopes });
  const refusals = {};
  const stranger = new ConfidentialClientApplication(msal(given, given.unconsented));
  await stranger.acquireTokenByClientCredential({ scopes }).catch(error => { refusals.unconsented = fault(error); });
  const wrong = new ConfidentialClientApplication(msal({ ...given, secret: 'not the secret' }, given.tenants[0]));
  await wrong.acquireTokenByClientCredential({ scopes }).catch(error => { refusals.secret = fault(error); });
  return {
    tenants: [first, second].map(result => claims(result.accessToken).tid),
    roles: claims(first.accessToken).roles,
    cached: again.fromCache && again.accessToken === first.accessToken,
    refusals,
  };
});
