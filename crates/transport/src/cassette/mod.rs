//! Recording calls into readable files, and replaying them without a network.
//!
//! A [`Recorder`] wraps a client's transport and records its calls; [`Recorder::finish`] returns a [`Cassette`], a
//! JSON file made to be read and compared. A [`Replay`] takes the place of the transport: it returns the recorded
//! replies in order, and only for the recorded requests.
//!
//! A cassette of a sandbox holds everything. A cassette of a live vendor holds only the values that an [`Allowed`]
//! list names; every other value is replaced before it is kept, and the file's header says what is lost.
//!
//! ```
//! # use std::{error::Error, path::Path, sync::Arc};
//! use weifen_transport::Transport;
//! use weifen_transport::cassette::{Allowed, Cassette, Inputs, Recorder, Replay};
//!
//! # async fn calls(transport: Arc<dyn Transport>, openid: &str) -> Result<(), Box<dyn Error>> { Ok(()) }
//! # async fn example(vendor: Arc<dyn Transport>, allowed: Allowed) -> Result<(), Box<dyn Error>> {
//! // Once, with whatever the calls are fed with:
//! let inputs = Inputs::new().with_text("openid", "oKXUCj1Fp4fNnb99liSkslcM_D-X");
//! let recorder = Arc::new(Recorder::live(vendor, "how to make it again", &inputs, allowed.clone()));
//! calls(recorder.clone(), inputs.text("openid")?).await?;
//! recorder.finish()?.write(Path::new("order.json"))?;
//!
//! // From then on, in tests, without a network:
//! let cassette = Cassette::read(Path::new("order.json"))?;
//! let inputs = cassette.inputs().clone();
//! let replay = Arc::new(Replay::new(cassette, allowed));
//! calls(replay.clone(), inputs.text("openid")?).await?;
//! replay.finish()?;
//! # Ok(())
//! # }
//! ```

mod allowed;
mod difference;
mod exchange;
mod file;
mod inputs;
mod json;
mod kind;
mod placeholders;
mod recorder;
mod rehearsal;
mod replay;
mod scenario;
mod transcript;

pub use allowed::Allowed;
pub use file::{Against, Cassette, CassetteError};
pub use inputs::{Inputs, MissingInput};
pub use recorder::{RecordError, Recorder};
pub use rehearsal::{Rehearsal, Replayed};
pub use replay::{Replay, ReplayError};
pub use scenario::{Play, Played, Playing, Scenario, Stage};
pub use transcript::Transcript;
