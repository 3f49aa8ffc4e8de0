// A library that checks signatures of the same scheme: it must accept what the sink sent and nothing else.
import Stripe from 'stripe';
import { run } from './wire.mjs';

await run(async given => {
  const { signature } = new Stripe('sk_test_unused').webhooks;
  const accepted = signature.verifyHeader(given.Body, given.Signature, given.key, 300);
  let changed = null;
  try {
    signature.verifyHeader(given.Body + ' ', given.Signature, given.key, 300);
  } catch (error) {
    changed = error.constructor.name;
  }

  return { accepted, changed };
});
