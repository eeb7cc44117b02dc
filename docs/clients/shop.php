<?php
// A shop on the HTTP API of weifen, with the extension curl alone: php shop.php NUMBER

declare(strict_types=1);

const LONGEST_WAIT = 60; // seconds; beyond that this program ends and says when to run it again
const REPORT = ['openid' => 'oKXUCj1Fp4fNnb99liSkslcM_D-X', 'deviceno' => '62306600', 'traffic_package_name' => '1G'];
const NOT_SOLD = [
    'held' => 'a push that does not match came; a person looks at `weifen inbox list --held`',
    'ended' => 'nobody followed in time; show a new code under a new order number',
    'replaced' => 'a newer code was shown to this user for the same account',
    'repeated' => 'this follow was paid before',
];

class Problem extends RuntimeException
{
    public function __construct(public readonly array $answer, public readonly int $wait)
    {
        $again = $wait > LONGEST_WAIT ? '; try again at ' . date(DATE_RFC3339, time() + $wait) : '';
        parent::__construct("{$answer['kind']}: {$answer['detail']}$again");
    }
}

function stop(string $why): never
{
    fwrite(STDERR, "$why\n");
    exit(1);
}

function ask(array $options): array
{
    $curl = curl_init();
    curl_setopt_array($curl, $options);
    $body = curl_exec($curl);
    if ($body === false) {
        throw new RuntimeException(curl_error($curl));
    }
    if (curl_getinfo($curl, CURLINFO_RESPONSE_CODE) === 200) {
        return json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    }
    if (curl_getinfo($curl, CURLINFO_CONTENT_TYPE) !== 'application/problem+json') {
        throw new RuntimeException("an answer that is not weifen's: " . curl_getinfo($curl, CURLINFO_RESPONSE_CODE));
    }
    $answer = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    throw new Problem($answer, curl_getinfo($curl, CURLINFO_RETRY_AFTER));
}

/** Asks, and asks again under the same key where that does no harm. */
function call(string $method, string $path, ?array $body = null, ?string $key = null): array
{
    $bearer = trim(file(getenv('WEIFEN_KEY_FILE'))[0]);
    $headers = ["Authorization: Bearer $bearer", 'Content-Type: application/json'];
    if ($key !== null) {
        $headers[] = "Idempotency-Key: $key";
    }
    $options = [CURLOPT_URL => getenv('WEIFEN_API') . $path, CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true, CURLOPT_PROXY => '', // not the environment's
        CURLOPT_TIMEOUT => 45]; // longer than any wait_s
    if ($body !== null) {
        $options[CURLOPT_POSTFIELDS] = json_encode($body, JSON_THROW_ON_ERROR);
    }
    for ($attempt = 0;; $attempt++) {
        try {
            return ask($options);
        } catch (RuntimeException | JsonException $error) { // no whole answer: the key prevents a second call
            $problem = $error instanceof Problem ? $error : null;
            $wait = $problem?->wait ?: 2 ** $attempt;
            if ($problem?->answer['retryable'] === false || $wait > LONGEST_WAIT || $attempt === 4) {
                throw $error;
            }
            fwrite(STDERR, "{$error->getMessage()}; asking again in $wait s\n");
            sleep($wait);
        }
    }
}

function hand_out(string $webhook_id, array $payload): void
{
    // In one transaction of your own: store $webhook_id where it is unique, and hand out the goods if it was new.
    echo "delivery $webhook_id: ", $payload['booking']['reference'] ?? '', "\n";
}

/** Hands out all that is due, for other orders too. */
function take_deliveries(): void
{
    $claim = ['max' => 10, 'wait_s' => 30, 'lease_s' => 60];
    foreach (call('POST', '/v1/deliveries/claim', $claim)['deliveries'] as $one) {
        $ack = ['id' => $one['id'], 'lease' => $one['lease'], 'ok' => true];
        try {
            hand_out($one['webhook_id'], $one['payload']);
        } catch (Throwable $error) { // it comes again later
            $ack = ['ok' => false, 'error' => $error->getMessage()] + $ack;
        }
        call('POST', '/v1/deliveries/ack', ['acks' => [$ack]]);
    }
}

function report_order(string $key): void
{
    try {
        $number = call('POST', '/v1/weiting/order-reports', REPORT, $key)['order_number'];
        echo "order report $number\n";
    } catch (Problem $problem) {
        if ($problem->answer['retryable'] || $problem->answer['status'] !== 504) {
            throw $problem;
        }
        // It may have happened. A person asks the vendor; only if it did not happen, they send it under a new key.
        $outcome = call('GET', '/v1/calls/' . rawurlencode($key))['call']['outcome'];
        stop("the call $key is $outcome: a person must look at it. {$problem->getMessage()}");
    }
}

function order(string $number): void
{
    $user = ['auth_open_id' => "user-$number", 'nickname' => '追梦小窝', 'sex' => 0, 'ip' => '183.13.188.125'];
    $code = call('POST', '/v1/fensi/qrcodes', $user + ['reference' => "order $number"], "qrcode-$number");
    if ($code['qrcode'] === null) {
        stop('no account matches this user now; try the same order again later');
    }
    echo "show {$code['qrcode']['qrcode_url']} to {$user['auth_open_id']}\n";
    $booking = $code['booking'];
    while ($booking['status'] === 'open') {
        $booking = call('GET', "/v1/bookings/{$booking['id']}?wait_s=30")['booking'];
    }
    echo "booking {$booking['status']}\n";
    if ($booking['status'] !== 'followed') {
        stop('not sold: ' . (NOT_SOLD[$booking['status']] ?? 'a status that is new here'));
    }
    while (($status = call('GET', "/v1/events/{$booking['event_id']}")['event']['status']) === 'pending') {
        take_deliveries();
    }
    if ($status !== 'delivered') {
        stop("not sold: the delivery is $status; a person looks at `weifen inbox list`");
    }
    report_order("report-$number"); // once, however often this program runs
}

try {
    order($argv[1] ?? stop('usage: php shop.php NUMBER'));
} catch (RuntimeException | JsonException $error) {
    stop($error->getMessage());
}
