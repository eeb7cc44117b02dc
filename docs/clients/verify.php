<?php
// Checks a delivery that was pushed: php verify.php ID TIMESTAMP SIGNATURE < body

declare(strict_types=1);

/** Checks a delivery by Standard Webhooks. */
function is_genuine(string $secret, string $id, string $timestamp, string $signatures, string $body): bool
{
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) {
        return false;
    }
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $signatures) as $one) {
        if (hash_equals($expected, $one)) {
            return true;
        }
    }
    return false;
}

if ($argc !== 4) {
    fwrite(STDERR, "usage: php verify.php ID TIMESTAMP SIGNATURE < body\n");
    exit(1);
}
$secret = trim(file(getenv('WEIFEN_DELIVER_SECRET_FILE'))[0]);
echo is_genuine($secret, $argv[1], $argv[2], $argv[3], stream_get_contents(STDIN)) ? "genuine\n" : "forged\n";
