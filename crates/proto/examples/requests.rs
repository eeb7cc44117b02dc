//! The parameters of an order report, and the results of the vendor's possible replies. No network, no runtime.

use weifen_proto::weiting::OrderReportRequest;
use weifen_proto::{Endpoint, NoAnswer, Value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let order = OrderReportRequest::new("oKXUCj1Fp4fN".parse()?, "18900000000".parse()?, "1G包")?;
    println!("{}", OrderReportRequest::OPERATION);
    for parameter in order.parameters() {
        if let Value::Text(text) = parameter.value {
            println!("  {} = {text}", parameter.name);
        }
    }
    for reply in [
        r#"{"data": "2016101400000001", "status": 200, "info": 0}"#,
        r#"{"data": "套餐不存在", "status": 0, "info": 0}"#,
        r#"{"data": ["2016101400000001"], "status": 200, "info": 0}"#,
        "<html>502 Bad Gateway</html>",
    ] {
        match OrderReportRequest::answer(reply.as_bytes()) {
            Ok(number) => println!("order {number}"),
            Err(NoAnswer::Refused(refusal)) => println!("{:?}: {refusal}", refusal.kind()),
            Err(NoAnswer::Undecodable(fault)) => println!("no answer: {fault}"),
        }
    }
    Ok(())
}
