// Checks a delivery that was pushed: node verify.mjs ID TIMESTAMP SIGNATURE < body

import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Checks a delivery by Standard Webhooks. */
function isGenuine(secret, id, timestamp, signatures, body) {
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const expected = Buffer.from(`v1,${mac}`);
  return signatures.split(' ').map((one) => Buffer.from(one))
    .some((one) => one.length === expected.length && timingSafeEqual(one, expected));
}

if (process.argv.length !== 5) {
  console.error('usage: node verify.mjs ID TIMESTAMP SIGNATURE < body');
  process.exit(2);
}
const secret = readFileSync(process.env.WEIFEN_DELIVER_SECRET_FILE, 'utf8').split('\n')[0].trim();
console.log(isGenuine(secret, ...process.argv.slice(2), readFileSync(0)) ? 'genuine' : 'forged');
