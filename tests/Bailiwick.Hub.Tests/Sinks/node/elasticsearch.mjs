// Elastic's own client: documents of a data stream with the bulk helper, one of them busy at first, again as conflicts, one refused, an index overwritten, a
// throttled request, a wrong key.
import { Client } from '@elastic/elasticsearch';
import { run } from './wire.mjs';

await run(async given => {
  const open = apiKey => new Client({ node: given.url, auth: { apiKey }, maxRetries: 0 });
  const client = open(given.key);
  const documents = [1, 2, 3].map(number => ({ '@timestamp': '2026-03-11T08:00:00Z', number, message: number === 2 ? given.bad : 'fine' }));
  const send = async (target, action, retries) => {
    const dropped = [];
    const counts = await client.helpers.bulk({
      datasource: documents,
      onDocument: document => ({ [action]: { _index: target, _id: `id-${document.number}` } }),
      onDrop: drop => dropped.push({ status: drop.status, type: drop.error?.type, number: drop.document.number }),
      retries,
      wait: 10,
    });
    return { successful: counts.successful, failed: counts.failed, dropped };
  };

  const throttled = await client.bulk({ operations: [{ create: { _index: 'alerts' } }, {}] }).catch(error => error.statusCode);
  const busy = await send('logs-bailiwick.alert-default', 'create', 3);
  const again = await send('logs-bailiwick.alert-default', 'create', 0);
  const overwritten = await send('logs-bailiwick.alert-default', 'index', 0);
  const index = await send('alerts', 'index', 0);
  const refused = await open('wrong').bulk({ operations: [{ create: { _index: 'alerts' } }, {}] }).catch(error => error.statusCode);
  return { throttled, busy, again, overwritten, index, refused };
});
