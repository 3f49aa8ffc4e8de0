// The Graph client: the read paths of entitlement management and access reviews.
import { ConfidentialClientApplication } from '@azure/msal-node';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import { fault, msal, run } from './wire.mjs';

await run(async given => {
  const app = new ConfidentialClientApplication(msal(given, given.tenants[0]));
  const authProvider = { getAccessToken: async () => (await app.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] })).accessToken };
  const client = Client.initWithMiddleware({ authProvider, baseUrl: `${given.origin}/graph/`, defaultVersion: 'v1.0', customHosts: new Set([new URL(given.origin).hostname]) });
  const em = path => client.api(`/identityGovernance/entitlementManagement/${path}`);

  const settings = await em('settings').get();
  const organizations = (await em('connectedOrganizations').get()).value;
  const catalogs = (await em('catalogs').filter("displayName eq 'MSSP Accesses'").expand('accessPackages').get()).value;
  const resources = (await em(`catalogs/${catalogs[0].id}/resources`).expand('roles,scopes').get()).value;
  const packages = [];
  const pages = new PageIterator(client, await em('accessPackages').top(2).expand('resourceRoleScopes($expand=role,scope)').get(), item => packages.push(item) > 0);
  await pages.iterate();
  const policies = (await em('assignmentPolicies').expand('accessPackage').get()).value;
  const requests = (await em('assignmentRequests').filter("state eq 'delivered'").expand('requestor,assignment($expand=target)').get()).value;
  const assignments = (await em('assignments').filter("state eq 'Delivered'").expand('target,accessPackage,assignmentPolicy').get()).value;
  const reviews = (await client.api('/identityGovernance/accessReviews/definitions').expand('instances').get()).value;
  const approvals = await em(`accessPackageAssignmentApprovals/${requests[0].id}`).get().catch(fault);
  const missing = await em('accessPackages/11111111-2222-4333-8444-555555555555').get().catch(fault);
  return { settings, organizations, catalogs, resources, packages, policies, requests, assignments, reviews, approvals, missing };
});
