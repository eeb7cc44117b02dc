// A shop on the HTTP API of weifen, with Node's fetch: node shop.mjs NUMBER

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LONGEST_WAIT = 60; // seconds; beyond that this program ends and says when to run it again
const REPORT = { openid: 'oKXUCj1Fp4fNnb99liSkslcM_D-X', deviceno: '62306600', traffic_package_name: '1G' };
const NOT_SOLD = {
  held: 'a push that does not match came; a person looks at `weifen inbox list --held`',
  ended: 'nobody followed in time; show a new code under a new order number',
  replaced: 'a newer code was shown to this user for the same account',
  repeated: 'this follow was paid before',
};

class Problem extends Error {
  constructor(answer, wait) {
    const again = wait > LONGEST_WAIT ? `; try again at ${new Date(Date.now() + wait * 1000).toISOString()}` : '';
    super(`${answer.kind}: ${answer.detail}${again}`);
    this.answer = answer;
    this.wait = wait;
  }
}

async function ask(url, options) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(45_000) }); // longer than any wait_s
  if (response.ok) return response.json();
  if (response.headers.get('Content-Type') !== 'application/problem+json') {
    throw new Error(`an answer that is not weifen's: ${response.status}`);
  }
  throw new Problem(await response.json(), Number(response.headers.get('Retry-After')));
}

/** Asks, and asks again under the same key where that does no harm. */
async function call(method, path, body, key) {
  const bearer = readFileSync(process.env.WEIFEN_KEY_FILE, 'utf8').split('\n')[0].trim();
  const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' };
  if (key) headers['Idempotency-Key'] = key;
  const url = new URL(path, process.env.WEIFEN_API);
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask(url, { method, headers, body: body && JSON.stringify(body) });
    } catch (error) { // if no whole answer came, the key keeps the call from happening twice
      const wait = error.wait || 2 ** attempt;
      if (error.answer?.retryable === false || wait > LONGEST_WAIT || attempt === 4) throw error;
      console.error(`${error.cause?.code ?? error.message}; asking again in ${wait} s`);
      await sleep(wait * 1000);
    }
  }
}

async function handOut(webhookId, payload) {
  // In one transaction of your own: store webhookId where it is unique, and hand out the goods if it was new.
  console.log(`delivery ${webhookId}: ${payload.booking?.reference}`);
}

/** Hands out all that is due, for other orders too. */
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
  const user = { auth_open_id: `user-${number}`, nickname: '追梦小窝', sex: 0, ip: '183.13.188.125' };
  const wanted = { ...user, reference: `order ${number}` };
  let { qrcode, booking } = await call('POST', '/v1/fensi/qrcodes', wanted, `qrcode-${number}`);
  if (!qrcode) throw new Error('no account matches this user now; try the same order again later');
  console.log(`show ${qrcode.qrcode_url} to ${user.auth_open_id}`);
  while (booking.status === 'open') {
    ({ booking } = await call('GET', `/v1/bookings/${booking.id}?wait_s=30`));
  }
  console.log(`booking ${booking.status}`);
  if (booking.status !== 'followed') {
    throw new Error(`not sold: ${NOT_SOLD[booking.status] ?? 'a status that is new here'}`);
  }
  const eventStatus = async () => (await call('GET', `/v1/events/${booking.event_id}`)).event.status;
  let status;
  while ((status = await eventStatus()) === 'pending') await takeDeliveries();
  if (status !== 'delivered') {
    throw new Error(`not sold: the delivery is ${status}; a person looks at \`weifen inbox list\``);
  }
  await reportOrder(`report-${number}`); // once, however often this program runs
}

if (process.argv.length !== 3) {
  console.error('usage: node shop.mjs NUMBER');
  process.exit(2);
}
await order(process.argv[2]).catch((error) => {
  console.error(error.cause?.code ?? error.message);
  process.exitCode = 1;
});
