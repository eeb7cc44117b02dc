//! A server's side: who signed these three values?

use weifen_sign::Stamp;

fn main() {
    let signed = Stamp::new(1_557_200_022, "jbh12345").sign("s3cret");
    println!("timestamp={}&nonce={}&signature={}", signed.timestamp(), signed.nonce(), signed.signature());

    let received = Stamp::new(signed.timestamp(), signed.nonce());
    for secret in ["s3cret", "S3cret"] {
        println!("signed with {secret}: {}", received.verify(secret, signed.signature()));
    }
}
