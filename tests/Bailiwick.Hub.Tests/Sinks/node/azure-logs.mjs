// Azure's own client: two rows in, then a rule that is not there and a token that is not known.
import { LogsIngestionClient } from '@azure/monitor-ingestion';
import { run } from './wire.mjs';

await run(async given => {
  const open = token => new LogsIngestionClient(given.url, { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3600000 }) }, { retryOptions: { maxRetries: 0 } });
  const refused = upload => upload.then(() => null, error => error.name);
  const client = open(given.token);
  await client.upload(given.rule, given.stream, [{ number: 1 }, { number: 2 }]);
  return {
    wrongRule: await refused(client.upload('dcr-ffffffffffffffffffffffffffffffff', given.stream, [{ number: 3 }])),
    unknownToken: await refused(open('unknown').upload(given.rule, given.stream, [{ number: 4 }])),
  };
});
