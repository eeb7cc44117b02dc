//! A user's device is looked up and an order reported, against the sandbox: what a partner's service does all day.

use weifen_sandbox::{Sandbox, test_data};
use weifen_weiting::transport::Outcome;
use weifen_weiting::{BoundUserRequest, OrderReportRequest, Weiting};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let weiting = Weiting::builder(sandbox.appid(), sandbox.secret())
        .base_url(sandbox.weiting_base_url())
        .user_path(sandbox.user_path())
        .build()?;

    let openid: weifen_weiting::Openid = test_data::OPENID.parse()?;
    let user = weiting.bound_user(&BoundUserRequest::new(openid.clone())).await?;
    let account = user.accounts().next().ok_or("the user has bound no device")?;
    println!("{} devices, the first is a {:?}", user.accounts().count(), account.device_name);

    let order = OrderReportRequest::new(openid, account.device_no.clone(), "1G包")?;
    match weiting.order_report(&order).await {
        Ok(number) => println!("reported as order {number}"),
        Err(error) if error.outcome() == Outcome::Unknown => println!("it may have been reported: {error}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
