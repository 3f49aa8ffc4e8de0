// Authorization code with PKCE for a guest: prints the address, takes the code, redeems it, refreshes, and meets a revoked refresh token.
import { ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node';
import { claims, fault, msal, read, run, write } from './wire.mjs';

await run(async given => {
  const app = new ConfidentialClientApplication(msal(given, given.tenants[0]));
  const scopes = ['https://graph.microsoft.com/User.Read'];
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const state = new CryptoProvider().createNewGuid();
  const request = { scopes, redirectUri: given.redirect, state };
  write({ address: await app.getAuthCodeUrl({ ...request, codeChallenge: challenge, codeChallengeMethod: 'S256' }), state });

  const { code } = await read();
  const redeemed = await app.acquireTokenByCode({ ...request, code, codeVerifier: verifier });
  const renewed = await app.acquireTokenSilent({ account: redeemed.account, scopes, forceRefresh: true });
  const more = await app.acquireTokenSilent({ account: redeemed.account, scopes: ['https://graph.microsoft.com/Mail.Send'] }).catch(fault);
  write({
    homeAccountId: redeemed.account.homeAccountId,
    tenantId: redeemed.tenantId,
    uniqueId: redeemed.uniqueId,
    tid: claims(redeemed.accessToken).tid,
    renewed: !renewed.fromCache && renewed.accessToken !== redeemed.accessToken,
    more,
  });

  await read();
  return app.acquireTokenSilent({ account: redeemed.account, scopes, forceRefresh: true }).then(() => ({ refused: null }), error => ({ refused: fault(error) }));
});
