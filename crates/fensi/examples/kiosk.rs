//! The calls of a shared device when a passer-by scans it, against the sandbox.

use weifen_fensi::{Fensi, QrcodeRequest, SceneId, Sex};
use weifen_sandbox::{Sandbox, test_data};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let fensi = Fensi::builder(sandbox.develop_appid(), sandbox.app_secret())
        .key(sandbox.key())
        .base_url(sandbox.fensi_base_url())
        .build()?;

    let scenes = fensi.scenes().await?;
    for scene in [SceneId(1), SceneId(test_data::LABEL_WITHOUT_ACCOUNTS)] {
        let name = scenes.iter().find(|known| known.id == scene).map_or("no scene", |known| &known.name);
        let request =
            QrcodeRequest::new("oleiaYv6i50I7ADTlmIGN4WO-2RGM".parse()?, "追梦小窝", "183.13.188.125".parse()?)?;
        match fensi.qrcode(&request.sex(Sex::Any).label(scene)).await? {
            Some(qrcode) => println!("{name}: {} pays {}", qrcode.appname.unwrap_or_default(), qrcode.bid),
            None => println!("{name}: no account matches, the user pays"),
        }
    }
    Ok(())
}
