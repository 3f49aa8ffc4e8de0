// Device code: prints what a person must type and polls until they did.
import { PublicClientApplication } from '@azure/msal-node';
import { claims, msal, run, write } from './wire.mjs';

await run(async given => {
  const app = new PublicClientApplication(msal({ ...given, secret: undefined }, given.tenants[0]));
  const result = await app.acquireTokenByDeviceCode({
    scopes: ['https://graph.microsoft.com/User.Read'],
    deviceCodeCallback: answer => write({ userCode: answer.userCode, address: answer.verificationUri }),
  });
  return { username: result.account.username, tid: claims(result.accessToken).tid };
});
