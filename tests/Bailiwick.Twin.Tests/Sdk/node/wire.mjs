// What the scripts share: one JSON object per line in, one per line out, and what every client needs to know of the twin.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const read = async () => JSON.parse((await lines.next()).value);
export const write = answer => process.stdout.write(JSON.stringify(answer) + '\n');

/** The part of an error that callers act on. */
export const fault = error => ({
  name: error.name,
  errorCode: error.errorCode ?? error.code,
  subError: error.subError,
  message: error.errorMessage ?? error.message,
  status: error.status ?? error.statusCode,
});

/** Runs a script body; what it returns is the last line. */
export async function run(body) {
  try {
    write(await body(await read()));
    process.exit(0);
  } catch (error) {
    write({ failed: fault(error) });
    process.exit(1);
  }
}

export const claims = token => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

/** msal-node's settings for one tenant: host and port make the authority known. */
export const msal = (given, tenant, more = {}) => ({
  auth: {
    clientId: given.client,
    clientSecret: given.secret,
    authority: `${given.origin}/${tenant}`,
    knownAuthorities: [new URL(given.origin).host],
    ...more,
  },
});
