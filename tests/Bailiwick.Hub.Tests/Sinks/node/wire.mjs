// What the scripts share: one JSON object per line in, one per line out.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const read = async () => JSON.parse((await lines.next()).value);

/** Runs a script body on the first line; what it returns is the last line. */
export async function run(body) {
  const say = answer => process.stdout.write(JSON.stringify(answer) + '\n');
  try {
    say(await body(await read()));
    process.exit(0);
  } catch (error) {
    say({ failed: `${error.name}: ${error.message}` });
    process.exit(1);
  }
}
