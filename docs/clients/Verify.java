// Checks a delivery that was pushed: java Verify.java ID TIMESTAMP SIGNATURE < body

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Verify {
    /** Checks a delivery by Standard Webhooks. */
    static boolean isGenuine(String secret, String id, String timestamp, String signatures, byte[] body)
            throws GeneralSecurityException {
        if (!timestamp.matches("\\d{1,18}")
                || Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > 300) {
            return false;
        }
        var key = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        var signature = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        var expected = signature.getBytes(StandardCharsets.UTF_8);
        return Arrays.stream(signatures.split(" "))
            .anyMatch(one -> MessageDigest.isEqual(expected, one.getBytes(StandardCharsets.UTF_8)));
    }

    public static void main(String[] arguments) throws Exception {
        var secret = Files.readAllLines(Path.of(System.getenv("WEIFEN_DELIVER_SECRET_FILE"))).get(0).strip();
        var genuine = isGenuine(secret, arguments[0], arguments[1], arguments[2], System.in.readAllBytes());
        System.out.println(genuine ? "genuine" : "forged");
    }
}
