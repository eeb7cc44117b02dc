// A shop on the HTTP API of weifen, with java.net.http. Java has no JSON of its own: this program reads single fields
// from the compact JSON that weifen writes; use your JSON library instead.
//
//   java Shop.java NUMBER

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

public class Shop {
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static class Problem extends IOException {
        final String answer;

        Problem(String answer) {
            super(field(answer, "kind") + ": " + field(answer, "detail"));
            this.answer = answer;
        }

        boolean is(String name, String value) {
            return value.equals(field(answer, name));
        }
    }

    /** The first text, number or word under this name, or null. */
    static String field(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([\\w.-]+))").matcher(json);
        return !found.find() ? null : found.group(1) != null ? found.group(1) : found.group(2);
    }

    /** Asks, and asks again under the same key where that does no harm. A body of null is a GET. */
    static String call(String path, String body, String key) throws IOException, InterruptedException {
        var bearer = Files.readAllLines(Path.of(System.getenv("WEIFEN_KEY_FILE"))).get(0).strip();
        var request = HttpRequest.newBuilder(URI.create(System.getenv("WEIFEN_API") + path))
            .timeout(Duration.ofSeconds(45))
            .header("Authorization", "Bearer " + bearer);
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        if (key != null) {
            request.header("Idempotency-Key", key);
        }
        IOException last = null;
        for (int attempt = 0; attempt < 5; attempt++) {
            long wait = 1L << attempt;
            try {
                var response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 200) {
                    return response.body();
                }
                wait = response.headers().firstValueAsLong("Retry-After").orElse(wait);
                throw new Problem(response.body());
            } catch (IOException error) { // if no whole answer came, the key keeps the call from happening twice
                last = error;
                if (error instanceof Problem problem && problem.is("retryable", "false")) {
                    throw problem;
                }
            }
            Thread.sleep(Duration.ofSeconds(wait).toMillis());
        }
        throw last;
    }

    static void handOut(String delivery) {
        // In one transaction of your own: store webhook_id where it is unique, and hand out the goods if it was new.
        System.out.println("delivery " + field(delivery, "webhook_id") + ": " + field(delivery, "reference"));
    }

    static void takeDelivery() throws IOException, InterruptedException {
        var claimed = call("/v1/deliveries/claim", "{\"max\":1,\"wait_s\":30,\"lease_s\":60}", null);
        if (field(claimed, "lease") == null) {
            return; // none came
        }
        handOut(claimed); // if this throws, the lease ends, and the delivery comes again
        call("/v1/deliveries/ack", "{\"acks\":[{\"id\":%s,\"lease\":\"%s\",\"ok\":true}]}"
            .formatted(field(claimed, "id"), field(claimed, "lease")), null);
    }

    static void reportOrder(String key) throws IOException, InterruptedException {
        var body = """
            {"openid":"oKXUCj1Fp4fNnb99liSkslcM_D-X","deviceno":"62306600","traffic_package_name":"1G"}""";
        try {
            System.out.println("order report " + field(call("/v1/weiting/order-reports", body, key), "order_number"));
        } catch (Problem problem) {
            if (!problem.is("status", "504") || problem.is("retryable", "true")) {
                throw problem;
            }
            // It may have happened. A person asks the vendor; only if it did not happen, they send it under a new key.
            var path = "/v1/calls/" + URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
            throw new IOException("the call %s is %s: a person must look at it. %s"
                .formatted(key, field(call(path, null, null), "outcome"), problem.getMessage()));
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var number = arguments[0];
        var code = call("/v1/fensi/qrcodes", """
            {"auth_open_id":"oleiaYv6i50I7ADTlmIGN4WO-2RGM","nickname":"追梦小窝","sex":0,"ip":"183.13.188.125",
             "reference":"order %s"}""".formatted(number), "qrcode-" + number);
        if (field(code, "qrcode_url") == null) {
            throw new IOException("no account matches this user now");
        }
        System.out.println("show " + field(code, "qrcode_url"));
        var booking = code.substring(code.indexOf("\"booking\":"));
        var id = field(booking, "id");
        while ("open".equals(field(booking, "status"))) {
            booking = call("/v1/bookings/" + id + "?wait_s=30", null, null);
        }
        System.out.println("booking " + field(booking, "status"));
        takeDelivery();
        reportOrder("report-" + number);
    }
}
