// A shop on the HTTP API of weifen, with Node's fetch.
//
// node shop.mjs order NUMBER
// node shop.mjs verify ID TIMESTAMP SIGNATURE < body

import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const USER = { auth_open_id: 'oleiaYv6i50I7ADTlmIGN4WO-2RGM', nickname: '追梦小窝', sex: 0, ip: '183.13.188.125' };
const REPORT = { openid: 'oKXUCj1Fp4fNnb99liSkslcM_D-X', deviceno: '62306600', traffic_package_name: '1G' };

class Problem extends Error {
  constructor(answer) {
    super(`${answer.kind}: ${answer.detail}`);
    this.answer = answer;
  }
}

/** First line of the file that the environment names. */
const secret = (variable) => readFileSync(process.env[variable], 'utf8').split('\n')[0].trim();

/** Asks, and asks again under the same key where that does no harm. */
async function call(method, path, body, key) {
  const headers = { Authorization: `Bearer ${secret('WEIFEN_KEY_FILE')}`, 'Content-Type': 'application/json' };
  if (key) headers['Idempotency-Key'] = key;
  let last;
  for (let attempt = 0; attempt < 5; attempt++) {
    let wait = 2 ** attempt;
    try {
      const signal = AbortSignal.timeout(45_000);
      const response = await fetch(process.env.WEIFEN_API + path,
        { method, headers, body: body && JSON.stringify(body), signal });
      const answer = await response.json();
      if (response.ok) return answer;
      last = new Problem(answer);
      wait = Number(response.headers.get('Retry-After') ?? wait);
    } catch (error) {
      last = error; // no whole answer came: the key keeps the call from happening twice
    }
    if (last instanceof Problem && !last.answer.retryable) break;
    await sleep(wait * 1000);
  }
  throw last;
}

async function handOut(webhookId, payload) {
  // In one transaction of your own: store webhookId where it is unique, and hand out the goods if it was new.
  console.log(`delivery ${webhookId}: ${payload.booking?.reference}`);
}

async function takeDeliveries() {
  const { deliveries } = await call('POST', '/v1/deliveries/claim', { max: 10, wait_s: 30, lease_s: 60 });
  for (const { id, lease, webhook_id, payload } of deliveries) {
    const ack = { id, lease, ok: true };
    try {
      await handOut(webhook_id, payload);
    } catch (error) {
      Object.assign(ack, { ok: false, error: String(error) }); // it comes again later
    }
    await call('POST', '/v1/deliveries/ack', { acks: [ack] });
  }
}

async function reportOrder(key) {
  try {
    const { order_number } = await call('POST', '/v1/weiting/order-reports', REPORT, key);
    console.log(`order report ${order_number}`);
  } catch (error) {
    if (error.answer?.status !== 504 || error.answer.retryable) throw error;
    // It may have happened. A person asks the vendor; only if it did not happen, they send it under a new key.
    const { outcome } = (await call('GET', `/v1/calls/${encodeURIComponent(key)}`)).call;
    throw new Error(`the call ${key} is ${outcome}: a person must look at it. ${error.message}`);
  }
}

async function order(number) {
  const wanted = { ...USER, reference: `order ${number}` };
  let { qrcode, booking } = await call('POST', '/v1/fensi/qrcodes', wanted, `qrcode-${number}`);
  if (!qrcode) throw new Error('no account matches this user now');
  console.log(`show ${qrcode.qrcode_url}`);
  while (booking.status === 'open') {
    ({ booking } = await call('GET', `/v1/bookings/${booking.id}?wait_s=30`));
  }
  console.log(`booking ${booking.status}`);
  await takeDeliveries();
  await reportOrder(`report-${number}`);
}

/** Checks a delivery that was pushed, by Standard Webhooks. */
function isGenuine(secret, id, timestamp, signatures, body) {
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  const expected = Buffer.from(`v1,${mac}`);
  return signatures.split(' ').map((one) => Buffer.from(one))
    .some((one) => one.length === expected.length && timingSafeEqual(one, expected));
}

const [command, ...values] = process.argv.slice(2);
if (command === 'order' && values.length === 1) {
  await order(values[0]).catch((error) => { console.error(error.message); process.exitCode = 1; });
} else if (command === 'verify' && values.length === 3) {
  const genuine = isGenuine(secret('WEIFEN_DELIVER_SECRET_FILE'), ...values, readFileSync(0));
  console.log(genuine ? 'genuine' : 'forged');
} else {
  console.error('usage: node shop.mjs order NUMBER | verify ID TIMESTAMP SIGNATURE < body');
  process.exitCode = 2;
}
