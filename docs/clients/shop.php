<?php
// A shop on the HTTP API of weifen, with the extension curl alone.
//
// php shop.php order NUMBER
// php shop.php verify ID TIMESTAMP SIGNATURE < body

declare(strict_types=1);

const USER = ['auth_open_id' => 'oleiaYv6i50I7ADTlmIGN4WO-2RGM', 'nickname' => '追梦小窝', 'sex' => 0,
    'ip' => '183.13.188.125'];
const REPORT = ['openid' => 'oKXUCj1Fp4fNnb99liSkslcM_D-X', 'deviceno' => '62306600', 'traffic_package_name' => '1G'];

class Problem extends RuntimeException
{
    public array $answer = [];
}

/** First line of the file that the environment names. */
function secret(string $variable): string
{
    return trim(file(getenv($variable))[0]);
}

/** Asks, and asks again under the same key where that does no harm. */
function call(string $method, string $path, ?array $body = null, ?string $key = null): array
{
    $headers = ['Authorization: Bearer ' . secret('WEIFEN_KEY_FILE'), 'Content-Type: application/json'];
    array_push($headers, ...$key === null ? [] : ["Idempotency-Key: $key"]);
    for ($attempt = 0; $attempt < 5; $attempt++) {
        $curl = curl_init(getenv('WEIFEN_API') . $path);
        curl_setopt_array($curl, [CURLOPT_CUSTOMREQUEST => $method, CURLOPT_HTTPHEADER => $headers,
            CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 45]
            + ($body === null ? [] : [CURLOPT_POSTFIELDS => json_encode($body)]));
        $answer = json_decode((string) curl_exec($curl), true);
        if (!is_array($answer)) { // no whole answer came: the key keeps the call from happening twice
            $last = new RuntimeException(curl_error($curl) ?: 'the answer is not JSON');
        } elseif (curl_getinfo($curl, CURLINFO_RESPONSE_CODE) === 200) {
            return $answer;
        } else {
            $last = new Problem("{$answer['kind']}: {$answer['detail']}");
            $last->answer = $answer;
            if (!$answer['retryable']) {
                break;
            }
        }
        sleep(curl_getinfo($curl, CURLINFO_RETRY_AFTER) ?: 2 ** $attempt);
    }
    throw $last;
}

function hand_out(string $webhook_id, array $payload): void
{
    // In one transaction of your own: store $webhook_id where it is unique, and hand out the goods if it was new.
    echo "delivery $webhook_id: ", $payload['booking']['reference'] ?? '', "\n";
}

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
        $answer = call('POST', '/v1/weiting/order-reports', REPORT, $key);
        echo "order report {$answer['order_number']}\n";
    } catch (Problem $problem) {
        if ($problem->answer['retryable'] || $problem->answer['status'] !== 504) {
            throw $problem;
        }
        // It may have happened. A person asks the vendor; only if it did not happen, they send it under a new key.
        $outcome = call('GET', '/v1/calls/' . rawurlencode($key))['call']['outcome'];
        throw new RuntimeException("the call $key is $outcome: a person must look at it. {$problem->getMessage()}");
    }
}

function order(string $number): void
{
    $answer = call('POST', '/v1/fensi/qrcodes', USER + ['reference' => "order $number"], "qrcode-$number");
    if ($answer['qrcode'] === null) {
        throw new RuntimeException('no account matches this user now');
    }
    echo "show {$answer['qrcode']['qrcode_url']}\n";
    $booking = $answer['booking'];
    while ($booking['status'] === 'open') {
        $booking = call('GET', "/v1/bookings/{$booking['id']}?wait_s=30")['booking'];
    }
    echo "booking {$booking['status']}\n";
    take_deliveries();
    report_order("report-$number");
}

/** Checks a delivery that was pushed, by Standard Webhooks. */
function is_genuine(string $secret, string $id, string $timestamp, string $signatures, string $body): bool
{
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    return ctype_digit($timestamp) && abs(time() - (int) $timestamp) <= 300
        && array_filter(explode(' ', $signatures), fn ($one) => hash_equals($expected, $one)) !== [];
}

set_exception_handler(function (Throwable $error): void {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
});
match ([$argv[1] ?? '', $argc]) {
    ['order', 3] => order($argv[2]),
    ['verify', 5] => print(is_genuine(secret('WEIFEN_DELIVER_SECRET_FILE'), $argv[2], $argv[3], $argv[4],
        stream_get_contents(STDIN)) ? "genuine\n" : "forged\n"),
    default => exit("usage: php shop.php order NUMBER | verify ID TIMESTAMP SIGNATURE < body\n"),
};
