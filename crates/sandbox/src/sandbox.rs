//! A running sandbox, and what its user can do with it from Rust.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::Response,
    routing::{any, get, post},
};
use http::{HeaderValue, StatusCode, header};
use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use serde_json::Value;

use crate::{
    catalogue::OPERATIONS,
    checked_faults, control,
    error::{ControlError, StartError},
    exchange::{exchange, no_operation},
    faults::fault::Fault,
    fensi::{follow::Follow, outbox::ReleaseOrder, outgoing::PushReport, push},
    log::LogEntry,
    operation::{Method, Operation},
    ready::Ready,
    server::Server,
    start_options::StartOptions,
    test_data,
    world::SharedWorld,
};

/// Both vendors, simulated, on an address of their own. Dropped, it is gone: listener, connections, thread.
pub struct Sandbox {
    address: SocketAddr,
    world: Arc<SharedWorld>,
    server: Server,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Sandbox {
    pub(crate) async fn launch(
        listen: SocketAddr,
        options: impl FnOnce(String) -> StartOptions,
    ) -> Result<Self, StartError> {
        let mut server = Server::start().await.map_err(StartError::Thread)?;
        let refused = |source| StartError::Listen { address: listen, source };
        let listener = server.bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let world = Arc::new(SharedWorld::new(options(url_of(address))));
        server.serve(listener, router(Arc::clone(&world)));
        Ok(Self { address, world, server })
    }

    /// Takes no more connections, finishes the answers under way, and ends. Dropping ends without waiting for them.
    /// Neither waits for pushes that are late, slow or held back: those end with the sandbox.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Base URL of 微厅. The vendors' paths differ, so that both have the same.
    pub fn weiting_base_url(&self) -> String {
        url_of(self.address)
    }

    /// Base URL of 粉丝万岁.
    pub fn fensi_base_url(&self) -> String {
        url_of(self.address)
    }

    /// Base URL of the control actions, without a slash at its end.
    pub fn control_url(&self) -> String {
        format!("{}/_sandbox", url_of(self.address))
    }

    /// The partner's appid at 微厅: [`test_data::APPID`].
    pub fn appid(&self) -> &'static str {
        test_data::APPID
    }

    /// The partner's secret at 微厅: [`test_data::SECRET`].
    pub fn secret(&self) -> &'static str {
        test_data::SECRET
    }

    /// The partner's developer appid at 粉丝万岁: [`test_data::DEVELOP_APPID`].
    pub fn develop_appid(&self) -> &'static str {
        test_data::DEVELOP_APPID
    }

    /// The partner's `app_secret` at 粉丝万岁: [`test_data::APP_SECRET`].
    pub fn app_secret(&self) -> &'static str {
        test_data::APP_SECRET
    }

    /// The key of the partner's device at 粉丝万岁: [`test_data::KEY`].
    pub fn key(&self) -> &'static str {
        test_data::KEY
    }

    /// The path of 微厅's bound-user call: [`test_data::USER_PATH`].
    pub fn user_path(&self) -> &'static str {
        test_data::USER_PATH
    }

    /// All of the above in one value, for programs in other languages.
    pub fn ready(&self) -> Ready {
        Ready {
            weiting_base_url: self.weiting_base_url(),
            fensi_base_url: self.fensi_base_url(),
            control_url: self.control_url(),
            appid: self.appid().to_owned(),
            secret: self.secret().to_owned(),
            develop_appid: self.develop_appid().to_owned(),
            app_secret: self.app_secret().to_owned(),
            key: self.key().to_owned(),
            user_path: self.user_path().to_owned(),
        }
    }

    /// Returns the time of the sandbox's clock.
    pub fn now(&self) -> Timestamp {
        self.world.lock().clock.now()
    }

    /// Moves the sandbox's clock forward; it never goes back. Returns the new time.
    ///
    /// # Errors
    /// [`ControlError::ClockTooFar`].
    pub fn advance(&self, by: Duration) -> Result<Timestamp, ControlError> {
        self.world.lock().clock.advance(by)
    }

    /// Sets where pushes go; `None` turns them off.
    ///
    /// # Errors
    /// [`ControlError::PushUrl`] for a URL that the sandbox will not post to.
    pub fn set_push_url(&self, url: Option<&str>) -> Result<(), ControlError> {
        self.world.lock().set_push_url(url)
    }

    /// A user follows an account. The push goes out before this returns, unless it is late, slow or held back:
    /// then it goes its way alone, and [`state`](Self::state) shows under `pushes` what becomes of it.
    ///
    /// # Errors
    /// [`ControlError`] when this user cannot follow this account. A push that fails is no error: see
    /// [`PushReport::deliveries`].
    pub async fn follow(&self, follow: Follow) -> Result<PushReport, ControlError> {
        let pushed = push::follow(Arc::clone(&self.world), follow);
        self.server.runtime().spawn(pushed).await.unwrap_or(Err(ControlError::Stopped))
    }

    /// Sends the pushes that are held back, one after the other, and returns them in the order given. They have gone
    /// out when this returns, unless one of them is late or slow.
    ///
    /// # Errors
    /// [`ControlError::Stopped`]. A push that fails is no error: see [`PushReport::deliveries`].
    pub async fn release(&self, order: ReleaseOrder) -> Result<Vec<PushReport>, ControlError> {
        let released = push::release(Arc::clone(&self.world), order);
        self.server.runtime().spawn(released).await.map_err(|_| ControlError::Stopped)
    }

    /// Sets what goes wrong from now on, in the place of what was set before; an empty list ends it. Chance is drawn
    /// from the seed: the same seed, list and requests, the same faults.
    ///
    /// Of several faults that a request could meet it meets one: their shares stand side by side, so that with shares
    /// of 0.1 and 0.2 it meets the first once in ten, the second twice in ten.
    ///
    /// # Errors
    /// [`ControlError::Fault`] names the first invalid fault. Nothing has changed then.
    pub fn set_faults(&self, seed: u64, faults: impl IntoIterator<Item = Fault>) -> Result<(), ControlError> {
        checked_faults::set(&mut self.world.lock().faults, seed, faults.into_iter().collect())
    }

    /// Everything as it was at the start: clock, push URL, faults, counters and log too. Pushes still to come end.
    pub fn reset(&self) {
        self.world.lock().reset();
    }

    /// All that the sandbox knows, as `GET /_sandbox/state` shows it.
    pub fn state(&self) -> Value {
        self.world.lock().state()
    }

    /// Every request to the vendors' side so far, in order: the last 100,000, or as many as 64 MiB hold.
    pub fn log(&self) -> Vec<LogEntry> {
        self.log_after(0)
    }

    /// The log's entries whose number is beyond `number`: what came since the last look.
    pub fn log_after(&self, number: u64) -> Vec<LogEntry> {
        self.world.lock().log.after(number, usize::MAX)
    }
}

/// The URL under which this machine reaches an address that was listened on.
fn url_of(address: SocketAddr) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, address.port()))
}

fn router(world: Arc<SharedWorld>) -> Router {
    let mut router = Router::new();
    for operation in OPERATIONS {
        router = route(router, operation.path, operation);
        // The server has its calls under a second prefix (observed).
        if let Some(call) = operation.path.strip_prefix("/open/") {
            router = route(router, &format!("/api/merchant/{call}"), operation);
        }
    }
    router
        .nest("/_sandbox", control::router(Arc::clone(&world)))
        .fallback(async |State(world): State<Arc<SharedWorld>>, request: Request| {
            no_operation(&world, StatusCode::NOT_FOUND, request)
        })
        .method_not_allowed_fallback(async |State(world): State<Arc<SharedWorld>>, request: Request| {
            no_operation(&world, StatusCode::METHOD_NOT_ALLOWED, request)
        })
        .layer(middleware::map_response_with_state(Arc::clone(&world), date))
        .with_state(world)
}

fn route(router: Router<Arc<SharedWorld>>, path: &str, operation: &'static Operation) -> Router<Arc<SharedWorld>> {
    let answer = move |State(world): State<Arc<SharedWorld>>, request: Request| exchange(world, operation, request);
    let method = match operation.method {
        Method::Get => get(answer),
        Method::Post => post(answer),
        Method::Any => any(answer),
    };
    router.route(path, method)
}

/// The Date header is the sandbox's time, so that a recording holds no other.
async fn date(State(world): State<Arc<SharedWorld>>, mut response: Response) -> Response {
    let now = world.lock().clock.now();
    let printed = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Some(value) = printed.ok().and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(header::DATE, value);
    }
    response
}
