// A shop on the HTTP API of weifen, with java.net.http: java Shop.java NUMBER
//
// Java has no JSON of its own: this program reads single fields from the compact JSON that weifen writes; use your
// JSON library instead.

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

public class Shop {
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    /** Seconds; beyond that this program ends and says when to run it again. */
    static final long LONGEST_WAIT = 60;
    static final Map<String, String> NOT_SOLD = Map.of(
        "held", "a push that does not match came; a person looks at `weifen inbox list --held`",
        "ended", "nobody followed in time; show a new code under a new order number",
        "replaced", "a newer code was shown to this user for the same account",
        "repeated", "this follow was paid before");

    static class Problem extends IOException {
        final String answer;
        final long wait;

        Problem(String answer, long wait) {
            super(field(answer, "kind") + ": " + field(answer, "detail")
                + (wait > LONGEST_WAIT ? "; try again at " + Instant.now().plusSeconds(wait) : ""));
            this.answer = answer;
            this.wait = wait;
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

    static String words(IOException error) {
        return Objects.requireNonNullElse(error.getMessage(), error.toString());
    }

    static String ask(HttpRequest request) throws IOException, InterruptedException {
        var response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() == 200) {
            return response.body();
        }
        if (!response.headers().firstValue("Content-Type").orElse("").equals("application/problem+json")) {
            throw new IOException("an answer that is not weifen's: " + response.statusCode());
        }
        throw new Problem(response.body(), response.headers().firstValueAsLong("Retry-After").orElse(0));
    }

    /** Asks, and asks again under the same key where that does no harm. A body of null is a GET. */
    static String call(String path, String body, String key) throws IOException, InterruptedException {
        var bearer = Files.readAllLines(Path.of(System.getenv("WEIFEN_KEY_FILE"))).get(0).strip();
        var request = HttpRequest.newBuilder(URI.create(System.getenv("WEIFEN_API") + path))
            .timeout(Duration.ofSeconds(45)) // longer than any wait_s
            .header("Authorization", "Bearer " + bearer);
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        if (key != null) {
            request.header("Idempotency-Key", key);
        }
        for (int attempt = 0;; attempt++) {
            try {
                return ask(request.build());
            } catch (IOException error) { // if no whole answer came, the key keeps the call from happening twice
                var problem = error instanceof Problem some ? some : null;
                long wait = problem != null && problem.wait > 0 ? problem.wait : 1L << attempt;
                if (problem != null && !problem.is("retryable", "true") || wait > LONGEST_WAIT || attempt == 4) {
                    throw error;
                }
                System.err.println(words(error) + "; asking again in " + wait + " s");
                Thread.sleep(Duration.ofSeconds(wait).toMillis());
            }
        }
    }

    static void handOut(String delivery) {
        // In one transaction of your own: store webhook_id where it is unique, and hand out the goods if it was new.
        System.out.println("delivery " + field(delivery, "webhook_id") + ": " + field(delivery, "reference"));
    }

    /** Hands out what is due next, for another order too. */
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

    static void order(String number) throws IOException, InterruptedException {
        var user = "user-" + number;
        var code = call("/v1/fensi/qrcodes", """
            {"auth_open_id":"%s","nickname":"\u8ffd\u68a6\u5c0f\u7a9d","sex":0,"ip":"183.13.188.125",
             "reference":"order %s"}""".formatted(user, number), "qrcode-" + number);
        if (field(code, "qrcode_url") == null) {
            throw new IOException("no account matches this user now; try the same order again later");
        }
        System.out.println("show " + field(code, "qrcode_url") + " to " + user);
        var booking = code.substring(code.indexOf("\"booking\":"));
        while ("open".equals(field(booking, "status"))) {
            booking = call("/v1/bookings/" + field(booking, "id") + "?wait_s=30", null, null);
        }
        var status = field(booking, "status");
        System.out.println("booking " + status);
        if (!"followed".equals(status)) {
            throw new IOException("not sold: " + NOT_SOLD.getOrDefault(status, "a status that is new here"));
        }
        var event = "/v1/events/" + field(booking, "event_id");
        while ("pending".equals(status = field(call(event, null, null), "status"))) {
            takeDelivery();
        }
        if (!"delivered".equals(status)) {
            throw new IOException("not sold: the delivery is " + status + "; a person looks at `weifen inbox list`");
        }
        reportOrder("report-" + number); // once, however often this program runs
    }

    public static void main(String[] arguments) throws InterruptedException {
        try {
            if (arguments.length != 1) {
                throw new IOException("usage: java Shop.java NUMBER");
            }
            order(arguments[0]);
        } catch (IOException error) {
            System.err.println(words(error));
            System.exit(1);
        }
    }
}
